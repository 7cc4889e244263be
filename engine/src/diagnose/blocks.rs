//! The grid of blocks that members and total are compared on.

use hebe_collectors::history::Series;
use hebe_models::attribution::BLOCKS;
use hebe_models::resample;

/// Even blocks up to a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blocks {
    /// Where the first block begins, in milliseconds since 1970 UTC.
    pub from_ms: i64,
    /// How long a block is, in seconds.
    pub width_s: f64,
    /// The middle of each block, in seconds from `from_ms`.
    pub t: Vec<f64>,
}

impl Blocks {
    /// Blocks over the last `window_s` before `until_ms`, of at least `period_s`.
    #[must_use]
    pub fn until(until_ms: i64, window_s: f64, period_s: f64) -> Self {
        let fit = (window_s / period_s.max(1e-3)).floor();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by BLOCKS")]
        let count = fit.clamp(1.0, BLOCKS as f64) as usize;
        #[allow(clippy::cast_possible_truncation, reason = "a window in milliseconds")]
        let from_ms = until_ms.saturating_sub((1000.0 * window_s) as i64);
        Self::of(from_ms, window_s / count as f64, count)
    }

    /// `count` blocks of `width_s` from `from_ms` on.
    #[must_use]
    pub fn of(from_ms: i64, width_s: f64, count: usize) -> Self {
        Self { from_ms, width_s, t: (0..count).map(|k| (k as f64 + 0.5) * width_s).collect() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.t.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.t.is_empty()
    }

    /// Where the last block ends, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn until_ms(&self) -> i64 {
        self.ms(self.len() as f64 * self.width_s)
    }

    /// Milliseconds since 1970 UTC of a time in seconds from the first block on.
    #[must_use]
    pub fn ms(&self, t: f64) -> i64 {
        #[allow(clippy::cast_possible_truncation, reason = "saturates, which is what a date needs")]
        let offset = (1000.0 * t).round() as i64;
        self.from_ms.saturating_add(offset)
    }

    /// The block medians of a series; a block without a sample is not a number unless it bridges a short gap.
    #[must_use]
    pub fn column(&self, series: &Series) -> Vec<f64> {
        let mut column = vec![f64::NAN; self.len()];
        let until = series.t_ms.partition_point(|&t| t <= self.until_ms());
        let from = series.t_ms.partition_point(|&t| t <= self.from_ms).min(until);
        let seconds = |t: &i64| (t - self.from_ms) as f64 / 1000.0;
        let t: Vec<f64> = series.t_ms[from..until].iter().map(seconds).collect();
        let end = self.len() as f64 * self.width_s;
        let grid = resample(&t, &series.v[from..until], 0.0, end, self.len().max(1));
        for (t, y) in grid.t.iter().zip(grid.y) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a block's place")]
            let place = (t / self.width_s) as usize;
            if let Some(block) = column.get_mut(place) {
                *block = y;
            }
        }
        column
    }
}
