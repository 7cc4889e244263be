//! What can be typed about histories: verbs, what to read, how to judge.

use std::path::PathBuf;

use chrono_tz::Tz;
use clap::{Args, ValueEnum};
use hebe::gate::Pace;
use hebe::settings::{Method, Risk};
use hebe_collectors::history::Unit;

use super::look::{Format, Look};
use super::value::{Until, confidence, limit, seconds, unit, until};
use crate::evidence::Asked;

/// `hebe analyze`.
#[derive(Debug, Args)]
pub(crate) struct Analyze {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) judging: Judging,
    #[command(flatten)]
    pub(crate) look: Look,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// `hebe explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The resource, its scope or its series: any part of the name
    pub(crate) resource: String,
    #[command(flatten)]
    pub(crate) evidence: Asked,
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) judging: Judging,
    #[command(flatten)]
    pub(crate) look: Look,
    /// How to print the finding
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// `hebe gate`.
#[derive(Debug, Args)]
pub(crate) struct Gate {
    #[command(flatten)]
    pub(crate) input: Input,
    /// A run to compare with: the difference in growth is judged
    #[arg(long, value_name = "PATH or URL", help_heading = "How to judge")]
    pub(crate) baseline: Option<String>,
    /// Growth that is fine, such as 1MiB/h, 5/day or 0.1%/h (of the level) [default: 1%/day]
    #[arg(long, value_name = "GROWTH", help_heading = "How to judge")]
    pub(crate) allow: Option<Pace>,
    /// Growth beyond it that a run must be able to rule out to pass [default: 10%/day]
    #[arg(long, value_name = "GROWTH", help_heading = "How to judge")]
    pub(crate) sensitivity: Option<Pace>,
    /// Confidence of the interval, such as 0.95 or 95%
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence, help_heading = "How to judge")]
    pub(crate) confidence: f64,
    /// Least time after the warm-up that is judged
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = seconds, help_heading = "How to judge")]
    pub(crate) min_run: f64,
    #[command(flatten)]
    pub(crate) look: Look,
    /// How to print the verdict
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: GateFormat,
}

pub(super) const GATE: &str = "\
Exit codes: 0 PASS, 1 INCONCLUSIVE (the run cannot tell), 2 FAIL (it grows), 3 UNKNOWN (nothing to judge, or a wrong
command line). Of several series the worst counts: FAIL, then UNKNOWN, INCONCLUSIVE, PASS.";

/// How a verdict is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GateFormat {
    /// For people.
    #[default]
    Table,
    /// The rulings as one array.
    Json,
    /// For build servers.
    Junit,
    /// For a pull request.
    Markdown,
    /// For pollers: status and performance data.
    Nagios,
}

/// `hebe report`.
#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) input: Input,
    /// The file to write; its extension (.html, .md, .json, .csv) chooses the format
    #[arg(short, long, default_value = "report.html")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) judging: Judging,
    #[command(flatten)]
    pub(crate) look: Look,
}

/// `hebe backtest`.
#[derive(Debug, Args)]
pub(crate) struct Backtest {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// How to print the comparison
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Speak the replay protocol of benches: --input, --meta, --evals and --output name its tables
    #[arg(long, requires_all = ["input_table", "meta", "evals", "output"], conflicts_with = "paths", help_heading = "Protocol")]
    pub(crate) protocol: bool,
    /// series,t,value,limit
    #[arg(long = "input", value_name = "FILE", requires = "protocol", help_heading = "Protocol")]
    pub(crate) input_table: Option<PathBuf>,
    /// `series,step_s,window_s,horizon_s`
    #[arg(long, value_name = "FILE", requires = "protocol", help_heading = "Protocol")]
    pub(crate) meta: Option<PathBuf>,
    /// series,t
    #[arg(long, value_name = "FILE", requires = "protocol", help_heading = "Protocol")]
    pub(crate) evals: Option<PathBuf>,
    /// Where the answers go, a JSON object a line
    #[arg(long, value_name = "FILE", requires = "protocol", help_heading = "Protocol")]
    pub(crate) output: Option<PathBuf>,
}

/// What to read, and what the user knows about it.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Files, folders or URLs of histories; those found on this host if none is given
    #[arg(value_name = "PATH or URL")]
    pub(crate) paths: Vec<String>,
    /// The column that holds the times
    #[arg(long, value_name = "COLUMN", help_heading = "What the history means")]
    pub(crate) time_column: Option<String>,
    /// Zone of times without offset, and of the dates shown (IANA name, such as Europe/Berlin)
    #[arg(long, env = "HEBE_ZONE", help_heading = "What the history means")]
    pub(crate) zone: Option<Tz>,
    /// The columns of a long table that name a series; rows of one time and one series add up
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', help_heading = "What the history means")]
    pub(crate) series: Vec<String>,
    /// The columns to read as values; all numeric ones if none is given
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', help_heading = "What the history means")]
    pub(crate) value: Vec<String>,
    /// Where a series runs out, such as usage=3GiB; * stands for any characters
    #[arg(long, value_name = "NAME=VALUE", value_parser = limit, help_heading = "What the history means")]
    pub(crate) limit: Vec<(String, f64, Unit)>,
    /// The column that holds the limit
    #[arg(long, value_name = "COLUMN", help_heading = "What the history means")]
    pub(crate) limit_column: Option<String>,
    /// What a series counts, such as usage=kB
    #[arg(long, value_name = "NAME=UNIT", value_parser = unit, help_heading = "What the history means")]
    pub(crate) unit: Vec<(String, f64, Unit)>,
    /// How far back to ask a URL
    #[arg(long, value_name = "DURATION", default_value = "15d", value_parser = seconds, help_heading = "What the history means")]
    pub(crate) last: f64,
}

/// How to judge.
#[derive(Debug, Args)]
pub(crate) struct Judging {
    /// How far ahead to look, such as 30d or 6h; the longest the history allows if not given
    #[arg(long, value_name = "DURATION", value_parser = seconds, help_heading = "How to judge")]
    pub(crate) horizon: Option<f64>,
    /// How long you need to react, such as 2d; a tenth of the horizon if not given
    #[arg(long, value_name = "DURATION", value_parser = seconds, help_heading = "How to judge")]
    pub(crate) lead_time: Option<f64>,
    /// Which end of the range is judged: cautious, balanced or bold
    #[arg(long, default_value = "balanced", help_heading = "How to judge")]
    pub(crate) risk: Risk,
    /// default, or classic: six curves on the smoothed window, the best one extrapolated
    #[arg(long, default_value = "default", help_heading = "How to judge")]
    pub(crate) method: Method,
    /// Judge as if it were then: a date, or unix seconds
    #[arg(long, value_name = "TIME", value_parser = until, help_heading = "How to judge")]
    pub(crate) until: Option<Until>,
}
