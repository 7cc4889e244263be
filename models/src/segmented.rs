//! The six candidate curves, each at its exact optimum: no search that can miss it.
//!
//! Which of them to believe is not decided here but in `select`.

mod even;
mod fit;
mod kernel;
mod search;
mod sums;
mod uneven;

use crate::curve::{Clock, Curve};
use crate::window::Window;

use fit::Reading;
pub use fit::{Fit, Segment};
use search::Breakpoints;

/// Samples from which a straight line is tried: the seed's rule.
pub const MIN_LINEAR: usize = 200;
/// Samples from which every other curve is tried: the seed's rule.
pub const MIN_ALL: usize = 300;

/// Fewest samples in a segment, whatever the window: two numbers are fitted to them, and a slope on fewer
/// is mostly noise.
const MIN_SEGMENT: usize = 15;

/// The curves that were fitted to one window.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidates {
    fits: [Option<Fit>; 6],
}

impl Candidates {
    /// Fits every curve that the window has samples for: [`MIN_LINEAR`] and [`MIN_ALL`].
    #[must_use]
    pub fn fit(window: &Window<'_>) -> Self {
        if window.len() < MIN_LINEAR {
            Self { fits: [None; 6] }
        } else if window.len() < MIN_ALL {
            let read = Reading::new(Clock::linear(window.times()), window);
            let line = Fit::new(Curve::Linear, &read, &[]);
            Self { fits: [Some(line), None, None, None, None, None] }
        } else {
            Self::fit_all(window)
        }
    }

    /// Fits every curve whose segments fit into the window, without the seed's rule.
    #[must_use]
    pub fn fit_all(window: &Window<'_>) -> Self {
        let mut fits = [None; 6];
        let linear = Clock::linear(window.times());
        for (clock, family) in [
            (linear, [Curve::Linear, Curve::Linear2, Curve::Linear3]),
            (linear.logarithmic(), [Curve::Log, Curve::Log2, Curve::Log3]),
        ] {
            let read = Reading::new(clock, window);
            let Breakpoints { two, three } = search::breakpoints(&read.x, read.y, min_segment(window.len()));
            let [whole, broken2, broken3] = family;
            fits[whole.index()] = Some(Fit::new(whole, &read, &[]));
            fits[broken2.index()] = two.map(|at| Fit::new(broken2, &read, &at));
            fits[broken3.index()] = three.map(|at| Fit::new(broken3, &read, &at));
        }
        Self { fits }
    }

    /// The fit of one family, if there is one.
    #[must_use]
    pub fn get(&self, curve: Curve) -> Option<&Fit> {
        self.fits[curve.index()].as_ref()
    }

    /// The fits there are, in the order of [`Curve::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = &Fit> {
        self.fits.iter().flatten()
    }
}

/// Fewest samples a segment may have in a window of `n`: 15, and a twentieth of the window.
pub(crate) fn min_segment(n: usize) -> usize {
    n.div_ceil(20).max(MIN_SEGMENT)
}

#[cfg(test)]
mod tests;
