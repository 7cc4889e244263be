//! Why the store refused: one enum for its one door.

use std::io;
use std::path::{Path, PathBuf};

use polars::prelude::PolarsError;

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process writes this store.
    #[error("`{dir}` is in use by process {owner}")]
    Locked {
        /// The store.
        dir: PathBuf,
        /// The process id of the owner, as it wrote it down.
        owner: String,
    },
    /// The disk, or the quota, is full: nothing was kept, and what was there is whole.
    #[error("no space left to {operation} `{path}`")]
    Full {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The system refused.
    #[error("cannot {operation} `{path}`")]
    Io {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Parquet could not be written or read.
    #[error("cannot {operation} `{path}` as Parquet")]
    Parquet {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the reader or writer says.
        source: Box<PolarsError>,
    },
    /// The bytes are not those that were written.
    #[error("`{path}` is damaged: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Long work on files that no longer change was not done; it is offered again.
    #[error("the store `{dir}` could not be tidied: {why}")]
    Undone {
        /// The store.
        dir: PathBuf,
        /// Why, as the process says that was to do it.
        why: String,
    },
    /// A later version of Hebe wrote this.
    #[error("`{path}` has layout {found}; this version reads up to {known}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest that is known here.
        known: u32,
    },
}

impl StoreError {
    /// Whether the disk is full, which passes.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_path_buf(), what: what.into() }
    }

    /// Names the operation and the path of what the system answered.
    pub(super) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_path_buf();
            match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    Self::Full { operation, path, source }
                }
                _ => Self::Io { operation, path, source },
            }
        }
    }

    /// The same for polars, whose errors may hide a full disk.
    pub(super) fn parquet(operation: &'static str, path: &Path) -> impl FnOnce(PolarsError) -> Self {
        move |source| match source {
            PolarsError::IO { error, .. } => {
                let kind = error.kind();
                Self::io(operation, path)(io::Error::new(kind, error.to_string()))
            }
            other => Self::Parquet { operation, path: path.to_path_buf(), source: Box::new(other) },
        }
    }
}
