//! Why an action is not taken.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an action is not taken: the code in events, in the journal and on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No node of the map is meant.
    NotInMap,
    /// `mode = "observe"`.
    ObserveMode,
    /// `mode = "plan"`, and nobody has approved it.
    NotApproved,
    /// A day or an hour in which nothing is restarted on purpose.
    Blackout,
    /// The window opens after the risk has become too high: a person is told instead.
    WindowTooLate,
    /// As many restarts as the budget allows have been made.
    BudgetSpent,
    /// Another restart is under way.
    LockHeld,
    /// Something that the node needs is not well.
    DependencyUnhealthy,
    /// The last instance that is well would go, or no other node can take over.
    LastInstance,
    /// The command of the map that says when all is calm says that it is not.
    AlertsFiring,
    /// It was started too short a time ago.
    MinUptime,
    /// The forecast is too uncertain.
    LowConfidence,
    /// The rise must first persist.
    SurgePending,
    /// A person has said: hands off.
    OperatorHold,
    /// Earlier restarts gave nothing back, or ever less.
    RestartWouldNotHelp,
    /// It does not run because the machine is short of processor, memory or disk time.
    StarvedNotHung,
    /// An administrator has stopped it, or it does not run.
    NotRunning,
}

impl Code {
    /// The code as written everywhere.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotInMap => "not_in_map",
            Self::ObserveMode => "observe_mode",
            Self::NotApproved => "not_approved",
            Self::Blackout => "blackout",
            Self::WindowTooLate => "window_too_late",
            Self::BudgetSpent => "budget_spent",
            Self::LockHeld => "lock_held",
            Self::DependencyUnhealthy => "dependency_unhealthy",
            Self::LastInstance => "last_instance",
            Self::AlertsFiring => "alerts_firing",
            Self::MinUptime => "min_uptime",
            Self::LowConfidence => "low_confidence",
            Self::SurgePending => "surge_pending",
            Self::OperatorHold => "operator_hold",
            Self::RestartWouldNotHelp => "restart_would_not_help",
            Self::StarvedNotHung => "starved_not_hung",
            Self::NotRunning => "not_running",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// An action that is not taken: the code, and a sentence with the numbers that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The code.
    pub code: Code,
    /// Why, in one sentence.
    pub sentence: String,
}

impl Hold {
    /// A hold.
    #[must_use]
    pub fn new(code: Code, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into() }
    }
}
