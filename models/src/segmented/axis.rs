//! What depends on the times of a window alone: the same for every series that is sampled alike, and worth keeping
//! from one fit to the next.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use super::column::{Column, PAD};
use super::lanes::{running_sums, sums_of, turn, unit};
use super::side::{CELL, phase};

/// The readings of a clock at the times of a window, and tables of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Axis {
    /// The readings.
    pub(super) readings: Vec<f64>,
    /// The readings, centred and scaled to 1.
    pub(super) x: Vec<f64>,
    /// `Σ x²`.
    pub(super) xx: f64,
    /// Fewest samples of a segment.
    pub(super) min: usize,
    /// `longer[m] = 1 / m`, 0 for `m = 0`; some more of them than the window has samples.
    pub(super) longer: Vec<f64>,
    /// `shorter[n - m] = 1 / m`: read in the direction of the starts of segments; 0 where `m` is not positive.
    pub(super) shorter: Column,
    /// `one_sxx[n - m] = 1 / Σ (x - x̄)²` of a segment of `m`; all 0 where the clock is not even.
    pub(super) one_sxx: Column,
    /// Whether the readings are evenly spaced.
    pub(super) even: bool,
    /// Least `Σ (x - x̄)²` of a segment that the sums can tell from nothing: below it, rounding decides.
    pub(super) floor: f64,
    /// Whether the sums can tell any two samples apart.
    pub(super) distinct: bool,
    /// From the first sample to the last.
    pub(super) ahead: Way,
    /// From the last sample to the first.
    pub(super) back: Way,
}

/// Running sums of `x` and `x²` in one direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    pub(super) x: Column,
    pub(super) xx: Column,
    /// `half[i] + half[j]` is the mean of `x` over `i .. j`, on an even clock.
    pub(super) half: Column,
    /// `1 / Σ (x - x̄)²` of the first `j` samples.
    pub(super) whole: Vec<f64>,
    /// `1 / Σ (x - x̄)²` of the samples from the anchor before `j` to `j`.
    pub(super) inside: Vec<f64>,
}

impl Axis {
    /// The tables of a clock that reads `readings`; none for a window without room for three segments of `min`.
    #[inline(always)]
    pub(super) fn new(readings: Vec<f64>, even: bool, min: usize) -> Self {
        let n = readings.len();
        let mut axis = Self { readings, min, even, ..Self::default() };
        if n < 3 * min {
            return axis;
        }
        unit(&axis.readings, &mut axis.x);
        [axis.xx] = sums_of(&axis.x, &axis.x, |x, _| [x * x]);
        axis.floor = axis.xx * 1e-13 + f64::MIN_POSITIVE;
        axis.distinct = axis.x.windows(2).all(|x| 8.0 * axis.floor < (x[1] - x[0]) * (x[1] - x[0]));
        axis.lengths(n);
        axis.ways(n);
        if even {
            axis.even_tables(n, (axis.x[n - 1] - axis.x[0]) / (n - 1) as f64);
        }
        axis
    }

    /// How many samples the window has.
    pub(super) fn len(&self) -> usize {
        self.readings.len()
    }

    #[inline(always)]
    fn lengths(&mut self, n: usize) {
        self.longer.resize(n + 1 + PAD, 0.0);
        for (m, longer) in self.longer.iter_mut().enumerate().skip(1) {
            *longer = 1.0 / m as f64;
        }
        self.shorter.shape(2 * n, n - self.min);
        for (shorter, longer) in self.shorter.iter_mut().zip(self.longer[..=n].iter().rev()) {
            *shorter = *longer;
        }
    }

    #[inline(always)]
    fn ways(&mut self, n: usize) {
        let phase = phase(n, self.min);
        for (way, border) in [(&mut self.ahead, self.min), (&mut self.back, self.min - phase)] {
            for column in [&mut way.x, &mut way.xx, &mut way.half] {
                column.shape(n + 1, border);
            }
        }
        let Way { x, xx, half, .. } = &mut self.ahead;
        running_sums([x, xx, half], &self.x, &self.x, |x, _| [x, x * x, 0.0]);
        turn(&x[..=n], &mut self.back.x);
        turn(&xx[..=n], &mut self.back.xx);
        self.ahead.inverses(n, 2 * self.min, &self.longer, self.floor);
        self.back.inverses(n, 2 * self.min - phase, &self.longer, self.floor);
    }

    /// The tables for samples `step` apart.
    ///
    /// ```text
    /// Σ (x - x̄)² = step² m (m² - 1) / 12
    /// ```
    #[inline(always)]
    fn even_tables(&mut self, n: usize, step: f64) {
        self.one_sxx.shape(2 * n, n - self.min);
        for (k, one_sxx) in self.one_sxx[..n - 1].iter_mut().enumerate() {
            let m = (n - k) as f64;
            *one_sxx = 12.0 / (step * step) / (m * (m * m - 1.0));
        }
        for k in 0..=n {
            let half = (k as f64 - n as f64 / 2.0) * (step / 2.0);
            self.ahead.half[k] = half;
            self.back.half[n - k] = half;
        }
    }
}

impl Way {
    /// Inverts what segments from the first sample, and from the anchors from `first` on, are divided by.
    #[inline(always)]
    fn inverses(&mut self, n: usize, first: usize, longer: &[f64], floor: f64) {
        let Self { x, xx, whole, inside, .. } = self;
        whole.resize(n + 1 + PAD, 0.0);
        inside.resize(n + 1 + PAD, 0.0);
        inverses_from(0, [x, xx], longer, floor, &mut whole[1..=n]);
        for anchor in (first..n).step_by(CELL) {
            let end = (anchor + CELL).min(n);
            inverses_from(anchor, [x, xx], longer, floor, &mut inside[anchor + 1..=end]);
        }
    }
}

/// Writes `1 / Σ (x - x̄)²` of the segments from `start` to each of the next places.
#[inline(always)]
fn inverses_from(start: usize, [x, xx]: [&[f64]; 2], longer: &[f64], floor: f64, out: &mut [f64]) {
    let (x0, xx0) = (x[start], xx[start]);
    let (x, xx) = (&x[start + 1..], &xx[start + 1..]);
    for (((out, x), xx), share) in out.iter_mut().zip(x).zip(xx).zip(&longer[1..]) {
        let (x, xx) = (x - x0, xx - xx0);
        let sxx = xx - x * x * share;
        *out = 1.0 / if sxx < floor { floor } else { sxx };
    }
}
