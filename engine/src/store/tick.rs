//! What is appended, and what became of it.

use super::meta::SeriesId;

/// One reading of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Which series.
    pub id: SeriesId,
    /// The value.
    pub used: f64,
    /// The limit at that time, where there is one.
    pub limit: Option<f64>,
}

/// The readings of one time.
#[derive(Clone, Copy, Debug)]
pub struct Tick<'a> {
    /// Milliseconds since 1970 UTC.
    pub t_ms: i64,
    /// At most one of each series; of more the last counts.
    pub readings: &'a [Reading],
}

/// What became of a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Readings that are now on the disk.
    pub kept: usize,
    /// Readings that were no newer than the last of their series, and were dropped: the clock had been set back.
    pub late: usize,
    /// Readings that were no numbers, of no known series, or replaced by another of the same tick.
    pub rejected: usize,
}
