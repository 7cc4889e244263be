//! What is written down about restarts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fold::Snapshot;
use crate::restart::cause::Cause;
use crate::restart::history::{GaveBack, OperatorHold, Past};
use crate::restart::hold::Hold;
use crate::restart::plan::Plan;

/// One thing that was decided, is about to be done, or was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Entry {
    /// The state at the start of a file, so that older ones can be dropped.
    Snapshot {
        /// All that was folded so far.
        state: Box<Snapshot>,
    },
    /// A restart is proposed; nothing is done yet.
    Planned {
        /// The restart.
        plan: Box<Plan>,
    },
    /// A restart is not made.
    Skipped {
        /// The node that was meant.
        target: String,
        /// Why it was asked for.
        cause: Cause,
        /// Why it is not made.
        hold: Hold,
        /// What would have been done, where that was laid out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Box<Plan>>,
    },
    /// A person agrees to a planned restart.
    Approved {
        /// The plan's id.
        plan: String,
        /// Who.
        who: String,
    },
    /// A person refuses a planned restart, or it has been overtaken.
    Declined {
        /// The plan's id.
        plan: String,
        /// Who.
        who: String,
        /// Why.
        reason: String,
    },
    /// A restart begins. From here on it is open until it is finished.
    Began {
        /// The restart.
        plan: Box<Plan>,
        /// Why it is made although its budget is spent, where a person said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forced: Option<String>,
        /// What will restart, by node or `unit NAME` for what systemd restarts along, with the identity before.
        before: BTreeMap<String, Option<String>>,
    },
    /// A step is about to be made.
    Intent {
        /// The plan's id.
        plan: String,
        /// Its place in the plan.
        step: usize,
        /// Identity of the node before it; none where it does not run or has none.
        identity: Option<String>,
    },
    /// Something that a step needs beside itself: a thawed unit, a start limit that was reset.
    Aside {
        /// The plan's id.
        plan: String,
        /// The step's place in the plan.
        step: usize,
        /// What is done, in one sentence.
        note: String,
    },
    /// A step has been made, or has failed.
    Done {
        /// The plan's id.
        plan: String,
        /// Its place in the plan.
        step: usize,
        /// How it ended.
        ending: Ending,
        /// What was seen, in one sentence, with what a command wrote.
        note: String,
        /// Identity of the node after it.
        identity: Option<String>,
    },
    /// What restarted is not what was shown before.
    Differs {
        /// The plan's id.
        plan: String,
        /// Shown, and not restarted.
        missing: Vec<String>,
        /// Restarted, and not shown.
        extra: Vec<String>,
    },
    /// A restart is over.
    Finished {
        /// The restart.
        past: Past,
        /// How it ended, in one sentence.
        note: String,
    },
    /// What a restart gave back, once that can be seen.
    Measured {
        /// The plan's id.
        plan: String,
        /// By series.
        gave_back: Vec<GaveBack>,
    },
    /// Nothing more is tried; a person is asked.
    GaveUp {
        /// The node.
        node: String,
        /// Why.
        why: String,
    },
    /// A person says: hands off.
    HoldPlaced {
        /// The hold.
        hold: OperatorHold,
    },
    /// A person takes a hold back, or has looked at a node that was given up.
    HoldLifted {
        /// The node.
        node: String,
        /// Who.
        who: String,
    },
    /// An executor found a restart that another one had left open.
    Resumed {
        /// The plan's id.
        plan: String,
        /// What it found, in one sentence.
        found: String,
    },
    /// A line that was cut short by a crash has been taken away: what it said was never acted on.
    Cut {
        /// Its bytes.
        bytes: u64,
    },
    /// A person accepts files that are not as they were written.
    Accepted {
        /// Who.
        who: String,
        /// The files, as they are now.
        files: Vec<Repaired>,
    },
}

impl Entry {
    /// The plan that it belongs to.
    #[must_use]
    pub fn plan(&self) -> Option<&str> {
        match self {
            Self::Planned { plan } | Self::Began { plan, .. } => Some(&plan.id),
            Self::Approved { plan, .. }
            | Self::Declined { plan, .. }
            | Self::Intent { plan, .. }
            | Self::Aside { plan, .. }
            | Self::Done { plan, .. }
            | Self::Differs { plan, .. }
            | Self::Measured { plan, .. }
            | Self::Resumed { plan, .. } => Some(plan),
            Self::Finished { past, .. } => Some(&past.plan),
            _ => None,
        }
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// As it should.
    Made,
    /// It was not needed: there is nothing of that kind to do, or it had been done.
    Needless,
    /// It failed.
    Failed,
    /// Something of the node is still there: nothing may be started.
    NotStopped,
    /// Nobody can tell whether it was made.
    Unknown,
}

/// A file that is not as it was written, and that a person accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// Its number.
    pub file: u64,
    /// Its SHA-256 at that moment: any further change is found.
    pub sha256: String,
    /// What was wrong with it.
    pub fault: String,
}
