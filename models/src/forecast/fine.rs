//! Teeth of a few samples each: too short for their drops to be told by levels on either side, told by their number.

use super::teeth::Tooth;
use crate::resample::median_in_place;

/// Samples that are looked through at once.
const SAMPLES: usize = 300;
/// Teeth may have become too fine to be told since: older stretches are looked through as well, up to this many.
const STRETCHES: usize = 3;
/// Fewer tell nothing.
const MIN_SAMPLES: usize = 60;
/// A step is large from this many median steps on.
const LARGE: f64 = 2.0;
/// A sawtooth falls at once and rises slowly: large steps down outnumber large steps up by this factor.
const ASYMMETRY: usize = 4;
/// So many teeth are no accident.
const MIN_TEETH: usize = 6;
/// The drops take back this many times what the level gains on the whole.
const TAKEN_BACK: f64 = 2.0;

/// The teeth in the newest stretch that has any, oldest first; empty where none forms a sawtooth.
///
/// White noise, bursts and heavy tails step up as often as down. Of an asymmetric series only a sawtooth gives back
/// by its drops what it gained.
pub(super) fn teeth(t: &[f64], y: &[f64]) -> Vec<Tooth> {
    let stretch = |back: usize| {
        let to = y.len().saturating_sub(back * SAMPLES);
        let from = to.saturating_sub(SAMPLES);
        within(&t[from..to], &y[from..to])
    };
    (0..STRETCHES).map(stretch).find(|teeth| !teeth.is_empty()).unwrap_or_default()
}

/// The teeth of one stretch.
fn within(t: &[f64], y: &[f64]) -> Vec<Tooth> {
    if y.len() < MIN_SAMPLES {
        return Vec::new();
    }
    let mut sizes: Vec<f64> = y.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let large = LARGE * median_in_place(&mut sizes);
    let steps = || y.windows(2).map(|pair| pair[1] - pair[0]);
    let (up, down) =
        (steps().filter(|&step| large < step).count(), steps().filter(|&step| step < -large).count());
    let given_back: f64 = steps().filter(|&step| step < -large).map(f64::abs).sum();
    if down < MIN_TEETH.max(ASYMMETRY * up) || given_back < TAKEN_BACK * (y[y.len() - 1] - y[0]).abs() {
        return Vec::new();
    }
    let teeth = drops(t, y, large);
    if teeth.len() < MIN_TEETH { Vec::new() } else { teeth }
}

/// One tooth a run of large steps down.
fn drops(t: &[f64], y: &[f64], large: f64) -> Vec<Tooth> {
    let falls = |i: usize| y[i] - y[i - 1] < -large;
    (1..y.len())
        .filter(|&i| falls(i) && (i + 1 == y.len() || !falls(i + 1)))
        .map(|end| {
            let start = (1..=end).rev().take_while(|&i| falls(i)).last().unwrap_or(end);
            Tooth { t: t[end], trough: y[end], peak: y[start - 1] }
        })
        .collect()
}
