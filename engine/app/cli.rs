//! What can be typed.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand, ValueEnum};
use hebe::gate::Pace;
use hebe::settings::{Method, Risk};
use hebe_collectors::history::{Unit, parse_quantity, parse_unit};

use crate::evidence::Asked;
use crate::marks::MarkCommand;

/// Finds software aging before it becomes an outage: what runs out, when, and how sure that is.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110, args_override_self = true, after_help = AFTER)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const AFTER: &str = "\
Exit codes: 0 done (findings never change it), 1 nothing could be read or written, 2 wrong command line;
gate and check answer by their own (hebe gate --help, hebe check --help).
Start with: hebe analyze FILE, FOLDER or http://PROMETHEUS:9090";

/// Verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Rank what runs out in recorded histories
    Analyze(Analyze),
    /// One finding in depth: chart, curves, surges held, why
    Explain(Explain),
    /// Replay a history: what would have been said, when, and what came
    Backtest(Backtest),
    /// Judge soak runs for a build: PASS, FAIL, INCONCLUSIVE or UNKNOWN
    #[command(after_help = GATE)]
    Gate(Gate),
    /// One line and an exit code for pollers of Nagios' kind
    #[command(after_help = crate::check::AFTER)]
    Check(crate::check::Check),
    /// Write findings as one offline HTML file, Markdown, JSON or CSV
    Report(Report),
    /// Sample this host, keep, forecast, tell and show; restart only what a map names, in mode act
    Daemon(Daemon),
    /// Samples out of a store as CSV or JSON lines; alerting rules for Prometheus
    Export(Export),
    /// Check the restart map and draw it: what can be restarted, and who depends on whom
    Map(crate::map::MapCommand),
    /// Say that something happened, such as a deployment; or list what was said
    Mark(MarkCommand),
    /// Keep alarms back for a while: planned work, known trouble
    Silence(SilenceCommand),
    /// Start the processes of a restart map and keep them, or ask the one that does
    Restarter(crate::restarter::Restarter),
    /// A copy that becomes a process of the Re/Starter
    #[command(name = "__spawn", hide = true)]
    Spawn(crate::restarter::Spawn),
    /// Long work on the store of a daemon
    #[command(name = "__chore", hide = true)]
    Chore {
        /// The daemon's process
        daemon: i32,
    },
    /// Show what would be restarted, when and why; does nothing
    Plan(crate::restart::Plans),
    /// Restart a node of the restart map: shown first, done with --yes
    Restart(crate::restart::Restart),
    /// Hands off a node: who says so, why and for how long
    Hold(crate::restart::HoldCommand),
    /// Show what was decided and done about restarts, and whether that record is as it was written
    Audit(crate::restart::Audit),
    /// See it work: a real leak forecast and restarted with no request failed, a real hang recovered
    Demo(crate::demo::Demo),
    /// Parts of the demonstration
    #[command(hide = true)]
    Stage(crate::demo::Stage),
    /// Check the daemon's configuration, or show what is in force and where it was set
    Config(ConfigCommand),
}

/// `hebe daemon`.
#[derive(Debug, Args)]
pub(crate) struct Daemon {
    /// Configuration file [default: ~/.config/hebe/hebe.toml, /etc/hebe/hebe.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Address of the page, the API and /metrics [default: 127.0.0.1:9797]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Folder of the store [default: /var/lib/hebe, or the user's state folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) store: Option<PathBuf>,
    /// Time between samples [default: 10s]
    #[arg(long, value_name = "DURATION")]
    pub(crate) period: Option<String>,
    /// Print a systemd unit and end
    #[arg(long)]
    pub(crate) print_unit: bool,
}

/// `hebe export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The daemon's folder, its store, or any history [default: where the daemon keeps it]
    pub(crate) path: Option<String>,
    /// Only series whose name holds this
    #[arg(long, value_name = "PART")]
    pub(crate) series: Option<String>,
    /// Only the newest, counted back from the newest sample
    #[arg(long, value_name = "DURATION", value_parser = seconds)]
    pub(crate) last: Option<f64>,
    /// CSV has the columns series, t (RFC 3339), value and limit
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExportFormat,
    /// Alerting rules for a Prometheus that reads the daemon's /metrics, instead of samples
    #[arg(long)]
    pub(crate) rules: bool,
}

/// How samples are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One sample a line.
    #[default]
    Csv,
    /// One series a line, in the form of a `VictoriaMetrics` export.
    Jsonl,
}

/// `hebe silence`.
#[derive(Debug, Args)]
pub(crate) struct SilenceCommand {
    #[command(subcommand)]
    pub(crate) verb: SilenceVerb,
    /// Configuration of the daemon
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the daemon
    #[arg(long, value_name = "FOLDER", global = true)]
    pub(crate) store: Option<PathBuf>,
}

