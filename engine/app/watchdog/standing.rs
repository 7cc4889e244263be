//! How nodes stand, for the page and for decisions, and what is told of a change.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hebe::restart::heartbeat::{Process, Refusal, Status};
use hebe::restart::suspicion::{Witness, Word};
use hebe::restart::world::NodeState;

/// A change of a node's state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Suspicion {
    /// Name of the node.
    pub(crate) node: String,
    /// The state before.
    pub(crate) from: Word,
    /// The state now.
    pub(crate) to: Word,
    /// Who speaks against it.
    pub(crate) witnesses: Vec<Witness>,
    /// The same in words, with the numbers that decided.
    pub(crate) sentence: String,
    /// The process it is about, where it is known.
    pub(crate) process: Option<Process>,
    /// Whether that has ended.
    pub(crate) ended: bool,
    /// When.
    pub(crate) at: DateTime<Utc>,
}

/// How a node stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    /// Name of the node.
    pub(crate) node: String,
    /// How much it is doubted.
    pub(crate) word: Word,
    /// Why, with numbers.
    pub(crate) sentence: String,
    /// When it was last heard.
    pub(crate) heard: Option<DateTime<Utc>>,
    /// What it said then.
    pub(crate) status: Option<Status>,
    /// Whether it runs; none where nobody can tell.
    pub(crate) runs: Option<bool>,
    /// Whether it is well; none where nobody can tell.
    pub(crate) well: Option<bool>,
    /// Its process, where it is known.
    pub(crate) process: Option<Process>,
}

/// How all of them stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    /// In the order of the map.
    pub(crate) nodes: Vec<Standing>,
    /// Datagrams that were no sign of life, by reason.
    pub(crate) refused: BTreeMap<Refusal, u64>,
    /// Heartbeats that counted.
    pub(crate) admitted: u64,
    /// What the machine is short of, if it is.
    pub(crate) starved: Option<String>,
}

impl Standing {
    /// What a decision needs of it.
    pub(crate) fn for_world(&self) -> NodeState {
        let identity = self.process.map(|process| {
            let boot = u128::from_be_bytes(process.boot);
            format!("{boot:032x}/{}/{}", process.pid, process.start_ticks)
        });
        NodeState { runs: self.runs, well: self.well, since: None, identity }
    }
}
