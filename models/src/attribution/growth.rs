//! How one column of blocks moves: its slope where that is sure, and the shape that says whether it may be.

use super::since::since;
use super::teeth::drops;
use super::{FEWEST, SURE};
use crate::trend::{MannKendall, SenSlope};
use crate::window::Window;

/// Confidence of the interval of a slope.
const CONFIDENCE: f64 = 0.9;
/// A restart so many blocks ago has left enough to tell what grows since.
const SINCE_RESTART: usize = 12;
/// Levels after restarts that rise must gain this part of a tooth to be more than noise.
const RISING_TROUGHS: f64 = 0.1;

/// The shape of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Too little of it to tell.
    Unknown,
    /// No sure trend.
    Level,
    /// Rises surely.
    Rises,
    /// Falls surely.
    Falls,
    /// Gives back what it took, so many times; its growth is that of the levels after.
    Sawtooth {
        /// How often it was given back.
        drops: usize,
    },
    /// Was given back once, at this block; its growth is the growth since.
    Restarted {
        /// The first block after.
        at: usize,
    },
}

/// How one column of blocks moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// The slope in units of time of the blocks; 0 where there is no sure trend.
    pub slope: f64,
    /// Lower end of its 90 % interval; 0 where there is no sure trend.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The Mann-Kendall score that decided.
    pub z: f64,
    /// The shape.
    pub course: Course,
    /// The block at which the present growth began; 0 may be earlier than the window.
    pub since: usize,
}

impl Growth {
    /// Nothing is known.
    const UNKNOWN: Self = Self { slope: 0.0, low: 0.0, high: 0.0, z: 0.0, course: Course::Unknown, since: 0 };

    /// Looks at blocks at the times `t` (increasing), of which those that are not finite are missing.
    #[must_use]
    pub fn of(t: &[f64], y: &[f64]) -> Self {
        let there = |&(_, (_, y)): &(usize, (&f64, &f64))| y.is_finite();
        let (places, columns): (Vec<usize>, (Vec<f64>, Vec<f64>)) =
            t.iter().zip(y).enumerate().filter(there).map(|(k, (&t, &y))| (k, (t, y))).unzip();
        let (t, y) = (&columns.0[..], &columns.1[..]);
        let mut growth = Self::on(t, y);
        growth.since = places.get(growth.since).copied().unwrap_or(0);
        if let Course::Restarted { at } = &mut growth.course {
            *at = places[*at];
        }
        growth
    }

    /// Looks at columns without a gap in them.
    fn on(t: &[f64], y: &[f64]) -> Self {
        if y.len() < FEWEST {
            return Self::UNKNOWN;
        }
        let drops = drops(y);
        match drops[..] {
            [] => Self::straight(t, y),
            [at] if SINCE_RESTART <= y.len() - at => {
                let growth = Self::straight(&t[at..], &y[at..]);
                Self { course: Course::Restarted { at }, since: growth.since + at, ..growth }
            }
            [at] => Self { course: Course::Restarted { at }, since: at, ..Self::UNKNOWN },
            _ => Self::of_troughs(t, y, &drops),
        }
    }

    /// The trend over all of it.
    fn straight(t: &[f64], y: &[f64]) -> Self {
        let Ok(window) = Window::new(t, y) else { return Self::UNKNOWN };
        let z = MannKendall::test(&window).z;
        if z.abs() <= SURE {
            return Self { z, course: Course::Level, ..Self::UNKNOWN };
        }
        let (line, (low, high)) = sen(&window);
        let course = if 0.0 < z { Course::Rises } else { Course::Falls };
        Self { slope: line.slope, low, high, z, course, since: since(t, y, line.slope) }
    }

    /// The trend of the levels that restarts leave, sure where every one is above the one before.
    fn of_troughs(t: &[f64], y: &[f64], drops: &[usize]) -> Self {
        let course = Course::Sawtooth { drops: drops.len() };
        let ends = drops.iter().copied().skip(1).chain([y.len()]);
        let lowest = |(from, to): (usize, usize)| {
            let place = (from..to).min_by(|&a, &b| y[a].total_cmp(&y[b])).unwrap_or(from);
            (t[place], y[place])
        };
        let (at, troughs): (Vec<f64>, Vec<f64>) = drops.iter().copied().zip(ends).map(lowest).unzip();
        let tooth = drops.iter().map(|&at| y[at - 1] - y[at]).fold(0.0, f64::max);
        let gained = troughs[troughs.len() - 1] - troughs[0];
        let rises = troughs.windows(2).all(|pair| pair[0] < pair[1]);
        let sure = 3 <= troughs.len() && rises && RISING_TROUGHS * tooth < gained;
        let nothing = Self { course, ..Self::UNKNOWN };
        match Window::new(&at, &troughs) {
            Ok(window) if sure => {
                let (line, (low, high)) = sen(&window);
                Self { slope: line.slope, low, high, z: MannKendall::test(&window).z, ..nothing }
            }
            _ => nothing,
        }
    }

    /// The slope where it is a growth, else 0.
    #[must_use]
    pub fn positive(&self) -> f64 {
        self.slope.max(0.0)
    }
}

/// The line and the interval of its slope, wider where blocks follow each other.
fn sen(window: &Window<'_>) -> (SenSlope, (f64, f64)) {
    SenSlope::with_interval(window, CONFIDENCE, |slope| MannKendall::inflation(window, slope))
}
