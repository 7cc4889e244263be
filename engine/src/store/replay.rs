//! Rows out of a write-ahead file.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::entry::Entry;
use super::error::StoreError;
use super::meta::SeriesId;
use super::rows::Rows;
use super::wal;

/// How many samples of which series a write-ahead file has, and when series were started anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    pub(super) samples: BTreeMap<SeriesId, usize>,
    /// The time of the newest sample of each series.
    pub(super) last: BTreeMap<SeriesId, i64>,
    pub(super) restarts: HashMap<SeriesId, Vec<i64>>,
}

/// Looks through the file.
///
/// # Errors
///
/// The file cannot be read.
pub(super) fn contents(path: &Path) -> Result<Contents, StoreError> {
    let mut contents = Contents::default();
    wal::read(path, |entry| match entry {
        Entry::Tick { t_ms, samples, .. } => {
            for (id, _) in samples {
                *contents.samples.entry(id).or_default() += 1;
                contents.last.insert(id, t_ms);
            }
        }
        Entry::Restart { t_ms, ids } => {
            for id in ids {
                contents.restarts.entry(id).or_default().push(t_ms);
            }
        }
        Entry::Series { .. } | Entry::Leap { .. } => {}
    })?;
    Ok(contents)
}

/// What a write-ahead file has of some series.
#[derive(Clone, Debug, Default)]
pub(super) struct Replayed {
    pub(super) rows: HashMap<SeriesId, Rows>,
    /// Of all series.
    pub(super) restarts: HashMap<SeriesId, Vec<i64>>,
}

/// The rows of the series that are wanted; for each, room is made for as many as `room` says.
///
/// # Errors
///
/// The file cannot be read.
pub(super) fn replay(
    path: &Path,
    wanted: impl Fn(SeriesId) -> bool,
    room: impl Fn(SeriesId) -> usize,
) -> Result<Replayed, StoreError> {
    let mut limits: HashMap<SeriesId, Option<f64>> = HashMap::new();
    let mut replayed = Replayed::default();
    wal::read(path, |entry| match entry {
        Entry::Tick { t_ms, samples, limits: changed } => {
            limits.extend(changed.into_iter().filter(|limit| wanted(limit.0)));
            for (id, used) in samples.into_iter().filter(|sample| wanted(sample.0)) {
                let limit = limits.get(&id).copied().flatten();
                let rows = replayed.rows.entry(id).or_insert_with(|| Rows::with_room(room(id)));
                rows.push(t_ms, used, limit);
            }
        }
        Entry::Restart { t_ms, ids } => {
            for id in ids {
                replayed.restarts.entry(id).or_default().push(t_ms);
            }
        }
        Entry::Series { .. } | Entry::Leap { .. } => {}
    })?;
    Ok(replayed)
}
