//! Curves that describe how a resource is consumed, fitted to plain numbers.
//!
//! What lives here is a pure function of its arguments.
//! Clocks, files, units and resource names do not.

pub mod attribution;
mod change;
mod curve;
mod effect;
mod epoch;
pub mod forecast;
mod line;
mod noise;
mod passage;
mod relief;
mod resample;
mod rhythm;
mod schedule;
mod season;
mod segmented;
mod select;
mod smooth;
mod soak;
mod trend;
mod window;
mod workload;

#[cfg(test)]
mod published;
#[cfg(test)]
#[path = "../../benches/reference.rs"]
mod reference;
#[cfg(test)]
#[path = "../../benches/support.rs"]
mod support;

pub use change::Change;
pub use curve::Curve;
pub use effect::cliffs_delta;
pub use epoch::{Climb, climbs};
pub use line::Line;
pub use noise::Noise;
pub use passage::{Drift, Passage, first_passage};
pub use relief::{Outcome, Relief, Restart};
pub use resample::{Grid, resample};
pub use rhythm::Rhythm;
pub use schedule::{
    Costs, Interval, Lifetime, Moment, ScheduleError, Slot, Timing, best_instant, best_interval,
    quietest_before,
};
pub use season::Season;
pub use segmented::{Candidates, Fit, Fitter, MIN_ALL, MIN_LINEAR, Segment, Sliding};
pub use select::{Choice, ranked, select};
pub use smooth::{Parts, running_median, split};
pub use soak::{Onset, Rate, Shape, Soak};
pub use trend::{MannKendall, SenSlope};
pub use window::{Window, WindowError};
pub use workload::{Workload, time_for, workload};
