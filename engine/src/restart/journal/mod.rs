//! The journal of restarts: no entry, no action.
//!
//! JSON, one entry a line, each sealed by a SHA-256 over itself and the seal of the line before, in numbered files of
//! bounded size. What lives here writes, checks and folds entries; what is done about them is `engine/app/restart`.
//! Time and the owner's process id come in.
//!
//! # Layout
//! `journal/00000001.jsonl`, `journal/00000002.jsonl` …: the highest number is written, the lowest is dropped first.
//! A line is `{"seq":N,"at":TIME,"before":SEAL,"entry":{"what":…},"seal":SEAL}`; the seal is the SHA-256 of the line up
//! to `,"seal":`. The first line of each file is a snapshot that holds all that budgets, holds and open plans need.

mod check;
mod entry;
mod error;
mod fold;
mod line;
mod log;
#[cfg(test)]
mod tests;

pub use check::{Fault, Journals, Torn};
pub use entry::{Ending, Entry, Repaired};
pub use error::JournalError;
pub use fold::{Begun, Fold, Made, Snapshot, Waiting};
pub use line::Record;
pub use log::{Journal, Limits};
