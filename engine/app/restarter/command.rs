//! `hebe restarter`: runs one, or speaks to the one that runs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use hebe::restart::protocol::{Phase, Report};

use super::client::{Acted, Client};
use super::report;
use crate::config::Loaded;
use crate::map;
use crate::output;

/// Longer than an order may take by its map is waited for nothing.
const LONGEST: Duration = Duration::from_hours(2);

/// `hebe restarter`.
#[derive(Debug, Args)]
pub(crate) struct Restarter {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The restart map [default: as configured, ~/.config/hebe/map.toml, /etc/hebe/map.toml]
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Configuration file [default: ~/.config/hebe/hebe.toml, /etc/hebe/hebe.toml]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Folder of the state [default: /var/lib/hebe, or the user's state folder]
    #[arg(long, value_name = "FOLDER", global = true)]
    store: Option<PathBuf>,
    /// Address of its TCP server; none if empty [default: 127.0.0.1:9798]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Print a systemd unit and end
    #[arg(long)]
    print_unit: bool,
}

/// What is asked of the one that runs.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Show its processes
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Start a process, and wait until it is ready
    Start {
        /// Its name in the map
        node: String,
    },
    /// Stop a process, and wait until it is gone
    Stop {
        /// Its name in the map
        node: String,
    },
    /// Stop a process, see that it is gone, start a new copy, and wait until that is ready
    Restart {
        /// Its name in the map
        node: String,
    },
    /// Show the last lines that a process wrote
    Logs {
        /// Its name in the map
        node: String,
        /// How many
        #[arg(long, short = 'n', default_value_t = 100)]
        lines: usize,
    },
    /// Let the Re/Starter end without its processes; the next one finds them
    Leave,
}

/// Runs it, or asks it.
pub(crate) fn restarter(args: &Restarter) -> Result<()> {
    if args.print_unit {
        return output::print(&unit(&output::program()));
    }
    let mut overrides = Vec::new();
    overrides.extend(args.store.as_ref().map(|dir| ("store.dir", dir.display().to_string())));
    let loaded = Loaded::read(args.config.as_deref(), &overrides)?;
    let dir = loaded.config.state_dir();
    let client = Client::of(&loaded.config.restarter, &dir)?;
    match &args.verb {
        None => {
            let (_, map) = map::read(&map::place(args.map.as_deref(), &loaded.config.restart)?)?;
            let mut settings = loaded.config.restarter.clone();
            if let Some(listen) = &args.listen {
                settings.listen.clone_from(listen);
            }
            super::keep(&map, &settings, &dir)
        }
        Some(Verb::List { json }) => output::print(&shown(&client.list()?, *json)),
        Some(Verb::Start { node }) => told(client.start(node, LONGEST)?),
        Some(Verb::Stop { node }) => told(client.stop(node, LONGEST)?),
        Some(Verb::Restart { node }) => told(client.restart(node, LONGEST)?),
        Some(Verb::Logs { node, lines }) => output::print(&client.logs(node, *lines)?.join("\n")),
        Some(Verb::Leave) => Ok(client.leave()?),
    }
}

fn told(acted: Acted) -> Result<()> {
    match acted {
        Acted::Done(node) => output::print(&line(&node)),
        Acted::NotStopped(node) => {
            bail!("{}: NOT STOPPED, no second copy was started; left: {}", node.node, node.remains.join(", "))
        }
        Acted::Failed(node, why) => {
            let ended = node.ended.map_or_else(String::new, |ended| format!("; its last copy {ended}"));
            bail!("{}: {why}{ended}", node.node)
        }
    }
}

fn shown(nodes: &[Report], json: bool) -> String {
    nodes.iter().fold(String::new(), |mut text, node| {
        let line = if json { serde_json::to_string(node).unwrap_or_default() } else { line(node) };
        let _ = writeln!(text, "{line}");
        text
    })
}

fn line(node: &Report) -> String {
    let pid = node.pid.as_ref().map_or_else(String::new, |pid| format!("  pid {}", pid.pid));
    let up = node.up_s.map_or_else(String::new, |s| {
        format!(
            "  up {}",
            humantime::format_duration(Duration::from_secs(Duration::from_secs_f64(s).as_secs()))
        )
    });
    let status = node.status.as_ref().map_or_else(String::new, |status| format!("  {status}"));
    let ended = node.ended.as_ref().filter(|_| node.phase != Phase::Running);
    let ended = ended.map_or_else(String::new, |ended| format!("  last: {ended}"));
    let remains = node.remains.iter().fold(String::new(), |all, left| all + "\n  left: " + left);
    format!("{}  {}{pid}{up}{status}{ended}{remains}", node.node, report::word(node.phase))
}

/// The systemd unit. systemd must leave the processes alone when the Re/Starter alone ends.
fn unit(program: &str) -> String {
    let program = output::quote(program);
    format!(
        "\
# Written by `hebe restarter --print-unit`. Save as /etc/systemd/system/hebe-restarter.service, then:
#   systemctl daemon-reload && systemctl enable --now hebe-restarter
[Unit]
Description=Hebe Re/Starter: starts and keeps the processes of the restart map
After=network.target

[Service]
Type=notify
ExecStart={program} restarter
# Its processes outlive its own crash, and are found again; it stops them itself when it is told to stop.
KillMode=process
Delegate=yes
Restart=always
RestartSec=100ms
WatchdogSec=30s
TimeoutStopSec=10min
StateDirectory=hebe
ConfigurationDirectory=hebe

[Install]
WantedBy=multi-user.target
"
    )
}
