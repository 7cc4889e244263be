//! What is said about one resource: the row that every output shows, and the picture behind it.

use std::fmt;

use chrono::{DateTime, Utc};
use hebe_models::Relief;
use serde::{Deserialize, Serialize};

use crate::diagnose::Diagnosis;

/// The state of one resource in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// At its limit, and not below it since.
    Exhausted,
    /// Runs out within a quarter of the lead time.
    Critical,
    /// Runs out within the lead time.
    Warning,
    /// Runs out within the horizon, later than the lead time.
    Watch,
    /// Heads for the limit, but has not done so for long enough to be told from a surge.
    SurgeHeld,
    /// Heads for the limit in a window that does not span the cycle it follows.
    Seasonal,
    /// Was started anew a short while ago; what was learnt before does not count.
    Reset,
    /// Too few samples for a forecast.
    Collecting,
    /// Grows, and meets the limit later than the horizon.
    BeyondHorizon,
    /// Grows without heading for a known limit.
    Ok,
    /// Does not grow.
    Steady,
    /// Has no recent sample.
    Stale,
    /// Cannot be judged.
    Error,
}

impl Status {
    /// Whether someone should be told.
    #[must_use]
    pub fn is_alarm(self) -> bool {
        matches!(self, Self::Exhausted | Self::Critical | Self::Warning | Self::Watch)
    }

    /// The word that stands in tables and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exhausted => "EXHAUSTED",
            Self::Critical => "CRITICAL",
            Self::Warning => "WARNING",
            Self::Watch => "WATCH",
            Self::SurgeHeld => "SURGE_HELD",
            Self::Seasonal => "SEASONAL",
            Self::Reset => "RESET",
            Self::Collecting => "COLLECTING",
            Self::BeyondHorizon => "BEYOND_HORIZON",
            Self::Ok => "OK",
            Self::Steady => "STEADY",
            Self::Stale => "STALE",
            Self::Error => "ERROR",
        }
    }

    /// Worst first.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Exhausted => 0,
            Self::Critical => 1,
            Self::Warning => 2,
            Self::Watch => 3,
            Self::SurgeHeld => 4,
            Self::Seasonal => 5,
            Self::Reset | Self::Collecting | Self::BeyondHorizon | Self::Ok => 6,
            Self::Steady => 7,
            Self::Stale => 8,
            Self::Error => 9,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.word().replace('_', " "))
    }
}

/// How far a forecast can be trusted, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The 90 % range is narrower than half the time left.
    High,
    /// The 90 % range is narrower than twice the time left.
    Medium,
    /// There is a date, with a wide range or an open end.
    Low,
    /// There is no date.
    None,
}

/// Who uses a resource up.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Culprit {
    /// Name of the group (its program), process or tag.
    pub name: String,
    /// `process`, `group`, `tag` or `unattributed`.
    pub kind: String,
    /// Used now, in the row's unit.
    pub used: f64,
    /// Share of what is used, 0 to 1.
    pub used_share: f64,
    /// Growth, in the row's unit; 0 where there is no sure trend.
    pub growth_per_day: f64,
    /// Share of the growth, 0 to 1.
    pub growth_share: f64,
    /// Unit or container of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Lower end of the 90 % interval of the growth; none without a sure trend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth_low: Option<f64>,
    /// Upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth_high: Option<f64>,
    /// Processes of the group now, where they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<f64>,
    /// How fast their number grows; 0 where there is no sure trend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_per_day: Option<f64>,
    /// Why the group grows: `each grows` (a leak), `more processes`, or both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What else its shape tells: `given back 3 times`, `restarted once`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<String>,
    /// When its present growth began, where that is within the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

