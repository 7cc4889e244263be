//! Why the journal refused: one enum for its one door.

use std::io;
use std::path::{Path, PathBuf};

/// Why nothing could be written down or read. Who gets one acts on nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process restarts here.
    #[error("`{dir}` is in use by process {owner}")]
    Locked {
        /// The folder of the journal.
        dir: PathBuf,
        /// The process id of the owner, as it wrote it down.
        owner: String,
    },
    /// The system refused; what was there is whole.
    #[error("cannot {operation} `{path}`")]
    Io {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The journal is not as it was written.
    #[error("{fault}; hebe audit shows it, and hebe audit --accept takes it as it is")]
    Broken {
        /// The first fault.
        fault: String,
    },
    /// An entry that could not be read back.
    #[error("an entry cannot be written as JSON")]
    Form(#[source] serde_json::Error),
    /// An earlier write may not have reached the disk, and nobody can tell.
    #[error("`{path}` could not be made durable before; start anew")]
    Unsure {
        /// The file.
        path: PathBuf,
    },
}

impl JournalError {
    pub(super) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { operation, path, source }
    }
}
