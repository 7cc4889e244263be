//! Appends ticks: into memory first, then into the write-ahead file.

use std::collections::BTreeSet;

use super::compact::DAY_MS;
use super::entry::{push_leap, push_restart, push_series, push_tick};
use super::error::StoreError;
use super::files;
use super::known::Said;
use super::meta::SeriesId;
use super::shelf::{SetAside, wal_path};
use super::store::Store;
use super::tick::{Appended, Reading, Tick};

/// The clock is taken to have leapt when a tick is this much later than the one before.
const LEAP_MS: i64 = DAY_MS;
/// A write-ahead file is not full with fewer bytes, however little the store may use.
const LEAST_WAL: u64 = 4096;

impl Store {
    /// Notes that these series start anew at `t_ms`; it is on the disk with the next tick.
    pub fn restarted(&mut self, t_ms: i64, ids: &[SeriesId]) {
        let ids: Vec<SeriesId> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        push_restart(&mut self.waiting, t_ms, &ids);
    }

    /// Appends the readings of one time; they are on the disk when this returns.
    ///
    /// Readings that are no newer than the last of their series are dropped and counted. When the clock leaps ahead by
    /// more than a day, a new write-ahead file begins; should it come back while that file is the present one, the
    /// file is set aside and time goes on where it was.
    ///
    /// # Errors
    ///
    /// The disk is full ([`StoreError::is_full`]) or refuses. The readings are in memory nevertheless, and the next
    /// tick is tried anew.
    pub fn append(&mut self, tick: &Tick<'_>) -> Result<Appended, StoreError> {
        self.come_back(tick.t_ms)?;
        let leapt_from = self.leap(tick.t_ms);
        let (appended, taken) = self.accept(tick);
        if taken.is_empty() && self.waiting.is_empty() {
            return Ok(appended);
        }
        if leapt_from.is_some() || self.is_full_at(tick.t_ms) {
            self.rotate(leapt_from)?;
        }
        let limits = self.changed_limits(&taken);
        let frames = self.frames(tick.t_ms, &taken, &limits);
        self.wal.file.append(&frames)?;
        self.wal.told.first_ms.get_or_insert(tick.t_ms);
        self.waiting.clear();
        self.catalogue.news.clear();
        for (id, limit) in limits {
            if let Some(known) = self.catalogue.get_mut(id) {
                known.limit = Said::Limit(limit);
            }
        }
        Ok(appended)
    }

    /// Takes readings into memory; gives those that are to be written, in order of id.
    fn accept(&mut self, tick: &Tick<'_>) -> (Appended, Vec<Reading>) {
        let mut readings = tick.readings.to_vec();
        if !readings.is_sorted_by(|a, b| a.id < b.id) {
            readings.sort_by_key(|reading| reading.id);
            // Of readings of one series the last one counts.
            readings.reverse();
            readings.dedup_by_key(|reading| reading.id);
            readings.reverse();
        }
        let mut appended = Appended { rejected: tick.readings.len() - readings.len(), ..Appended::default() };
        let most = self.options.hot_samples;
        let mut series = self.catalogue.iter_mut().peekable();
        readings.retain_mut(|reading| {
            while series.next_if(|known| known.row.id < reading.id).is_some() {}
            let known = series.next_if(|known| known.row.id == reading.id);
            let Some(known) = known.filter(|_| reading.used.is_finite()) else {
                appended.rejected += 1;
                return false;
            };
            if tick.t_ms <= known.last_ms {
                appended.late += 1;
                return false;
            }
            known.last_ms = tick.t_ms;
            known.hot.push(tick.t_ms, reading.used, most);
            reading.limit = reading.limit.filter(|limit| limit.is_finite());
            true
        });
        appended.kept = readings.len();
        if !readings.is_empty() {
            self.newest_ms = self.newest_ms.max(tick.t_ms);
        }
        (appended, readings)
    }

    /// The limits that the present write-ahead file does not have yet.
    fn changed_limits(&self, taken: &[Reading]) -> Vec<(SeriesId, Option<f64>)> {
        let mut series = self.catalogue.iter().peekable();
        let changed = taken.iter().filter(|reading| {
            while series.next_if(|known| known.row.id < reading.id).is_some() {}
            series.peek().is_some_and(|known| known.limit != Said::Limit(reading.limit))
        });
        changed.map(|reading| (reading.id, reading.limit)).collect()
    }

    fn frames(&self, t_ms: i64, taken: &[Reading], limits: &[(SeriesId, Option<f64>)]) -> Vec<u8> {
        let mut frames = Vec::with_capacity(64 + 10 * taken.len() + self.waiting.len());
        if let (None, Some(from_ms)) = (self.wal.told.first_ms, self.wal.told.leapt_from) {
            push_leap(&mut frames, from_ms);
        }
        for known in self.catalogue.news.iter().filter_map(|&id| self.catalogue.get(id)) {
            push_series(&mut frames, known.row.id, &known.row.meta);
        }
        frames.extend_from_slice(&self.waiting);
        if !taken.is_empty() {
            push_tick(&mut frames, t_ms, taken, limits);
        }
        frames
    }

    /// The newest sample, if the clock leaps ahead of it.
    fn leap(&self, t_ms: i64) -> Option<i64> {
        (self.newest_ms != i64::MIN && LEAP_MS < t_ms.saturating_sub(self.newest_ms))
            .then_some(self.newest_ms)
    }

    /// Undoes a leap that turns out to have been the clock's mistake.
    fn come_back(&mut self, t_ms: i64) -> Result<(), StoreError> {
        let Some(from_ms) = self.wal.told.leapt_from.filter(|&from_ms| from_ms < t_ms) else { return Ok(()) };
        if LEAP_MS < t_ms.saturating_sub(from_ms) {
            return Ok(());
        }
        let path = wal_path(&self.dir, self.wal.number);
        // The new file first: where it cannot be created, all is as it was.
        self.begin(self.wal.number + 1, None)?;
        let now = files::aside(&path, "ahead");
        files::rename(&path, &now)?;
        let reason = "the clock had leapt ahead and came back".to_owned();
        self.aside.push(SetAside { path: now, reason });
        self.newest_ms = from_ms;
        for known in self.catalogue.iter_mut() {
            known.last_ms = known.last_ms.min(from_ms);
            known.hot.forget_after(from_ms);
        }
        // The file that is gone may have been the one that told what a series is.
        self.catalogue.news = self.catalogue.iter().map(|known| known.row.id).collect();
        Ok(())
    }

    fn is_full_at(&self, t_ms: i64) -> bool {
        let part = |t_ms: i64| t_ms.div_euclid(self.options.segment_ms);
        let over = |first_ms: i64| part(first_ms) < part(t_ms) || self.wal_bytes() <= self.wal.file.bytes();
        self.wal.told.first_ms.is_some_and(over)
    }

    /// Bytes at which a write-ahead file is full: no more than an eighth of what the store may use.
    pub(super) fn wal_bytes(&self) -> u64 {
        self.options.wal_bytes.min(self.options.size_limit / 8).max(LEAST_WAL)
    }

    /// Begins the next write-ahead file, if the present one has anything.
    pub(super) fn rotate(&mut self, leapt_from: Option<i64>) -> Result<(), StoreError> {
        if self.wal.told.first_ms.is_none() {
            self.wal.told.leapt_from = leapt_from;
            return Ok(());
        }
        let full = (self.wal.number, wal_path(&self.dir, self.wal.number));
        self.begin(self.wal.number + 1, leapt_from)?;
        self.shelf.wals.retain(|wal| wal.0 != full.0);
        self.shelf.wals.push(full);
        Ok(())
    }
}
