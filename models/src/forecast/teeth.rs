//! A level that climbs and is taken back again and again: a heap, a log that is cleaned, a service on a timer.
//!
//! Such a level is judged by where it falls back to, not by the climb of the day.

use super::Past;
use crate::epoch::Climb;

/// Teeth looked back on, at most.
const MOST: usize = 24;
/// Two climbs are the same tooth again if their peaks agree within this part of their height.
const AGREE: f64 = 0.25;
/// Peaks that must agree; older ones may have been others.
const AGREEING: usize = 6;
/// This many climbs are a sawtooth whatever their peaks.
const SURELY: usize = 8;
/// This many troughs are a trend if nearly all of them rise.
const TREND: usize = 5;

/// The sawtooth that a level follows.
#[derive(Clone, Debug)]
pub(super) struct Teeth {
    /// Highest peak so far.
    pub top: f64,
    /// Median height of the teeth.
    pub height: f64,
    /// The line through the troughs, where they rise: level now and slope.
    pub troughs: Option<Rising>,
}

/// Troughs that rise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rising {
    /// Level of the line now.
    pub level: f64,
    /// Its slope.
    pub slope: f64,
    /// Standard error of the slope.
    pub error: f64,
    /// The level at which the troughs leave nothing to take back.
    pub target: f64,
}

impl Teeth {
    /// The sawtooth of the newest climbs; none where there are too few, or their peaks differ.
    pub(super) fn of(past: &Past<'_>) -> Option<Self> {
        let now = *past.t.last()?;
        let recent: Vec<&Climb> =
            past.climbs.iter().rev().take(MOST).filter(|climb| past.start <= climb.end).collect();
        let mut heights: Vec<f64> = recent.iter().map(|climb| climb.peak - climb.trough).collect();
        if heights.len() < 2 {
            return None;
        }
        let height = crate::resample::median_in_place(&mut heights);
        let top = recent.iter().map(|climb| climb.peak).fold(f64::NEG_INFINITY, f64::max);
        let newest = || recent.iter().take(AGREEING).map(|climb| climb.peak);
        let differ = newest().fold(f64::NEG_INFINITY, f64::max) - newest().fold(f64::INFINITY, f64::min);
        if recent.len() < SURELY && AGREE * height < differ {
            return None;
        }
        Some(Self { top, height, troughs: rising(past, &recent, now, height) })
    }
}

/// The line through the troughs (newest first), where they rise beyond doubt.
fn rising(past: &Past<'_>, recent: &[&Climb], now: f64, height: f64) -> Option<Rising> {
    let n = recent.len();
    if n < TREND {
        return None;
    }
    let line = |value: fn(&Climb) -> f64| {
        let points: Vec<(f64, f64)> =
            recent.iter().rev().map(|climb| (past.t[climb.end] - now, value(climb))).collect();
        sen_line(&points)
    };
    let (slope, level, s, error) = line(|climb| climb.trough);
    let (peak_slope, peak_level, _, _) = line(|climb| climb.peak);
    let pairs = (n * (n - 1) / 2) as f64;
    let span = now - past.t[recent[n - 1].end];
    if slope <= 0.0 || s < 0.6 * pairs || slope * span < 0.05 * height {
        return None;
    }
    // Peaks that stay where they are mark the level at which the owner collects; peaks that rise along go on to
    // the limit, and the trough has the height of a tooth less to go.
    let flat = peak_slope * span < 0.5 * slope * span;
    let target = if flat { peak_level.min(past.limit) } else { past.limit - height };
    Some(Rising { level, slope, error, target })
}

/// Sen's slope, the level at time zero, Kendall's S, and the slope's standard error from the scatter.
fn sen_line(points: &[(f64, f64)]) -> (f64, f64, f64, f64) {
    let mut slopes = Vec::new();
    let mut s = 0.0;
    for (i, a) in points.iter().enumerate() {
        for b in &points[i + 1..] {
            s += f64::from(i8::from(a.1 < b.1) - i8::from(b.1 < a.1));
            slopes.push((b.1 - a.1) / (b.0 - a.0));
        }
    }
    let slope = crate::resample::median_in_place(&mut slopes);
    let mut levels: Vec<f64> = points.iter().map(|(t, y)| y - slope * t).collect();
    let level = crate::resample::median_in_place(&mut levels);
    let mean = points.iter().map(|p| p.0).sum::<f64>() / points.len() as f64;
    let sxx: f64 = points.iter().map(|p| (p.0 - mean) * (p.0 - mean)).sum();
    let rss: f64 = levels.iter().map(|l| (l - level) * (l - level)).sum();
    let error = (rss / (points.len() - 2).max(1) as f64 / sxx).sqrt();
    (slope, level, s, error)
}
