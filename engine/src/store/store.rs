//! The door of the store: what it knows and how it is looked at. Opening, appending and keeping house have files of
//! their own.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Weak;

use super::error::StoreError;
use super::files;
use super::known::{Catalogue, Said};
use super::lock::Lock;
use super::meta::{Meta, SeriesId};
use super::options::Options;
use super::recall::{Recalled, recall};
use super::shelf::{SetAside, Shelf, Tidy, again, wal_path};
use super::wal::Wal;

/// Samples of many series: durable tick by tick, columnar on the disk, the newest in memory.
///
/// One process writes a store; any number read it with [`View`](super::View). Nothing here reads a clock.
#[derive(Debug)]
pub struct Store {
    pub(super) dir: PathBuf,
    pub(super) options: Options,
    pub(super) _lock: Lock,
    pub(super) shelf: Shelf,
    pub(super) catalogue: Catalogue,
    pub(super) wal: Current,
    /// Frames that wait for the next tick: restarts.
    pub(super) waiting: Vec<u8>,
    pub(super) newest_ms: i64,
    pub(super) table_number: u32,
    pub(super) aside: Vec<SetAside>,
    /// Alive while a chore is under way.
    pub(super) turn: Weak<()>,
}

/// The write-ahead file that is being written.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) number: u32,
    pub(super) file: Wal,
    pub(super) told: Told,
}

/// What the ticks of a write-ahead file tell of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// The time of its first tick.
    pub(super) first_ms: Option<i64>,
    /// The newest sample before the clock leapt, where the file began with that.
    pub(super) leapt_from: Option<i64>,
}

impl Store {
    /// The number of the series of that name, which is made known if it is new; what `meta` says else replaces what
    /// was known. It is on the disk with the next tick.
    ///
    /// A series that has not had a sample for longer than the store reaches back is forgotten, and its number with
    /// it: register it again when its readings are rejected.
    pub fn register(&mut self, meta: &Meta) -> SeriesId {
        self.catalogue.register(meta)
    }

    /// All series.
    pub fn series(&self) -> impl Iterator<Item = (SeriesId, &Meta)> {
        self.catalogue.iter().map(|known| (known.row.id, &known.row.meta))
    }

    /// The series of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<SeriesId> {
        self.catalogue.find(name)
    }

    /// Times and values of one series from `from_ms` on, as far as memory has them.
    #[must_use]
    pub fn window(&self, id: SeriesId, from_ms: i64) -> (Vec<i64>, Vec<f64>) {
        self.catalogue.get(id).map(|known| known.hot.since(from_ms)).unwrap_or_default()
    }

    /// The newest sample of one series.
    #[must_use]
    pub fn last(&self, id: SeriesId) -> Option<(i64, f64)> {
        self.catalogue.get(id)?.hot.last()
    }

    /// Reads these series from the disk, between two times; samples that are gone are told by their blocks.
    ///
    /// # Errors
    ///
    /// A file cannot be read. Damaged parts are left out and noted.
    pub fn read(&self, ids: &[SeriesId], range: Range<i64>) -> Result<Recalled, StoreError> {
        let rows: Vec<_> = ids.iter().filter_map(|&id| Some(&self.catalogue.get(id)?.row)).collect();
        again(|| {
            let shelf = Shelf::scan(&self.dir, &self.shelf, Tidy::No)?;
            recall(&shelf, &rows, &range, usize::MAX)
        })
    }

    /// Bytes of all files of the store, as of the last time that house was kept.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.shelf.bytes
    }

    /// Files that were found damaged or wrong, and were set aside.
    #[must_use]
    pub fn set_aside(&self) -> &[SetAside] {
        &self.aside
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The time of the newest sample of a series; `i64::MIN` if it has none.
    pub(super) fn last_ms(&self, id: SeriesId) -> i64 {
        self.catalogue.get(id).map_or(i64::MIN, |known| known.last_ms)
    }

    /// Begins the write-ahead file of that number.
    pub(super) fn begin(&mut self, number: u32, leapt_from: Option<i64>) -> Result<(), StoreError> {
        let file = Wal::open(&wal_path(&self.dir, number), drop)?;
        self.wal = Current { number, file, told: Told { first_ms: None, leapt_from } };
        self.catalogue.iter_mut().for_each(|known| known.limit = Said::Nothing);
        Ok(())
    }

    /// A number for a segment that no write-ahead file becomes; the present one, which is empty, takes the next.
    pub(super) fn take_number(&mut self) -> Result<u32, StoreError> {
        let number = self.wal.number;
        self.begin(number + 1, None)?;
        files::remove(&wal_path(&self.dir, number))?;
        Ok(number)
    }
}
