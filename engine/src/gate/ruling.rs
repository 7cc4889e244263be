//! What a gate says of one series: the row of every format.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Verdict;

/// The verdict on one series, and the numbers behind it.
///
/// Growth is towards exhaustion: of a resource that falls to its limit it is what it loses. Numbers that are not
/// known are null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ruling {
    /// Full name; of what could not be read, the file.
    pub series: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict in one sentence.
    pub sentence: String,
    /// The file or URL.
    pub source: String,
    /// What growth is counted in.
    pub unit: String,
    /// Growth an hour; of a comparison, how much more it is than the baseline's.
    pub growth_per_h: Option<f64>,
    /// Lower end of its interval.
    pub growth_lo_per_h: Option<f64>,
    /// Upper end of its interval.
    pub growth_hi_per_h: Option<f64>,
    /// Confidence of the interval.
    pub confidence: f64,
    /// The smallest growth an hour that would have been a FAIL with a probability of 80 %.
    pub smallest_leak_per_h: Option<f64>,
    /// Growth an hour that is allowed.
    pub allow_per_h: Option<f64>,
    /// Growth an hour beyond it that must be ruled out.
    pub sensitivity_per_h: Option<f64>,
    /// Growth an hour of this run, where it is compared.
    pub run_growth_per_h: Option<f64>,
    /// Growth an hour of the baseline.
    pub baseline_growth_per_h: Option<f64>,
    /// Seconds of the run before the stretch that is judged.
    pub warm_up_s: Option<f64>,
    /// How the run came to that stretch.
    pub onset: Option<&'static str>,
    /// What it was judged by: `medians`, or the `troughs` of a sawtooth.
    pub judged_by: Option<&'static str>,
    /// Troughs judged.
    pub troughs: Option<usize>,
    /// Median seconds between them.
    pub tooth_period_s: Option<f64>,
    /// Median level of the stretch.
    pub level: Option<f64>,
    /// First sample.
    pub from: Option<DateTime<Utc>>,
    /// Last sample.
    pub to: Option<DateTime<Utc>>,
    /// Seconds from the first sample to the last.
    pub span_s: Option<f64>,
    /// Seconds that are judged.
    pub judged_s: Option<f64>,
    /// Samples of the run.
    pub samples: usize,
    /// About how long a run must be to pass, in seconds, where this one was not clear.
    pub run_for_s: Option<f64>,
}

impl Ruling {
    /// Of what could not be judged.
    #[must_use]
    pub fn unknown(series: &str, source: &str, why: &str) -> Self {
        Self {
            series: series.to_owned(),
            source: source.to_owned(),
            verdict: Verdict::Unknown,
            sentence: why.to_owned(),
            ..Self::default()
        }
    }
}
