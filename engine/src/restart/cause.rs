//! Why a restart is asked for.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Why a restart is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Cause {
    /// A node failed: three witnesses agree, or it ended.
    Failure {
        /// What was seen, in one sentence.
        seen: String,
    },
    /// A resource is forecast to run out, and this node uses it up.
    Forecast {
        /// The series.
        series: String,
        /// Earliest, likeliest and latest time of exhaustion (latest: none where it may never happen).
        lo: DateTime<Utc>,
        /// The middle.
        mid: DateTime<Utc>,
        /// The late end.
        hi: Option<DateTime<Utc>>,
        /// Share of the growth that is this node's, 0 to 1; none where it is not known.
        share: Option<f64>,
    },
    /// The calendar places the node here.
    Timed {
        /// Name of the entry in the calendar.
        entry: String,
    },
    /// A person asks for it.
    Hand {
        /// Who.
        who: String,
    },
}

impl Cause {
    /// Whether it was meant to happen: hooks run, the schedule is kept, budgets of failures are not touched.
    #[must_use]
    pub fn is_planned(&self) -> bool {
        !matches!(self, Self::Failure { .. })
    }
}
