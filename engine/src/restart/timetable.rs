//! When a restart may begin: what the oracle asks, and the calendar answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// When a resource runs out: a forecast's middle, and its range of 90 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// One time in twenty it is earlier. A restart must have begun by then.
    pub lo: DateTime<Utc>,
    /// As likely before as after.
    pub mid: DateTime<Utc>,
    /// One time in twenty it is later; none where it may never happen.
    pub hi: Option<DateTime<Utc>>,
}

/// When a restart that is meant to happen is best begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "opening", rename_all = "snake_case")]
pub enum Opening {
    /// At once.
    Now {
        /// Why, in one sentence.
        why: String,
    },
    /// Then.
    At {
        /// When.
        at: DateTime<Utc>,
        /// Why then, in one sentence.
        why: String,
    },
    /// The first window opens when the risk is too high already: tell a person instead of waiting.
    TooLate {
        /// When it opens.
        opens: DateTime<Utc>,
        /// Why not before, in one sentence.
        why: String,
    },
    /// It never opens.
    Never {
        /// Why, in one sentence.
        why: String,
    },
}

/// When nodes may be restarted on purpose. A restart of several nodes may begin when all of them may.
pub trait Timetable {
    /// Why a restart of `nodes` may not begin at `at`, in one sentence; none where it may.
    fn closed(&self, nodes: &[String], at: DateTime<Utc>) -> Option<String>;

    /// When a restart of `nodes` is best begun, `now` at the earliest: where it costs least before the risk is too high,
    /// or at the next opening where there is no risk.
    fn opening(&self, nodes: &[String], now: DateTime<Utc>, risk: Option<&Risk>) -> Opening;
}

/// Always open: no calendar.
#[derive(Clone, Copy, Debug, Default)]
pub struct Always;

impl Timetable for Always {
    fn closed(&self, _nodes: &[String], _at: DateTime<Utc>) -> Option<String> {
        None
    }

    fn opening(&self, _nodes: &[String], _now: DateTime<Utc>, _risk: Option<&Risk>) -> Opening {
        Opening::Now { why: "no schedule says otherwise".to_owned() }
    }
}
