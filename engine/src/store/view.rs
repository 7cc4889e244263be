//! A store as others see it: read while its owner writes.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::error::StoreError;
use super::meta::{Meta, SeriesId};
use super::recall::{Recalled, recall};
use super::shelf::{SetAside, Shelf, Tidy, again};
use super::table::Row;
use super::{known::Catalogue, wal};

/// Reads a store that another process may be writing; takes no lock and changes nothing.
#[derive(Debug)]
pub struct View {
    dir: PathBuf,
    shelf: Shelf,
    rows: Vec<Row>,
}

impl View {
    /// Whether a folder is a store.
    #[must_use]
    pub fn is_store(dir: &Path) -> bool {
        dir.join("LOCK").is_file() && dir.join("wal").is_dir()
    }

    /// Looks through the store at `dir`.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or a later version wrote it.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let mut view = Self { dir: dir.into(), shelf: Shelf::default(), rows: Vec::new() };
        view.refresh()?;
        Ok(view)
    }

    /// Looks again.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or a later version wrote it.
    pub fn refresh(&mut self) -> Result<(), StoreError> {
        again(|| {
            let mut shelf = Shelf::scan(&self.dir, &self.shelf, Tidy::No)?;
            shelf.read_table(&self.dir, Tidy::No)?;
            let mut catalogue = Catalogue::default();
            shelf.table.iter().for_each(|row| catalogue.put(row.id, &row.meta, true));
            for (_, path) in &shelf.wals {
                match wal::read(path, |entry| learn(&mut catalogue, entry)) {
                    Err(error) if !matches!(error, StoreError::Damaged { .. }) => return Err(error),
                    _ => {}
                }
            }
            self.rows = catalogue.iter().map(|known| known.row.clone()).collect();
            self.shelf = shelf;
            Ok(())
        })
    }

    /// All series.
    pub fn series(&self) -> impl Iterator<Item = (SeriesId, &Meta)> {
        self.rows.iter().map(|row| (row.id, &row.meta))
    }

    /// Reads these series between two times, as they are now; samples that are gone are told by their blocks.
    ///
    /// # Errors
    ///
    /// A file cannot be read. Damaged parts are left out and noted.
    pub fn read(&self, ids: &[SeriesId], range: &Range<i64>) -> Result<Recalled, StoreError> {
        self.read_within(ids, range, usize::MAX)
    }

    /// The same within memory: once there are about `most` samples, what is older is told by blocks.
    ///
    /// # Errors
    ///
    /// A file cannot be read. Damaged parts are left out and noted.
    pub fn read_within(
        &self,
        ids: &[SeriesId],
        range: &Range<i64>,
        most: usize,
    ) -> Result<Recalled, StoreError> {
        again(|| {
            let at = |id: &SeriesId| self.rows.binary_search_by_key(id, |row| row.id).ok();
            let rows: Vec<&Row> = ids.iter().filter_map(at).map(|at| &self.rows[at]).collect();
            let shelf = Shelf::scan(&self.dir, &self.shelf, Tidy::No)?;
            recall(&shelf, &rows, range, most)
        })
    }

    /// Files that are damaged and were passed over.
    #[must_use]
    pub fn set_aside(&self) -> &[SetAside] {
        &self.shelf.aside
    }
}

fn learn(catalogue: &mut Catalogue, entry: Entry) {
    match entry {
        Entry::Series { id, meta } => catalogue.put(id, &meta, true),
        Entry::Tick { samples, .. } => samples.into_iter().for_each(|(id, _)| {
            catalogue.or_orphan(id);
        }),
        Entry::Restart { .. } | Entry::Leap { .. } => {}
    }
}
