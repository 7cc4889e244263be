//! The lines that the Re/Starter and its clients exchange: one JSON object each way, a line each.
//!
//! `engine/app/restarter/PROTOCOL.md` is for those who write a client. Sockets and keys live elsewhere.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::identity::GlobalPid;

/// The longest line of a client, in bytes.
pub const MOST_BYTES: usize = 64 * 1024;
/// The longest answer, in bytes.
pub const MOST_REPLY_BYTES: usize = 4 * 1024 * 1024;
/// What can be asked, as an error says it.
pub const REQUESTS: &str = "one of ping, list, get, start, stop, restart, logs, leave, challenge, signed";

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Whether anybody is there.
    Ping,
    /// Every node.
    List,
    /// One node.
    Get {
        /// Its name.
        node: String,
    },
    /// Start it; answered when it is ready.
    Start {
        /// Its name.
        node: String,
    },
    /// Stop it; answered when it is gone.
    Stop {
        /// Its name.
        node: String,
    },
    /// Stop it, see that it is gone, start a new copy; answered when that is ready.
    Restart {
        /// Its name.
        node: String,
    },
    /// The last lines that it wrote.
    Logs {
        /// Its name.
        node: String,
        /// How many; 100 if not given.
        #[serde(default = "hundred")]
        lines: usize,
    },
    /// End, and leave the processes to the next Re/Starter.
    Leave,
    /// A number for one signed request.
    Challenge {
        /// A number of the client's own, never used before: 32 hexadecimal digits or more.
        client: String,
    },
    /// A request with proof that the key is known.
    Signed {
        /// The number that the Re/Starter gave.
        server: String,
        /// The request, as text.
        request: String,
        /// HMAC-SHA256 of [`signed`], in hexadecimal digits.
        mac: String,
    },
}

fn hundred() -> usize {
    100
}

impl Request {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what was expected.
    pub fn parse(line: &str) -> Result<Self, Reply> {
        serde_json::from_str(line)
            .map_err(|error| Reply::refused(Refusal::Malformed, error.to_string(), REQUESTS.to_owned()))
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        match self {
            Self::Ping | Self::List | Self::Get { .. } | Self::Logs { .. } | Self::Challenge { .. } => true,
            Self::Start { .. }
            | Self::Stop { .. }
            | Self::Restart { .. }
            | Self::Leave
            | Self::Signed { .. } => false,
        }
    }
}

/// Whose words are signed; the one cannot be sent back as the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// A request.
    Client,
    /// An answer.
    Restarter,
}

/// The bytes that are signed: whose they are, both numbers, and the text.
#[must_use]
pub fn signed(speaker: Speaker, server: &str, client: &str, text: &str) -> Vec<u8> {
    let role = match speaker {
        Speaker::Client => "request",
        Speaker::Restarter => "answer",
    };
    format!("hebe-restarter-1\n{role}\n{server}\n{client}\n{text}").into_bytes()
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It is no request.
    Malformed,
    /// No node has that name.
    UnknownNode,
    /// The key has not been shown.
    KeyNeeded,
    /// The proof is wrong, was used before or came too late.
    BadProof,
    /// It does not run, so it is not restarted.
    NotRunning,
    /// Something else is being done with it.
    Busy,
    /// Its output is not kept in a file of ours.
    NoLog,
    /// It cannot be done now.
    Unable,
}

/// What the Re/Starter answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Reply {
    /// It is there.
    Pong {
        /// Version of Hebe.
        version: String,
        /// The Re/Starter itself.
        restarter: GlobalPid,
    },
    /// Every node.
    Nodes {
        /// In the order of their starts.
        nodes: Vec<Report>,
        /// How short their machine is of everything; told over TCP alone, for those who cannot look themselves.
        #[serde(default)]
        pressure: Option<Pressure>,
    },
    /// One node, as it is.
    Node {
        /// The node.
        node: Box<Report>,
    },
    /// It was done.
    Done {
        /// The node afterwards.
        node: Box<Report>,
    },
    /// It could not be stopped, or its place is taken: no second copy was started.
    NotStopped {
        /// The node, with what is left of it.
        node: Box<Report>,
    },
    /// It could not be done.
    Failed {
        /// The node afterwards.
        node: Box<Report>,
        /// Why.
        why: String,
    },
    /// Output.
    Lines {
        /// Oldest first.
        lines: Vec<String>,
    },
    /// The Re/Starter ends and leaves its processes.
    Leaving,
    /// A number for one signed request.
    Challenge {
        /// Good once, on this connection, for a short time.
        server: String,
    },
    /// An answer with proof that it is the Re/Starter's.
    Signed {
        /// The answer, as text.
        reply: String,
        /// HMAC-SHA256 of [`signed`], in hexadecimal digits.
        mac: String,
    },
    /// It is not done.
    Refused {
        /// Why.
        code: Refusal,
        /// In a sentence.
        message: String,
        /// What would have been right.
        expected: String,
    },
}

