//! `[restart]`: what the executor is told beside the map.

use std::path::{Path, PathBuf};

use hebe::restart::journal::Limits;
use hebe::restart::map::Map;
use hebe::restart::world::Mode;
use serde::Deserialize;

/// The section of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// `observe`, `plan` or `act`.
    pub(crate) mode: Mode,
    /// The restart map, where it is in none of the usual places; without one nothing is restarted.
    pub(crate) map: Option<PathBuf>,
    /// Bytes of the journal, all files together.
    #[serde(deserialize_with = "crate::config::bytes")]
    pub(crate) journal_limit: u64,
    /// A failure so many seconds after a restart is the same one, seen again; the oracle's own if none.
    #[serde(deserialize_with = "crate::config::optional_span")]
    pub(crate) recurrence: Option<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { mode: Mode::Observe, map: None, journal_limit: Limits::default().bytes, recurrence: None }
    }
}

impl Settings {
    /// How much the journal keeps: all that the budgets of the map count.
    pub(crate) fn limits(&self, map: &Map) -> Limits {
        let most = map.nodes.iter().map(|node| node.budget.intensity).max().unwrap_or_default();
        let least = Limits::default();
        Limits {
            bytes: self.journal_limit,
            restarts_of_a_node: least.restarts_of_a_node.max(most),
            restarts: least.restarts.max(map.budget.intensity),
        }
    }
}

/// The folder of the journal in the state folder of the configuration.
pub(crate) fn folder(state_dir: &Path) -> PathBuf {
    state_dir.join("restart/journal")
}