impl Culprit {
    /// The name that live series and the restart map know it by: `unit/program`.
    #[must_use]
    pub fn full_name(&self) -> String {
        match &self.unit {
            Some(unit) => format!("{unit}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Who takes the largest share of the growth, where somebody is known to take any.
#[must_use]
pub fn first_culprit(culprits: &[Culprit]) -> Option<&Culprit> {
    let known =
        culprits.iter().filter(|culprit| culprit.kind != "unattributed" && 0.0 < culprit.growth_share);
    known.reduce(|first, other| if first.growth_share < other.growth_share { other } else { first })
}

/// One resource in one line: the row of tables, JSON, alerts and metrics. Its serialised form is a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Full name of the series.
    pub series: String,
    /// Catalogue name, or the column's.
    pub resource: String,
    /// Mount, unit, process or column.
    pub scope: String,
    /// The machine, where it is known.
    pub host: String,
    /// The state in one word.
    pub status: Status,
    /// The state in one sentence.
    pub sentence: String,
    /// Time of the last sample used.
    pub at: Option<DateTime<Utc>>,
    /// Seconds to exhaustion: the middle of the forecast.
    pub left_s: Option<f64>,
    /// Lower end of the 90 % range of `left_s`.
    pub left_lo_s: Option<f64>,
    /// Upper end of the 90 % range; none where it may never happen.
    pub left_hi_s: Option<f64>,
    /// `at` + `left_s`.
    pub exhausts_at: Option<DateTime<Utc>>,
    /// `at` + `left_lo_s`.
    pub exhausts_lo: Option<DateTime<Utc>>,
    /// `at` + `left_hi_s`.
    pub exhausts_hi: Option<DateTime<Utc>>,
    /// Probability of exhaustion within the horizon.
    pub probability: Option<f64>,
    /// How far ahead this row looks, in seconds.
    pub horizon_s: Option<f64>,
    /// Used now, in `unit`.
    pub used: Option<f64>,
    /// The limit now, in `unit`.
    pub limit: Option<f64>,
    /// `bytes`, `count`, `percent`, `seconds`, or empty.
    pub unit: String,
    /// Who enforces the limit.
    pub limit_owner: Option<String>,
    /// Growth in `unit` a day.
    pub growth_per_day: Option<f64>,
    /// Start of the present growth.
    pub since: Option<DateTime<Utc>>,
    /// What happened then.
    pub since_event: Option<String>,
    /// The curve that was extrapolated.
    pub curve: Option<String>,
    /// `default` or `classic`.
    pub method: String,
    /// Why we believe it, in a few words.
    pub evidence: String,
    /// How far the forecast can be trusted.
    pub confidence: Confidence,
    /// Rises that passed without anyone being told.
    pub surges_held: usize,
    /// Samples used.
    pub samples: usize,
    /// Samples rejected.
    pub rejected: u64,
    /// Stretches between restarts and large drops.
    pub epochs: usize,
    /// Who uses it up.
    pub culprits: Vec<Culprit>,
    /// Why `culprits` is empty.
    pub culprit_note: Option<String>,
    /// What to do about it.
    pub action: Option<String>,
}

impl Row {
    /// A row of which nothing is known but what it is about.
    #[must_use]
    pub fn bare(resource: &str, scope: &str, host: &str, status: Status) -> Self {
        Self {
            series: String::new(),
            resource: resource.to_owned(),
            scope: scope.to_owned(),
            host: host.to_owned(),
            status,
            sentence: String::new(),
            at: None,
            left_s: None,
            left_lo_s: None,
            left_hi_s: None,
            exhausts_at: None,
            exhausts_lo: None,
            exhausts_hi: None,
            probability: None,
            horizon_s: None,
            used: None,
            limit: None,
            unit: String::new(),
            limit_owner: None,
            growth_per_day: None,
            since: None,
            since_event: None,
            curve: None,
            method: String::new(),
            evidence: String::new(),
            confidence: Confidence::None,
            surges_held: 0,
            samples: 0,
            rejected: 0,
            epochs: 0,
            culprits: Vec::new(),
            culprit_note: None,
            action: None,
        }
    }

    /// The row of a node of the restart map that was restarted in vain: a person is asked.
    #[must_use]
    pub fn given_up(node: &str, at: DateTime<Utc>, host: &str) -> Self {
        Self {
            series: format!("restart {node}"),
            sentence: format!(
                "{node} was restarted in vain; nothing more is tried until a person has looked"
            ),
            at: Some(at),
            action: Some(format!("look at {node}, then: hebe hold lift {node}")),
            ..Self::bare("restart", node, host, Status::Critical)
        }
    }
}

/// A rise that headed for the limit and passed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surge {
    /// When the limit was first predicted to be met.
    pub from: DateTime<Utc>,
    /// When it was no longer.
    pub to: DateTime<Utc>,
    /// The highest value in between.
    pub peak: f64,
    /// Why nothing was said.
    pub reason: String,
}

/// One curve that was tried on the newest window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateRow {
    /// `linear`, `log_2`, …
    pub curve: String,
    /// The selection score; the lowest wins.
    pub score: f64,
    /// Residual standard deviation in the row's unit.
    pub residual_sd: f64,
    /// Seconds from the last sample until the curve meets the limit.
    pub left_s: Option<f64>,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// What may be wrong with the samples themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Quality {
    /// Median time between samples, in seconds.
    pub period_s: f64,
    /// Stretches without a sample longer than three periods, as `(from, to)`.
    pub gaps: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// Known restarts.
    pub restarts: Vec<DateTime<Utc>>,
    /// Samples rejected.
    pub rejected: u64,
    /// How many samples one value stands for, where the history was thinned.
    pub block: u32,
    /// The file or URL.
    pub source: String,
    /// Columns that tell the same resource and were folded into this one.
    pub also: Vec<String>,
}

/// All that a chart of a finding draws. Times are milliseconds since 1970 UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Picture {
    /// Samples as recorded, thinned to what a screen can show (minimum and maximum kept).
    pub raw: Vec<(i64, f64)>,
    /// The block medians that the curve was fitted to.
    pub accepted: Vec<(i64, f64)>,
    /// Surges, `(from, to)`.
    pub surges: Vec<(i64, i64)>,
    /// Starts of epochs.
    pub epochs: Vec<i64>,
    /// The chosen curve over the window and on to the limit or the horizon.
    pub curve: Vec<(i64, f64)>,
    /// The 90 % band about the curve beyond the last sample: `(t, low, high)`.
    pub band: Vec<(i64, f64, f64)>,
    /// The limit, where it changes.
    pub limit: Vec<(i64, f64)>,
    /// What was said to have happened, oldest first.
    pub marks: Vec<(i64, String)>,
    /// Time of the last sample used.
    pub now: i64,
    /// Exhaustion: `(low, middle, high)`; high is none where it may never happen.
    pub exhaustion: Option<(i64, i64, Option<i64>)>,
}