impl Reply {
    /// A refusal.
    #[must_use]
    pub fn refused(code: Refusal, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into(), expected: expected.into() }
    }
}

/// How a process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It does not run: not started yet, or stopped.
    Stopped,
    /// It crashed more often than the Re/Starter may start it again by itself, and is left to the oracle.
    GivenUp,
    /// Its start is put off.
    Waiting,
    /// It runs, and is not ready.
    Starting,
    /// It runs and is ready.
    Running,
    /// It is being stopped.
    Stopping,
    /// It could not be stopped, or its place is taken.
    NotStopped,
}

/// What the Re/Starter knows of a process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name of the node.
    pub node: String,
    /// How it stands.
    pub phase: Phase,
    /// The main process, while it lives.
    pub pid: Option<GlobalPid>,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Working folder.
    pub dir: Option<PathBuf>,
    /// Variables that the map gives it; told on the Unix socket alone.
    pub env: Option<BTreeMap<String, String>>,
    /// The file with its output.
    pub log: Option<PathBuf>,
    /// Where its processes are held together: `cgroup PATH` or `session`.
    pub group: String,
    /// Copies that this Re/Starter started or found.
    pub copies: u64,
    /// Restarts after crashes within the period of its budget.
    pub crashes: usize,
    /// How long the main process has run, in seconds.
    pub up_s: Option<f64>,
    /// What it says of itself.
    pub status: Option<String>,
    /// How its last copy ended.
    pub ended: Option<String>,
    /// Signs of life by `sd_notify`.
    pub heartbeats: u64,
    /// How long ago the last one came, in seconds.
    pub heartbeat_s: Option<f64>,
    /// What is in the way of a new copy.
    pub remains: Vec<String>,
    /// What its kernel says of its main process; told over TCP alone, for those who cannot look themselves.
    #[serde(default)]
    pub vitals: Option<Vitals>,
}

/// What a kernel says of a process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vitals {
    /// The letter for what it does (`proc_pid_stat(5)`).
    pub state: char,
    /// Processor time of all its threads, in clock ticks.
    pub cpu_ticks: u64,
    /// Nanoseconds that its first thread ran and waited for a processor.
    pub ran_and_waited_ns: Option<(u64, u64)>,
}

/// Total stall times of a machine at one moment (`/proc/pressure`), in microseconds since its boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pressure {
    /// Seconds since its boot.
    pub up_s: f64,
    /// Some waited for a processor.
    pub cpu_some_us: Option<u64>,
    /// Some waited for memory.
    pub memory_some_us: Option<u64>,
    /// All waited for memory.
    pub memory_full_us: Option<u64>,
    /// All waited for a disk.
    pub io_full_us: Option<u64>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &Request) {
        assert_eq!(&Request::parse(line).unwrap(), expected);
        assert_eq!(&Request::parse(&serde_json::to_string(expected).unwrap()).unwrap(), expected);
    }

    #[test]
    fn requests_are_read() {
        check(r#"{"do":"list"}"#, &Request::List);
        check(r#"{"do":"restart","node":"a"}"#, &Request::Restart { node: "a".to_owned() });
        check(r#"{"do":"logs","node":"a"}"#, &Request::Logs { node: "a".to_owned(), lines: 100 });
    }

    #[test]
    fn what_is_none_is_refused_with_what_was_expected() {
        for line in [
            "",
            "list",
            "{}",
            r#"{"do":"reboot"}"#,
            r#"{"do":"stop"}"#,
            r#"{"do":"stop","node":"a","now":1}"#,
        ] {
            let Err(Reply::Refused { code: Refusal::Malformed, expected, .. }) = Request::parse(line) else {
                panic!("{line}")
            };
            assert!(expected.contains("restart"), "{line}");
        }
    }

    #[test]
    fn a_request_cannot_be_taken_for_an_answer_nor_for_one_with_other_numbers() {
        let texts = [
            signed(Speaker::Client, "1", "2", "x"),
            signed(Speaker::Restarter, "1", "2", "x"),
            signed(Speaker::Client, "2", "1", "x"),
            signed(Speaker::Client, "1", "2", "y"),
        ];
        for (i, one) in texts.iter().enumerate() {
            assert!(texts.iter().skip(i + 1).all(|other| one != other));
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in ".{0,300}") {
            let _ = Request::parse(&line);
        }

        #[test]
        fn any_object_is_read_or_refused(
            verb in "[a-z]{0,9}", key in "[a-z]{0,6}", value in ".{0,20}",
        ) {
            let object = serde_json::json!({ "do": verb, key: value });
            let _ = Request::parse(&object.to_string());
        }
    }
}
