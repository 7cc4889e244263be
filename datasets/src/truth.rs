//! What is known about a recorded run: one entry of `recordings/truth.json`.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// What a recorded run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Leaks until the kernel refuses.
    Exhaustion,
    /// Rises that pass.
    Surge,
    /// Fills and is cleaned, again and again.
    Sawtooth,
}

/// The truth of a recorded run, written by the recorder.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Name of the file in `recordings/`.
    pub file: String,
    /// What the run does.
    pub kind: Kind,
    /// The resource, in words.
    pub resource: String,
    /// Column of what is used.
    pub column: String,
    /// Column of the limit.
    pub limit_column: String,
    /// Unit of both columns.
    pub unit: String,
    /// The limit, constant over the run.
    pub limit: f64,
    /// When consumption began, its base level already held.
    pub started: DateTime<Utc>,
    /// When the kernel first refused, by the clock of the samples; `None` if it never did.
    pub first_failure: Option<DateTime<Utc>>,
    /// What it answered, such as `EMFILE`.
    pub errno: Option<String>,
    /// Number of samples in the file.
    pub samples: usize,
    /// Nominal time from sample to sample, seconds.
    pub period_s: f64,
    /// Median of how far the time from sample to sample was off the period, milliseconds.
    pub jitter_ms_median: f64,
    /// The worst of it, milliseconds.
    pub jitter_ms_max: f64,
    /// Name and release of the kernel that refused.
    pub kernel: String,
    /// Seed of the consumer.
    pub seed: u64,
}