/// What `hebe silence` does.
#[derive(Debug, Subcommand)]
pub(crate) enum SilenceVerb {
    /// Silence resources for a time
    Add(SilenceAdd),
    /// Show the silences that are not over
    List,
    /// End a silence
    Remove {
        /// Its name, as the list shows it
        id: String,
    },
}

/// `hebe silence add`.
#[derive(Debug, Args)]
pub(crate) struct SilenceAdd {
    /// Which resources, such as disk.* (`*` any run of characters, `?` one)
    #[arg(long, value_name = "PATTERN", default_value = "*")]
    pub(crate) resource: String,
    /// Which scopes, such as /var*
    #[arg(long, value_name = "PATTERN", default_value = "*")]
    pub(crate) scope: String,
    /// For how long
    #[arg(long = "for", value_name = "DURATION", value_parser = seconds)]
    pub(crate) for_: f64,
    /// Who asks for it
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// A name for it
    #[arg(long, value_name = "NAME")]
    pub(crate) id: Option<String>,
}

/// `hebe config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigCommand {
    #[command(subcommand)]
    pub(crate) verb: ConfigVerb,
}

/// What `hebe config` does.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Say whether a configuration can be used
    Check {
        /// The file [default: the one that the daemon would take]
        file: Option<PathBuf>,
    },
    /// Show the settings in force
    Show {
        /// The file [default: the one that the daemon would take]
        file: Option<PathBuf>,
        /// Say where each was set
        #[arg(long)]
        origin: bool,
    },
}

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

const GATE: &str = "\
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

/// How it looks on a terminal.
#[derive(Debug, Args)]
pub(crate) struct Look {
    /// Colour (`NO_COLOR` is heeded)
    #[arg(long, value_enum, default_value_t, help_heading = "How it looks")]
    pub(crate) color: Color,
    /// Plain ASCII
    #[arg(long, help_heading = "How it looks")]
    pub(crate) ascii: bool,
    /// Columns; those of the terminal if not given
    #[arg(long, value_name = "COLUMNS", help_heading = "How it looks")]
    pub(crate) width: Option<usize>,
}

/// A time on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// Milliseconds since 1970 UTC.
    Instant(i64),
    /// On the clock of the zone that is shown.
    Wall(NaiveDateTime),
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// The rows as one array.
    Json,
    /// The rows, one a line.
    Jsonl,
    /// The rows for a spreadsheet.
    Csv,
    /// For a ticket.
    Markdown,
}

fn limit(text: &str) -> Result<(String, f64, Unit), String> {
    let expected = "expected NAME=VALUE, such as usage=3GiB or files=65536";
    let (name, value) = text.rsplit_once('=').ok_or(expected)?;
    let (value, unit) = parse_quantity(value.trim()).ok_or(expected)?;
    if name.trim().is_empty() || !value.is_finite() {
        return Err(expected.to_owned());
    }
    Ok((name.trim().to_owned(), value, unit))
}

fn unit(text: &str) -> Result<(String, f64, Unit), String> {
    let expected =
        "expected NAME=UNIT, such as usage=kB; units are B, kB, KiB … EiB, count, percent, seconds";
    let (name, unit) = text.rsplit_once('=').ok_or(expected)?;
    let (scale, unit) = parse_unit(unit.trim()).ok_or(expected)?;
    Ok((name.trim().to_owned(), scale, unit))
}

/// A confidence: a share of one, or percent.
fn confidence(text: &str) -> Result<f64, String> {
    let expected = "expected a confidence from 0.5 to 0.999, such as 0.95 or 95%";
    let (value, unit) = parse_quantity(text).ok_or(expected)?;
    let share = if unit == Unit::Percent || 1.0 < value { value / 100.0 } else { value };
    if (0.5..=0.999).contains(&share) { Ok(share) } else { Err(expected.to_owned()) }
}

/// Seconds of `30d`, `6h`, `90min`, `1h 30m`.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let expected = "expected a duration such as 30d, 6h or 90min";
    let seconds = humantime::parse_duration(text).map_err(|_| expected)?.as_secs_f64();
    if seconds <= 0.0 { Err(expected.to_owned()) } else { Ok(seconds) }
}

pub(crate) fn until(text: &str) -> Result<Until, String> {
    let text = text.trim();
    if let Some(seconds) = text.parse::<f64>().ok().filter(|seconds| seconds.abs() < 1e11) {
        #[allow(clippy::cast_possible_truncation, reason = "bounded above")]
        return Ok(Until::Instant((seconds * 1000.0) as i64));
    }
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Ok(Until::Instant(date.timestamp_millis()));
    }
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let wall = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    wall.or_else(day).map(Until::Wall).ok_or_else(|| {
        "expected a date such as 2026-11-21T14:00:00Z or 2026-11-21 14:00, or unix seconds".to_owned()
    })
}
