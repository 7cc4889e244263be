//! The series that a store knows, and what it holds of each in memory.

use std::collections::{BTreeSet, HashMap};

use super::hot::Ring;
use super::meta::{Meta, SeriesId};
use super::table::Row;

/// One series.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// What the series table says.
    pub(super) row: Row,
    /// The time of the newest sample, on the disk or not.
    pub(super) last_ms: i64,
    pub(super) hot: Ring,
    /// The limit that the present write-ahead file has.
    pub(super) limit: Said,
}

/// What a write-ahead file says of a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Said {
    Nothing,
    /// Its value, or that there is none.
    Limit(Option<f64>),
}

/// All series, in order of id.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalogue {
    series: Vec<Known>,
    names: HashMap<String, SeriesId>,
    /// The next series gets this number.
    next: u32,
    /// Series of which the disk does not know yet what they are.
    pub(super) news: BTreeSet<SeriesId>,
}

impl Catalogue {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Known> {
        self.series.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Known> {
        self.series.iter_mut()
    }

    pub(super) fn get(&self, id: SeriesId) -> Option<&Known> {
        self.series.binary_search_by_key(&id, |known| known.row.id).ok().map(|at| &self.series[at])
    }

    pub(super) fn get_mut(&mut self, id: SeriesId) -> Option<&mut Known> {
        self.series.binary_search_by_key(&id, |known| known.row.id).ok().map(|at| &mut self.series[at])
    }

    pub(super) fn find(&self, name: &str) -> Option<SeriesId> {
        self.names.get(name).copied()
    }

    /// The number of the series of that name; what is told of it replaces what was known.
    pub(super) fn register(&mut self, meta: &Meta) -> SeriesId {
        let id = self.find(&meta.name).unwrap_or(SeriesId(self.next));
        if self.get(id).is_none_or(|known| known.row.meta != *meta) {
            self.put(id, meta, false);
        }
        id
    }

    /// Adds or replaces what a series is.
    pub(super) fn put(&mut self, id: SeriesId, meta: &Meta, written: bool) {
        self.next = self.next.max(id.0.saturating_add(1));
        if written {
            self.news.remove(&id);
        } else {
            self.news.insert(id);
        }
        match self.series.binary_search_by_key(&id, |known| known.row.id) {
            Ok(at) => {
                let known = &mut self.series[at];
                if self.names.get(&known.row.meta.name) == Some(&id) {
                    self.names.remove(&known.row.meta.name);
                }
                known.row.meta = meta.clone();
            }
            Err(at) => {
                let row = Row { id, meta: meta.clone(), last_ms: i64::MIN };
                let known = Known { row, last_ms: i64::MIN, hot: Ring::default(), limit: Said::Nothing };
                self.series.insert(at, known);
            }
        }
        self.names.insert(meta.name.clone(), id);
    }

    /// The series of that number; one that nothing tells of goes by its number.
    pub(super) fn or_orphan(&mut self, id: SeriesId) -> Option<&mut Known> {
        if self.get(id).is_none() {
            self.put(id, &Meta::orphan(id), false);
        }
        self.get_mut(id)
    }

    /// Forgets series.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Known) -> bool) {
        self.series.retain(|known| {
            let kept = keep(known);
            // The name may have been given anew, with another number.
            if !kept && self.names.get(&known.row.meta.name) == Some(&known.row.id) {
                self.names.remove(&known.row.meta.name);
            }
            kept
        });
        self.news.retain(|id| self.series.binary_search_by_key(id, |known| known.row.id).is_ok());
    }
}
