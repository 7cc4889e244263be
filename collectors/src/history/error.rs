//! Why a history could not be read at all. What costs single lines only is counted, not raised.

use std::io;

/// Why a history gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The bytes could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file or URL.
        path: String,
        /// What the system answered.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("`{path}` is empty")]
    Empty {
        /// The file or URL.
        path: String,
    },
    /// No reader knows this format.
    #[error("`{path}` is in no format that is known here: expected {expected}")]
    Unknown {
        /// The file or URL.
        path: String,
        /// What would have been understood.
        expected: String,
    },
    /// The format is known, and broken before its first sample.
    #[error("`{path}`, line {line}: expected {expected}, found `{found}`")]
    Parse {
        /// The file or URL.
        path: String,
        /// The line, counted from one.
        line: u64,
        /// What the format asks for.
        expected: String,
        /// What stands there, shortened.
        found: String,
    },
    /// Samples need a time, and no column has one.
    #[error("`{path}`: no column holds times (columns: {columns}); name it with --time-column")]
    NoTime {
        /// The file or URL.
        path: String,
        /// The columns that are there, shortened.
        columns: String,
    },
    /// A column that was asked for is not there.
    #[error("`{path}`: there is no column `{column}` (columns: {columns})")]
    NoColumn {
        /// The file or URL.
        path: String,
        /// The column asked for.
        column: String,
        /// The columns that are there, shortened.
        columns: String,
    },
    /// There are times, and nothing that was measured at them.
    #[error("`{path}`: no column holds numbers beside the times (columns: {columns})")]
    NoNumbers {
        /// The file or URL.
        path: String,
        /// The columns that are there, shortened.
        columns: String,
    },
    /// The producer of the file reports a failure in it.
    #[error("`{path}` holds an error answer: {message}")]
    Answer {
        /// The file or URL.
        path: String,
        /// The producer's words.
        message: String,
    },
}
