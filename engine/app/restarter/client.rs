//! The Re/Starter as the rest of Hebe speaks to it: over its Unix socket, with typed answers and without waiting for
//! ever.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hebe::restart::protocol::{MOST_REPLY_BYTES, Refusal, Reply, Report, Request};

/// A question that changes nothing is answered at once, or not at all.
const SOON: Duration = Duration::from_secs(10);

/// A Re/Starter that may be there.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    socket: PathBuf,
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
    #[error("no Re/Starter answers on `{path}`; start one by: hebe restarter")]
    Absent {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The connection broke, or took too long.
    #[error("the Re/Starter on `{path}` gave no answer")]
    Broken {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
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
    /// The one whose state lies in the folder `state_dir` of the configuration.
    pub(crate) fn new(state_dir: &Path) -> Self {
        Self { socket: super::socket(&super::folder(state_dir)) }
    }

    /// Every process, in the order of their starts.
    pub(crate) fn list(&self) -> Result<Vec<Report>, ClientError> {
        match self.ask(&Request::List, SOON)? {
            Reply::Nodes { nodes } => Ok(nodes),
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
        let path = || self.socket.clone();
        let mut stream = UnixStream::connect(&self.socket)
            .map_err(|source| ClientError::Absent { path: path(), source })?;
        let broken = |source| ClientError::Broken { path: path(), source };
        let within = within.max(Duration::from_millis(1));
        stream.set_read_timeout(Some(within)).map_err(broken)?;
        stream.set_write_timeout(Some(SOON)).map_err(broken)?;
        let line = serde_json::to_string(request).map_err(|error| broken(error.into()))?;
        stream.write_all(format!("{line}\n").as_bytes()).map_err(broken)?;
        let mut answer = String::new();
        let most = u64::try_from(MOST_REPLY_BYTES).unwrap_or(u64::MAX) + 1;
        BufReader::new(stream.take(most)).read_line(&mut answer).map_err(broken)?;
        match serde_json::from_str(&answer) {
            Ok(Reply::Refused { code, message, expected }) => {
                Err(ClientError::Refused { code, message, expected })
            }
            Ok(reply) => Ok(reply),
            Err(_) if answer.is_empty() => Err(broken(std::io::ErrorKind::UnexpectedEof.into())),
            Err(_) => Err(ClientError::Strange { answer: answer.chars().take(200).collect() }),
        }
    }
}

fn strange(reply: &Reply) -> ClientError {
    ClientError::Strange { answer: format!("{reply:?}").chars().take(200).collect() }
}
