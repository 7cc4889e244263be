//! When to restart on purpose: once, in one of the slots that are allowed, or again and again.
//!
//! What lives here weighs a distribution of the time to failure against what restarts cost.
//! Calendars, clocks and budgets do not: a slot comes in as two times counted from now.
//!
//! Two questions, two textbook answers. Once (the failure is forecast, the slots are given), restart at the `s` with
//! the least
//!
//! ```text
//! J(s) = c_f F(s) + c_r(s) (1 - F(s)) - g ∫_0^s (1 - F)
//! ```
//!
//! and for good (every life is like the last), restart at every age `T` that solves
//!
//! ```text
//! h(T) ∫_0^T R - F(T) = t_r / (t_f - t_r),      R = 1 - F,  h = f / R
//! ```
//!
//! The second is age replacement (Barlow and Hunter 1960), brought to software by Huang, Kintala, Kolettis and
//! Fulton ("Software rejuvenation: analysis, module and applications", FTCS 1995) and freed from exponential times by
//! Dohi, Goševa-Popstojanova and Trivedi ("Statistical non-parametric algorithms to estimate the optimal software
//! rejuvenation schedule", PRDC 2000). Exponential times are not assumed anywhere: their optimum is all or nothing.

mod costs;
mod lifetime;
mod once;
mod periodic;
mod slot;

#[cfg(test)]
mod tests;

pub use costs::Costs;
pub use lifetime::Lifetime;
pub use once::{Moment, Timing, best_instant, quietest_before};
pub use periodic::{Interval, best_interval};
pub use slot::Slot;

/// Largest magnitude of a time, a cost or a load: the product of any three stays finite.
const LARGEST: f64 = 1e100;

/// Why numbers are not a cost, a slot or a distribution.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A cost is not a positive number of at most 1e100.
    #[error("cost {0} is not a usable positive number")]
    Cost(f64),
    /// The value of running on is negative or beyond 1e100.
    #[error("value {0} of running on is not a usable number from zero up")]
    Gain(f64),
    /// A load is negative or beyond 1e100.
    #[error("load {0} is not a usable number from zero up")]
    Load(f64),
    /// A slot ends before it begins, or an end of it is not a number of at most 1e100.
    #[error("slot from {from} until {until} is not two usable times in order")]
    Slot {
        /// Where it begins.
        from: f64,
        /// Where it ends.
        until: f64,
    },
    /// A distribution has no points, or not one share for every time.
    #[error("{times} times but {shares} shares")]
    Ragged {
        /// How many times.
        times: usize,
        /// How many shares.
        shares: usize,
    },
    /// A time is negative, beyond 1e100 or not after the one before it.
    #[error("time {value} at place {place} is not after the one before it, or not usable")]
    Time {
        /// Where.
        place: usize,
        /// What stands there.
        value: f64,
    },
    /// A share is not a probability or falls.
    #[error("share {value} at place {place} is not a probability, or falls")]
    Share {
        /// Where.
        place: usize,
        /// What stands there.
        value: f64,
    },
}

/// Whether `x` is a number from zero up that formulas can take.
fn usable(x: f64) -> bool {
    (0.0..=LARGEST).contains(&x)
}
