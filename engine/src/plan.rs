//! From horizon to window to period: how far a series can be looked ahead, and on how many points.

use hebe_models::forecast::Scale;

/// Points in a full window (the rule of the first such agent: 300 points, in a window of a tenth of the horizon).
pub const POINTS: usize = 300;
/// Points from which a straight line may be extrapolated.
pub const MIN_POINTS: usize = 200;
/// A window with gaps has at least so many points, or it says nothing about now.
const FEW_POINTS: usize = 75;
/// Seconds of a day.
pub(crate) const DAY_S: f64 = 86_400.0;
/// The window is the horizon divided by this.
pub const HORIZON_PER_WINDOW: f64 = 10.0;

/// What the samples at hand allow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How far ahead, in seconds.
    pub horizon_s: f64,
    /// How far back a fit looks, in seconds.
    pub window_s: f64,
    /// Points in the window once it is full.
    pub points: usize,
    /// Points in it now.
    pub have: usize,
    /// Median time between samples, in seconds.
    pub period_s: f64,
    /// Whether the user chose the horizon.
    pub chosen: bool,
}

impl Plan {
    /// Plans for samples at `t` seconds (increasing), newest epoch only.
    ///
    /// Without `horizon_s` the window is all there is, and the horizon ten times that.
    #[must_use]
    pub fn new(t: &[f64], horizon_s: Option<f64>) -> Self {
        let period_s = median_step(t);
        let span = t.last().zip(t.first()).map_or(0.0, |(last, first)| last - first) + period_s;
        let window_s = horizon_s.map_or(span, |horizon_s| horizon_s / HORIZON_PER_WINDOW);
        let fit = if 0.0 < period_s { (1.001 * window_s / period_s).floor() } else { 0.0 };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by POINTS")]
        let points = fit.clamp(0.0, POINTS as f64) as usize;
        let chosen = horizon_s.is_some();
        let horizon_s = HORIZON_PER_WINDOW * window_s;
        let empty = Self { horizon_s, window_s, points, have: 0, period_s, chosen };
        Self { have: filled(t, &empty), ..empty }
    }

    /// Whether there are points enough for a forecast.
    #[must_use]
    pub fn ready(&self) -> bool {
        MIN_POINTS <= self.have
    }

    /// Whether samples as frequent as these could ever fill the window.
    #[must_use]
    pub fn can_be_ready(&self) -> bool {
        MIN_POINTS <= self.points
    }

    /// The shortest horizon that samples as frequent as these allow, in seconds.
    #[must_use]
    pub fn shortest_horizon_s(&self) -> f64 {
        HORIZON_PER_WINDOW * MIN_POINTS as f64 * self.period_s
    }

    /// Seconds until there are points enough.
    #[must_use]
    pub fn ready_in_s(&self) -> f64 {
        let per_point = if self.points == 0 { self.period_s } else { self.window_s / self.points as f64 };
        MIN_POINTS.saturating_sub(self.have) as f64 * per_point
    }

    /// The same for the forecast.
    #[must_use]
    pub fn scale(&self) -> Scale {
        Scale { horizon: self.horizon_s, window: self.window_s, points: self.points.max(1) }
    }
}

/// The median time between neighbours, in seconds, of times in milliseconds; none with fewer than two.
pub(crate) fn period(t_ms: &[i64]) -> Option<f64> {
    let mut steps: Vec<i64> = t_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let middle = steps.len() / 2;
    (!steps.is_empty()).then(|| *steps.select_nth_unstable(middle).1 as f64 / 1000.0)
}

/// The median time between neighbours; zero with fewer than two.
fn median_step(t: &[f64]) -> f64 {
    let mut steps: Vec<f64> = t.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if steps.is_empty() {
        return 0.0;
    }
    let middle = steps.len() / 2;
    *steps.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Points that a forecast can rest on: those in the window; or, where gaps have left it a few of them, those in the
/// last two.
#[must_use]
pub fn filled(t: &[f64], plan: &Plan) -> usize {
    let in_window = blocks_with_samples(t, plan.window_s, plan.points);
    if !(FEW_POINTS..MIN_POINTS).contains(&in_window) {
        return in_window;
    }
    blocks_with_samples(t, 2.0 * plan.window_s, 2 * plan.points).min(plan.points)
}

/// How many of `blocks` equal parts of the last `span` hold a sample.
fn blocks_with_samples(t: &[f64], span: f64, blocks: usize) -> usize {
    let Some(&now) = t.last() else { return 0 };
    if blocks == 0 {
        return t.len().min(POINTS);
    }
    let width = span / blocks as f64;
    let from = t.partition_point(|&t| t <= now - span);
    let mut count = 0;
    let mut last = None;
    for &t in t[from..].iter().rev() {
        #[allow(clippy::cast_possible_truncation, reason = "at most `blocks`")]
        let block = Some(((now - t) / width).floor() as i64);
        if block != last {
            count += 1;
            last = block;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(period: f64, n: usize) -> Vec<f64> {
        (0..n).map(|i| i as f64 * period).collect()
    }

    #[test]
    fn without_a_horizon_the_window_is_all_there_is() {
        let plan = Plan::new(&every(60.0, 600), None);
        assert!((plan.window_s - 36_000.0).abs() < 1e-6 && (plan.horizon_s - 360_000.0).abs() < 1e-6);
        assert_eq!((plan.points, plan.have, plan.chosen), (300, 300, false));
    }

    #[test]
    fn a_horizon_sets_a_window_of_a_tenth_and_300_points() {
        let plan = Plan::new(&every(10.0, 10_000), Some(86_400.0));
        assert!((plan.window_s - 8640.0).abs() < 1e-6);
        assert_eq!((plan.points, plan.have, plan.chosen), (300, 300, true));
    }

    #[test]
    fn from_200_points_a_forecast_is_made_and_below_it_is_not() {
        assert!(Plan::new(&every(60.0, 200), None).ready());
        let plan = Plan::new(&every(60.0, 143), None);
        assert!(!plan.ready());
        assert_eq!(plan.have, 143);
        assert!((plan.ready_in_s() - 57.0 * 60.0).abs() < 61.0, "{}", plan.ready_in_s());
    }

    #[test]
    fn samples_too_far_apart_never_fill_the_window_and_the_shortest_horizon_is_told() {
        let plan = Plan::new(&every(300.0, 5000), Some(86_400.0));
        assert!(!plan.can_be_ready());
        assert!((plan.shortest_horizon_s() - 600_000.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_and_one_sample_are_no_plan_and_no_panic() {
        assert!(!Plan::new(&[], None).ready());
        assert!(!Plan::new(&[5.0], None).ready());
        assert!(!Plan::new(&[5.0], Some(60.0)).ready());
    }
}
