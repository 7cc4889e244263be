//! Rows of a segment in memory, column by column.

/// Columns of one length; the last three are empty in raw rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rows {
    /// Milliseconds since 1970 UTC; in a tier, of the middle sample of the block.
    pub(super) t_ms: Vec<i64>,
    /// The value; in a tier, the median of the block.
    pub(super) used: Vec<f64>,
    /// The limit; NaN where there is none.
    pub(super) limit: Vec<f64>,
    /// The least value of the block.
    pub(super) min: Vec<f64>,
    /// The greatest value of the block.
    pub(super) max: Vec<f64>,
    /// How many samples the block had.
    pub(super) samples: Vec<u32>,
}

impl Rows {
    /// No rows, with room for so many raw ones.
    pub(super) fn with_room(rows: usize) -> Self {
        let (t_ms, used, limit) =
            (Vec::with_capacity(rows), Vec::with_capacity(rows), Vec::with_capacity(rows));
        Self { t_ms, used, limit, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.t_ms.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.t_ms.is_empty()
    }

    pub(super) fn push(&mut self, t_ms: i64, used: f64, limit: Option<f64>) {
        self.t_ms.push(t_ms);
        self.used.push(used);
        self.limit.push(limit.unwrap_or(f64::NAN));
    }

    /// Appends those rows of another, from `start` on.
    pub(super) fn extend(&mut self, other: &Self, start: usize, rows: usize) {
        let end = start + rows;
        self.t_ms.extend_from_slice(&other.t_ms[start..end]);
        self.used.extend_from_slice(&other.used[start..end]);
        self.limit.extend_from_slice(other.limit.get(start..end).unwrap_or_default());
        self.min.extend_from_slice(other.min.get(start..end).unwrap_or_default());
        self.max.extend_from_slice(other.max.get(start..end).unwrap_or_default());
        self.samples.extend_from_slice(other.samples.get(start..end).unwrap_or_default());
    }
}
