//! Wrong tokens, counted by address: each one makes the next wait longer.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// How long the second attempt waits; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Nobody waits longer, so that a typing error does not lock the house.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Without another attempt for so long, an address starts anew.
const FORGIVEN_AFTER: Duration = Duration::from_mins(15);
/// So many addresses are remembered; then the one that failed longest ago is forgotten.
const REMEMBERED: usize = 1_024;

/// The failed attempts of the last minutes.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failed: HashMap<IpAddr, (u32, Instant)>,
}

impl Attempts {
    /// How long an address has to wait before its next attempt is looked at; none if it need not.
    pub(super) fn wait(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let (count, last) = self.failed.get(&network(address))?;
        let wait = FIRST_WAIT.saturating_mul(1 << (count - 1).min(16)).min(LONGEST_WAIT);
        wait.checked_sub(now.saturating_duration_since(*last)).filter(|left| !left.is_zero())
    }

    /// Records a wrong token.
    pub(super) fn failed(&mut self, address: IpAddr, now: Instant) {
        self.failed.retain(|_, (_, last)| now.saturating_duration_since(*last) < FORGIVEN_AFTER);
        if self.failed.len() >= REMEMBERED
            && let Some(oldest) = self.failed.iter().min_by_key(|(_, (_, last))| *last).map(|(a, _)| *a)
        {
            self.failed.remove(&oldest);
        }
        let (count, last) = self.failed.entry(network(address)).or_insert((0, now));
        *count = count.saturating_add(1);
        *last = now;
    }

    /// Records the right one.
    pub(super) fn succeeded(&mut self, address: IpAddr) {
        self.failed.remove(&network(address));
    }
}

/// The address that one person commands: of version 6, the network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX))),
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Instant {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        *START.get_or_init(Instant::now) + Duration::from_secs(s)
    }

    #[test]
    fn each_failure_doubles_the_wait_up_to_a_minute() {
        let (mut attempts, address) = (Attempts::default(), "10.0.0.1".parse().unwrap());
        let waits: Vec<f64> = (0..9)
            .map(|_| {
                attempts.failed(address, at(0));
                attempts.wait(address, at(0)).unwrap().as_secs_f64()
            })
            .collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]);
        assert_eq!(attempts.wait(address, at(59)), Some(Duration::from_secs(1)));
        assert_eq!(attempts.wait(address, at(60)), None);
    }

    #[test]
    fn others_do_not_wait_and_the_right_token_ends_it() {
        let (mut attempts, address) = (Attempts::default(), "2001:db8::1".parse().unwrap());
        attempts.failed(address, at(0));
        assert!(attempts.wait("2001:db8::2".parse().unwrap(), at(0)).is_some(), "the same network");
        assert_eq!(attempts.wait("2001:db9::1".parse().unwrap(), at(0)), None);
        attempts.succeeded(address);
        assert_eq!(attempts.wait(address, at(0)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut attempts = Attempts::default();
        for i in 0..5_000_u32 {
            attempts.failed(IpAddr::V4(i.into()), at(u64::from(i) / 100));
        }
        assert_eq!(attempts.failed.len(), REMEMBERED);
        assert!(attempts.wait(IpAddr::V4(4_999.into()), at(49)).is_some());
    }
}
