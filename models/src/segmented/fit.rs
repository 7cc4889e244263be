//! A fitted curve: its segments, its values, and where it meets a limit.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use pulp::Simd;

use super::lanes::sums_of;
use crate::curve::{Clock, Curve};

/// A window, and what a clock read at each of its times.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) clock: Clock,
    pub(super) t: &'a [f64],
    pub(super) x: &'a [f64],
    pub(super) y: &'a [f64],
}

/// One segment of a fit: a straight line on the curve's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Segment {
    /// Place of its first sample in the window.
    pub start: usize,
    /// Place after its last sample.
    pub end: usize,
    /// Time of its first sample.
    pub first_t: f64,
    /// Sum of its squared residuals.
    pub rss: f64,
    x_mean: f64,
    y_mean: f64,
    slope: f64,
}

/// A curve at its least sum of squared residuals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Its family.
    pub curve: Curve,
    /// Sum of its squared residuals.
    pub rss: f64,
    /// Sum of the products of neighbouring residuals.
    lagged: f64,
    clock: Clock,
    count: usize,
    segments: [Segment; 4],
}

impl Fit {
    /// Fits every segment between `breakpoints` on its own; leaves the residuals.
    #[inline(always)]
    pub(super) fn new<S: Simd>(
        simd: S,
        curve: Curve,
        read: &Reading<'_>,
        breakpoints: &[usize],
        residuals: &mut Vec<f64>,
    ) -> Self {
        let n = read.x.len();
        residuals.resize(n, 0.0);
        let mut segments = [Segment::default(); 4];
        let (mut start, mut rss) = (0, 0.0);
        for (segment, end) in segments.iter_mut().zip(breakpoints.iter().copied().chain([n])) {
            let (x, y) = (&read.x[start..end], &read.y[start..end]);
            *segment = Segment::fit(simd, x, y, &mut residuals[start..end]);
            (segment.start, segment.end, segment.first_t) = (start, end, read.t[start]);
            rss += segment.rss;
            start = end;
        }
        let [lagged] = sums_of(&residuals[..n - 1], &residuals[1..], |before, after| [before * after]);
        Self { curve, rss, lagged, clock: read.clock, count: breakpoints.len() + 1, segments }
    }

    /// Its segments in time order: one more than it has breakpoints.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments[..self.count]
    }

    /// Its value at `t`: of the segment `t` falls into, the last one also beyond the window.
    #[must_use]
    pub fn at(&self, t: f64) -> f64 {
        self.segment_at(t).at(self.clock.read(t))
    }

    /// Change of its value in one unit of time at `t`.
    #[must_use]
    pub fn slope_at(&self, t: f64) -> f64 {
        self.segment_at(t).slope * self.clock.rate(t)
    }

    /// When the last segment, extrapolated from `after`, meets `limit` from below.
    ///
    /// `after` itself when the curve is at or over the limit there; `None` when it falls, is flat, or meets
    /// the limit beyond the largest number.
    #[must_use]
    pub fn crossing(&self, limit: f64, after: f64) -> Option<f64> {
        let last = self.last();
        if !after.is_finite() || limit.is_nan() {
            return None;
        }
        if limit <= last.at(self.clock.read(after)) {
            return Some(after);
        }
        if last.slope <= 0.0 {
            return None;
        }
        let x = last.x_mean + (limit - last.y_mean) / last.slope;
        let t = self.clock.when(x);
        t.is_finite().then(|| t.max(after))
    }

    /// Lag-1 autocorrelation of its residuals, `Σ e[k] e[k + 1] / Σ e[k]²`; not a number where there are none.
    pub(crate) fn autocorrelation(&self) -> f64 {
        self.lagged / self.rss
    }

    /// The segment that is extrapolated.
    fn last(&self) -> &Segment {
        &self.segments[self.count - 1]
    }

    fn segment_at(&self, t: f64) -> &Segment {
        self.segments().iter().rev().find(|segment| segment.first_t <= t).unwrap_or(&self.segments[0])
    }
}

