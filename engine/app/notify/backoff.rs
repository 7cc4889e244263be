//! How long to wait after failures: twice as long after each, up to a bound. No randomness: one daemon tells one
//! receiver in order, so that there is no herd to scatter.

use std::time::Duration;

/// The waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    /// After the first failure.
    pub(super) first: Duration,
    /// Never longer.
    pub(super) longest: Duration,
}

impl Backoff {
    /// The wait after `failures` in a row, of which there is at least one.
    pub(super) fn after(self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).and_then(|n| self.first.checked_mul(n));
        doubled.unwrap_or(self.longest).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_its_bound() {
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_mins(1) };
        let waits: Vec<u64> = [1, 2, 3, 6, 7, 32, 33, u32::MAX].map(|n| backoff.after(n).as_secs()).to_vec();
        assert_eq!(waits, [1, 2, 4, 32, 60, 60, 60, 60]);
    }
}
