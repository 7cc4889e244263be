//! A distribution of the time to failure as a table, with the time spent running.

use crate::Passage;

use super::{LARGEST, ScheduleError, usable};

/// Points of a forecast's table at even steps of the probability.
const BY_SHARE: usize = 512;
/// Points at even steps of the logarithm of time.
const BY_TIME: usize = 256;
/// Last time of a [`Passage`] over its first: from 1e-4 to 40 horizons.
pub(super) const SPAN: f64 = 4e5;

/// The distribution of the time to failure: straight between the points of a table, level after the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifetime {
    /// From zero up, increasing.
    times: Vec<f64>,
    /// Probability of failure by each of `times`, not decreasing.
    shares: Vec<f64>,
    /// Expected time running until each of `times`.
    running: Vec<f64>,
}

impl Lifetime {
    /// Checks a table of the probability of failure by each time; it rises from zero at time zero unless it says else.
    ///
    /// # Errors
    ///
    /// Returns the first invariant that the columns break.
    pub fn new(times: &[f64], shares: &[f64]) -> Result<Self, ScheduleError> {
        if times.is_empty() || times.len() != shares.len() {
            return Err(ScheduleError::Ragged { times: times.len(), shares: shares.len() });
        }
        for (place, &value) in times.iter().enumerate() {
            if !usable(value) || (0 < place && value <= times[place - 1]) {
                return Err(ScheduleError::Time { place, value });
            }
        }
        for (place, &value) in shares.iter().enumerate() {
            if !(0.0..=1.0).contains(&value) || (0 < place && value < shares[place - 1]) {
                return Err(ScheduleError::Share { place, value });
            }
        }
        let origin = (0.0 < times[0]).then_some((0.0, 0.0));
        let table = times.iter().copied().zip(shares.iter().copied());
        Ok(Self::of(origin.into_iter().chain(table)))
    }

    /// The distribution through points that are in order.
    fn of(points: impl Iterator<Item = (f64, f64)>) -> Self {
        let (times, shares): (Vec<f64>, Vec<f64>) = points.unzip();
        let mut running = vec![0.0; times.len()];
        for k in 1..times.len() {
            let alive = 1.0 - 0.5 * (shares[k - 1] + shares[k]);
            running[k] = running[k - 1] + alive * (times[k] - times[k - 1]);
        }
        Self { times, shares, running }
    }

    /// Probability of failure by `time`.
    #[must_use]
    pub fn by(&self, time: f64) -> f64 {
        let time = admissible(time);
        let after = self.times.partition_point(|&t| t <= time);
        if after == self.times.len() {
            return self.shares[after - 1];
        }
        let (t0, t1) = (self.times[after - 1], self.times[after]);
        let (p0, p1) = (self.shares[after - 1], self.shares[after]);
        (p0 + (p1 - p0) * ((time - t0) / (t1 - t0))).min(p1)
    }

    /// Expected time running until failure or `time`, whichever is first.
    ///
    /// ```text
    /// ∫_0^s (1 - F)
    /// ```
    #[must_use]
    pub fn running(&self, time: f64) -> f64 {
        let time = admissible(time);
        let before = self.times.partition_point(|&t| t <= time) - 1;
        let alive = 1.0 - 0.5 * (self.shares[before] + self.by(time));
        self.running[before] + alive * (time - self.times[before])
    }

    /// Probability that failure comes at all.
    #[must_use]
    pub fn ever(&self) -> f64 {
        self.shares[self.shares.len() - 1]
    }

    /// The last time at which the probability of failure is still at most `share`; none if it stays so for ever.
    #[must_use]
    pub fn passes(&self, share: f64) -> Option<f64> {
        let after = self.shares.partition_point(|&p| p <= share);
        match after {
            0 => Some(0.0),
            _ if after == self.shares.len() => None,
            _ => {
                let (t0, t1) = (self.times[after - 1], self.times[after]);
                let (p0, p1) = (self.shares[after - 1], self.shares[after]);
                Some(t0 + (t1 - t0) * ((share - p0) / (p1 - p0)))
            }
        }
    }

    /// Times of the table.
    pub(super) fn times(&self) -> &[f64] {
        &self.times
    }
}

/// `time` as the table can take it: before now is now, and what is not a number too.
fn admissible(time: f64) -> f64 {
    if time.is_nan() { 0.0 } else { time.clamp(0.0, LARGEST) }
}

impl From<&Passage> for Lifetime {
    /// The forecast at up to 768 points, at most a 512th of its probability apart.
    fn from(passage: &Passage) -> Self {
        let ever = passage.by(f64::INFINITY);
        // The least share of all is reached at the first time of the forecast's own table.
        let first = passage.quantile(0.0).unwrap_or(1.0);
        let by_time = (0..BY_TIME).map(|k| first * SPAN.powf(k as f64 / (BY_TIME - 1) as f64));
        let by_share = (1..BY_SHARE).filter_map(|k| passage.quantile(ever * k as f64 / BY_SHARE as f64));
        let mut times: Vec<f64> = by_time.chain(by_share).filter(|&t| usable(t) && 0.0 < t).collect();
        times.push(0.0);
        times.sort_by(f64::total_cmp);
        times.dedup();
        let mut highest = 0.0_f64;
        Self::of(times.into_iter().map(|time| {
            // Rounding may bend the forecast by a hair; a distribution never falls.
            highest = highest.max(passage.by(time).clamp(0.0, 1.0));
            (time, highest)
        }))
    }
}
