//! A soak run: does a level grow, once it has warmed up, and how little growth would have been seen?
//!
//! What may grow, what matters, and what to call the answer is not decided here.

mod grain;
mod rate;
mod settle;
mod teeth;
mod waves;

#[cfg(test)]
mod tests;

pub use rate::Rate;

use crate::resample::{median, resample};
use crate::window::Window;
use settle::settle;
use teeth::Falls;

/// Points that a run is thinned to: warm-ups are told to a five-hundredth of the run.
const POINTS: usize = 480;

/// A soak run, measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Soak {
    /// Growth of the stretch that is judged; none where too few samples are left.
    pub rate: Option<Rate>,
    /// Time at which the stretch begins.
    pub from: f64,
    /// How the run came there.
    pub onset: Onset,
    /// What falls it has.
    pub shape: Shape,
    /// Median level of the stretch.
    pub level: f64,
    /// Size of what the level does beside its trend: the range of the middle four fifths of the stretch.
    pub spread: f64,
    /// Points that the growth was measured on.
    pub points: usize,
}

/// How a run came to the stretch that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onset {
    /// The stretch is the whole run.
    Whole,
    /// After a transient, such as a warm-up.
    Settled,
    /// After a time in which it grew less.
    Growing,
}

/// What falls a run has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// None to speak of: judged by block medians.
    Level,
    /// Falls too few to be judged: how many, and their median height.
    Falls {
        /// How many.
        count: usize,
        /// Median height.
        height: f64,
    },
    /// A sawtooth, judged by its troughs.
    Sawtooth {
        /// Troughs judged.
        troughs: usize,
        /// Median time between them.
        period: f64,
        /// Median height of a tooth.
        height: f64,
    },
}

impl Soak {
    /// Measures a run.
    ///
    /// A sawtooth is measured on its troughs, everything else on block medians; transients are cut off; the growth
    /// is that of the rest ([`Rate`]).
    #[must_use]
    pub fn of(window: &Window<'_>, confidence: f64, power: f64) -> Self {
        let (t, y) = (window.times(), window.values());
        let falls = Falls::of(t, y);
        let (points_t, points_y) = match &falls {
            Falls::Sawtooth(envelope) => (envelope.t.clone(), envelope.y.clone()),
            Falls::None | Falls::Few(..) => thinned(t, y),
        };
        let grain = grain::grain(y);
        let settled = settle(&points_t, &points_y, grain * grain / 12.0);
        let rest_t = &points_t[settled.start..];
        let rate =
            Window::new(rest_t, &settled.y).ok().and_then(|rest| Rate::of(&rest, confidence, power, grain));
        let judged = &y[t.partition_point(|&at| at < rest_t[0])..];
        Self {
            rate,
            from: rest_t[0],
            onset: onset(&settled, rate.as_ref()),
            shape: shape(falls),
            level: median(&mut Vec::new(), judged),
            spread: spread(judged),
            points: rest_t.len(),
        }
    }
}

fn shape(falls: Falls) -> Shape {
    match falls {
        Falls::None => Shape::Level,
        Falls::Few(count, height) => Shape::Falls { count, height },
        Falls::Sawtooth(envelope) => {
            Shape::Sawtooth { troughs: envelope.t.len(), period: envelope.period, height: envelope.height }
        }
    }
}

/// A transient worth more than nothing at its start made the run grow less than the stretch after it.
fn onset(settled: &settle::Settled, rate: Option<&Rate>) -> Onset {
    let grows = rate.is_some_and(|rate| 0.0 < rate.low());
    match settled.start {
        0 => Onset::Whole,
        _ if 0.0 < settled.worth && grows => Onset::Growing,
        _ => Onset::Settled,
    }
}

/// The samples, or block medians where there are many.
fn thinned(t: &[f64], y: &[f64]) -> (Vec<f64>, Vec<f64>) {
    if t.len() <= POINTS {
        return (t.to_vec(), y.to_vec());
    }
    let (from, to) = (t[0], t[t.len() - 1]);
    let grid = resample(t, y, from - (to - from) / 1e9, to, POINTS);
    (grid.t, grid.y)
}

/// Range of the middle four fifths.
fn spread(y: &[f64]) -> f64 {
    let mut sorted = y.to_vec();
    crate::resample::quantile_in_place(&mut sorted, 0.9)
        - crate::resample::quantile_in_place(&mut sorted, 0.1)
}
