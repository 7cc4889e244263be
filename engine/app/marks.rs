//! `hebe mark`, and the file of marks: appended to, never rewritten, and no longer than two of its parts.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use hebe::evidence::{Mark, marks};

use crate::cli::{Until, until};
use crate::config::Loaded;
use crate::{output, run};

/// The file, in the daemon's folder.
const NAME: &str = "marks.jsonl";
/// The part before it, which is dropped when the next one is full.
const OLD: &str = "marks.old.jsonl";
/// Bytes of a part.
const PART: u64 = 1 << 20;

/// `hebe mark`.
#[derive(Debug, Args)]
pub(crate) struct MarkCommand {
    /// What happened, such as "deployed 4.14.6"; the marks so far if not given
    pub(crate) text: Option<String>,
    /// When: a date, or unix seconds [default: now]
    #[arg(long, value_name = "TIME", value_parser = until)]
    pub(crate) at: Option<Until>,
    /// What it happened to: a unit, program or resource [default: the host]
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) scope: String,
    /// Configuration of the daemon
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the daemon
    #[arg(long, value_name = "FOLDER")]
    pub(crate) store: Option<PathBuf>,
}

/// Keeps a mark, or lists them.
pub(crate) fn mark(command: &MarkCommand) -> Result<()> {
    let overrides = command.store.iter().map(|dir| ("store.dir", dir.display().to_string())).collect();
    let config = Loaded::read(command.config.as_deref(), &overrides)?.config;
    let file = MarkFile::new(&config.state_dir());
    let Some(text) = &command.text else { return list(&file) };
    let at = match command.at {
        Some(at) => DateTime::from_timestamp_millis(run::time(at, run::local_zone())?)
            .context("--at is beyond the calendar")?,
        None => Utc::now(),
    };
    file.add(&Mark::new(at, text, &command.scope)?)?;
    output::print(&format!("marked at {}\nNext: hebe mark    lists the marks", date(at)))
}

fn list(file: &MarkFile) -> Result<()> {
    let (marks, broken) = file.all()?;
    if marks.is_empty() && broken == 0 {
        return output::print("Nothing is marked. Next: hebe mark \"deployed 4.14.6\"");
    }
    let line = |mark: &Mark| format!("{}  {}  {}\n", date(mark.at), mark.text, mark.scope);
    let mut text: String = marks.iter().map(line).collect();
    if 0 < broken {
        let _ = writeln!(text, "{broken} lines are no marks");
    }
    output::print(&text)
}

fn date(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The marks in a daemon's folder. Several programs may append to it at a time.
#[derive(Debug)]
pub(crate) struct MarkFile {
    folder: PathBuf,
}

impl MarkFile {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// Appends a mark; when this returns it is on the disk.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be written. What was written of the mark is then taken back.
    pub(crate) fn add(&self, mark: &Mark) -> Result<()> {
        let path = self.folder.join(NAME);
        self.append(mark, &path).with_context(|| format!("cannot keep the mark in `{}`", path.display()))
    }

    fn append(&self, mark: &Mark, path: &Path) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.join("marks.lock"))?;
        lock.lock()?;
        if fs::metadata(path).is_ok_and(|meta| PART < meta.len()) {
            fs::rename(path, self.folder.join(OLD))?;
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let length = file.metadata()?.len();
        let mut line = mark.line()?;
        if 0 < length && !ends_with_a_line(&mut file)? {
            // A write that was cut short left half a line, which must not take this one with it.
            line.insert(0, '\n');
        }
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // On a full disk half a line would be left.
            let _ = file.set_len(length);
            bail!(error);
        }
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    /// All marks in order of time, and how many lines are none.
    ///
    /// # Errors
    ///
    /// Where a part is there and cannot be read.
    pub(crate) fn all(&self) -> Result<(Vec<Mark>, usize)> {
        let mut text = String::new();
        for name in [OLD, NAME] {
            let path = self.folder.join(name);
            match fs::read(&path) {
                Ok(bytes) => text += &(String::from_utf8_lossy(&bytes) + "\n"),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
            }
        }
        Ok(marks(&text))
    }
}

fn ends_with_a_line(file: &mut File) -> std::io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str) -> Mark {
        Mark::new(DateTime::UNIX_EPOCH, text, "").unwrap()
    }

    #[test]
    fn marks_are_appended_and_half_a_line_costs_itself() {
        let folder = tempfile::tempdir().unwrap();
        let file = MarkFile::new(folder.path());
        assert_eq!(file.all().unwrap(), (Vec::new(), 0));
        file.add(&mark("one")).unwrap();
        let path = folder.path().join(NAME);
        let mut torn = fs::read(&path).unwrap();
        torn.extend(b"{\"at\":\"19");
        fs::write(&path, torn).unwrap();
        file.add(&mark("two")).unwrap();
        assert_eq!(file.all().unwrap(), (vec![mark("one"), mark("two")], 1));
    }

    #[test]
    fn the_file_does_not_grow_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = MarkFile::new(folder.path());
        let line = mark("old").line().unwrap();
        let full = line.repeat(usize::try_from(PART).unwrap() / line.len() + 1);
        fs::write(folder.path().join(NAME), &full).unwrap();
        fs::write(folder.path().join(OLD), mark("older").line().unwrap()).unwrap();
        file.add(&mark("new")).unwrap();
        let (all, broken) = file.all().unwrap();
        assert_eq!((all.len(), broken), (full.lines().count() + 1, 0));
        assert!(!all.contains(&mark("older")));
    }
}
