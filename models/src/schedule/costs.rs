//! What a planned and an unplanned restart cost, and what the time in between is worth.

use super::{Lifetime, ScheduleError, Slot, usable};

/// What restarts cost, in any one unit; downtimes make [`best_interval`](super::best_interval) minimise downtime.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    planned: f64,
    unplanned: f64,
    gain: f64,
}

impl Costs {
    /// Checks both costs; running on is worth nothing by itself.
    ///
    /// # Errors
    ///
    /// Returns the cost that is not positive or not usable.
    pub fn new(planned: f64, unplanned: f64) -> Result<Self, ScheduleError> {
        match [planned, unplanned].into_iter().find(|&cost| !(usable(cost) && 0.0 < cost)) {
            Some(cost) => Err(ScheduleError::Cost(cost)),
            None => Ok(Self { planned, unplanned, gain: 0.0 }),
        }
    }

    /// The same costs where every unit of time before the restart is worth `gain`.
    ///
    /// # Errors
    ///
    /// Returns the value when it is negative or not usable.
    pub fn with_gain(self, gain: f64) -> Result<Self, ScheduleError> {
        if usable(gain) { Ok(Self { gain, ..self }) } else { Err(ScheduleError::Gain(gain)) }
    }

    /// Cost of a planned restart where the load is ordinary.
    #[must_use]
    pub fn planned(&self) -> f64 {
        self.planned
    }

    /// Cost of a restart that a failure forces.
    #[must_use]
    pub fn unplanned(&self) -> f64 {
        self.unplanned
    }

    /// Worth of one unit of time before the restart.
    #[must_use]
    pub fn gain(&self) -> f64 {
        self.gain
    }

    /// Expected cost of the plan to restart at `time` under the load of `slot`.
    ///
    /// ```text
    /// J(s) = c_f F(s) + load c_r (1 - F(s)) - g ∫_0^s (1 - F)
    /// ```
    #[must_use]
    pub fn expected(&self, lifetime: &Lifetime, slot: &Slot, time: f64) -> f64 {
        let risk = lifetime.by(time);
        self.unplanned * risk + self.planned * slot.load() * (1.0 - risk) - self.gain * lifetime.running(time)
    }
}
