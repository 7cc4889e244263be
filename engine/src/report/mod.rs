//! Findings on paper: the terminal, one offline HTML file, Markdown, JSON and CSV.
//!
//! What lives here turns findings into strings. Clocks, files, standard output and decisions do not.
//! `plotters` and `maud` are used in this room and in no other.

pub mod chart;
pub mod clean;
pub mod csv;
pub mod explain;
mod facts;
pub mod html;
pub mod json;
pub mod map;
pub mod markdown;
pub mod text;
mod ticks;
pub mod units;
pub mod verdict;
pub mod when;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod sample;

pub use csv::csv;
pub use explain::explain;
pub use facts::culprit_name;
pub use html::html;
pub use json::{json, jsonl};
pub use markdown::markdown;
pub use text::{Style, notes, table};
pub use verdict::verdict;
pub use when::When;
