//! Sen's slope: the median of the slopes between all pairs of samples.

use super::mann_kendall::variance;
use super::{median, normal_quantile};
use crate::window::Window;

/// The line with Sen's slope: samples that are wrong cannot bend it while they are less than 29 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SenSlope {
    /// Median slope between two samples, in units of time of the window.
    pub slope: f64,
    /// Value at `t = 0`: `median y - slope median t`.
    pub intercept: f64,
    t_median: f64,
    y_median: f64,
}

impl SenSlope {
    /// Takes the exact median of all `n (n - 1) / 2` slopes (Sen 1968).
    #[must_use]
    pub fn fit(window: &Window<'_>) -> Self {
        let slope = median(&mut slopes(window));
        let t_median = median(&mut window.times().to_vec());
        let y_median = median(&mut window.values().to_vec());
        Self { slope, intercept: y_median - slope * t_median, t_median, y_median }
    }

    /// The line's value at `t`.
    #[must_use]
    pub fn at(&self, t: f64) -> f64 {
        self.y_median + self.slope * (t - self.t_median)
    }

    /// The slopes between which the true one lies with the given confidence, for independent samples.
    ///
    /// ```text
    /// c = z((1 + confidence) / 2) sqrt(var_s)      of N sorted slopes the (N - c)/2-th and the (N + c)/2 + 1-th
    /// ```
    ///
    /// From the variance of Kendall's rank statistic (Gilbert 1987), rounded outwards.
    #[must_use]
    pub fn interval(window: &Window<'_>, confidence: f64) -> (f64, f64) {
        ends(&mut slopes(window), window, confidence)
    }

    /// The line and the interval of its slope, the slopes worked out once. Samples that follow each other have a
    /// wider one: the variance of the rank statistic is `inflation` times that of independent samples.
    #[must_use]
    pub(crate) fn with_interval(
        window: &Window<'_>,
        confidence: f64,
        inflation: impl FnOnce(f64) -> f64,
    ) -> (Self, (f64, f64)) {
        let mut slopes = slopes(window);
        let (middle, last) = (slopes.len() / 2, slopes.len() - 1);
        let (lower, &mut upper, higher) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
        let below = || lower.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let slope = if last.is_multiple_of(2) { upper } else { f64::midpoint(below(), upper) };
        // Each end is in its own half.
        let low = rank(last + 1, window, confidence, inflation(slope));
        let low_end = if low < middle { *lower.select_nth_unstable_by(low, f64::total_cmp).1 } else { upper };
        let high_end = match (last - low).checked_sub(middle + 1) {
            Some(place) => *higher.select_nth_unstable_by(place, f64::total_cmp).1,
            None => upper,
        };
        let t_median = median(&mut window.times().to_vec());
        let y_median = median(&mut window.values().to_vec());
        let line = Self { slope, intercept: y_median - slope * t_median, t_median, y_median };
        (line, (low_end, high_end))
    }
}

/// The ends of the interval of a slope, from all slopes in any order.
fn ends(slopes: &mut [f64], window: &Window<'_>, confidence: f64) -> (f64, f64) {
    let low = rank(slopes.len(), window, confidence, 1.0);
    let high = slopes.len() - 1 - low;
    let low_slope = *slopes.select_nth_unstable_by(low, f64::total_cmp).1;
    let high_slope = *slopes.select_nth_unstable_by(high, f64::total_cmp).1;
    (low_slope, high_slope)
}

/// The place of the lower end among `count` sorted slopes; the upper end is as far from the last one.
fn rank(count: usize, window: &Window<'_>, confidence: f64, inflation: f64) -> usize {
    let last = count - 1;
    let c = normal_quantile(f64::midpoint(1.0, confidence.clamp(0.0, 1.0)))
        * (variance(window.values()) * inflation).sqrt();
    let rank = (count as f64 - c) / 2.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the places there are"
    )]
    let low = (rank.floor() - 1.0).clamp(0.0, last as f64) as usize;
    // Where the interval takes all slopes, the ranks may cross.
    low.min(last - low)
}

/// Slopes between all pairs of samples, in no order.
fn slopes(window: &Window<'_>) -> Vec<f64> {
    let (t, y) = (window.times(), window.values());
    let mut slopes = Vec::with_capacity(t.len() * (t.len() - 1) / 2);
    for i in 0..t.len() {
        slopes.extend((i + 1..t.len()).map(|j| (y[j] - y[i]) / (t[j] - t[i])));
    }
    slopes
}
