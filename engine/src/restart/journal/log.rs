//! The writer: one process, one line after the other, each on the disk before anything is done about it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::check::{Fault, Journals, numbers, path};
use super::entry::{Entry, Repaired};
use super::error::JournalError;
use super::fold::Fold;
use super::line::Record;

/// Into so many files the journal is divided: when the oldest goes, a quarter of the history goes.
const FILES: u64 = 4;
/// Bytes of a line beside its entry, at most: two seals, a number, a time.
const FRAME: u64 = 256;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files together.
    pub bytes: u64,
    /// Restarts of one node that are never forgotten: at least the largest intensity of its budgets.
    pub restarts_of_a_node: usize,
    /// Restarts of all nodes that are never forgotten: at least the intensity of the map's budget.
    pub restarts: usize,
}

impl Default for Limits {
    /// 16 MiB is some ten thousand restarts.
    fn default() -> Self {
        Self { bytes: 16 << 20, restarts_of_a_node: 16, restarts: 64 }
    }
}

/// When the disk has confirmed a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lasting {
    Now,
    WithTheNext,
}

/// The journal, open for writing. The lock goes with the process, however it ends.
#[derive(Debug)]
pub struct Journal {
    dir: PathBuf,
    limits: Limits,
    _lock: File,
    file: Option<File>,
    number: u64,
    len: u64,
    /// Bytes of its first line: what a new file would begin with.
    base: u64,
    seal: String,
    seq: u64,
    fold: Fold,
    faults: Vec<Fault>,
    suspect: Vec<Repaired>,
    /// A write failed half-way, and taking it back failed as well.
    unsure: bool,
    /// The newest lines are written, and the disk has not confirmed them yet.
    pending: bool,
}

impl Journal {
    /// Opens the journal in `dir` for process `owner`. A line that a crash has cut short is taken away, and noted.
    ///
    /// # Errors
    ///
    /// Another process has it, or the system refuses. A journal that is not as it was written can be opened; it takes
    /// nothing but [`Journal::accept`].
    pub fn open(dir: &Path, limits: Limits, owner: u32, now: DateTime<Utc>) -> Result<Self, JournalError> {
        Self::open_known(dir, limits, owner, now, Journals::default())
    }

    /// The same for somebody who has read the journal a moment ago: it is not read again if nobody has touched it.
    ///
    /// # Errors
    ///
    /// As [`Journal::open`].
    pub fn open_known(
        dir: &Path,
        limits: Limits,
        owner: u32,
        now: DateTime<Utc>,
        known: Journals,
    ) -> Result<Self, JournalError> {
        fs::create_dir_all(dir).map_err(JournalError::io("make", dir))?;
        let lock = lock(dir, owner)?;
        let read = if known.is_current(dir) { known } else { Journals::read(dir)? };
        let mut journal = Self {
            dir: dir.to_path_buf(),
            limits,
            _lock: lock,
            file: None,
            number: read.files.last().map_or(0, |(number, _)| *number),
            len: 0,
            base: 0,
            seal: read.seal,
            seq: read.seq,
            fold: read.fold,
            faults: read.faults,
            suspect: read.suspect,
            unsure: false,
            pending: false,
        };
        if 0 < journal.number {
            journal.reopen(read.torn.map(|torn| torn.whole))?;
        }
        if let Some(torn) = read.torn
            && journal.faults.is_empty()
        {
            journal.append(Entry::Cut { bytes: torn.bytes }, now)?;
        }
        Ok(journal)
    }

    /// Opens the newest file at its end; a file without one whole line is begun anew.
    fn reopen(&mut self, whole: Option<u64>) -> Result<(), JournalError> {
        let path = path(&self.dir, self.number);
        let file = OpenOptions::new().append(true).open(&path).map_err(JournalError::io("open", &path))?;
        if let Some(whole) = whole {
            let cut = file.set_len(whole).and_then(|()| file.sync_all());
            cut.map_err(JournalError::io("cut", &path))?;
        }
        let bytes = fs::read(&path).map_err(JournalError::io("read", &path))?;
        self.len = bytes.len() as u64;
        self.base = bytes.iter().position(|&byte| byte == b'\n').map_or(0, |at| at as u64 + 1);
        if self.len == 0 {
            fs::remove_file(&path).map_err(JournalError::io("remove", &path))?;
            self.number -= 1;
        } else {
            self.file = Some(file);
        }
        Ok(())
    }

