//! Columns at right angles: a constant, a trend, and the slow waves that tell how restless a level is beside it.

use std::f64::consts::PI;

/// Waves used, at most: half turns 2 to 25 of the run. Faster ones say nothing about a trend.
const MOST: usize = 24;
/// Samples that must be there for a slope and an error: two go into the line, two into its restlessness.
pub(super) const LEAST: usize = 4;

/// A line through samples, and what they do beside it.
#[derive(Clone, Debug)]
pub(super) struct Waves {
    /// Slope of the line (ordinary least squares).
    pub slope: f64,
    /// Length of the centred times: an error of `e` in the direction of the trend is one of `e / length` in the slope.
    pub length: f64,
    /// Squared lengths of the samples along wave 2, 3, 4, … half turns.
    pub squares: Vec<f64>,
}

impl Waves {
    /// Takes the samples apart along orthonormal columns.
    ///
    /// ```text
    /// 1, t, cos(2 π s), cos(3 π s), …, cos((q + 1) π s)        s from 0 to 1 over the run, made orthonormal in order
    /// ```
    ///
    /// Made orthonormal on the samples' own times, so that gaps and uneven spacing cost nothing: for independent
    /// normal errors the squares are independent of the slope, and of one variance with its error.
    pub(super) fn of(t: &[f64], y: &[f64]) -> Self {
        let from = t[0];
        let span = t[t.len() - 1] - from;
        let turn =
            |half_turns: usize| t.iter().map(move |t| (PI * half_turns as f64 * (t - from) / span).cos());
        let level: Vec<f64> = y.iter().map(|v| v - y[0]).collect();

        let mut columns = vec![unit(vec![1.0; t.len()])];
        let mut trend: Vec<f64> = t.iter().map(|t| t - from).collect();
        straighten(&mut trend, &columns);
        let length = dot(&trend, &trend).sqrt();
        columns.push(unit(trend));
        let slope = dot(&columns[1], &level) / length;

        let mut rest = level;
        straighten(&mut rest, &columns);
        let mut squares = Vec::new();
        for half_turns in 2..2 + MOST.min(t.len() - 2) {
            let mut wave: Vec<f64> = turn(half_turns).collect();
            straighten(&mut wave, &columns);
            let wave = unit(wave);
            squares.push(dot(&wave, &rest).powi(2));
            columns.push(wave);
        }
        Self { slope, length, squares }
    }
}

/// Takes off what a column shares with orthonormal ones; twice, because once leaves rounding behind.
pub(super) fn straighten(column: &mut [f64], others: &[Vec<f64>]) {
    for other in others.iter().chain(others) {
        let share = dot(column, other);
        column.iter_mut().zip(other).for_each(|(v, o)| *v -= share * o);
    }
}

/// The column at length 1; zeros stay.
pub(super) fn unit(mut column: Vec<f64>) -> Vec<f64> {
    let length = dot(&column, &column).sqrt();
    if 0.0 < length {
        for v in &mut column {
            *v /= length;
        }
    }
    column
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
