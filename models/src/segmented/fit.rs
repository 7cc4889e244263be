//! A fitted curve: its segments, its values, and where it meets a limit.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use pulp::{Arch, Simd, WithSimd};

use super::sums::lanes_sum;
use crate::curve::{Clock, Curve};
use crate::window::Window;

/// A window, and what a clock read at each of its times.
pub(super) struct Reading<'a> {
    pub(super) clock: Clock,
    pub(super) t: &'a [f64],
    pub(super) x: Vec<f64>,
    pub(super) y: &'a [f64],
}

impl<'a> Reading<'a> {
    pub(super) fn new(clock: Clock, window: &Window<'a>) -> Self {
        let (t, y) = (window.times(), window.values());
        Self { clock, t, x: t.iter().map(|&t| clock.read(t)).collect(), y }
    }
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
    clock: Clock,
    count: usize,
    segments: [Segment; 4],
}

impl Fit {
    /// Fits every segment between `breakpoints` on its own.
    pub(super) fn new(curve: Curve, read: &Reading<'_>, breakpoints: &[usize]) -> Self {
        let Reading { clock, t, x, y } = read;
        let mut segments = [Segment::default(); 4];
        let mut start = 0;
        for (segment, end) in segments.iter_mut().zip(breakpoints.iter().copied().chain([x.len()])) {
            *segment = Segment::fit(x, y, start, end);
            segment.first_t = t[start];
            start = end;
        }
        let rss = segments.iter().map(|segment| segment.rss).sum();
        Self { curve, rss, clock: *clock, count: breakpoints.len() + 1, segments }
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

    /// Residuals at the window's samples, in order.
    pub(crate) fn residuals<'a>(&'a self, times: &'a [f64], y: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.segments().iter().flat_map(move |segment| {
            (segment.start..segment.end).map(move |k| y[k] - segment.at(self.clock.read(times[k])))
        })
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
    /// Fits the line of the samples `start .. end`.
    fn fit(x: &[f64], y: &[f64], start: usize, end: usize) -> Self {
        let line = Arch::new().dispatch(LeastSquares { x: &x[start..end], y: &y[start..end] });
        Self { start, end, ..line }
    }

    fn at(&self, x: f64) -> f64 {
        self.y_mean + self.slope * (x - self.x_mean)
    }
}

/// Least squares in two passes, the middle first and then distances from it, on whatever vectors the processor
/// has.
struct LeastSquares<'a> {
    x: &'a [f64],
    y: &'a [f64],
}

impl WithSimd for LeastSquares<'_> {
    type Output = Segment;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Segment {
        let Self { x, y } = self;
        let n = x.len() as f64;
        let (x0, y0) = (x[0], y[0]);
        let [dx, dy] = lanes_sum(x, y, |x, y| [x - x0, y - y0]);
        let (x_mean, y_mean) = (x0 + dx / n, y0 + dy / n);
        let [sxx, sxy] = lanes_sum(x, y, |x, y| [(x - x_mean) * (x - x_mean), (x - x_mean) * (y - y_mean)]);
        let slope = if 0.0 < sxx { sxy / sxx } else { 0.0 };
        let [rss] = lanes_sum(x, y, |x, y| {
            let residual = (y - y_mean) - slope * (x - x_mean);
            [residual * residual]
        });
        Segment { rss, x_mean, y_mean, slope, ..Segment::default() }
    }
}
