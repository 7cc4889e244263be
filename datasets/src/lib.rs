//! Runs of software that ages, with the truth beside each: recorded ones and simulated ones.
//!
//! What lives here is data for tests, benches and the demonstration: [`recordings`] reads what `record.py` has
//! recorded, [`simulate`] makes a seeded run of a [`Scenario`]. Forecasts do not live here, and nothing here may
//! depend on what is judged by it.
//!
//! ```
//! use hebe_datasets::{Scenario, recordings, simulate};
//!
//! let leak = simulate(Scenario::SteadyLeak, 7);
//! assert_eq!(leak.t.len(), leak.value.len());
//!
//! let exhausted = recordings().into_iter().filter(|run| run.truth.first_failure.is_some());
//! assert!(exhausted.count() >= 4);
//! ```

mod course;
mod random;
mod recording;
mod scenario;
mod scenarios;
mod simulated;
mod truth;

pub use recording::{Recording, Sample, recordings};
pub use scenario::Scenario;
pub use simulated::{Simulated, simulate};
pub use truth::{Kind, Truth};
