//! How the machine stands at the moment of a decision, as those who can look say.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What Hebe may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing; it says what it would do.
    #[default]
    Observe,
    /// What a person has approved.
    Plan,
    /// What the map, the budgets and the calendar allow.
    Act,
}

impl Mode {
    /// As the configuration says it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Plan => "plan",
            Self::Act => "act",
        }
    }
}

/// How a node stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeState {
    /// Whether it runs; none where nobody can tell.
    pub runs: Option<bool>,
    /// Whether it is well: its probes and heartbeats; none where nobody can tell.
    pub well: Option<bool>,
    /// Since when it runs.
    pub since: Option<DateTime<Utc>>,
    /// Its global identity: machine, boot, process and start, or the invocation of a unit.
    pub identity: Option<String>,
}

/// The machine at the moment of a decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// By name of the node; one that is absent is not known.
    pub nodes: BTreeMap<String, NodeState>,
    /// What Hebe may do.
    pub mode: Mode,
    /// Why everything is short of processor, memory or disk time, where it is.
    pub starved: Option<String>,
    /// Why this is no moment for what can wait: the map's `calm` did not end well.
    pub firing: Option<String>,
    /// Plans under way, by id.
    pub under_way: Vec<String>,
}
