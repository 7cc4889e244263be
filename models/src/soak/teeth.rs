//! A level that climbs and is taken back again and again, and where it falls back to.

use crate::line::Line;
use crate::resample::{median_in_place, quantile_in_place};
use crate::window::Window;

/// Teeth that are a sawtooth; fewer are falls whose meaning nobody can know yet.
const LEAST: usize = 4;
/// A tooth is at least this part of the range of the second half of the run.
const MIN_RANGE: f64 = 0.4;
/// A tooth exceeds this many standard deviations of the noise.
const MIN_SD: f64 = 5.0;
/// A fall takes at most this part of the samples that a climb takes: waves and noise are as fast either way.
const FAST: f64 = 1.0 / 6.0;
/// The same where the fall takes one sample alone, as in teeth of few samples.
const FAST_AT_ONCE: f64 = 0.4;
/// Three quarters of a fall exceed this many standard deviations of all changes over as many samples.
const CLEAR: f64 = 3.5;
/// Samples on each side of a fall that tell the level, and the part of the fall that they must confirm.
const SIDE: usize = 5;
const LASTS: f64 = 0.5;
/// A climb of this many samples is averaged by a line; of fewer the lowest is taken.
const LINE: usize = 6;
/// A tooth that has not ended counts from this part of a period on.
const BEGUN: f64 = 0.25;
/// Half of all standard normal numbers are nearer to 0 than this.
const HALF: f64 = 0.674_49;

/// What falls a run has.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Falls {
    /// None, or nothing but noise and waves.
    None,
    /// Too few to tell what they fall back to: how many, and the median height.
    Few(usize, f64),
    /// A sawtooth.
    Sawtooth(Envelope),
}

/// The lower envelope of a sawtooth: where each tooth begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Envelope {
    /// Times of the troughs.
    pub t: Vec<f64>,
    /// Their levels.
    pub y: Vec<f64>,
    /// Median time from one to the next.
    pub period: f64,
    /// Median height of a tooth.
    pub height: f64,
}

/// A fall: the places of the peak and of the first sample that is three quarters down.
#[derive(Clone, Copy, Debug)]
struct Fall {
    peak: usize,
    down: usize,
    /// Place of the lowest sample before the next climb.
    trough: usize,
}

impl Falls {
    /// Looks for teeth.
    pub(super) fn of(t: &[f64], y: &[f64]) -> Self {
        let falls = falls(y, least_height(t, y));
        if falls.is_empty() || !sudden(y, &falls) || !clear(y, &falls) || !lasting(y, &falls) {
            return Self::None;
        }
        let height = median_of(falls.iter().map(|fall| y[fall.peak] - y[fall.trough]));
        if falls.len() < LEAST {
            return Self::Few(falls.len(), height);
        }
        let period = median_of(falls.windows(2).map(|pair| t[pair[1].down] - t[pair[0].down]));
        let mut envelope = Envelope { t: Vec::new(), y: Vec::new(), period, height };
        for (k, fall) in falls.iter().enumerate() {
            let end = falls.get(k + 1).map_or(t.len() - 1, |next| next.peak);
            let whole = k + 1 < falls.len() || BEGUN * period <= t[end] - t[fall.down];
            if fall.down <= end && whole {
                envelope.t.push(t[fall.down]);
                envelope.y.push(beginning(&t[fall.down..=end], &y[fall.down..=end]));
            }
        }
        if envelope.t.len() < LEAST { Self::Few(falls.len(), height) } else { Self::Sawtooth(envelope) }
    }
}

/// Level at which a climb begins. A line through all of it averages the noise; where climbs are not straight it is
/// off by the same amount in each, which no slope sees.
fn beginning(t: &[f64], y: &[f64]) -> f64 {
    match Window::new(t, y) {
        Ok(window) if LINE <= t.len() => Line::fit(&window).at(t[0]),
        _ => y.iter().copied().fold(f64::INFINITY, f64::min),
    }
}

/// The least height of a tooth: a part of the range about the line through the second half of the run, which a
/// warm-up does not widen; and clear of the noise.
fn least_height(t: &[f64], y: &[f64]) -> f64 {
    let half = t.len() / 2;
    let Ok(window) = Window::new(&t[half..], &y[half..]) else { return f64::INFINITY };
    let line = Line::fit(&window);
    let mut rest: Vec<f64> =
        window.times().iter().zip(window.values()).map(|(&t, y)| y - line.at(t)).collect();
    let range = quantile_in_place(&mut rest, 0.98) - quantile_in_place(&mut rest, 0.02);
    let least = (MIN_RANGE * range).max(MIN_SD * noise_sd(y));
    if 0.0 < least { least } else { f64::INFINITY }
}

