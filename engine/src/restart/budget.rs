//! Budgets: so many restarts within so long, and one more is refused (OTP's intensity and period).
//!
//! What was spent is read from the history, so a budget outlives every crash.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::map::Budget;

/// A budget and what of it is spent.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    budget: Budget,
    /// Restarts that still count, the oldest first.
    spent: VecDeque<DateTime<Utc>>,
}

impl Ledger {
    /// What is spent at `now` of a budget, by restarts that began at `times` (in any order).
    #[must_use]
    pub fn new(budget: Budget, times: impl IntoIterator<Item = DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let mut times: Vec<DateTime<Utc>> = times.into_iter().collect();
        times.sort_unstable();
        let mut ledger = Self { budget, spent: times.into() };
        ledger.forget(now);
        ledger
    }

    /// Drops what no longer counts. (A restart that seems to lie ahead counts: the clock was set back.)
    fn forget(&mut self, now: DateTime<Utc>) {
        while self.spent.front().is_some_and(|&then| later(then, self.budget.period_s) <= now) {
            self.spent.pop_front();
        }
    }

    /// Records a restart at `now` and returns `true`, or returns `false` and records nothing.
    #[must_use]
    pub fn spend(&mut self, now: DateTime<Utc>) -> bool {
        self.forget(now);
        if self.is_spent() {
            return false;
        }
        self.spent.push_back(now);
        true
    }

    /// Whether one more would be refused.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.budget.intensity <= self.spent.len()
    }

    /// How many count.
    #[must_use]
    pub fn count(&self) -> usize {
        self.spent.len()
    }

    /// When one more is allowed again; none where one is.
    #[must_use]
    pub fn frees_at(&self) -> Option<DateTime<Utc>> {
        let over = self.spent.len().checked_sub(self.budget.intensity)?;
        self.spent.get(over).map(|&then| later(then, self.budget.period_s))
    }
}

/// `then` and so many seconds; the end of time where that is too far.
#[must_use]
pub(super) fn later(then: DateTime<Utc>, seconds: f64) -> DateTime<Utc> {
    #[allow(clippy::cast_possible_truncation, reason = "saturates, and is bounded by the type that takes it")]
    let length = TimeDelta::try_milliseconds((1000.0 * seconds) as i64).unwrap_or(TimeDelta::MAX);
    then.checked_add_signed(length).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    /// Tries at these seconds with two in ten seconds: `+` allowed, `.` refused.
    #[track_caller]
    fn check(seconds: &[i64], expected: &str) {
        let mut ledger = Ledger::new(Budget { intensity: 2, period_s: 10.0 }, [], at(0));
        let marks: String = seconds.iter().map(|&s| if ledger.spend(at(s)) { '+' } else { '.' }).collect();
        assert_eq!(marks, expected);
    }

    #[test]
    fn one_more_than_the_intensity_is_refused() {
        check(&[0, 1, 2, 9], "++..");
    }

    #[test]
    fn what_was_spent_a_period_ago_no_longer_counts() {
        check(&[0, 5, 9, 10, 14, 15, 16], "++.+.+.");
    }

    #[test]
    fn what_is_refused_does_not_count() {
        check(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "++........+");
    }

    #[test]
    fn a_clock_set_back_frees_nothing() {
        check(&[100, 101, 5, 6], "++..");
    }

    #[test]
    fn it_is_the_same_from_the_history_as_live() {
        let budget = Budget { intensity: 2, period_s: 10.0 };
        let ledger = Ledger::new(budget, [at(9), at(1), at(-5), at(3)], at(10));
        assert_eq!((ledger.count(), ledger.is_spent()), (3, true));
        assert_eq!(ledger.frees_at(), Some(at(13)), "when the second of three is forgotten");
        assert_eq!(Ledger::new(budget, [at(9)], at(10)).frees_at(), None);
    }
}
