//! What has been said about a resource: Un-notified, ready to notify, notified.
//!
//! A prediction must persist before anyone hears of it, and the fuller the resource, the shorter. What passes before
//! that is a surge.

use serde::{Deserialize, Serialize};

/// The state of what we have said. Times are seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Notice {
    /// Nothing is predicted and nothing has been said.
    #[default]
    Unnotified,
    /// Exhaustion is predicted, and has not persisted yet.
    Ready {
        /// Since when it is predicted without interruption.
        since: f64,
        /// Since when it is not predicted any more, if it is not.
        doubted: Option<f64>,
    },
    /// It has been said.
    Notified {
        /// When it was said.
        since: f64,
        /// Since when it is not predicted any more, if it is not.
        doubted: Option<f64>,
    },
}

/// What a step of the notice says to the outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Signal {
    /// The prediction has persisted.
    Raised,
    /// It has been gone for long enough.
    Cleared,
    /// It was gone before it had persisted: a surge that began at this time.
    Passed {
        /// When it began.
        since: f64,
    },
}

/// How long a prediction must persist, and how long it must be gone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patience {
    /// Seconds a prediction must hold before it is said.
    pub hold_s: f64,
    /// Seconds it must be gone before it is taken back.
    pub release_s: f64,
}

/// Longest persistence, as a part of the window: longer than nearly all surges that people see.
const HOLD: f64 = 0.3;
/// How much of it a full resource saves.
const HOLD_SHRINK: f64 = 0.8;
/// Only exhaustion that is at least this likely is said any sooner.
const SURE: f64 = 0.9;
/// A prediction that is gone for this part of the window is taken back.
const RELEASE: f64 = 0.2;
/// Nobody is kept waiting for more than this part of the time that is left.
const SHARE_OF_LEFT: f64 = 0.5;

impl Patience {
    /// The persistence asked for in a window of `window_s`, at `utilisation` (0 empty, 1 full), with `left_s` to go
    /// and exhaustion that `likely`.
    #[must_use]
    pub fn new(window_s: f64, utilisation: f64, left_s: Option<f64>, likely: f64) -> Self {
        let used = utilisation.clamp(0.0, 1.0);
        let release_s = RELEASE * window_s;
        if likely < SURE {
            return Self { hold_s: window_s * HOLD, release_s };
        }
        let hold = window_s * HOLD * (1.0 - HOLD_SHRINK * used * used);
        Self { hold_s: left_s.map_or(hold, |left| hold.min(SHARE_OF_LEFT * left)), release_s }
    }
}

impl Notice {
    /// Advances by one evaluation made at `now`.
    #[must_use]
    pub fn step(self, now: f64, predicted: bool, patience: Patience) -> (Self, Option<Signal>) {
        match (self, predicted) {
            (Self::Unnotified, false) => (self, None),
            (Self::Unnotified, true) => Self::Ready { since: now, doubted: None }.settle(now, patience),
            (Self::Ready { since, .. }, true) => Self::Ready { since, doubted: None }.settle(now, patience),
            (Self::Ready { since, doubted }, false) => {
                // One doubtful evaluation in a rise does not end it; a quarter of the release time does.
                let doubted = doubted.unwrap_or(now);
                if now < doubted + patience.release_s / 4.0 {
                    (Self::Ready { since, doubted: Some(doubted) }, None)
                } else {
                    (Self::Unnotified, Some(Signal::Passed { since }))
                }
            }
            (Self::Notified { since, .. }, true) => (Self::Notified { since, doubted: None }, None),
            (Self::Notified { since, doubted }, false) => {
                let doubted = doubted.unwrap_or(now);
                if now < doubted + patience.release_s {
                    (Self::Notified { since, doubted: Some(doubted) }, None)
                } else {
                    (Self::Unnotified, Some(Signal::Cleared))
                }
            }
        }
    }

    /// The same with no time in it later than `now`.
    pub(crate) fn not_after(self, now: f64) -> Self {
        let earlier = |(since, doubted): (f64, Option<f64>)| (since.min(now), doubted.map(|t| t.min(now)));
        match self {
            Self::Unnotified => self,
            Self::Ready { since, doubted } => {
                let (since, doubted) = earlier((since, doubted));
                Self::Ready { since, doubted }
            }
            Self::Notified { since, doubted } => {
                let (since, doubted) = earlier((since, doubted));
                Self::Notified { since, doubted }
            }
        }
    }

    fn settle(self, now: f64, patience: Patience) -> (Self, Option<Signal>) {
        match self {
            Self::Ready { since, .. } if since + patience.hold_s <= now => {
                (Self::Notified { since: now, doubted: None }, Some(Signal::Raised))
            }
            other => (other, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One character an evaluation, a second apart: `+` predicted, `-` not; `.` silent, `R` raised, `C` cleared,
    /// `s` a surge that passed.
    #[track_caller]
    fn check(predicted: &str, expected: &str) {
        let patience = Patience { hold_s: 4.0, release_s: 2.0 };
        let mut notice = Notice::default();
        let mut said = String::new();
        for (second, predicted) in predicted.chars().enumerate() {
            let (next, signal) = notice.step(second as f64, predicted == '+', patience);
            notice = next;
            said.push(match signal {
                None => '.',
                Some(Signal::Raised) => 'R',
                Some(Signal::Cleared) => 'C',
                Some(Signal::Passed { .. }) => 's',
            });
        }
        assert_eq!(said, expected);
    }

    #[test]
    fn a_surge_says_nothing_and_is_counted() {
        check("-++---", "....s.");
    }

    #[test]
    fn a_lasting_prediction_is_raised_once_and_cleared_once() {
        check("+++++++---", "....R....C");
    }

    #[test]
    fn one_doubt_does_not_end_a_rise() {
        check("++-++++", "....R..");
    }

    #[test]
    fn a_notice_that_flickers_is_not_said_twice() {
        check("+++++-+-++", "....R.....");
    }

    #[test]
    fn the_fuller_the_resource_the_shorter_the_wait() {
        let empty = Patience::new(1000.0, 0.0, None, 1.0);
        let full = Patience::new(1000.0, 1.0, None, 1.0);
        assert!(full.hold_s < 0.25 * empty.hold_s);
    }

    #[test]
    fn what_is_merely_likely_waits_however_full_it_is() {
        let (likely, sure) = (Patience::new(1000.0, 0.9, None, 0.8), Patience::new(1000.0, 0.9, None, 0.99));
        assert!(2.0 * sure.hold_s < likely.hold_s);
    }

    #[test]
    fn nobody_waits_longer_than_half_of_what_is_left() {
        assert!(Patience::new(1000.0, 0.1, Some(40.0), 1.0).hold_s <= 20.0);
    }
}
