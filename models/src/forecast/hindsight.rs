//! How well lines have done on this very series: what earlier ones said against what has come since.

use super::ladder::{Rung, sen_slope};
use crate::resample::median_in_place;

/// Where earlier lines end, as parts of the stretch.
const ANCHORS: [f64; 4] = [0.4, 0.5, 0.6, 0.7];
/// Blocks that tell a level.
const LEVEL: usize = 3;
/// No line is trusted to better than this part of its slope: what leaks is not made of lines.
pub(super) const LEAST: f64 = 0.04;
/// Beyond this the spread of the lines says it.
const MOST: f64 = 0.5;

/// By what part of the slope lines through the beginning of the stretch missed the level that came: the root mean
/// square over several beginnings.
///
/// Each beginning is a forecast whose outcome is known: the time to a level that has been reached by now.
pub(super) fn miss(rung: &Rung) -> f64 {
    let y: Vec<f64> = rung.t.iter().zip(&rung.residuals).map(|(t, r)| rung.slope * t + r).collect();
    let n = y.len();
    if rung.slope <= 0.0 || n < 2 * LEVEL {
        return LEAST;
    }
    let newest = median_in_place(&mut y[n - LEVEL..].to_vec());
    let squares = ANCHORS.iter().filter_map(|part| {
        let end = rung.t.partition_point(|&t| t < (part - 1.0) * rung.span);
        let (t, y) = (rung.t.get(..end)?, y.get(..end)?);
        let (&last, true) = (t.last()?, 3 * LEVEL <= end) else { return None };
        let slope = sen_slope(t, y);
        let mut levels: Vec<f64> = t.iter().zip(y).map(|(t, y)| y - slope * (t - last)).collect();
        let came = newest - median_in_place(&mut levels);
        let off = came / (-last) - slope;
        Some((off / rung.slope).powi(2))
    });
    let squares: Vec<f64> = squares.collect();
    if squares.is_empty() {
        return LEAST;
    }
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt().clamp(LEAST, MOST)
}
