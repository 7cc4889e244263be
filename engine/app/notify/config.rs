//! What the section `[notify]` of the configuration may say.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::units;

/// Who is told. Without a word of it: the log and, where there is one, the journal.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where people reach our page, such as `http://web1:9797`: the start of links in alerts.
    pub(crate) page_url: Option<String>,
    /// Link to what your people do about it; `{resource}` stands for the resource.
    pub(crate) runbook_url: Option<String>,
    /// File of silences; `silences.json` beside the queues otherwise.
    pub(crate) silences: Option<PathBuf>,
    /// Whether the webhook and the command hear of surges that were held, too.
    pub(crate) surges: bool,
    /// The event log.
    pub(crate) log: Log,
    /// Alertmanager.
    pub(crate) alertmanager: Option<Alertmanager>,
    /// A webhook.
    pub(crate) webhook: Option<Webhook>,
    /// The journal of systemd.
    pub(crate) journald: Journald,
    /// A command.
    pub(crate) command: Option<Command>,
}

/// The event log: one event a line.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// The file; `events.jsonl` beside the queues otherwise. Older ones get `.1`, `.2`, …
    pub(crate) path: Option<PathBuf>,
    /// Bytes that all of them may use together.
    #[serde(deserialize_with = "units::size")]
    pub(crate) size_limit: u64,
}

impl Default for Log {
    fn default() -> Self {
        Self { path: None, size_limit: 64 << 20 }
    }
}

/// Alertmanager, or several of one cluster: each is told everything.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alertmanager {
    /// Such as `http://127.0.0.1:9093`.
    pub(crate) urls: Vec<String>,
    /// Time from one telling to the next; an alert that is not told for four of them is over.
    #[serde(default = "minute", deserialize_with = "units::duration")]
    pub(crate) repeat: Duration,
    /// Longest wait for an answer.
    #[serde(default = "ten_seconds", deserialize_with = "units::duration")]
    pub(crate) timeout: Duration,
}

/// A webhook: `POST` of the event in JSON, signed as in the Standard Webhooks specification.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    /// Where to.
    pub(crate) url: String,
    /// File with the secret: `whsec_` and base64, or any text of at least 16 characters. Unsigned without.
    #[serde(default)]
    pub(crate) secret_file: Option<PathBuf>,
    /// Longest wait for an answer.
    #[serde(default = "ten_seconds", deserialize_with = "units::duration")]
    pub(crate) timeout: Duration,
    /// Wait after the first failure; it doubles with each.
    #[serde(default = "second", deserialize_with = "units::duration")]
    pub(crate) first_retry: Duration,
    /// The longest wait that it may grow to.
    #[serde(default = "five_minutes", deserialize_with = "units::duration")]
    pub(crate) longest_retry: Duration,
    /// Events that may wait; the oldest is given up for one more.
    #[serde(default = "thousand")]
    pub(crate) queue: usize,
}

/// The journal of systemd: used wherever there is one.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Journald {
    /// Whether it is used.
    pub(crate) enabled: bool,
    /// Its socket.
    pub(crate) socket: PathBuf,
}

impl Default for Journald {
    fn default() -> Self {
        Self { enabled: true, socket: PathBuf::from("/run/systemd/journal/socket") }
    }
}

/// A command that is run for each event, with the event in JSON on its standard input. No shell is involved.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Command {
    /// The program and its arguments.
    pub(crate) argv: Vec<String>,
    /// When it takes longer, it and all that it started are killed.
    #[serde(default = "thirty_seconds", deserialize_with = "units::duration")]
    pub(crate) timeout: Duration,
    /// How often it is run for one event until it succeeds.
    #[serde(default = "three")]
    pub(crate) attempts: u32,
    /// Wait after the first failure; it doubles with each.
    #[serde(default = "second", deserialize_with = "units::duration")]
    pub(crate) first_retry: Duration,
    /// Events that may wait; the oldest is given up for one more.
    #[serde(default = "thousand")]
    pub(crate) queue: usize,
}

fn second() -> Duration {
    Duration::from_secs(1)
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

fn thirty_seconds() -> Duration {
    Duration::from_secs(30)
}

fn minute() -> Duration {
    Duration::from_mins(1)
}

fn five_minutes() -> Duration {
    Duration::from_mins(5)
}

fn thousand() -> usize {
    1000
}

fn three() -> u32 {
    3
}
