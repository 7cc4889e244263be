//! A level that climbs and is taken back again and again: a heap, a log that is cleaned, a service on a timer.
//!
//! Such a level is judged by where it falls back to, not by the climb of the day.

use super::{Past, fine};
use crate::epoch::Climb;

/// Teeth looked back on, at most.
const MOST: usize = 48;
/// Two climbs are the same tooth again if their peaks agree within this part of their height.
const AGREE: f64 = 0.25;
/// The same where there are fewer than `FEW`: two peaks are soon alike.
const FEW_AGREE: f64 = 0.06;
const FEW: usize = 5;
/// Drops come on time if what lies between them differs by no more than this part.
const ON_TIME: f64 = 0.05;
/// A climb is news once it passes the highest peak by this part of a tooth.
const NEWS: f64 = 0.1;
/// The newest drop lies at most this many teeth back; else the sawtooth is over.
const RECENT: f64 = 2.5;
/// A level that comes this near to the old peaks, in teeth, still touches them.
const TOUCHES: f64 = 0.2;
/// Samples that tell where the level is now.
const NEWEST: usize = 5;
/// Peaks that must agree; older ones may have been others.
const AGREEING: usize = 6;
/// This many climbs are a sawtooth whatever their peaks.
const SURELY: usize = 8;
/// Tips of teeth are known to this part of their height.
const TIP: f64 = 0.1;
/// A collector that gets back less than this part of the heap gives up (2 %: `GCHeapFreeLimit` of Java's collectors).
const GIVES_UP: f64 = 0.02;
/// Many troughs are a trend from this Mann-Kendall z on.
const CLEAR: f64 = 4.0;
/// This many troughs are a trend if nearly all of them rise.
const TREND: usize = 5;

/// A climb and the drop that took it back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tooth {
    /// Time of the first sample after the drop.
    pub t: f64,
    /// Level after it.
    pub trough: f64,
    /// Level before it.
    pub peak: f64,
}

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
    /// How uncertain the way to there is: samples seldom fall on tips.
    pub blur: f64,
}

impl Teeth {
    /// The sawtooth of the newest climbs; none where there are too few, or their peaks differ.
    pub(super) fn of(past: &Past<'_>) -> Option<Self> {
        let climbs = past.climbs.iter().rev().take(MOST).filter(|climb| past.start <= climb.end).rev();
        let tooth = |climb: &Climb| Tooth { t: past.t[climb.end], trough: climb.trough, peak: climb.peak };
        let mut teeth: Vec<Tooth> = climbs.map(tooth).collect();
        blur(past, &mut teeth);
        Self::along(past, &teeth).or_else(|| {
            let mut teeth = fine::teeth(&past.t[past.start..], &past.y[past.start..]);
            blur(past, &mut teeth);
            Self::along(past, &teeth)
        })
    }

    /// The sawtooth of `teeth`, oldest first.
    fn along(past: &Past<'_>, teeth: &[Tooth]) -> Option<Self> {
        let now = *past.t.last()?;
        let mut heights: Vec<f64> = teeth.iter().map(|tooth| tooth.peak - tooth.trough).collect();
        let mut apart: Vec<f64> = teeth.windows(2).map(|pair| pair[1].t - pair[0].t).collect();
        if apart.is_empty()
            || RECENT * crate::resample::median_in_place(&mut apart) < now - teeth[teeth.len() - 1].t
        {
            return None;
        }
        let recent: Vec<&Tooth> = teeth.iter().rev().collect();
        let height = crate::resample::median_in_place(&mut heights);
        let top = recent.iter().map(|tooth| tooth.peak).fold(f64::NEG_INFINITY, f64::max);
        let newest = || recent.iter().take(AGREEING).map(|tooth| tooth.peak);
        let differ = newest().fold(f64::NEG_INFINITY, f64::max) - newest().fold(f64::INFINITY, f64::min);
        let agree = if recent.len() < FEW { FEW_AGREE } else { AGREE };
        if recent.len() < SURELY && agree * height < differ && !on_time(&recent) {
            return None;
        }
        Some(Self { top, height, troughs: rising(past, &recent, now, height) })
    }

