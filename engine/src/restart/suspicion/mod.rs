//! From a doubt to a failure, or back: heartbeats stop, a ping, one more end-to-end test. Three witnesses who do not
//! know of each other must agree before anybody acts: a sign of life that is missing, the operating system, and a test
//! from outside. Only an end is known at once. Starved is not hung.

mod case;
mod step;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use case::{Case, Seen, Terms};
pub use step::Ask;

/// How much a node is doubted. Times are since whatever the caller counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing speaks against it.
    Well,
    /// Something does; nobody is asked before `next`.
    Suspected {
        /// When it may be asked.
        next: Duration,
    },
    /// It was asked for a sign of life, and has until then.
    Pinging {
        /// When its time is over.
        until: Duration,
    },
    /// It is tested from outside.
    Testing {
        /// Since when.
        since: Duration,
        /// Tests that have failed since.
        failed: u32,
    },
    /// It does not answer, and neither would others: the machine is short of something.
    Starved,
    /// The witnesses agree.
    Failed,
}

/// A state without its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// See [`State::Well`].
    Well,
    /// See [`State::Suspected`].
    Suspected,
    /// See [`State::Pinging`].
    Pinging,
    /// See [`State::Testing`].
    Testing,
    /// See [`State::Starved`].
    Starved,
    /// See [`State::Failed`].
    Failed,
}

impl State {
    /// The state without its times.
    #[must_use]
    pub fn word(self) -> Word {
        match self {
            Self::Well => Word::Well,
            Self::Suspected { .. } => Word::Suspected,
            Self::Pinging { .. } => Word::Pinging,
            Self::Testing { .. } => Word::Testing,
            Self::Starved => Word::Starved,
            Self::Failed => Word::Failed,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Well => "well",
            Self::Suspected => "suspected",
            Self::Pinging => "pinging",
            Self::Testing => "testing",
            Self::Starved => "starved",
            Self::Failed => "failed",
        })
    }
}

/// Somebody who speaks against a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "witness", rename_all = "snake_case")]
pub enum Witness {
    /// No heartbeat came.
    Heartbeat {
        /// Seconds since the last sign of life; none if there never was one.
        silent_s: Option<f64>,
    },
    /// A ping was not answered.
    Ping {
        /// Seconds that were waited.
        waited_s: f64,
    },
    /// The operating system.
    System {
        /// What it says.
        says: String,
    },
    /// An end-to-end test.
    Test {
        /// Why it failed.
        why: String,
    },
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heartbeat { silent_s: Some(silent_s) } => write!(f, "no sign of life for {silent_s:.2} s"),
            Self::Heartbeat { silent_s: None } => f.write_str("never a sign of life"),
            Self::Ping { waited_s } => write!(f, "a ping was not answered within {waited_s:.2} s"),
            Self::System { says } => f.write_str(says),
            Self::Test { why } => write!(f, "test failed: {why}"),
        }
    }
}
