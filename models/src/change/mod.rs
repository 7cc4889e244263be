//! When the slope of a level changed, with the interval of that time.
//!
//! What happened at that time is not known here.

mod profile;

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::window::Window;
use profile::Profile;

/// Parameters of a broken line: level, two slopes, the place.
const PARAMETERS: f64 = 4.0;
/// What a change must be worth beside a straight line, in `ln n`: two parameters, of which the place is searched for
/// and counts twice (Zhang and Siegmund 2007).
const PENALTY: f64 = 3.0;
/// Places between two samples at which the ends of the interval are looked for before they are narrowed down.
const BETWEEN: usize = 4;

/// A level whose slope changed once, without a jump.
///
/// ```text
/// y(t) = a + b t + c max(0, t - at)
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// When: the least squares over every place, exactly.
    pub at: f64,
    /// The first place that the samples do not rule out.
    pub earliest: f64,
    /// The last one.
    pub latest: f64,
    /// Slope before.
    pub before: f64,
    /// Slope from then on.
    pub after: f64,
}

impl Change {
    /// Finds the change; `None` where a straight line tells as much, or the samples are too few.
    ///
    /// The interval holds every place whose squares are not over the least by more than chance allows at
    /// `confidence`, for as many samples as are worth something: those that follow each other repeat themselves.
    ///
    /// ```text
    /// RSS(place) <= RSS(at) (1 + t² / (n_eff - 4))      t: Student's quantile on n_eff - 4
    /// ```
    #[must_use]
    pub fn find(window: &Window<'_>, confidence: f64) -> Option<Self> {
        let profile = Profile::of(window)?;
        let at = profile.best();
        let (straight, broken) = (profile.straight(), profile.squares(at));
        if straight <= 0.0 {
            return None;
        }
        let n = profile.effective(at);
        let freedom = n - PARAMETERS;
        // Rounding leaves this much of a perfect fit.
        let least = broken.max(1e-13 * straight);
        if freedom < 1.0 || n * (straight / least).ln() < PENALTY * n.ln() {
            return None;
        }
        let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
        let quantile = student.inverse_cdf(f64::midpoint(1.0, confidence.clamp(0.0, 1.0 - 1e-9)));
        let most = least * (1.0 + quantile * quantile / freedom);
        let (earliest, latest) = profile.within(at, most, BETWEEN);
        let (before, after) = profile.slopes(at);
        Some(Self { at, earliest, latest, before, after })
    }
}

#[cfg(test)]
mod tests;
