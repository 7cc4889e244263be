//! What the oracle answers, and what it is asked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cause::Cause;
use super::hold::Hold;
use super::plan::Plan;

/// Something that may call for a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The node that is meant, by name.
    pub node: String,
    /// Why.
    pub cause: Cause,
    /// When it was seen: what was seen before a restart is not an answer to it.
    pub seen: DateTime<Utc>,
}

/// What is done about an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// This restart; at [`Plan::at`] if that is set.
    Restart(Plan),
    /// Nothing, for this reason.
    Hold {
        /// Why.
        hold: Hold,
        /// What would have been done, where that is known: shown in `observe`, approved in `plan`.
        #[serde(skip_serializing_if = "Option::is_none")]
        plan: Option<Plan>,
    },
    /// Nothing more: a person must look.
    GiveUp {
        /// The node that failed.
        node: String,
        /// What was tried, in one sentence.
        sentence: String,
    },
}
