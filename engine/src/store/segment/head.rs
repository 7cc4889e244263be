//! What a segment says of itself in its footer, under the key `hebe`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::super::meta::SeriesId;
use super::super::runs::Runs;

/// The key of [`Head`] in the Parquet footer.
pub(in super::super) const KEY: &str = "hebe";
/// The version of the layout that is written, and the newest that is read.
pub(in super::super) const VERSION: u32 = 1;

/// The bytes of a row group, and their CRC-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Extent {
    pub(in super::super) start: u64,
    pub(in super::super) end: u64,
    pub(in super::super) sum: u32,
}

/// The JSON in the footer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Head {
    /// The layout.
    pub(in super::super) version: u32,
    /// Times of the oldest and the newest row.
    pub(in super::super) from_ms: i64,
    pub(in super::super) to_ms: i64,
    /// [`Runs`], as text.
    runs: String,
    /// Where each row group is.
    pub(in super::super) groups: Vec<Extent>,
    /// Times at which series were started anew: `(time, series as runs of one row each)`.
    #[serde(default)]
    restarts: Vec<(i64, String)>,
}

impl Head {
    pub(in super::super) fn new(
        span: (i64, i64),
        runs: &Runs,
        groups: Vec<Extent>,
        restarts: &HashMap<SeriesId, Vec<i64>>,
    ) -> Self {
        let restarts = written(restarts);
        Self { version: VERSION, from_ms: span.0, to_ms: span.1, runs: runs.written(), groups, restarts }
    }

    /// Rows per series; `None` where the text is something else.
    pub(in super::super) fn runs(&self) -> Option<Runs> {
        Runs::read(&self.runs)
    }

    /// The times at which each series was started anew, in order.
    pub(in super::super) fn restarts(&self) -> HashMap<SeriesId, Vec<i64>> {
        let mut restarts: HashMap<SeriesId, Vec<i64>> = HashMap::new();
        for (t_ms, ids) in &self.restarts {
            for (id, ..) in Runs::read(ids).unwrap_or_default().iter() {
                restarts.entry(id).or_default().push(*t_ms);
            }
        }
        restarts
    }
}

/// By time, then by series: a reboot restarts all of them at once, and is one entry.
fn written(restarts: &HashMap<SeriesId, Vec<i64>>) -> Vec<(i64, String)> {
    let mut pairs: Vec<(i64, SeriesId)> =
        restarts.iter().flat_map(|(&id, times)| times.iter().map(move |&t_ms| (t_ms, id))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
        .chunk_by(|a, b| a.0 == b.0)
        .map(|chunk| {
            let mut ids = Runs::default();
            for &(_, id) in chunk {
                ids.push(id, 1);
            }
            (chunk[0].0, ids.written())
        })
        .collect()
}
