//! The event log: one event a line, appended and synced, turned over when it grows, never larger than told.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::files::sync_folder;

/// Into so many files the log is divided: when the oldest goes, an eighth of the history goes.
const FILES: u64 = 8;
/// A smaller log would not hold one event with all its culprits in each file.
const LEAST_BYTES: u64 = 64 << 10;

/// The log.
#[derive(Debug)]
pub(super) struct EventLog {
    path: PathBuf,
    /// The largest that one file may be.
    share: u64,
    file: File,
    len: u64,
}

impl EventLog {
    /// Opens the log, without the half line that a crash may have left at its end.
    pub(super) fn open(path: &Path, size_limit: u64) -> Result<Self> {
        ensure!(LEAST_BYTES <= size_limit, "the event log needs at least {} KiB", LEAST_BYTES >> 10);
        let opened = Self::open_file(path);
        let (file, len) =
            opened.with_context(|| format!("cannot open the event log `{}`", path.display()))?;
        let mut log = Self { path: path.to_owned(), share: size_limit / FILES, file, len };
        log.trim();
        if log.share < log.len {
            log.rotate().with_context(|| format!("cannot turn over the event log `{}`", path.display()))?;
        }
        Ok(log)
    }

    fn open_file(path: &Path) -> io::Result<(File, u64)> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let len = whole_lines(&mut file)?;
        if len < file.metadata()?.len() {
            file.set_len(len)?;
        }
        Ok((file, len))
    }

    /// Appends one line and waits until the disk has it. After an error nothing of it is there.
    pub(super) fn append(&mut self, line: &str) -> io::Result<()> {
        let bytes = [line.as_bytes(), b"\n"].concat();
        if self.share < bytes.len() as u64 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "an event is larger than a file may be"));
        }
        if self.share < self.len + bytes.len() as u64 {
            self.rotate()?;
        }
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if written.is_err() {
            let _ = self.file.set_len(self.len);
        } else {
            self.len += bytes.len() as u64;
        }
        written
    }

    /// Starts a new file. The others move up by one.
    fn rotate(&mut self) -> io::Result<()> {
        for age in (1..FILES - 1).rev() {
            move_file(&self.aged(age), &self.aged(age + 1))?;
        }
        move_file(&self.path, &self.aged(1))?;
        (self.file, self.len) = Self::open_file(&self.path)?;
        self.trim();
        sync_folder(&self.path)
    }

    /// Removes the oldest files for as long as all of them could outgrow the limit.
    fn trim(&self) {
        let mut left = self.share * (FILES - 1);
        for age in 1..FILES {
            let Ok(meta) = fs::metadata(self.aged(age)) else { continue };
            if meta.len() <= left {
                left -= meta.len();
            } else {
                left = 0;
                let _ = fs::remove_file(self.aged(age));
            }
        }
    }

    fn aged(&self, age: u64) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{age}"));
        PathBuf::from(name)
    }
}

fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        moved => moved,
    }
}

/// Bytes up to the end of the last whole line.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    const STEP: u64 = 4096;
    let mut end = file.metadata()?.len();
    while 0 < end {
        let start = end.saturating_sub(STEP);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        io::Read::by_ref(file).take(end - start).read_to_end(&mut bytes)?;
        if let Some(at) = bytes.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &Path) -> Vec<String> {
        fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_was_appended_is_there_after_a_crash_without_the_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("events.jsonl");
        let mut log = EventLog::open(&path, 1 << 20).unwrap();
        log.append("{\"a\":1}").unwrap();
        log.append("{\"a\":2}").unwrap();
        fs::write(&path, fs::read_to_string(&path).unwrap() + "{\"a\":3,\"torn").unwrap();
        let mut log = EventLog::open(&path, 1 << 20).unwrap();
        log.append("{\"a\":4}").unwrap();
        assert_eq!(lines(&path), ["{\"a\":1}", "{\"a\":2}", "{\"a\":4}"]);
    }

    #[test]
    fn a_torn_line_longer_than_a_step_is_cut_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        for whole in ["", "{}\n"] {
            fs::write(&path, whole.to_owned() + &"x".repeat(10_000)).unwrap();
            EventLog::open(&path, 1 << 20).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        }
    }

    #[test]
    fn it_never_outgrows_its_limit_and_keeps_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut log = EventLog::open(&path, LEAST_BYTES).unwrap();
        let line = |i: usize| format!("{{\"i\":{i},\"pad\":\"{}\"}}", "x".repeat(200));
        let size =
            || fs::read_dir(&folder).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum::<u64>();
        for i in 0..1000 {
            log.append(&line(i)).unwrap();
            assert!(size() <= LEAST_BYTES, "{} bytes after {i}", size());
        }
        assert!(LEAST_BYTES * 3 / 4 < size(), "{} bytes are kept of {LEAST_BYTES}", size());
        let mut kept: Vec<String> =
            (1..FILES).rev().flat_map(|age| lines(&log.aged(age))).chain(lines(&path)).collect();
        kept.reverse();
        assert!(kept.iter().zip((0..1000).rev()).all(|(kept, i)| *kept == line(i)), "newest, without a gap");
    }

    #[test]
    fn a_smaller_limit_holds_from_the_next_start_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut log = EventLog::open(&path, 4 * LEAST_BYTES).unwrap();
        while fs::read_dir(&folder).unwrap().count() < 8 {
            log.append(&"x".repeat(1000)).unwrap();
        }
        EventLog::open(&path, LEAST_BYTES).unwrap();
        let size: u64 = fs::read_dir(&folder).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum();
        assert!(size <= LEAST_BYTES, "{size}");
    }

    #[test]
    fn an_event_that_no_file_can_hold_is_refused_and_costs_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut log = EventLog::open(&path, LEAST_BYTES).unwrap();
        log.append("{}").unwrap();
        assert!(log.append(&"x".repeat(64 << 10)).is_err());
        assert_eq!(lines(&path), ["{}"]);
        assert!(EventLog::open(&path, 1).is_err());
    }
}
