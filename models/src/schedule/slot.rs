//! A span of time in which a planned restart may begin.

use super::{ScheduleError, usable};

/// A span, in the unit of the forecast and counted from now, in which a planned restart may begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    from: f64,
    until: f64,
    load: f64,
}

impl Slot {
    /// Checks the span from `from` until `until`, where a planned restart costs `load` times the ordinary.
    ///
    /// Both ends belong to it, and it may have begun before now. A load of zero says that nobody would notice.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the span, then with the load.
    pub fn new(from: f64, until: f64, load: f64) -> Result<Self, ScheduleError> {
        if !(usable(from.abs()) && usable(until.abs()) && from <= until) {
            return Err(ScheduleError::Slot { from, until });
        }
        if usable(load) { Ok(Self { from, until, load }) } else { Err(ScheduleError::Load(load)) }
    }

    /// The first instant that belongs to it.
    #[must_use]
    pub fn from(&self) -> f64 {
        self.from
    }

    /// The last instant that belongs to it.
    #[must_use]
    pub fn until(&self) -> f64 {
        self.until
    }

    /// Cost of a planned restart in it, as a multiple of the ordinary.
    #[must_use]
    pub fn load(&self) -> f64 {
        self.load
    }

    /// Its first instant that is not before now; none when it is over.
    pub(super) fn opens(&self) -> Option<f64> {
        (0.0 <= self.until).then_some(self.from.max(0.0))
    }
}
