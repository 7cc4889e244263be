//! What can be typed.

mod histories;
mod look;
mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::histories::GATE;
use crate::marks::MarkCommand;

pub(crate) use histories::{Analyze, Backtest, Explain, Gate, GateFormat, Input, Judging, Report};
pub(crate) use look::{Color, Format, Look};
pub(crate) use value::{Until, seconds, until};

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
