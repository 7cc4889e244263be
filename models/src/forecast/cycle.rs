//! A cycle that has been seen once: too little for a profile, enough to hold a rise against the same hours before.

use super::Past;
use super::ladder::Rung;
use crate::resample::{quantile_in_place, resample};

/// A rise repeats an earlier one where the level is off by less than this part of it, at most times.
const OFF: f64 = 0.3;
const MOST_TIMES: f64 = 0.8;
/// Blocks of the rise; the earlier stretch must have data for this part of them.
const BLOCKS: usize = 30;
const FILLED: f64 = 0.5;
/// Once so many periods are there, a profile tells.
const PERIODS: f64 = 2.0;

/// Whether the rise of `base` went through the same levels one `period` earlier.
///
/// A line that goes on gains over a whole period at least what it gains in a part of it; a cycle gains nothing.
pub(super) fn repeats(past: &Past<'_>, base: &Rung, period: f64) -> bool {
    let (t, y) = (&past.t[past.start..], &past.y[past.start..]);
    let now = past.t[past.t.len() - 1];
    if PERIODS * period < now - t[0] {
        return false;
    }
    let span = base.span.min(period);
    let before = resample(t, y, now - period - span, now - period, BLOCKS);
    if (before.t.len() as f64) < FILLED * BLOCKS as f64 {
        return false;
    }
    let rise = resample(t, y, now - span, now, BLOCKS);
    let mut off: Vec<f64> = rise
        .t
        .iter()
        .zip(&rise.y)
        .filter_map(|(t, y)| {
            let near =
                before.t.iter().position(|then| (then + period - t).abs() < 0.6 * span / BLOCKS as f64)?;
            Some((y - before.y[near]).abs())
        })
        .collect();
    !off.is_empty() && quantile_in_place(&mut off, MOST_TIMES) < OFF * base.slope * span
}
