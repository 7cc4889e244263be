//! Where a column gives back what it took: the ends of teeth, told from ends of bursts.

use crate::resample::{median_in_place, quantile_in_place};

/// A drop takes back at least this part of the range.
const PART: f64 = 0.3;
/// And this part of what the stretch before it spans.
const OF_STRETCH: f64 = 0.4;
/// Half of the stretch before it was above this part of the drop: a burst is mostly at its foot.
const HALF_WAY: f64 = 0.12;
/// The level after is not above this quantile of the stretch before: the end of a burst on top of a growth is.
const FOOT: f64 = 0.25;
/// A drop must exceed the usual step so many times.
const STEPS: f64 = 4.0;
/// A tooth has at least so many blocks.
const SHORTEST: usize = 3;
/// Blocks over which one drop may stretch: a block can hold both sides of it.
const WIDE: usize = 2;

/// The first blocks after drops, in order.
pub(crate) fn drops(y: &[f64]) -> Vec<usize> {
    let (low, high) = y.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    let range = high - low;
    let mut found = Vec::new();
    let deep_enough = |i: usize| PART * range < y[i - 1] - y[i].min(y[(i + WIDE - 1).min(y.len() - 1)]);
    if range <= 0.0 || !(1..y.len()).any(deep_enough) {
        return found;
    }
    let usual = usual_step(y);
    let mut start = 0;
    let mut i = SHORTEST;
    while i < y.len() {
        // The lowest of the next blocks, where the whole drop is over.
        let last = (i + WIDE).min(y.len());
        let end = (i..last).min_by(|&a, &b| y[a].total_cmp(&y[b])).unwrap_or(i);
        let drop = y[i - 1] - y[end];
        let deep = PART * range < drop && STEPS * usual < drop;
        if deep && SHORTEST <= i - start && is_tooth(&y[start..i], y[end], drop) {
            found.push(end);
            start = end;
            i = end + SHORTEST;
        } else {
            i += 1;
        }
    }
    found
}

/// Whether a drop to `after` takes back what `stretch` had climbed.
fn is_tooth(stretch: &[f64], after: f64, drop: f64) -> bool {
    let mut levels = stretch.to_vec();
    let low = levels.iter().copied().fold(f64::INFINITY, f64::min);
    let high = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let foot = quantile_in_place(&mut levels, FOOT);
    let half_way = median_in_place(&mut levels) - low;
    OF_STRETCH * (high - low) < drop && after <= foot && HALF_WAY * drop.min(high - low) < half_way
}

/// The median size of a step.
fn usual_step(y: &[f64]) -> f64 {
    let mut steps: Vec<f64> = y.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    median_in_place(&mut steps)
}
