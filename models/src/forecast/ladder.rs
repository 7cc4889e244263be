//! One view of the growth per length of history: a robust line through the newest stretch of each length.

use crate::resample::{median_in_place, resample};

/// Blocks a stretch is divided into: enough for a trend, few enough that all pairs of them are cheap.
const BLOCKS: usize = 60;
/// Blocks that tell where the level is now.
const NEWEST: usize = 3;
/// A stretch needs this many filled blocks.
const MIN_BLOCKS: usize = 20;

/// A robust line through the newest stretch of one length.
#[derive(Clone, Debug)]
pub(super) struct Rung {
    /// Length of the stretch.
    pub span: f64,
    /// Sen's slope: the median of all pairwise slopes.
    pub slope: f64,
    /// Level of the line now.
    pub level: f64,
    /// Sen's slope of the newest quarter.
    pub tail: f64,
    /// Mann-Kendall z of the block medians.
    pub z: f64,
    /// The smallest step between two of its values: how coarse they are.
    pub quantum: f64,
    /// Median of the newest blocks.
    pub newest: f64,
    /// Times of the blocks, before now.
    pub t: Vec<f64>,
    /// Residuals of the block medians about the line.
    pub residuals: Vec<f64>,
}

impl Rung {
    /// The line through the samples of the last `span` before `now`; none with too few blocks.
    pub(super) fn new(t: &[f64], y: &[f64], now: f64, span: f64) -> Option<Self> {
        let grid = resample(t, y, now - span, now, BLOCKS);
        if grid.t.len() < MIN_BLOCKS {
            return None;
        }
        let mut slopes = Vec::with_capacity(BLOCKS * BLOCKS / 2);
        let (slope, s) = sen(&grid.t, &grid.y, &mut slopes);
        let n = grid.t.len() as f64;
        let variance = n * (n - 1.0) * (2.0 * n + 5.0) / 18.0;
        let mut residuals: Vec<f64> =
            grid.t.iter().zip(&grid.y).map(|(t, y)| y - slope * (t - now)).collect();
        let mut sorted = residuals.clone();
        let level = median_in_place(&mut sorted);
        for residual in &mut residuals {
            *residual -= level;
        }
        let newest = median_in_place(&mut grid.y[grid.y.len() - NEWEST..].to_vec());
        let quarter = grid.t.partition_point(|&t| t < now - span / 4.0);
        let (tail, _) = sen(&grid.t[quarter..], &grid.y[quarter..], &mut slopes);
        let quantum = quantum(&grid.y);
        let t = grid.t.iter().map(|t| t - now).collect();
        Some(Self { span, slope, level, tail, z: s / variance.sqrt(), newest, quantum, t, residuals })
    }
}

/// The smallest difference between values that is not rounding.
fn quantum(y: &[f64]) -> f64 {
    let mut sorted = y.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let range = sorted[sorted.len() - 1] - sorted[0];
    let steps = sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|&step| 1e-9 * range < step);
    let least = steps.fold(f64::INFINITY, f64::min);
    if least.is_finite() { least } else { 0.0 }
}

/// How far the level wanders about the line for a while: the root mean square of the means of its sixths.
pub(super) fn wander(rung: &Rung) -> f64 {
    let sixth = (rung.residuals.len() / 6).max(1);
    let means = rung.residuals.chunks_exact(sixth).map(|part| part.iter().sum::<f64>() / sixth as f64);
    let squares: Vec<f64> = means.map(|mean| mean * mean).collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

/// Sen's slope.
pub(super) fn sen_slope(t: &[f64], y: &[f64]) -> f64 {
    sen(t, y, &mut Vec::new()).0
}

/// Sen's slope, and Kendall's S (pairs that rise less pairs that fall).
fn sen(t: &[f64], y: &[f64], slopes: &mut Vec<f64>) -> (f64, f64) {
    slopes.clear();
    let mut s = 0.0;
    for i in 0..t.len() {
        for j in i + 1..t.len() {
            let rise = y[j] - y[i];
            s += f64::from(i8::from(0.0 < rise) - i8::from(rise < 0.0));
            slopes.push(rise / (t[j] - t[i]));
        }
    }
    (if slopes.is_empty() { 0.0 } else { median_in_place(slopes) }, s)
}
