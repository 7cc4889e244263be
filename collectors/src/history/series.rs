//! What a reader hands on: columns of samples as they stood in the file, and series that know their resource.

use std::fmt;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What the values of a column are counted in. Readers convert to base units (kB become bytes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Whole things: descriptors, processes, inodes.
    Count,
    /// Hundredths of the whole; its limit is 100.
    Percent,
    /// Seconds.
    Seconds,
    /// The file does not say.
    #[default]
    Unknown,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Count => "count",
            Self::Percent => "percent",
            Self::Seconds => "seconds",
            Self::Unknown => "",
        })
    }
}

/// Whether a column tells a level or counts events since a start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A level, which can run out.
    #[default]
    Gauge,
    /// A running count, which cannot.
    Counter,
}

/// Which way leads to exhaustion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sense {
    /// The value grows towards the limit.
    #[default]
    Rises,
    /// The value falls towards the limit (what is free, and its total is not known).
    Falls,
}

/// What happens to two samples of one column at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Merge {
    /// The later line of the file replaces the earlier one.
    #[default]
    Last,
    /// They are members of one group and add up.
    Sum,
}

/// What tells one column of a history from another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnKey {
    /// The machine, where the file names it.
    pub host: String,
    /// The column's or metric's name as it stands in the file (`usedMemory`, `node_filefd_allocated`,
    /// `memory.memused` for sadf).
    pub metric: String,
    /// What tells instances of one metric apart, in the file's order (`mountpoint` = `/var`).
    pub labels: Vec<(String, String)>,
}

/// One column of numbers in increasing time order, every value finite, as it stood in the file.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Which column.
    pub key: ColumnKey,
    /// The unit, where the format says it.
    pub unit: Unit,
    /// Level or running count, where the format says it.
    pub kind: Kind,
    /// Times in milliseconds since 1970 UTC, strictly increasing.
    pub t_ms: Vec<i64>,
    /// The values at those times.
    pub v: Vec<f64>,
    /// How many samples one value stands for: 1, or more where the history was too long for memory and was
    /// thinned by block medians.
    pub block: u32,
    /// Times at which what the column tells is known to have been started anew, beside starts of its host.
    pub restarts_ms: Vec<i64>,
    /// Samples of this column that were dropped: exact duplicates are not counted, replaced ones and values that are
    /// no numbers are.
    pub rejected: u64,
}

/// The limit of a series: its value from a time on.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Who enforces it or where it comes from (`MemTotal`, `file system`, `--limit`).
    pub owner: String,
    /// `(t_ms, value)` where the limit takes that value, in time order, never empty; the first also holds before
    /// its time.
    pub steps: Vec<(i64, f64)>,
}

impl Limit {
    /// A limit that never moves.
    #[must_use]
    pub fn fixed(value: f64, owner: &str) -> Self {
        Self { owner: owner.to_owned(), steps: vec![(i64::MIN, value)] }
    }

    /// The limit in force at `t_ms`.
    #[must_use]
    pub fn at(&self, t_ms: i64) -> f64 {
        let after = self.steps.partition_point(|&(from, _)| from <= t_ms);
        self.steps[after.saturating_sub(1)].1
    }
}

/// All samples of one resource, with what is known about it.
#[derive(Clone, Debug)]
pub struct Series {
    /// The full name, unique within a history.
    pub name: String,
    /// Catalogue name (`memory.available`, `disk.bytes`), or the column's name where the catalogue has none.
    pub resource: String,
    /// Mount, unit, process or column; empty where the resource is the host's only one.
    pub scope: String,
    /// The machine, where the file names it.
    pub host: String,
    /// What the values are counted in.
    pub unit: Unit,
    /// Which way leads to exhaustion.
    pub sense: Sense,
    /// Times in milliseconds since 1970 UTC, strictly increasing.
    pub t_ms: Vec<i64>,
    /// The values at those times, every one finite.
    pub v: Vec<f64>,
    /// Where it runs out, where that is known.
    pub limit: Option<Limit>,
    /// Times at which the host or the process is known to have been started anew, in order.
    pub restarts_ms: Vec<i64>,
    /// Samples that were rejected.
    pub rejected: u64,
    /// How many samples one value stands for (see [`Column::block`]).
    pub block: u32,
    /// The file or URL.
    pub source: String,
    /// Other columns of the file that tell the same resource and were folded into this series.
    pub also: Vec<String>,
}

impl Series {
    /// A series of this machine that rises, with these samples; nothing more is known of it.
    #[must_use]
    pub fn here(
        resource: &str,
        scope: &str,
        unit: Unit,
        source: &str,
        (t_ms, v): (Vec<i64>, Vec<f64>),
    ) -> Self {
        let name = if scope.is_empty() { resource.to_owned() } else { format!("{resource} {scope}") };
        Self {
            name,
            resource: resource.to_owned(),
            scope: scope.to_owned(),
            host: String::new(),
            unit,
            sense: Sense::Rises,
            t_ms,
            v,
            limit: None,
            restarts_ms: Vec::new(),
            rejected: 0,
            block: 1,
            source: source.to_owned(),
            also: Vec::new(),
        }
    }
}

/// Something that was assumed, left out or rejected while reading, to be shown to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file or URL.
    pub source: String,
    /// One sentence.
    pub text: String,
}

/// What one file or URL held.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The series in it.
    pub series: Vec<Series>,
    /// Running counts, which cannot run out; growth may follow one.
    pub counts: Vec<Series>,
    /// What was assumed, left out or rejected.
    pub notes: Vec<Note>,
    /// Samples taken.
    pub accepted: u64,
    /// Lines or samples rejected.
    pub rejected: u64,
}

/// What the user says about a history that the file does not.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The column that holds the times.
    pub time_column: Option<String>,
    /// The zone of wall-clock times that carry no offset; UTC if none is given.
    pub zone: Option<Tz>,
    /// The columns of a long table whose values name a series.
    pub series: Vec<String>,
    /// The columns to read as values; all numeric ones if empty.
    pub values: Vec<String>,
    /// The unit of columns, by name pattern: how many base units one is, and the base unit.
    pub units: Vec<(String, f64, Unit)>,
    /// Limits, by name pattern: the number as written, and whether it carried a unit of size.
    pub limits: Vec<(String, f64, Unit)>,
    /// The column that holds the limit of every value column.
    pub limit_column: Option<String>,
}
