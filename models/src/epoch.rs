//! Finds where a level was taken back: a restart, a clean-up, a collection. What was learnt before does not continue.

use crate::resample::{median, median_in_place, resample};

/// A climb that ended in a drop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Climb {
    /// Index of the first sample after the drop: where the next epoch begins.
    pub end: usize,
    /// Index of the sample at which the drop was certain; whoever looks earlier does not know of it.
    pub known: usize,
    /// Level before the drop.
    pub peak: f64,
    /// Level after the drop.
    pub trough: f64,
}

/// Samples on each side of a drop that tell the level.
const SIDE: usize = 5;
/// A drop exceeds this many standard deviations of the noise.
const MIN_SD: f64 = 8.0;
/// A drop takes back at least this part of the range since the last one.
const MIN_RANGE: f64 = 0.5;
/// The climb before it made up at least this part of the drop; less, and it is the end of a surge.
const MIN_CLIMB: f64 = 0.4;
/// After the drop at most this part of the climb is left; more, and a surge ended on top of a leak that goes on.
const MAX_LEFT: f64 = 0.5;
/// Half of the time before the drop was spent above this part of it; a ramp out of a flat stretch is a surge.
const MIN_HALF_WAY: f64 = 0.12;
/// Blocks for the slope of a climb.
const BLOCKS: usize = 24;

/// All climbs that ended in a drop, in order. Each depends only on samples up to its `known`.
#[must_use]
pub fn climbs(t: &[f64], y: &[f64]) -> Vec<Climb> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut range = Range::default();
    let mut noise = StepNoise::default();
    let mut i = SIDE;
    let mut scratch = Vec::with_capacity(SIDE);
    while i + SIDE <= y.len() {
        range.add(y[i - SIDE]);
        noise.add((y[i] - y[i - 1]).abs());
        if y[i] < y[i - 1] && MIN_RANGE * range.width() < y[i - 1] - y[i + SIDE - 1] {
            let before = median(&mut scratch, &y[i - SIDE..i]);
            // What climbs until it is taken back, and begins to climb at once: the highest and the lowest sample tell
            // from where it fell, and how far.
            let peak = y[i - SIDE..i].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let trough = y[i..i + SIDE].iter().copied().fold(f64::INFINITY, f64::min);
            let drop = before - median(&mut scratch, &y[i..i + SIDE]);
            let deep = MIN_RANGE * range.width() < drop && MIN_SD * noise.sd() < drop;
            if deep
                && start + 2 * SIDE <= i
                && taken_back(&t[start..i], &y[start..i], drop, trough - range.low)
            {
                found.push(Climb { end: i, known: i + SIDE - 1, peak, trough });
                start = i;
                range = Range::default();
                i += SIDE;
                continue;
            }
        }
        i += 1;
    }
    found
}

/// Whether a drop takes back what the stretch before it had climbed, and so ends an epoch rather than a surge.
fn taken_back(t: &[f64], y: &[f64], drop: f64, left: f64) -> bool {
    let climb = climb(t, y);
    let mut levels = y.to_vec();
    let low = levels.iter().copied().fold(f64::INFINITY, f64::min);
    let half_way = median_in_place(&mut levels) - low;
    MIN_CLIMB * drop < climb && left < MAX_LEFT * climb && MIN_HALF_WAY * drop < half_way
}

/// How much a stretch rose by its robust slope.
fn climb(t: &[f64], y: &[f64]) -> f64 {
    let (from, to) = (t[0], t[t.len() - 1]);
    let width = (to - from) / BLOCKS as f64;
    let grid = resample(t, y, from - width / 1e6, to, BLOCKS);
    let mut slopes = Vec::new();
    for i in 0..grid.t.len() {
        for j in i + 1..grid.t.len() {
            slopes.push((grid.y[j] - grid.y[i]) / (grid.t[j] - grid.t[i]));
        }
    }
    if slopes.is_empty() { 0.0 } else { median_in_place(&mut slopes) * (to - from) }
}

/// Lowest and highest so far.
#[derive(Clone, Copy, Debug)]
struct Range {
    low: f64,
    high: f64,
}

impl Default for Range {
    fn default() -> Self {
        Self { low: f64::INFINITY, high: f64::NEG_INFINITY }
    }
}

impl Range {
    fn add(&mut self, y: f64) {
        self.low = self.low.min(y);
        self.high = self.high.max(y);
    }

    fn width(&self) -> f64 {
        (self.high - self.low).max(0.0)
    }
}

/// Standard deviation of single steps, following the median of their sizes as they come.
#[derive(Clone, Copy, Debug, Default)]
struct StepNoise {
    median: f64,
    seen: u32,
}

impl StepNoise {
    /// Moves the estimate towards `size` by a share of itself: a stochastic median, causal and without memory.
    fn add(&mut self, size: f64) {
        self.seen = self.seen.saturating_add(1);
        if self.seen <= 8 {
            self.median += (size - self.median) / f64::from(self.seen);
        } else {
            let rate = 0.05 * self.median.max(1e-300);
            self.median += if self.median < size { rate } else { -rate };
        }
    }

    fn sd(&self) -> f64 {
        // The median of |difference of two| is 0.6745 sqrt(2) sd.
        self.median / (0.6745 * std::f64::consts::SQRT_2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wiggle(i: usize) -> f64 {
        ((i * 7919) % 13) as f64 / 13.0
    }

    fn find(y: &[f64]) -> Vec<usize> {
        let t: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
        climbs(&t, y).iter().map(|climb| climb.end).collect()
    }

    #[test]
    fn a_restart_of_a_leak_is_found() {
        let y: Vec<f64> = (0..300).map(|i| (i % 150) as f64 + wiggle(i)).collect();
        assert_eq!(find(&y), [150]);
    }

    #[test]
    fn the_end_of_a_surge_is_not_a_restart() {
        let y: Vec<f64> =
            (0..300).map(|i| if (150..200).contains(&i) { 100.0 } else { 10.0 } + wiggle(i)).collect();
        assert_eq!(find(&y), [0; 0]);
    }

    #[test]
    fn a_ramp_out_of_a_flat_stretch_is_a_surge() {
        let y: Vec<f64> = (0..300)
            .map(|i| if (110..200).contains(&i) { (i - 110) as f64 } else { 0.0 } + wiggle(i))
            .collect();
        assert_eq!(find(&y), [0; 0]);
    }

    #[test]
    fn a_surge_on_top_of_a_leak_does_not_restart_it() {
        let y: Vec<f64> = (0..300)
            .map(|i| i as f64 + if (150..200).contains(&i) { 150.0 } else { 0.0 } + wiggle(i))
            .collect();
        assert_eq!(find(&y), [0; 0]);
    }

    #[test]
    fn noise_and_a_leak_have_no_restart() {
        let y: Vec<f64> = (0..300).map(|i| 3.0 * wiggle(i)).collect();
        assert_eq!(find(&y), [0; 0]);
        let y: Vec<f64> = (0..300).map(|i| i as f64 + 3.0 * wiggle(i)).collect();
        assert_eq!(find(&y), [0; 0]);
    }

    #[test]
    fn what_is_found_does_not_depend_on_the_future() {
        let y: Vec<f64> = (0..500).map(|i| (i % 120) as f64 + wiggle(i)).collect();
        let t: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
        let all = climbs(&t, &y);
        for cut in 0..y.len() {
            let early = climbs(&t[..cut], &y[..cut]);
            let known: Vec<Climb> = all.iter().copied().filter(|climb| climb.known < cut).collect();
            assert_eq!(early, known, "cut at {cut}");
        }
    }
}
