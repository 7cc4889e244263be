//! Crashes of one process, and how long its next start is put off: OTP's intensity and period.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The second restart within the period waits so long, each further one twice as long as the one before.
const FIRST_DELAY: Duration = Duration::from_millis(100);
/// The longest that a start is put off.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// When it was restarted after a crash, oldest first, in time since the boot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Crashes(VecDeque<Duration>);

impl Crashes {
    /// Records a restart at `now` and says how long to put it off; none, and nothing recorded, where `intensity`
    /// restarts were made within `period`.
    #[must_use]
    pub fn spend(&mut self, now: Duration, intensity: usize, period: Duration) -> Option<Duration> {
        while self.0.front().is_some_and(|then| then.saturating_add(period) <= now) {
            self.0.pop_front();
        }
        if intensity <= self.0.len() {
            return None;
        }
        let delay = delay(self.0.len());
        self.0.push_back(now);
        Some(delay)
    }

    /// A person, or the executor, starts anew.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// How many are remembered.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// None for the first, then 0.1 s, 0.2 s, 0.4 s … 30 s.
fn delay(before: usize) -> Duration {
    let Some(doublings) = before.checked_sub(1) else { return Duration::ZERO };
    let doublings = u32::try_from(doublings).unwrap_or(u32::MAX).min(16);
    (FIRST_DELAY * 2_u32.pow(doublings)).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_not_put_off_and_later_ones_ever_longer() {
        let ms: Vec<u128> = (0..6).map(|n| delay(n).as_millis()).collect();
        assert_eq!(ms, [0, 100, 200, 400, 800, 1600]);
        assert_eq!(delay(usize::MAX), LONGEST_DELAY);
    }

    #[test]
    fn more_than_the_intensity_within_the_period_is_refused() {
        let (s, mut crashes) = (Duration::from_secs, Crashes::default());
        for now in [0, 1, 2] {
            assert!(crashes.spend(s(now), 3, s(60)).is_some());
        }
        assert_eq!(crashes.spend(s(3), 3, s(60)), None);
        assert_eq!(crashes.spend(s(60), 3, s(60)), Some(Duration::from_millis(200)));
        assert_eq!(crashes.spend(s(60), 3, s(60)), None);
        assert_eq!(crashes.spend(s(0), 0, s(60)), None);
    }
}