    /// Whether the present climb has left all earlier ones below it: nothing has taken it back there yet.
    pub(super) fn outgrown(&self, past: &Past<'_>) -> bool {
        let newest = &past.y[past.y.len().saturating_sub(NEWEST)..];
        let level = crate::resample::median_in_place(&mut newest.to_vec());
        self.top + NEWS * self.height <= level
    }
}

/// Whether at least four drops came at even times.
fn on_time(recent: &[&Tooth]) -> bool {
    let mut apart: Vec<f64> = recent.windows(2).map(|pair| pair[0].t - pair[1].t).collect();
    if apart.len() < 3 {
        return false;
    }
    let middle = crate::resample::median_in_place(&mut apart);
    apart.iter().all(|gap| (gap - middle).abs() <= ON_TIME * middle)
}

/// Teeth that have become too fine to be told apart: where the level still touches the old peaks once a tooth, what it
/// falls to in that time goes on as its troughs.
fn blur(past: &Past<'_>, teeth: &mut Vec<Tooth>) {
    let known = teeth.len();
    let newest = &teeth[known.saturating_sub(TREND)..];
    let mut apart: Vec<f64> = newest.windows(2).map(|pair| pair[1].t - pair[0].t).collect();
    if known < TREND || apart.is_empty() {
        return;
    }
    let (last, now) = (newest[newest.len() - 1], past.t[past.t.len() - 1]);
    let width = crate::resample::median_in_place(&mut apart).max((now - last.t) / MOST as f64);
    let heights = newest.iter().map(|tooth| tooth.peak - tooth.trough);
    let low = newest.iter().map(|tooth| tooth.peak).fold(f64::INFINITY, f64::min);
    let least = low - TOUCHES * heights.fold(0.0, f64::max);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, held to MOST")]
    let count = (((now - last.t) / width).floor() as usize).min(MOST);
    if (count as f64) < RECENT.floor() {
        return;
    }
    for k in 0..count {
        let from = past.t.partition_point(|&t| t <= last.t + k as f64 * width);
        let to = past.t.partition_point(|&t| t <= last.t + (k + 1) as f64 * width);
        let part = &past.y[from..to];
        let peak = part.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if peak < least {
            teeth.truncate(known);
            return;
        }
        let trough = part.iter().copied().fold(f64::INFINITY, f64::min);
        teeth.push(Tooth { t: last.t + (k as f64 + 0.5) * width, trough, peak });
    }
}

/// The line through the troughs (newest first), where they rise beyond doubt.
fn rising(past: &Past<'_>, recent: &[&Tooth], now: f64, height: f64) -> Option<Rising> {
    let n = recent.len();
    if n < TREND {
        return None;
    }
    let line = |value: fn(&Tooth) -> f64| {
        let points: Vec<(f64, f64)> =
            recent.iter().rev().map(|tooth| (tooth.t - now, value(tooth))).collect();
        sen_line(&points)
    };
    let (size, pairs) = (n as f64, (n * (n - 1) / 2) as f64);
    let clear = (0.6 * pairs).min(CLEAR * (size * (size - 1.0) * (2.0 * size + 5.0) / 18.0).sqrt());
    let (slope, level, s, error) = line(|tooth| tooth.trough);
    let (peak_slope, peak_level, _, _) = line(|tooth| tooth.peak);
    let span = now - recent[n - 1].t;
    if slope <= 0.0 || s < clear || slope * span < 0.05 * height {
        return None;
    }
    // Peaks that stay where they are mark the level at which the owner collects; peaks that rise along go on to
    // the limit, and the trough has the height of a tooth less to go.
    let flat = peak_slope * span < 0.5 * slope * span;
    let target =
        if flat { peak_level.min(past.limit) - GIVES_UP * past.limit.abs() } else { past.limit - height };
    Some(Rising { level, slope, error, target, blur: TIP * height })
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
