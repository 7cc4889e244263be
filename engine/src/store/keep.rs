//! Keeps house: seals what is full, merges days, and stays within the size that it may have.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hebe_collectors::history::Series;

use super::chore::{Chore, Done, Job, Work};
use super::compact;
use super::error::StoreError;
use super::files;
use super::meta::SeriesId;
use super::segment::Kind;
use super::shelf::{Shelf, Tidy};
use super::store::Store;
use super::table;

impl Store {
    /// The next piece of work that is due, to be run wherever there is time for it and then [adopted](Self::adopt).
    /// `None` also while one is under way; one that failed is due again when its error has been dropped.
    #[must_use]
    pub fn chore(&mut self) -> Option<Chore> {
        if self.turn.upgrade().is_some() {
            return None;
        }
        let job = self.seal_due().or_else(|| self.merge_due())?;
        let names = self.catalogue.iter().map(|known| (known.row.id, known.row.meta.name.clone())).collect();
        let turn = Arc::new(());
        self.turn = Arc::downgrade(&turn);
        Some(Chore { work: Work { dir: self.dir.clone(), names, job }, turn })
    }

    fn seal_due(&self) -> Option<Job> {
        let (number, path) = self.shelf.wals.iter().find(|wal| wal.0 != self.wal.number)?.clone();
        let rows = self.catalogue.iter().map(|known| known.row.clone()).collect();
        let table_number = self.table_number + 1;
        Some(Job::Seal { number, path, block_ms: self.options.block_ms, rows, table_number })
    }

    /// Segments to merge, if both they and what becomes of them have room within the limit.
    fn merge_due(&self) -> Option<Job> {
        [&self.shelf.raw, &self.shelf.tier].into_iter().find_map(|segments| {
            let segments = compact::due(segments, self.newest_ms)?;
            let more: u64 = segments.iter().map(|segment| segment.bytes).sum();
            (self.shelf.bytes + more <= self.options.size_limit).then(|| Job::Merge {
                segments: segments.iter().map(|segment| segment.path.clone()).collect(),
            })
        })
    }

    /// Takes over what a chore has done, and keeps the store within its size.
    ///
    /// # Errors
    ///
    /// The folder cannot be read or changed.
    pub fn adopt(&mut self, done: Done) -> Result<(), StoreError> {
        for (id, last_ms) in done.outcome.last {
            if let Some(known) = self.catalogue.get_mut(id) {
                known.row.last_ms = last_ms;
            }
        }
        self.aside.extend(done.outcome.aside);
        self.look()?;
        self.retain()
    }

    /// Looks through the folder anew.
    pub(super) fn look(&mut self) -> Result<(), StoreError> {
        let shelf = Shelf::scan(&self.dir, &self.shelf, Tidy::Yes)?;
        self.table_number = shelf.table_number;
        self.aside.extend(shelf.aside.iter().cloned());
        self.shelf = shelf;
        Ok(())
    }

    /// Drops what was set aside, then the oldest samples, then the oldest blocks, until the store has room for what
    /// will be written before house is kept again.
    pub(super) fn retain(&mut self) -> Result<(), StoreError> {
        // A full write-ahead file, and the segments that it becomes.
        let room = self.wal_bytes() + self.wal_bytes() / 4;
        let most = self.options.size_limit.saturating_sub(room.saturating_sub(self.wal.file.bytes()));
        let mut dropped = false;
        while most < self.shelf.bytes {
            let Some((path, bytes)) = self.oldest()? else { break };
            files::remove(&path)?;
            self.aside.retain(|aside| aside.path != path);
            self.shelf.bytes = self.shelf.bytes.saturating_sub(bytes);
            dropped = true;
        }
        if dropped {
            self.forget();
        }
        Ok(())
    }

    /// What is to be dropped first, taken off the shelf; the newest segments stay.
    fn oldest(&mut self) -> Result<Option<(PathBuf, u64)>, StoreError> {
        let aside = set_aside(&self.dir)?;
        if aside.is_some() {
            return Ok(aside);
        }
        let segments = if 1 < self.shelf.raw.len() { &mut self.shelf.raw } else { &mut self.shelf.tier };
        let oldest = (1 < segments.len()).then(|| segments.remove(0));
        Ok(oldest.map(|segment| (segment.path.clone(), segment.bytes)))
    }

    /// Forgets the series of which nothing is left.
    pub(super) fn forget(&mut self) {
        let segments = self.shelf.raw.iter().chain(&self.shelf.tier);
        let left: BTreeSet<SeriesId> =
            segments.flat_map(|segment| segment.runs.iter().map(|run| run.0)).collect();
        self.catalogue.retain(|known| {
            left.contains(&known.row.id) || known.row.last_ms < known.last_ms || known.last_ms == i64::MIN
        });
    }

    /// Closes the present write-ahead file and turns all that are full into segments.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written; what could not be sealed is still in its write-ahead file.
    pub fn seal(&mut self) -> Result<(), StoreError> {
        self.rotate(None)?;
        while self.seal_due().is_some() && self.work()? {}
        Ok(())
    }

    /// Does all the work that is due: sealing what is full, merging days, keeping the size. It takes seconds for
    /// thousands of series: a daemon runs its [chores](Self::chore) one by one beside its ticks.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written.
    pub fn maintain(&mut self) -> Result<(), StoreError> {
        while self.work()? {}
        if self.turn.upgrade().is_some() {
            return Ok(());
        }
        self.look()?;
        self.retain()
    }

    fn work(&mut self) -> Result<bool, StoreError> {
        let Some(chore) = self.chore() else { return Ok(false) };
        let done = chore.run()?;
        self.adopt(done)?;
        Ok(true)
    }

    /// Writes the series table.
    pub(super) fn write_table(&mut self) -> Result<(), StoreError> {
        self.table_number += 1;
        let rows: Vec<_> = self.catalogue.iter().map(|known| known.row.clone()).collect();
        table::write(&self.dir, self.table_number, &rows)?;
        self.catalogue.news.clear();
        Ok(())
    }

    /// Takes into memory what was imported of a series up to `end_ms`.
    pub(super) fn took(&mut self, id: SeriesId, series: &Series, end_ms: i64) {
        let most = self.options.hot_samples;
        let Some(known) = self.catalogue.get_mut(id) else { return };
        let end = series.t_ms.partition_point(|&t_ms| t_ms < end_ms);
        let new = series.t_ms.partition_point(|&t_ms| t_ms <= known.last_ms);
        if end <= new {
            return;
        }
        let from = new.max(end.saturating_sub(most));
        for (&t_ms, &used) in series.t_ms[from..end].iter().zip(&series.v[from..end]) {
            if used.is_finite() {
                known.hot.push(t_ms, used, most);
            }
        }
        let last = series.t_ms[end - 1];
        (known.last_ms, known.row.last_ms) = (last, last);
        self.newest_ms = self.newest_ms.max(last);
    }
}

/// The oldest file that was set aside, with its size.
fn set_aside(dir: &Path) -> Result<Option<(PathBuf, u64)>, StoreError> {
    for folder in ["wal", Kind::Raw.word(), Kind::Tier.word(), table::FOLDER] {
        let is_aside = |path: &Path| {
            path.extension().is_some_and(|extension| extension == "bad" || extension == "ahead")
        };
        let found = files::list(&dir.join(folder))?.into_iter().find(|(path, _)| is_aside(path));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