    /// The journal, folded.
    #[must_use]
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Where it is not as it was written; it takes no entry while there is one.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Writes one entry, and returns when the disk has it.
    ///
    /// # Errors
    ///
    /// Where it cannot be written: nothing may be done about it then, and nothing of it is there.
    pub fn append(&mut self, entry: Entry, now: DateTime<Utc>) -> Result<(), JournalError> {
        self.put(entry, now, Lasting::Now)
    }

    /// Writes one entry that the disk confirms together with the next one: for what nothing is done about before that.
    ///
    /// It outlives the process at once, and the machine from the next [`Journal::append`] on.
    ///
    /// # Errors
    ///
    /// As [`Journal::append`].
    pub fn append_with_next(&mut self, entry: Entry, now: DateTime<Utc>) -> Result<(), JournalError> {
        self.put(entry, now, Lasting::WithTheNext)
    }

    fn put(&mut self, entry: Entry, now: DateTime<Utc>, lasting: Lasting) -> Result<(), JournalError> {
        if let Some(fault) = self.faults.first() {
            return Err(JournalError::Broken { fault: fault.to_string() });
        }
        if self.unsure {
            return Err(JournalError::Unsure { path: path(&self.dir, self.number) });
        }
        if self.file.is_none() || self.is_full(&entry) {
            self.turn(now)?;
        }
        self.write(entry, now, lasting)
    }

    /// Whether the file has no room for one more entry. One that holds little beside its snapshot always has.
    fn is_full(&self, entry: &Entry) -> bool {
        let bytes = serde_json::to_string(entry).map_or(0, |text| text.len() as u64) + FRAME;
        2 * self.base < self.len && self.limits.bytes / FILES < self.len + bytes
    }

    /// Takes the files as they are, on the word of `who`: a new file is begun, which names them with their digests.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn accept(&mut self, who: &str, now: DateTime<Utc>) -> Result<usize, JournalError> {
        let files = std::mem::take(&mut self.suspect);
        let count = files.len();
        if count == 0 {
            return Ok(0);
        }
        // The last line may be one of those that are wrong: the new file says itself what it continues.
        let faults = std::mem::take(&mut self.faults);
        let accepted = Entry::Accepted { who: who.to_owned(), files: files.clone() };
        let written = self.turn(now).and_then(|()| self.write(accepted, now, Lasting::Now));
        if written.is_err() {
            (self.suspect, self.faults) = (files, faults);
        }
        written.map(|()| count)
    }

    /// Begins a new file with all that it must know, and drops the oldest beyond the limit.
    fn turn(&mut self, now: DateTime<Utc>) -> Result<(), JournalError> {
        self.settle()?;
        let number = self.number + 1;
        let path = path(&self.dir, number);
        let file = OpenOptions::new().append(true).create_new(true).open(&path);
        let (old_file, old) = (self.file.take(), (self.number, self.len));
        self.file = Some(file.map_err(JournalError::io("make", &path))?);
        (self.number, self.len) = (number, 0);
        let state = Box::new(self.fold.snapshot(&self.limits));
        let written = self.write(Entry::Snapshot { state }, now, Lasting::Now);
        let written = written.and_then(|()| sync_folder(&self.dir));
        if written.is_err() {
            let _ = fs::remove_file(&path);
            (self.file, (self.number, self.len)) = (old_file, old);
            return written;
        }
        self.base = self.len;
        self.drop_oldest();
        Ok(())
    }

    /// Files that cannot be dropped now are dropped at the next turn.
    fn drop_oldest(&self) {
        let Ok(numbers) = numbers(&self.dir) else { return };
        let share = self.limits.bytes / FILES;
        let mut left = self.limits.bytes.saturating_sub(share);
        for path in numbers.into_iter().rev().skip(1).map(|number| path(&self.dir, number)) {
            let bytes = fs::metadata(&path).map_or(0, |file| file.len());
            if bytes <= left {
                left -= bytes;
            } else {
                left = 0;
                let _ = fs::remove_file(path);
            }
        }
    }

    fn write(&mut self, entry: Entry, now: DateTime<Utc>, lasting: Lasting) -> Result<(), JournalError> {
        let path = path(&self.dir, self.number);
        let record = Record { seq: self.seq + 1, at: now, before: self.seal.clone(), entry };
        let (line, seal) = record.clone().seal()?;
        let bytes = [line.as_bytes(), b"\n"].concat();
        let Some(file) = &mut self.file else { return Err(JournalError::Unsure { path }) };
        let waits = lasting == Lasting::Now;
        if let Err(error) =
            file.write_all(&bytes).and_then(|()| if waits { file.sync_data() } else { Ok(()) })
        {
            let taken_back = file.set_len(self.len).and_then(|()| file.sync_all());
            // Nobody knows whether the disk has what waited for this line.
            self.unsure = self.pending || taken_back.is_err();
            return Err(JournalError::io("write", &path)(error));
        }
        self.len += bytes.len() as u64;
        self.pending = !waits;
        (self.seal, self.seq) = (seal, record.seq);
        self.fold.take(&record);
        Ok(())
    }

    /// Has the disk confirm what waits for its next line.
    fn settle(&mut self) -> Result<(), JournalError> {
        let (Some(file), true) = (&self.file, self.pending) else { return Ok(()) };
        let synced = file.sync_data();
        (self.unsure, self.pending) = (self.unsure || synced.is_err(), false);
        synced.map_err(|error| JournalError::io("write", &path(&self.dir, self.number))(error))
    }
}

