//! Which files of a store count, found by their names: no list of files is kept that could be wrong.
//!
//! A segment counts unless another one covers its numbers; a write-ahead file counts unless a raw segment covers it;
//! the table with the highest number counts. What is half-written ends in `.tmp`, what is damaged in `.bad`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::files;
use super::meta::{Meta, SeriesId};
use super::segment::{Kind, Name, Segment};
use super::table::{self, Row};

/// A file that does not count, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The file, under the name it has now.
    pub path: PathBuf,
    /// One sentence.
    pub reason: String,
}

/// The files of a store that count.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    /// Segments with every sample, in order of their numbers.
    pub(super) raw: Vec<Arc<Segment>>,
    /// Segments with block medians, in order of their numbers.
    pub(super) tier: Vec<Arc<Segment>>,
    /// Write-ahead files, in order of their numbers.
    pub(super) wals: Vec<(u32, PathBuf)>,
    /// The series table, once it was read.
    pub(super) table: Vec<Row>,
    /// The highest number of a series table.
    pub(super) table_number: u32,
    /// Bytes of all files, those that do not count included.
    pub(super) bytes: u64,
    /// Files that were found not to count for a reason other than being superseded.
    pub(super) aside: Vec<SetAside>,
}

/// Whether files that do not count are cleared away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tidy {
    /// By the owner of the store.
    Yes,
    /// Others only look.
    No,
}

/// How often reading begins anew because a file was merged or dropped before it could be opened.
const ATTEMPTS: usize = 20;

/// Tries again when a file was gone before it was read.
pub(super) fn again<T>(mut read: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match read() {
            Err(error) if error.is_missing() && attempt < ATTEMPTS => {}
            result => return result,
        }
    }
}

impl Shelf {
    /// Looks through the folder; segments that `before` knew are not read again.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or a file in it is of a later version.
    pub(super) fn scan(dir: &Path, before: &Self, tidy: Tidy) -> Result<Self, StoreError> {
        again(|| Self::scan_once(dir, before, tidy))
    }

    fn scan_once(dir: &Path, before: &Self, tidy: Tidy) -> Result<Self, StoreError> {
        let mut shelf = Self::default();
        // Write-ahead files first: one that is sealed after this is still listed, and then found to be covered.
        let wals = files::list(&dir.join("wal"))?;
        for (path, bytes) in files::list(&dir.join(table::FOLDER))? {
            shelf.bytes += bytes;
            shelf.table_number = shelf.table_number.max(table::name(&path).map_or(0, |(number, _)| number));
        }
        shelf.raw = shelf.segments(dir, Kind::Raw, &before.raw, tidy)?;
        shelf.tier = shelf.segments(dir, Kind::Tier, &before.tier, tidy)?;
        for (path, bytes) in wals {
            shelf.bytes += bytes;
            let Some(number) = wal_number(&path) else { continue };
            if shelf.raw.iter().any(|raw| raw.name.first <= number && number <= raw.name.last) {
                shelf.clear(&path, bytes, tidy)?;
            } else {
                shelf.wals.push((number, path));
            }
        }
        Ok(shelf)
    }

    fn clear(&mut self, path: &Path, bytes: u64, tidy: Tidy) -> Result<(), StoreError> {
        if tidy == Tidy::Yes {
            files::remove(path)?;
            self.bytes -= bytes;
        }
        Ok(())
    }

    /// Sets a damaged file aside; other errors are passed on.
    fn damaged(&mut self, path: &Path, error: StoreError, tidy: Tidy) -> Result<(), StoreError> {
        if !matches!(error, StoreError::Damaged { .. } | StoreError::Parquet { .. }) {
            return Err(error);
        }
        let mut now = path.to_path_buf();
        if tidy == Tidy::Yes {
            now = files::aside(path, "bad");
            files::rename(path, &now)?;
        }
        self.aside.push(SetAside { path: now, reason: error.to_string() });
        Ok(())
    }

    fn segments(
        &mut self,
        dir: &Path,
        kind: Kind,
        before: &[Arc<Segment>],
        tidy: Tidy,
    ) -> Result<Vec<Arc<Segment>>, StoreError> {
        let mut found = Vec::new();
        for (path, bytes) in files::list(&dir.join(kind.word()))? {
            self.bytes += bytes;
            match Name::read(&path) {
                Some(name) if name.kind == kind => found.push((name, path, bytes)),
                _ if is_temporary(&path) => self.clear(&path, bytes, tidy)?,
                _ => {}
            }
        }
        // The widest first, so that what covers others is known to be whole before they are passed over.
        found.sort_by_key(|(name, ..)| (name.first, u32::MAX - name.last));
        let mut segments: Vec<Arc<Segment>> = Vec::new();
        for (name, path, bytes) in found {
            if segments.last().is_some_and(|widest| widest.name.covers(name)) {
                self.clear(&path, bytes, tidy)?;
                continue;
            }
            if let Some(known) = before.iter().find(|known| known.name == name) {
                segments.push(Arc::clone(known));
                continue;
            }
            match Segment::open(&path, name) {
                Ok(segment) => segments.push(Arc::new(segment)),
                Err(error) => self.damaged(&path, error, tidy)?,
            }
        }
        Ok(segments)
    }

    /// Reads the series table, which is not read again with every look at the segments.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is of a later version.
    pub(super) fn read_table(&mut self, dir: &Path, tidy: Tidy) -> Result<(), StoreError> {
        let mut found = Vec::new();
        for (path, bytes) in files::list(&dir.join(table::FOLDER))? {
            match table::name(&path) {
                Some((number, sum)) => found.push((number, sum, path, bytes)),
                None if is_temporary(&path) => self.clear(&path, bytes, tidy)?,
                None => {}
            }
        }
        found.sort();
        while let Some((_, sum, path, _)) = found.pop() {
            match table::read(&path, sum) {
                Ok(rows) => {
                    self.table = rows;
                    break;
                }
                Err(error) => self.damaged(&path, error, tidy)?,
            }
        }
        for (_, _, path, bytes) in found {
            self.clear(&path, bytes, tidy)?;
        }
        self.orphans();
        Ok(())
    }

    /// Series that segments have and no table names: their names are in the segments' own columns, for those who read
    /// them as Parquet; here they go by their numbers.
    fn orphans(&mut self) {
        let known: HashSet<SeriesId> = self.table.iter().map(|row| row.id).collect();
        let mut orphans: Vec<(SeriesId, i64)> = Vec::new();
        for segment in &self.raw {
            let ids = segment.runs.iter().map(|(id, ..)| id).filter(|id| !known.contains(id));
            orphans.extend(ids.map(|id| (id, segment.to_ms)));
        }
        orphans.sort_unstable();
        for chunk in orphans.chunk_by(|a, b| a.0 == b.0) {
            if let Some(&(id, last_ms)) = chunk.last() {
                self.table.push(Row { id, meta: Meta::orphan(id), last_ms });
            }
        }
        self.table.sort_by_key(|row| row.id);
    }

    /// The number that the next write-ahead file or import gets.
    pub(super) fn next(&self) -> u32 {
        let segments = self.raw.iter().chain(&self.tier).map(|segment| segment.name.last);
        segments.chain(self.wals.iter().map(|wal| wal.0)).max().map_or(0, |last| last + 1)
    }
}

fn is_temporary(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tmp")
}

/// The write-ahead file of that number in the store at `dir`.
pub(super) fn wal_path(dir: &Path, number: u32) -> PathBuf {
    dir.join("wal").join(format!("{number:09}.wal"))
}

fn wal_number(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.strip_suffix(".wal")?.parse().ok()
}