impl Segment {
    /// Fits a line by least squares: distances from the sample in the middle first, then residuals.
    ///
    /// No sample is further from the mean than the root of the sum of squares, so nothing is lost by it.
    #[inline(always)]
    fn fit<S: Simd>(simd: S, x: &[f64], y: &[f64], residuals: &mut [f64]) -> Self {
        let n = x.len() as f64;
        let (x0, y0) = (x[x.len() / 2], y[x.len() / 2]);
        let [dx, dy, dxx, dxy] = about(simd, x, y, [x0, y0]);
        let (sxx, sxy) = (dxx - dx * (dx / n), dxy - dx * (dy / n));
        let (x_mean, y_mean) = (x0 + dx / n, y0 + dy / n);
        let slope = if 0.0 < sxx { sxy / sxx } else { 0.0 };
        let rss = leave(simd, x, y, [x_mean, y_mean, slope], residuals);
        Self { rss, x_mean, y_mean, slope, ..Self::default() }
    }

    fn at(&self, x: f64) -> f64 {
        self.y_mean + self.slope * (x - self.x_mean)
    }
}

/// `Σ dx`, `Σ dy`, `Σ dx²` and `Σ dx dy` of the distances from a point.
#[inline(always)]
fn about<S: Simd>(simd: S, x: &[f64], y: &[f64], [x0, y0]: [f64; 2]) -> [f64; 4] {
    let (from_x, from_y) = (simd.splat_f64s(x0), simd.splat_f64s(y0));
    let ((xs, x_rest), (ys, y_rest)) = (S::as_simd_f64s(x), S::as_simd_f64s(y));
    let [mut sx, mut sy, mut sxx, mut sxy] = [simd.splat_f64s(0.0); 4];
    for (&x, &y) in xs.iter().zip(ys) {
        let (dx, dy) = (simd.sub_f64s(x, from_x), simd.sub_f64s(y, from_y));
        (sx, sy) = (simd.add_f64s(sx, dx), simd.add_f64s(sy, dy));
        (sxx, sxy) = (simd.mul_add_e_f64s(dx, dx, sxx), simd.mul_add_e_f64s(dx, dy, sxy));
    }
    let mut sums = [
        simd.reduce_sum_f64s(sx),
        simd.reduce_sum_f64s(sy),
        simd.reduce_sum_f64s(sxx),
        simd.reduce_sum_f64s(sxy),
    ];
    for (x, y) in x_rest.iter().zip(y_rest) {
        let (dx, dy) = (x - x0, y - y0);
        sums = [sums[0] + dx, sums[1] + dy, sums[2] + dx * dx, sums[3] + dx * dy];
    }
    sums
}

/// Writes what a line leaves, and sums up its squares.
#[inline(always)]
fn leave<S: Simd>(simd: S, x: &[f64], y: &[f64], line: [f64; 3], residuals: &mut [f64]) -> f64 {
    let [x_mean, y_mean, slope] = line;
    let line = [simd.splat_f64s(x_mean), simd.splat_f64s(y_mean), simd.splat_f64s(slope)];
    let ((xs, x_rest), (ys, y_rest)) = (S::as_simd_f64s(x), S::as_simd_f64s(y));
    let (out, out_rest) = S::as_mut_simd_f64s(residuals);
    let mut squares = simd.splat_f64s(0.0);
    for ((&x, &y), out) in xs.iter().zip(ys).zip(out) {
        let (dx, dy) = (simd.sub_f64s(x, line[0]), simd.sub_f64s(y, line[1]));
        *out = simd.negate_mul_add_e_f64s(line[2], dx, dy);
        squares = simd.mul_add_e_f64s(*out, *out, squares);
    }
    let mut rss = simd.reduce_sum_f64s(squares);
    for ((x, y), out) in x_rest.iter().zip(y_rest).zip(out_rest) {
        *out = (y - y_mean) - slope * (x - x_mean);
        rss += *out * *out;
    }
    rss
}
