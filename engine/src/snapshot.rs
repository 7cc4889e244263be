//! What the daemon knows at one moment, for everything that shows it: the page, the API, the metrics.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::event::Event;
use crate::finding::{Finding, Row};
use crate::silence::Silence;

/// The state of the daemon at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The moment.
    pub at: DateTime<Utc>,
    /// When the daemon started.
    pub started: DateTime<Utc>,
    /// The machine.
    pub host: String,
    /// One finding a series, worst first: the nearest horizon that alarms, else the longest that can be judged.
    pub findings: Vec<Arc<Finding>>,
    /// The same series over the other horizons: `(horizon in seconds, row)`; short ones are provisional.
    pub others: Vec<(f64, Row)>,
    /// Newest first, a few hundred at most.
    pub events: Vec<Arc<Event>>,
    /// What is read, and what could not be.
    pub sources: Vec<SourceState>,
    /// What the daemon itself uses.
    pub own: OwnUse,
    /// The store; none where it runs without.
    pub store: Option<StoreState>,
    /// Settings in force.
    pub settings: Vec<Setting>,
    /// Surges held since the start.
    pub surges_held: u64,
    /// Silences that are not over.
    pub silences: Vec<Silence>,
}

/// One source of samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceState {
    /// Its name.
    pub name: String,
    /// Whether all that it should give was read.
    pub success: bool,
    /// What was not read and why, one sentence each.
    pub failures: Vec<String>,
}

/// What the daemon itself uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct OwnUse {
    /// Share of one core over the last minute, 0 to 1 (more with several threads).
    pub cpu: f64,
    /// Resident memory in bytes.
    pub rss_bytes: u64,
    /// Open descriptors.
    pub fds: u64,
    /// How many it may have, where that is limited.
    pub most_fds: Option<f64>,
    /// Threads.
    pub threads: u64,
    /// Seconds between samples now.
    pub period_s: f64,
    /// Whether that was stretched because too much was used.
    pub stretched: bool,
}

/// The store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreState {
    /// Its folder.
    pub dir: String,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Bytes that it may use.
    pub size_limit: u64,
    /// Why it is not writing, where it is not.
    pub failing: Option<String>,
}

/// One setting in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its key in the configuration.
    pub key: String,
    /// Its value, as one would write it.
    pub value: String,
    /// Where it was set: `default`, a file with its line, `HEBE_…`, or an option of the command line.
    pub origin: String,
}
