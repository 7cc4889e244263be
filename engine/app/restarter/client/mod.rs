//! The Re/Starter as the rest of Hebe speaks to it: over its Unix socket or from another machine, with typed answers
//! and without waiting for ever.

mod door;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use hebe::restart::protocol::{Pressure, Refusal, Reply, Report, Request};

use super::settings::Settings;
use door::{Broken, Door};

/// A question that changes nothing is answered at once, or not at all.
const SOON: Duration = Duration::from_secs(10);

/// A Re/Starter that may be there.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    door: Door,
}

/// How an order ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Acted {
    /// It was done.
    Done(Box<Report>),
    /// It could not be stopped, or its place is taken: no second copy was started.
    NotStopped(Box<Report>),
    /// It was tried and has failed.
    Failed(Box<Report>, String),
}

/// Why there is no answer, or none that helps.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Nobody is there.
    #[error("no Re/Starter answers on `{at}`; start one by: hebe restarter")]
    Absent {
        /// Its socket or address.
        at: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The connection broke, or took too long.
    #[error("the Re/Starter on `{at}` gave no answer")]
    Broken {
        /// Its socket or address.
        at: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Who answered does not have the key, or answered something else than was asked.
    #[error("what answers on `{at}` has another key than `restarter.key_file`, or none")]
    Forged {
        /// Its address.
        at: String,
    },
    /// It answered something else.
    #[error("the Re/Starter answered what is no answer to this: {answer}")]
    Strange {
        /// What it was.
        answer: String,
    },
    /// It refused.
    #[error("{message}; expected {expected}")]
    Refused {
        /// Why.
        code: Refusal,
        /// In a sentence.
        message: String,
        /// What would have been right.
        expected: String,
    },
}

impl Client {
    /// The one on this machine whose state lies in the folder `state_dir` of the configuration.
    pub(crate) fn here(state_dir: &Path) -> Self {
        Self { door: Door::unix(state_dir) }
    }

    /// The configured one.
    pub(crate) fn of(settings: &Settings, state_dir: &Path) -> Result<Self> {
        if settings.connect.is_empty() {
            return Ok(Self::here(state_dir));
        }
        Ok(Self { door: Door::tcp(&settings.connect, settings.key_file.as_deref())? })
    }

    /// Whether its processes are sure to be on this machine.
    pub(crate) fn is_here(&self) -> bool {
        self.door.is_here()
    }

    /// Every process, in the order of their starts.
    pub(crate) fn list(&self) -> Result<Vec<Report>, ClientError> {
        Ok(self.listed()?.0)
    }

    /// Every process, and how short a machine that is not this one is of everything.
    pub(crate) fn listed(&self) -> Result<(Vec<Report>, Option<Pressure>), ClientError> {
        match self.ask(&Request::List, SOON)? {
            Reply::Nodes { nodes, pressure } => Ok((nodes, pressure)),
            other => Err(strange(&other)),
        }
    }

    /// One process.
    pub(crate) fn state(&self, node: &str) -> Result<Report, ClientError> {
        match self.ask(&Request::Get { node: node.to_owned() }, SOON)? {
            Reply::Node { node } => Ok(*node),
            other => Err(strange(&other)),
        }
    }

    /// Starts it, and waits until it is ready.
    pub(crate) fn start(&self, node: &str, within: Duration) -> Result<Acted, ClientError> {
        self.act(&Request::Start { node: node.to_owned() }, within)
    }

    /// Stops it, and waits until it is gone.
    pub(crate) fn stop(&self, node: &str, within: Duration) -> Result<Acted, ClientError> {
        self.act(&Request::Stop { node: node.to_owned() }, within)
    }

    /// Stops it, sees that it is gone, starts a new copy, and waits until that is ready. What does not run is refused.
    pub(crate) fn restart(&self, node: &str, within: Duration) -> Result<Acted, ClientError> {
        self.act(&Request::Restart { node: node.to_owned() }, within)
    }

    /// The last lines of its output.
    pub(crate) fn logs(&self, node: &str, lines: usize) -> Result<Vec<String>, ClientError> {
        match self.ask(&Request::Logs { node: node.to_owned(), lines }, SOON)? {
            Reply::Lines { lines } => Ok(lines),
            other => Err(strange(&other)),
        }
    }

    /// Lets the Re/Starter end without its processes.
    pub(crate) fn leave(&self) -> Result<(), ClientError> {
        match self.ask(&Request::Leave, SOON)? {
            Reply::Leaving => Ok(()),
            other => Err(strange(&other)),
        }
    }

    fn act(&self, request: &Request, within: Duration) -> Result<Acted, ClientError> {
        match self.ask(request, within)? {
            Reply::Done { node } => Ok(Acted::Done(node)),
            Reply::NotStopped { node } => Ok(Acted::NotStopped(node)),
            Reply::Failed { node, why } => Ok(Acted::Failed(node, why)),
            other => Err(strange(&other)),
        }
    }

    fn ask(&self, request: &Request, within: Duration) -> Result<Reply, ClientError> {
        let at = || self.door.to_string();
        let line = serde_json::to_string(request)
            .map_err(|error| ClientError::Broken { at: at(), source: error.into() })?;
        let answer =
            self.door.exchange(&line, within.max(Duration::from_millis(1))).map_err(
                |broken| match broken {
                    Broken::Absent(source) => ClientError::Absent { at: at(), source },
                    Broken::Silent(source) => ClientError::Broken { at: at(), source },
                    Broken::Forged => ClientError::Forged { at: at() },
                    Broken::Refused(answer) => strange_or_refused(&answer),
                },
            )?;
        match serde_json::from_str(&answer) {
            Ok(Reply::Refused { .. }) | Err(_) => Err(strange_or_refused(&answer)),
            Ok(reply) => Ok(reply),
        }
    }
}

fn strange(reply: &Reply) -> ClientError {
    ClientError::Strange { answer: format!("{reply:?}").chars().take(200).collect() }
}

/// What an answer that does not help says.
fn strange_or_refused(answer: &str) -> ClientError {
    match serde_json::from_str(answer) {
        Ok(Reply::Refused { code, message, expected }) => ClientError::Refused { code, message, expected },
        _ => ClientError::Strange { answer: answer.chars().take(200).collect() },
    }
}
