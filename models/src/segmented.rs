//! The six candidate curves, each at its exact optimum: no search that can miss it.
//!
//! Which of them to believe is not decided here but in `select`.

mod axis;
mod column;
mod even;
mod fit;
mod fitter;
mod lanes;
mod meeting;
mod rows;
mod search;
mod side;
mod sliding;
mod sums;
mod uneven;
mod view;

use crate::curve::Curve;
use crate::window::Window;

pub use fit::{Fit, Segment};
pub use fitter::Fitter;
pub use sliding::Sliding;

/// Samples from which a straight line is tried: the seed's rule.
pub const MIN_LINEAR: usize = 200;
/// Samples from which every other curve is tried: the seed's rule.
pub const MIN_ALL: usize = 300;

/// Fewest samples in a segment, whatever the window: two numbers are fitted to them, and a slope on fewer
/// is mostly noise.
const MIN_SEGMENT: usize = 15;

/// The curves that were fitted to one window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidates {
    fits: [Option<Fit>; 6],
}

impl Candidates {
    /// Fits every curve that the window has samples for: [`MIN_LINEAR`] and [`MIN_ALL`].
    ///
    /// For many windows a [`Fitter`] is faster, for one that moves on a [`Sliding`].
    #[must_use]
    pub fn fit(window: &Window<'_>) -> Self {
        Fitter::default().fit(window)
    }

    /// Fits every curve whose segments fit into the window, without the seed's rule.
    #[must_use]
    pub fn fit_all(window: &Window<'_>) -> Self {
        Fitter::default().fit_all(window)
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
