//! A window that moves on sample by sample, with the curves that fit it.

use super::fitter::{Fitter, Wanted};
use super::search::Breakpoints;
use super::{Candidates, min_segment};
use crate::curve::Curve;
use crate::select::{Choice, chosen};
use crate::window::{Window, WindowError};

/// The newest samples of a series and the curves fitted to them.
///
/// What it remembers besides the samples makes the next fit faster and changes nothing in it: no sum is carried on, so
/// none can drift, and dropping it and fitting the window again loses nothing. Uneven times are allowed, and cost what
/// they cost a cold fit.
///
/// Memory: 16 bytes a sample and 2.2 KiB for the curves, 7 KiB for a window of 300.
#[derive(Clone, Debug)]
pub struct Sliding {
    times: Vec<f64>,
    values: Vec<f64>,
    wanted: Wanted,
    candidates: Candidates,
}

impl Sliding {
    /// Starts from a window, with the curves of [`Candidates::fit`].
    #[must_use]
    pub fn new(window: &Window<'_>, fitter: &mut Fitter) -> Self {
        Self::start(Wanted::Ruled, window, fitter)
    }

    /// Starts from a window, with the curves of [`Candidates::fit_all`].
    #[must_use]
    pub fn all(window: &Window<'_>, fitter: &mut Fitter) -> Self {
        Self::start(Wanted::All, window, fitter)
    }

    fn start(wanted: Wanted, window: &Window<'_>, fitter: &mut Fitter) -> Self {
        let (times, values) = (window.times().to_vec(), window.values().to_vec());
        let candidates = fitter.fit_wanted(wanted, &times, &values, [Breakpoints::default(); 2]);
        Self { times, values, wanted, candidates }
    }

    /// Drops the oldest sample, adds the newest, and fits the curves again: to the same window a cold fit gives the
    /// same curves.
    ///
    /// # Errors
    ///
    /// Says what keeps the sample from being the window's last; the window stays as it was then.
    pub fn slide(&mut self, time: f64, value: f64, fitter: &mut Fitter) -> Result<&Candidates, WindowError> {
        self.check(time, value)?;
        for (column, newest) in [(&mut self.times, time), (&mut self.values, value)] {
            column.copy_within(1.., 0);
            if let Some(last) = column.last_mut() {
                *last = newest;
            }
        }
        let known = [self.moved([Curve::Linear2, Curve::Linear3]), self.moved([Curve::Log2, Curve::Log3])];
        self.candidates = fitter.fit_wanted(self.wanted, &self.times, &self.values, known);
        Ok(&self.candidates)
    }

    /// The times of the samples.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The values of the samples.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The curves.
    #[must_use]
    pub fn candidates(&self) -> &Candidates {
        &self.candidates
    }

    /// The curve to believe, as [`select`](crate::select) chooses it.
    #[must_use]
    pub fn choice(&self) -> Option<Choice<'_>> {
        chosen(&self.values, &self.candidates)
    }

    /// Holds a new sample to the invariants of a window.
    fn check(&self, time: f64, value: f64) -> Result<(), WindowError> {
        let last = self.times.len() - 1;
        match Window::new(&[self.times[last], time], &[self.values[last], value]) {
            Ok(_) => Ok(()),
            Err(WindowError::Time { value, .. }) => Err(WindowError::Time { place: last, value }),
            Err(WindowError::Value { value, .. }) => Err(WindowError::Value { place: last, value }),
            Err(WindowError::NotIncreasing { before, value, .. }) => {
                Err(WindowError::NotIncreasing { place: last, before, value })
            }
            Err(other) => Err(other),
        }
    }

    /// Breakpoints of the curves before the slide, in the places where they are now.
    fn moved(&self, [twice, thrice]: [Curve; 2]) -> Breakpoints {
        let min = min_segment(self.times.len());
        Breakpoints {
            two: places(self.candidates.get(twice), min),
            three: places(self.candidates.get(thrice), min),
        }
    }
}

/// Breakpoints one place earlier, but for the room that segments need.
fn places<const K: usize>(fit: Option<&super::Fit>, min: usize) -> Option<[usize; K]> {
    let segments = fit?.segments();
    let mut places = [0; K];
    let mut start = 0;
    for (place, segment) in places.iter_mut().zip(segments) {
        start = (segment.end - 1).max(start + min);
        *place = start;
    }
    Some(places)
}