/// All that is known about one resource.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The line.
    pub row: Row,
    /// Surges held, oldest first.
    pub surges: Vec<Surge>,
    /// Curves tried, best first.
    pub candidates: Vec<CandidateRow>,
    /// Why we believe it: one sentence each.
    pub why: Vec<String>,
    /// What would change our mind: one sentence each.
    pub unless: Vec<String>,
    /// What may be wrong with the samples.
    pub quality: Quality,
    /// Starts of epochs, in milliseconds since 1970 UTC, with the reason.
    pub epochs: Vec<(i64, String)>,
    /// Who uses it up, and how that was found out.
    pub diagnosis: Option<Diagnosis>,
    /// What earlier restarts gave back, at times in seconds since 1970 UTC.
    pub relief: Option<Relief>,
}

impl Finding {
    /// A finding of which nothing is known but its row and what it was made of.
    #[must_use]
    pub fn bare(row: Row, quality: Quality) -> Self {
        Self {
            row,
            surges: Vec::new(),
            candidates: Vec::new(),
            why: Vec::new(),
            unless: Vec::new(),
            quality,
            epochs: Vec::new(),
            diagnosis: None,
            relief: None,
        }
    }
}

/// All findings of one run, ranked, with what the reader should know about the run.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Worst first.
    pub findings: Vec<Finding>,
    /// What was read: `(source, samples accepted, rejected)`.
    pub sources: Vec<(String, u64, u64)>,
    /// What was assumed, left out or rejected while reading, `(source, sentence)`.
    pub notes: Vec<(String, String)>,
    /// How the horizon was chosen, in one sentence.
    pub horizon_note: String,
    /// `default` or `classic`.
    pub method: String,
    /// The command that makes these findings again.
    pub command: String,
    /// Version of Hebe.
    pub version: String,
    /// When the findings were made.
    pub made_at: DateTime<Utc>,
}
