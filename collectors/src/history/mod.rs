//! Recorded histories: one file a format, bytes to samples, with counts of what was rejected and why.
//!
//! The path of a file: [`sniff`] names its [`Format`], the format's `read` pushes samples into a [`Builder`],
//! [`Builder::finish`] gives sorted [`Column`]s, and [`catalogue::resolve`] makes [`Series`] of them: columns
//! with the resource they stand for, and its limit. Nothing is guessed silently: what was assumed is in the
//! [`Note`]s.

pub mod atop;
mod builder;
pub mod catalogue;
mod error;
mod join;
mod json;
mod lines;
mod number;
pub mod pidstat;
mod programs;
pub mod prometheus;
pub mod sadf;
mod series;
mod sniff;
pub mod table;
mod time;
pub mod victoria;

pub use builder::{Builder, Rejected};
pub use error::HistoryError;
pub use join::join;
pub use number::{parse_quantity, parse_unit};
pub use series::{Column, ColumnKey, History, Kind, Limit, Merge, Note, Options, Sense, Series, Unit};
pub use sniff::{Format, sniff};

#[cfg(test)]
mod recorded;
