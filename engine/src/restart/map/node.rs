//! A node of the restart map, as checked. Times are seconds.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A node's place in [`super::Map::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// Something that can be restarted.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Unique name.
    pub name: String,
    /// The node above; none for the root.
    pub parent: Option<NodeId>,
    /// What it is.
    pub kind: Kind,
    /// What it depends on: started after these, and restarted with them. Never the reverse.
    pub needs: Vec<NodeId>,
    /// What it is only started after, where both are started.
    pub after: Vec<NodeId>,
    /// Takes load off it before a planned restart.
    pub drain: Option<Hook>,
    /// Saves what it would lose, before a planned restart.
    pub checkpoint: Option<Hook>,
    /// Gives load back to it after a restart.
    pub resume: Option<Hook>,
    /// How it shows that it is ready; a process of ours that speaks `sd_notify` needs none.
    pub ready: Vec<Probe>,
    /// End-to-end tests.
    pub probes: Vec<Probe>,
    /// What must hold before a new copy is started.
    pub conditions: Vec<Condition>,
    /// Restarts that it may have.
    pub budget: Budget,
    /// Time to stop: after it, it is killed.
    pub stop_s: f64,
    /// Time from start to ready.
    pub start_s: f64,
    /// It is left alone for so long after its start.
    pub min_uptime_s: f64,
    /// Of its children, so many must stay up: they are alternatives of each other. None: no such rule.
    pub keep: Option<usize>,
    /// Series it answers for, as patterns of names (`process.fds nginx*`), beside those found by unit and process.
    pub series: Vec<String>,
    /// Heartbeats are expected at least this often; none: it sends none.
    pub heartbeat_s: Option<f64>,
    /// Name of the schedule that holds for it: its own, else that of the nearest node above that has one. The calendar
    /// reads what it says.
    pub schedule: Option<String>,
    /// Line of the map file.
    pub line: usize,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A machine: restarted by a command, and only after another one has shown that it can take over.
    Host {
        /// Proves, by exit code 0, that another node can take over; none: a reboot needs no other.
        takeover: Option<Hook>,
        /// Reboots, or fails over.
        restart: Option<Hook>,
    },
    /// Only its children.
    Group,
    /// A unit of systemd.
    Unit {
        /// Its name, with suffix.
        unit: String,
    },
    /// A process that the Re/Starter runs.
    Process(Command),
    /// Something with commands of its own.
    Command {
        /// Stops it; none: `start` restarts it in one go.
        stop: Option<Hook>,
        /// Starts it.
        start: Hook,
        /// Exit code 0 while it runs; none: not known.
        status: Option<Hook>,
    },
}

/// How a process of the Re/Starter is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments; no shell.
    pub argv: Vec<String>,
    /// Working folder.
    pub dir: Option<PathBuf>,
    /// Variables, beside those of the Re/Starter.
    pub env: BTreeMap<String, String>,
    /// Where its output goes; none: to the Re/Starter's own.
    pub log: Option<PathBuf>,
    /// Whether it says by `sd_notify` when it is ready (`Type=notify`).
    pub notify: bool,
    /// What follows when it ends by itself.
    pub on_crash: OnCrash,
}

/// What the Re/Starter does about a process that has ended by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCrash {
    /// Starts it again at once, within its budget.
    #[default]
    Start,
    /// Leaves it down: the oracle is asked, who may restart more than it alone.
    Ask,
}

/// A command with a time limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// Program and arguments; no shell.
    pub argv: Vec<String>,
    /// After it, the command is killed and has failed.
    pub within_s: f64,
}

/// A test from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// What is tested.
    pub test: Test,
    /// One attempt may take so long.
    pub within_s: f64,
    /// Time between attempts.
    pub every_s: f64,
}

/// What a probe tests.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A command ends with 0.
    Exec {
        /// Program and arguments.
        argv: Vec<String>,
    },
    /// An answer with this status, to a GET.
    Http {
        /// The address.
        url: String,
        /// 200 to 299 if none.
        status: Option<u16>,
        /// The answer holds this.
        contains: Option<String>,
    },
    /// A connection is taken.
    Tcp {
        /// `host:port`.
        address: String,
    },
    /// A file was written lately.
    FileAge {
        /// The file.
        path: PathBuf,
        /// At most so long ago.
        most_s: f64,
    },
}

/// What must hold before a new copy is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nobody listens on the TCP port.
    PortFree(u16),
    /// The file is gone.
    Gone(PathBuf),
}

/// A bound on restarts: OTP's intensity and period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// So many restarts; none: it never restarts alone, and its failure is the node's above …
    pub intensity: usize,
    /// … within so many seconds; one more is refused.
    pub period_s: f64,
}

impl Default for Budget {
    /// Three within an hour: a person should hear of a fourth.
    fn default() -> Self {
        Self { intensity: 3, period_s: 3600.0 }
    }
}
