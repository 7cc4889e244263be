//! Reads the files of a journal, and says where they are not as they were written.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::entry::{Entry, Repaired};
use super::error::JournalError;
use super::fold::Fold;
use super::line::{Record, sha256};

/// How a file's name ends.
const ENDING: &str = ".jsonl";

/// A place that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Number of the file.
    pub file: u64,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}{ENDING}:{}: {}", self.file, self.line, self.what)
    }
}

/// The half line that a crash has left at the end of the newest file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where it begins: the bytes that are whole.
    pub whole: u64,
    /// Its bytes.
    pub bytes: u64,
}

/// All files of a journal, read and checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journals {
    /// The records that are as they were written, oldest first.
    pub records: Vec<Record>,
    /// Those records, folded.
    pub fold: Fold,
    /// Where the files are not as they were written.
    pub faults: Vec<Fault>,
    /// Files with faults, as they are now.
    pub suspect: Vec<Repaired>,
    /// A half line at the end.
    pub torn: Option<Torn>,
    /// Numbers and bytes of the files, oldest first.
    pub files: Vec<(u64, u64)>,
    /// Numbers, bytes and times of the files, as they were right before they were read.
    stamps: Vec<(u64, u64, Option<SystemTime>)>,
    /// Seal of the last line.
    pub(super) seal: String,
    /// Number of the last record.
    pub(super) seq: u64,
}

impl Journals {
    /// Reads the journal in `dir`. No folder is an empty journal.
    ///
    /// # Errors
    ///
    /// Where the system refuses. What is wrong with the contents is in [`Journals::faults`].
    pub fn read(dir: &Path) -> Result<Self, JournalError> {
        let stamps = stamps(dir)?;
        let mut files = Vec::new();
        for number in numbers(dir)? {
            let path = path(dir, number);
            match fs::read(&path) {
                Ok(bytes) => files.push((number, bytes)),
                // Dropped between the listing and the reading.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(JournalError::io("read", &path)(error)),
            }
        }
        Ok(Self { stamps, ..Self::check(&files) })
    }

    /// Whether nobody seems to have touched the files since they were read.
    pub(super) fn is_current(&self, dir: &Path) -> bool {
        !self.stamps.is_empty() && stamps(dir).is_ok_and(|stamps| stamps == self.stamps)
    }

    /// Checks and folds files, oldest first. Total over any bytes.
    #[must_use]
    pub fn check(files: &[(u64, Vec<u8>)]) -> Self {
        let mut read = Self::default();
        for (place, (number, bytes)) in files.iter().enumerate() {
            read.files.push((*number, bytes.len() as u64));
            read.file(*number, bytes, place == 0, place + 1 == files.len());
        }
        read.forgive();
        read
    }

    fn file(&mut self, number: u64, bytes: &[u8], oldest: bool, newest: bool) {
        let faults = self.faults.len();
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        for (line, text) in (1..).zip(bytes[..whole].split_inclusive(|&byte| byte == b'\n')) {
            let anchor = oldest && line == 1;
            if let Err(what) = self.line(&text[..text.len() - 1], anchor, line == 1) {
                self.faults.push(Fault { file: number, line, what });
            }
        }
        if whole < bytes.len() {
            if newest {
                self.torn = Some(Torn { whole: whole as u64, bytes: (bytes.len() - whole) as u64 });
            } else {
                let line = 1 + bytes[..whole].split_inclusive(|&byte| byte == b'\n').count();
                self.faults.push(Fault { file: number, line, what: "is cut".to_owned() });
            }
        }
        if let Some(fault) = self.faults.get(faults) {
            let fault = fault.to_string();
            // A half line at the end of the newest is taken away when it is opened.
            let kept = if newest { &bytes[..whole] } else { bytes };
            self.suspect.push(Repaired { file: number, sha256: sha256(kept), fault });
        }
    }

    /// Takes one line in. The oldest line of all names the seal that it continues.
    fn line(&mut self, text: &[u8], anchor: bool, first: bool) -> Result<(), String> {
        let read = Record::read(text);
        let (record, seal) = match read {
            Ok(read) => read,
            Err(what) => {
                // The next line is held against what this one is now, and that is another fault: two lines tell more.
                self.seal.clear();
                return Err(what);
            }
        };
        let follows = anchor || (record.before == self.seal && record.seq == self.seq + 1);
        let opens = !first || matches!(record.entry, Entry::Snapshot { .. });
        (self.seal, self.seq) = (seal, record.seq);
        self.fold.take(&record);
        self.records.push(record);
        match (follows, opens) {
            (true, true) => Ok(()),
            (false, _) => Err("does not continue the line before".to_owned()),
            (_, false) => Err("is no snapshot, as the first line of a file must be".to_owned()),
        }
    }

    /// Takes away the faults of files that a person has accepted as they are.
    fn forgive(&mut self) {
        let accepted = self.records.iter().filter_map(|record| match &record.entry {
            Entry::Accepted { files, .. } => Some(files),
            _ => None,
        });
        let accepted: Vec<&Repaired> = accepted.flatten().collect();
        let same = |a: &Repaired, b: &Repaired| a.file == b.file && a.sha256 == b.sha256;
        self.suspect.retain(|suspect| !accepted.iter().any(|accepted| same(accepted, suspect)));
        let suspect = &self.suspect;
        self.faults.retain(|fault| suspect.iter().any(|suspect| suspect.file == fault.file));
    }
}

/// The path of a file of the journal.
pub(super) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}{ENDING}"))
}

/// Numbers, bytes and times of the files.
fn stamps(dir: &Path) -> Result<Vec<(u64, u64, Option<SystemTime>)>, JournalError> {
    let stamp = |number| {
        let meta = fs::metadata(path(dir, number)).ok();
        (number, meta.as_ref().map_or(0, fs::Metadata::len), meta.and_then(|meta| meta.modified().ok()))
    };
    Ok(numbers(dir)?.into_iter().map(stamp).collect())
}

/// The numbers of the files in `dir`, ascending.
pub(super) fn numbers(dir: &Path) -> Result<Vec<u64>, JournalError> {
    let listed = match fs::read_dir(dir) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(JournalError::io("list", dir)(error)),
    };
    let mut numbers = Vec::new();
    for entry in listed {
        let name = entry.map_err(JournalError::io("list", dir))?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(ENDING));
        numbers.extend(stem.and_then(|stem| stem.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
