//! Opens a store: clears away what a crash has left, and learns what there is.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use super::compact::DAY_MS;
use super::entry::Entry;
use super::error::StoreError;
use super::files;
use super::known::{Catalogue, Said};
use super::lock::Lock;
use super::meta::SeriesId;
use super::options::Options;
use super::segment::{Kind, Segment};
use super::shelf::{SetAside, Shelf, Tidy, wal_path};
use super::store::{Current, Store, Told};
use super::table;
use super::wal::Wal;

/// How far back of the newest sample segments are read to fill the memory at the start.
const REFILL_MS: i64 = DAY_MS;

impl Store {
    /// Opens the store at `dir`, which is created if need be: takes the lock, clears away what a crash has left, cuts
    /// the write-ahead file behind its last good frame, and fills the memory with the newest samples.
    ///
    /// # Errors
    ///
    /// Another process has it, its files cannot be read or written, or a later version wrote them.
    pub fn open(dir: impl Into<PathBuf>, options: Options) -> Result<Self, StoreError> {
        let dir = dir.into();
        for folder in ["wal", Kind::Raw.word(), Kind::Tier.word(), table::FOLDER] {
            let folder = dir.join(folder);
            fs::create_dir_all(&folder).map_err(StoreError::io("create", &folder))?;
        }
        let lock = Lock::take(&dir, options.owner)?;
        let mut shelf = Shelf::scan(&dir, &Shelf::default(), Tidy::Yes)?;
        shelf.read_table(&dir, Tidy::Yes)?;
        let number = shelf.next();
        let file = Wal::open(&wal_path(&dir, number), drop)?;
        let mut store = Self {
            wal: Current { number, file, told: Told::default() },
            aside: shelf.aside.clone(),
            table_number: shelf.table_number,
            dir,
            options,
            _lock: lock,
            shelf,
            catalogue: Catalogue::default(),
            waiting: Vec::new(),
            newest_ms: i64::MIN,
            turn: Weak::new(),
        };
        store.learn_table();
        store.learn_wals()?;
        store.forget();
        store.refill()?;
        Ok(store)
    }

    fn learn_table(&mut self) {
        for row in std::mem::take(&mut self.shelf.table) {
            self.catalogue.put(row.id, &row.meta, true);
            if let Some(known) = self.catalogue.get_mut(row.id) {
                (known.row.last_ms, known.last_ms) = (row.last_ms, row.last_ms);
                self.newest_ms = self.newest_ms.max(row.last_ms);
            }
        }
        // A segment that is newer than the table (a crash during an import): its end stands for its series' ends.
        let told_ms = self.newest_ms;
        for segment in self.shelf.raw.iter().filter(|segment| told_ms < segment.to_ms) {
            for (id, ..) in segment.runs.iter() {
                if let Some(known) = self.catalogue.get_mut(id) {
                    let last = known.last_ms.max(segment.to_ms);
                    (known.row.last_ms, known.last_ms) = (last, last);
                }
            }
            self.newest_ms = self.newest_ms.max(segment.to_ms);
        }
    }

    /// Learns from the write-ahead files, and goes on with the newest of them.
    fn learn_wals(&mut self) -> Result<(), StoreError> {
        for (number, path) in self.shelf.wals.clone() {
            self.catalogue.iter_mut().for_each(|known| known.limit = Said::Nothing);
            let mut told = Told::default();
            match Wal::open(&path, |entry| self.relive(entry, &mut told)) {
                Ok(file) if number + 1 == self.wal.number => {
                    let unused = std::mem::replace(&mut self.wal, Current { number, file, told });
                    files::remove(&wal_path(&self.dir, unused.number))?;
                }
                Ok(_) => {}
                Err(error @ StoreError::Damaged { .. }) => {
                    let now = files::aside(&path, "bad");
                    files::rename(&path, &now)?;
                    self.shelf.wals.retain(|wal| wal.0 != number);
                    self.aside.push(SetAside { path: now, reason: error.to_string() });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn relive(&mut self, entry: Entry, told: &mut Told) {
        match entry {
            Entry::Series { id, meta } => self.catalogue.put(id, &meta, true),
            Entry::Restart { .. } => {}
            Entry::Leap { from_ms } => told.leapt_from = Some(from_ms),
            Entry::Tick { t_ms, samples, limits } => {
                told.first_ms.get_or_insert(t_ms);
                self.newest_ms = self.newest_ms.max(t_ms);
                let most = self.options.hot_samples;
                for (id, limit) in limits {
                    if let Some(known) = self.catalogue.or_orphan(id) {
                        known.limit = Said::Limit(limit);
                    }
                }
                for (id, used) in samples {
                    if let Some(known) = self.catalogue.or_orphan(id) {
                        known.last_ms = known.last_ms.max(t_ms);
                        known.hot.push(t_ms, used, most);
                    }
                }
            }
        }
    }

    /// Fills what the write-ahead files leave of the memory from the newest segments.
    fn refill(&mut self) -> Result<(), StoreError> {
        let oldest = self.newest_ms.saturating_sub(REFILL_MS);
        let segments: Vec<Arc<Segment>> =
            self.shelf.raw.iter().rev().filter(|raw| oldest <= raw.to_ms).cloned().collect();
        segments.iter().try_for_each(|segment| self.refill_from(segment))
    }

    /// Reads group after group, and of each the series that want some of it.
    fn refill_from(&mut self, segment: &Segment) -> Result<(), StoreError> {
        let most = self.options.hot_samples;
        let wants = |id: SeriesId, rows: usize| {
            let held = self.catalogue.get(id).map_or(most, |known| known.hot.len());
            most.saturating_sub(held).min(rows)
        };
        let wanted: Vec<(SeriesId, usize, usize)> = segment
            .runs
            .iter()
            .map(|(id, first, rows)| (id, first + rows - wants(id, rows), first + rows))
            .filter(|(_, start, end)| start < end)
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let open = segment.rows()?;
        // Neighbours are read together, as they lie in one group.
        for together in wanted.chunk_by(|a, b| segment.group_of(a.1) == segment.group_of(b.2 - 1)) {
            let start = together[0].1;
            let end = together[together.len() - 1].2;
            let rows = match open.range(start..end, false) {
                Err(StoreError::Damaged { .. } | StoreError::Parquet { .. }) => continue,
                rows => rows?,
            };
            for &(id, from, to) in together {
                if let Some(known) = self.catalogue.get_mut(id) {
                    let of = from - start..to - start;
                    known.hot.prepend(&rows.t_ms[of.clone()], &rows.used[of], most);
                }
            }
        }
        Ok(())
    }
}
