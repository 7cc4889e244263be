//! From samples to a time to exhaustion: what a forecast is given and what it answers.
//!
//! Levels grow towards the limit here; whoever has a resource that falls turns it over first.

mod bend;
mod classic;
mod cycle;
mod default;
mod fine;
mod hindsight;
mod ladder;
mod regime;
mod teeth;
#[cfg(test)]
mod tests;

pub use classic::classic;
pub use default::default;
pub use regime::Regime;

use crate::curve::Curve;
use crate::epoch::Climb;
use crate::passage::{Drift, Passage};

/// What a forecast may see: everything up to now.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// Times, strictly increasing and finite; the last one is now.
    pub t: &'a [f64],
    /// Levels at those times, finite.
    pub y: &'a [f64],
    /// Index of the first sample since the last known restart.
    pub start: usize,
    /// Climbs that ended in a drop and are known by now.
    pub climbs: &'a [Climb],
    /// The limit now.
    pub limit: f64,
}

/// How far a forecast looks ahead, and how far back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// How far ahead.
    pub horizon: f64,
    /// The window: a tenth of the horizon.
    pub window: f64,
    /// Points in the window: 300, or fewer where samples are further apart.
    pub points: usize,
}

/// Why a forecast does not predict exhaustion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// No growth that can be told from noise.
    NoGrowth,
    /// The growth is levelling off.
    Flattens,
    /// It gets there, but probably later than the horizon.
    Later,
    /// This rise has come and gone before.
    ComesAndGoes,
    /// The rise is part of a daily cycle.
    Seasonal,
}

/// One line that the default method weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Length of history behind it.
    pub span: f64,
    /// Its growth per unit of time.
    pub slope: f64,
    /// Its share in the forecast, 0 to 1.
    pub weight: f64,
}

/// The curve that was extrapolated, where it was one of the six.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// Its family.
    pub curve: Curve,
    /// Start of its last segment.
    pub since: f64,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Whether exhaustion within the horizon is predicted; if not, why not.
    pub exhausts: Result<(), Quiet>,
    /// Whether that is beyond doubt: what has been said is not taken back for less.
    pub firm: bool,
    /// Level now, freed of noise.
    pub level: f64,
    /// Growth per unit of time.
    pub slope: f64,
    /// How the level is expected to move from now on, all views in one.
    pub drift: Drift,
    /// When it runs out.
    pub passage: Passage,
    /// Probability of exhaustion within the horizon.
    pub probability: f64,
    /// The curve, for the classic method.
    pub curve: Option<Chosen>,
    /// The lines behind it, for the default method.
    pub views: Vec<View>,
}