/// Standard deviation of the noise, from the bends between three samples: a climb has none, falls are few.
fn noise_sd(y: &[f64]) -> f64 {
    // A bend of three independent samples has 6 times their variance.
    let bends = y.windows(3).map(|three| (three[0] - 2.0 * three[1] + three[2]).abs());
    let median = median_of(bends);
    if median.is_nan() { 0.0 } else { median / (HALF * 6.0_f64.sqrt()) }
}

/// Turning points that are at least `least` apart in height.
fn falls(y: &[f64], least: f64) -> Vec<Fall> {
    let mut falls: Vec<Fall> = Vec::new();
    let (mut peak, mut trough, mut climbing) = (0, 0, true);
    for i in 1..y.len() {
        if climbing {
            if y[peak] < y[i] {
                peak = i;
            }
            if least <= y[peak] - y[i] {
                (climbing, trough) = (false, i);
            }
        } else {
            if y[i] < y[trough] {
                trough = i;
            }
            if least <= y[i] - y[trough] {
                falls.push(Fall { peak, down: down(y, peak, trough), trough });
                (climbing, peak) = (true, i);
            }
        }
    }
    if !climbing {
        falls.push(Fall { peak, down: down(y, peak, trough), trough });
    }
    falls
}

/// The first sample after the peak that is three quarters of the way down.
fn down(y: &[f64], peak: usize, trough: usize) -> usize {
    let level = y[trough] + 0.25 * (y[peak] - y[trough]);
    (peak..=trough).find(|&i| y[i] <= level).unwrap_or(trough)
}

/// Whether the falls are much faster than the climbs between them, each by three quarters of its height.
fn sudden(y: &[f64], falls: &[Fall]) -> bool {
    let fall = median_of(falls.iter().map(|fall| (fall.down - fall.peak) as f64));
    let mut begin = 0;
    let climb = median_of(falls.iter().map(|fall| {
        let level = y[begin] + 0.75 * (y[fall.peak] - y[begin]);
        let up = (begin..=fall.peak).find(|&i| level <= y[i]).unwrap_or(fall.peak);
        let lasted = (up - begin) as f64;
        begin = fall.trough;
        lasted
    }));
    fall <= if fall <= 1.0 { FAST_AT_ONCE } else { FAST } * climb
}

/// Whether the falls stand out among all changes that take as long: noise that remembers falls as far every day.
fn clear(y: &[f64], falls: &[Fall]) -> bool {
    let longest = falls.iter().map(|fall| fall.down - fall.peak).max().unwrap_or(1).clamp(1, y.len() - 1);
    let mut changes: Vec<f64> = y.iter().zip(&y[longest..]).map(|(before, after)| after - before).collect();
    let usual = median_in_place(&mut changes);
    let sd = median_of(changes.iter().map(|change| (change - usual).abs())) / HALF;
    CLEAR * sd <= 0.75 * median_of(falls.iter().map(|fall| y[fall.peak] - y[fall.trough]))
}

/// Whether the level stood high before the falls and low after them: single readings far off do neither.
fn lasting(y: &[f64], falls: &[Fall]) -> bool {
    let mut begin = 0;
    let lasts = median_of(falls.iter().enumerate().map(|(k, fall)| {
        let next = falls.get(k + 1).map_or(y.len() - 1, |next| next.peak);
        let before = (fall.peak + 1).saturating_sub(SIDE.min((fall.peak - begin) / 3 + 1));
        let after = fall.down + SIDE.min(next.saturating_sub(fall.down) / 3 + 1);
        begin = fall.trough;
        let high = median_of(y[before..=fall.peak].iter().copied());
        let low = median_of(y[fall.down..after.min(y.len())].iter().copied());
        (high - low) / (y[fall.peak] - y[fall.trough])
    }));
    LASTS <= lasts
}

fn median_of(values: impl Iterator<Item = f64>) -> f64 {
    median_in_place(&mut values.collect::<Vec<f64>>())
}
