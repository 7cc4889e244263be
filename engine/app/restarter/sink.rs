//! Where the output of a process goes: a file of a bounded size, the journal, or where ours goes.
//!
//! The process writes into the file itself, so that it neither loses a line nor stops when the Re/Starter ends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

/// Where the journal takes streams.
const JOURNAL: &str = "/run/systemd/journal/stdout";
/// Old files that are kept beside the one that is written.
const KEPT: usize = 3;
/// Of the end of a file, so much is searched for its last lines.
const TAIL_BYTES: u64 = 1 << 20;

/// Standard output and standard error of a new process.
pub(super) fn open(log: Option<&PathBuf>, node: &str) -> Result<(Stdio, Stdio)> {
    if let Some(path) = log {
        let file = append(path)?;
        let again = file.try_clone().with_context(|| format!("cannot open `{}` twice", path.display()))?;
        return Ok((file.into(), again.into()));
    }
    if ours_is_the_journal()
        && let Ok(streams) = journal(Path::new(JOURNAL), node)
    {
        return Ok(streams);
    }
    // Like every program's, both go where ours go.
    Ok((Stdio::inherit(), Stdio::inherit()))
}

fn append(path: &Path) -> Result<File> {
    let shown = path.display();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    }
    // A pipe without a reader would hold the opener for ever.
    let regular = fs::metadata(path).is_ok_and(|meta| !meta.is_file());
    ensure!(!regular, "`{shown}` is no regular file; name another one by `log`");
    let open = OpenOptions::new().append(true).create(true).mode(0o640).open(path);
    open.with_context(|| format!("cannot write `{shown}`"))
}

/// Whether standard error is a stream of the journal, as `$JOURNAL_STREAM` tells.
fn ours_is_the_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let Ok(meta) = fs::metadata("/proc/self/fd/2") else { return false };
    stream == format!("{}:{}", meta.dev(), meta.ino())
}

/// Streams to the journal under the node's name: information, and warnings.
fn journal(socket: &Path, node: &str) -> Result<(Stdio, Stdio)> {
    let stream = |priority: u8| -> Result<Stdio> {
        let mut stream = UnixStream::connect(socket).context("cannot reach the journal")?;
        stream.write_all(header(node, priority).as_bytes()).context("cannot write to the journal")?;
        Ok(Stdio::from(OwnedFd::from(stream)))
    };
    Ok((stream(6)?, stream(4)?))
}

/// What the journal asks at the beginning of a stream: identifier, unit, priority, whether lines begin with a level, and
/// whether they go on to syslog, to the kernel and to the console.
fn header(node: &str, priority: u8) -> String {
    let identifier: String = node.chars().map(|c| if c.is_control() { '_' } else { c }).collect();
    format!("{identifier}\n\n{priority}\n1\n0\n0\n0\n")
}

/// Keeps a file within `limit` bytes: its end is copied beside it, and it is emptied in place.
///
/// What is written between the last copy and the emptying is lost: less than a line as a rule. The process goes on
/// with the same file, which it opened to append.
pub(super) fn rotate(path: &Path, limit: u64) -> Result<bool> {
    let Ok(mut file) = OpenOptions::new().read(true).write(true).open(path) else { return Ok(false) };
    let length = file.metadata().with_context(|| format!("cannot read `{}`", path.display()))?.len();
    if length <= limit {
        return Ok(false);
    }
    let old = |n: usize| PathBuf::from(format!("{}.{n}", path.display()));
    let mut copied = || -> io::Result<()> {
        for n in (1..KEPT).rev() {
            if old(n).exists() {
                fs::rename(old(n), old(n + 1))?;
            }
        }
        file.seek(SeekFrom::Start(length.saturating_sub(limit)))?;
        let mut beside = File::create(old(1))?;
        // What is written meanwhile is copied too, but not for ever.
        io::copy(&mut (&mut file).take(2 * limit), &mut beside)?;
        Ok(())
    };
    let copied = copied();
    // A full disk costs the copy, not the bound.
    file.set_len(0).with_context(|| format!("cannot empty `{}`", path.display()))?;
    copied.with_context(|| format!("cannot copy `{}`", path.display())).map(|()| true)
}

/// The last lines of a file.
pub(super) fn tail(path: &Path, lines: usize) -> Result<Vec<String>> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().with_context(|| format!("cannot read `{}`", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    Ok(all.iter().skip(all.len().saturating_sub(lines)).map(|&line| line.to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_file_stays_within_its_bound_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut writer = append(&path).unwrap();
        for round in 0..6 {
            for line in 0..100 {
                writeln!(writer, "round {round} line {line}").unwrap();
            }
            assert!(rotate(&path, 1000).unwrap());
            assert!(!rotate(&path, 1000).unwrap());
        }
        writeln!(writer, "after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after\n");
        let newest = tail(&folder.path().join("a.log.1"), 2).unwrap();
        assert_eq!(newest, ["round 5 line 98", "round 5 line 99"]);
        let total: u64 =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
        assert!(total <= 4000, "{total}");
        assert!(!folder.path().join("a.log.4").exists());
    }

    #[test]
    fn what_is_no_file_is_not_written() {
        let error = append(Path::new("/dev")).unwrap_err().to_string();
        assert!(error.contains("no regular file"), "{error}");
    }

    #[test]
    fn the_journal_gets_lines_under_the_name_of_the_node() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("stdout");
        let listener = UnixListener::bind(&socket).unwrap();
        let (output, errors) = journal(&socket, "web\n1").unwrap();
        Command::new("echo").arg("hello").stdout(output).stderr(errors).status().unwrap();
        let mut said = String::new();
        listener.accept().unwrap().0.read_to_string(&mut said).unwrap();
        assert_eq!(said, "web_1\n\n6\n1\n0\n0\n0\nhello\n");
    }
}
