//! Why a source gave no reading, or not all of them.

use std::io;
use std::path::PathBuf;

/// Why a collector got no reading.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// The kernel does not offer this file, because it is older, was built without it, or a module is not loaded.
    #[error("`{path}` is not there")]
    Absent {
        /// The file.
        path: PathBuf,
    },
    /// Only others may read the file.
    #[error("not permitted to read `{path}`")]
    Forbidden {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read for another reason.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the kernel answered.
        source: io::Error,
    },
    /// The file is there and does not hold what it should.
    #[error("`{path}`: expected {expected}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What the format asks for.
        expected: &'static str,
    },
    /// A file system did not answer in time.
    #[error("`{path}` does not answer")]
    Silent {
        /// Where it is mounted.
        path: PathBuf,
    },
    /// More was there than is looked at.
    #[error("`{path}` holds more than {most} entries, the rest is left out")]
    TooMany {
        /// The file or directory.
        path: PathBuf,
        /// How many are looked at.
        most: usize,
    },
}

impl CollectError {
    /// What an error of the system means for `path`.
    pub(super) fn of(path: PathBuf, error: rustix::io::Errno) -> Self {
        use rustix::io::Errno;
        match error {
            Errno::NOENT | Errno::NOTDIR | Errno::OPNOTSUPP | Errno::NODEV => Self::Absent { path },
            Errno::ACCESS | Errno::PERM => Self::Forbidden { path },
            _ => Self::Read { path, source: error.into() },
        }
    }

    /// A short word for the reason, fit for a label: `absent`, `forbidden`, `read`, `malformed`, `silent`, `too_many`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Absent { .. } => "absent",
            Self::Forbidden { .. } => "forbidden",
            Self::Read { .. } => "read",
            Self::Malformed { .. } => "malformed",
            Self::Silent { .. } => "silent",
            Self::TooMany { .. } => "too_many",
        }
    }
}

/// What one source could not read in one round.
#[derive(Debug)]
pub struct Failure {
    /// The source ([`super::Sample::sources`] names all of them).
    pub source: &'static str,
    /// The first error of its kind.
    pub error: CollectError,
    /// How many times it happened in this round.
    pub count: u32,
}