/// Takes the lock of the journal in `dir`, and leaves the owner's number in it.
fn lock(dir: &Path, owner: u32) -> Result<File, JournalError> {
    let path = dir.join("LOCK");
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = file.map_err(JournalError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            // An owner that cannot be read is an owner still.
            let _ = file.read_to_string(&mut owner);
            return Err(JournalError::Locked { dir: dir.to_path_buf(), owner: owner.trim().to_owned() });
        }
        Err(TryLockError::Error(error)) => return Err(JournalError::io("lock", &path)(error)),
    }
    // Always as long, so that nothing has to be cut: that would cost a journal of the file system. A full disk is no
    // reason not to look: the lock holds without a name in it.
    let line = format!("{owner:<10}\n");
    let _ = file.write_all(line.as_bytes()).and_then(|()| match file.metadata()?.len() {
        longer if (line.len() as u64) < longer => file.set_len(line.len() as u64),
        _ => Ok(()),
    });
    Ok(file)
}

/// Makes the names in `dir` last.
fn sync_folder(dir: &Path) -> Result<(), JournalError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(JournalError::io("sync", dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_disk_has_no_room_for_is_an_error_and_nothing_follows_it() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Journal::open(folder.path(), Limits::default(), 1, DateTime::UNIX_EPOCH);
        let cut = |bytes| Entry::Cut { bytes };
        let mut journal = open().unwrap();
        journal.append(cut(1), DateTime::UNIX_EPOCH).unwrap();
        journal.file = Some(OpenOptions::new().write(true).open("/dev/full").unwrap());
        let full = journal.append(cut(2), DateTime::UNIX_EPOCH).unwrap_err();
        assert!(matches!(full, JournalError::Io { operation: "write", .. }), "{full}");
        // A device cannot be cut, so nobody knows what it holds.
        let unsure = journal.append(cut(3), DateTime::UNIX_EPOCH).unwrap_err();
        assert!(matches!(unsure, JournalError::Unsure { .. }), "{unsure}");
        drop(journal);
        open().unwrap().append(cut(4), DateTime::UNIX_EPOCH).unwrap();
        let read = Journals::read(folder.path()).unwrap();
        assert_eq!((read.records.len(), read.faults.len()), (3, 0));
    }
}
