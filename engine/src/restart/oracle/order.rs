//! Microrejuvenation: below the alarm level, what gave back most last time is restarted first, until enough is free
//! (Candea et al., "Microreboot: a technique for cheap recovery", OSDI 2004).

use super::super::history::History;
use super::super::learn::learnt;
use super::super::map::{Map, NodeId};
use chrono::{DateTime, Utc};

/// A restart that should give some of a resource back.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejuvenation {
    /// The node.
    pub node: NodeId,
    /// What it gave back last time; none where it was never restarted.
    pub expected: Option<f64>,
}

/// The restarts that should give back `wanted` of a series, the one that gave back most last time first; no more of
/// them than are needed. Nodes that were never restarted come last, in the order in which they are given: nobody knows,
/// so all of them are on the list until one is known to be enough.
#[must_use]
pub fn rejuvenations(
    map: &Map,
    history: &History,
    candidates: &[NodeId],
    series: &str,
    wanted: f64,
    now: DateTime<Utc>,
) -> Vec<Rejuvenation> {
    let expected = |id: NodeId| {
        let back = learnt(history, &map.node(id).name, 0.0, now).gave_back.remove(series);
        Rejuvenation { node: id, expected: back.map(|back| back.last) }
    };
    let (mut known, unknown): (Vec<_>, Vec<_>) =
        candidates.iter().map(|&id| expected(id)).partition(|one| one.expected.is_some());
    // What gave nothing back is not restarted again for it.
    known.retain(|one| one.expected.is_some_and(|back| 0.0 < back));
    known.sort_by(|a, b| b.expected.unwrap_or(0.0).total_cmp(&a.expected.unwrap_or(0.0)));
    let mut left = wanted;
    let mut chosen = Vec::new();
    for one in known.into_iter().chain(unknown) {
        if left <= 0.0 {
            break;
        }
        left -= one.expected.unwrap_or(0.0);
        chosen.push(one);
    }
    chosen
}
