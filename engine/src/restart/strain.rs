//! Whether the machine is so short of processor, memory or disk time that silence proves nothing: starved is not hung.

use std::time::Duration;

/// Total stall times of the machine at one moment (`/proc/pressure`), in microseconds since its boot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stalls {
    /// When.
    pub at: Duration,
    /// Some waited for a processor.
    pub cpu_some_us: Option<u64>,
    /// Some waited for memory.
    pub memory_some_us: Option<u64>,
    /// All waited for memory.
    pub memory_full_us: Option<u64>,
    /// All waited for a disk.
    pub io_full_us: Option<u64>,
}

/// Shares of the time, 0 to 1, over which silence proves nothing. They are bounds on what a machine at work shows too:
/// a build on all processors keeps some waiting for half of the time, a backup some waiting for the disk all night.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Some waited for a processor.
    pub cpu_some: f64,
    /// Some waited for memory.
    pub memory_some: f64,
    /// All waited for memory.
    pub memory_full: f64,
    /// All waited for a disk.
    pub io_full: f64,
    /// The watchdog itself came late by so much.
    pub late: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            cpu_some: 0.8,
            memory_some: 0.4,
            memory_full: 0.2,
            io_full: 0.6,
            late: Duration::from_millis(250),
        }
    }
}

impl Bounds {
    /// Why silence proves nothing between two moments, with the number that says so; none where it does. `late` is how
    /// late the watchdog itself came in between.
    #[must_use]
    pub fn broken(&self, before: &Stalls, now: &Stalls, late: Duration) -> Option<String> {
        if self.late < late {
            return Some(format!(
                "the watchdog itself came {:.2} s late, over {:.2} s",
                late.as_secs_f64(),
                self.late.as_secs_f64()
            ));
        }
        let span = now.at.saturating_sub(before.at).as_secs_f64();
        if span <= 0.0 {
            return None;
        }
        let share = |of: fn(&Stalls) -> Option<u64>| {
            let (before, now) = of(before).zip(of(now))?;
            Some(now.saturating_sub(before) as f64 / 1e6 / span)
        };
        let looks: [(Option<f64>, f64, &str); 4] = [
            (share(|stalls| stalls.cpu_some_us), self.cpu_some, "some waited for a processor"),
            (share(|stalls| stalls.memory_full_us), self.memory_full, "all waited for memory"),
            (share(|stalls| stalls.memory_some_us), self.memory_some, "some waited for memory"),
            (share(|stalls| stalls.io_full_us), self.io_full, "all waited for a disk"),
        ];
        looks.into_iter().find_map(|(share, most, words)| {
            let share = share.filter(|share| most < *share)?;
            Some(format!(
                "{words} for {:.0} % of the last {span:.1} s, over {:.0} %",
                100.0 * share.min(1.0),
                100.0 * most
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    /// Two seconds with these stalls in microseconds: processor, memory some and full, disk full.
    #[track_caller]
    fn check(stalls: [u64; 4], expected: Option<&str>) {
        let at = |at, [cpu, memory, all, io]: [u64; 4]| Stalls {
            at: Duration::from_secs(at),
            cpu_some_us: Some(7 + cpu),
            memory_some_us: Some(7 + memory),
            memory_full_us: Some(7 + all),
            io_full_us: Some(7 + io),
        };
        let found = Bounds::default().broken(&at(5, [0; 4]), &at(7, stalls), Duration::ZERO);
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn a_machine_at_work_is_not_starved() {
        check([0; 4], None);
        check([3 * SECOND / 2, SECOND / 2, SECOND / 5, SECOND], None);
    }

    #[test]
    fn each_shortage_is_named_with_its_number() {
        let say = Some("some waited for a processor for 95 % of the last 2.0 s, over 80 %");
        check([19 * SECOND / 10, 0, 0, 0], say);
        check([0, SECOND, 0, 0], Some("some waited for memory for 50 % of the last 2.0 s, over 40 %"));
        check([0, SECOND, SECOND, 0], Some("all waited for memory for 50 % of the last 2.0 s, over 20 %"));
        check([0, 0, 0, 3 * SECOND / 2], Some("all waited for a disk for 75 % of the last 2.0 s, over 60 %"));
    }

    #[test]
    fn who_is_late_accuses_nobody() {
        let late = Duration::from_millis(400);
        let words = Bounds::default().broken(&Stalls::default(), &Stalls::default(), late).unwrap();
        assert_eq!(words, "the watchdog itself came 0.40 s late, over 0.25 s");
    }

    #[test]
    fn what_the_kernel_does_not_count_is_no_shortage() {
        let later = Stalls { at: Duration::from_secs(1), ..Stalls::default() };
        assert_eq!(Bounds::default().broken(&Stalls::default(), &later, Duration::ZERO), None);
        assert_eq!(Bounds::default().broken(&later, &Stalls::default(), Duration::ZERO), None);
    }
}
