//! What the daemon itself uses, and the brake that keeps it small.

use std::collections::VecDeque;
use std::fs;
use std::time::{Duration, Instant};

use hebe::snapshot::OwnUse;

/// Over this share of one core the interval is stretched.
const TOO_MUCH: f64 = 0.005;
/// Under this share it is taken back by one step.
const LITTLE: f64 = 0.001;
/// The interval is stretched so far at most.
const MOST: f64 = 8.0;
/// Time over which the share is taken.
const OVER: Duration = Duration::from_mins(1);
/// Time before it is judged: reading histories at the start is no habit.
const GRACE: Duration = Duration::from_mins(3);
/// Clock ticks a second in /proc (`USER_HZ`, fixed for user space on Linux).
const TICKS: f64 = 100.0;

/// The daemon's own use.
#[derive(Debug)]
pub(super) struct Own {
    wanted_s: f64,
    stretch: f64,
    began: Instant,
    judged: Instant,
    past: VecDeque<(Instant, f64)>,
    rss_bytes: u64,
}

impl Own {
    pub(super) fn new(period_s: f64) -> Self {
        let now = Instant::now();
        Self {
            wanted_s: period_s,
            stretch: 1.0,
            began: now,
            judged: now,
            past: VecDeque::new(),
            rss_bytes: 0,
        }
    }

    /// Seconds between samples now.
    pub(super) fn period_s(&self) -> f64 {
        self.wanted_s * self.stretch
    }

    pub(super) fn period(&self) -> Duration {
        Duration::from_secs_f64(self.period_s())
    }

    /// Share of one core over the last minute.
    pub(super) fn cpu(&self) -> f64 {
        let (Some(first), Some(last)) = (self.past.front(), self.past.back()) else { return 0.0 };
        let wall = last.0.duration_since(first.0).as_secs_f64();
        if wall <= 0.0 { 0.0 } else { (last.1 - first.1) / wall }
    }

    pub(super) fn shown(&self) -> OwnUse {
        OwnUse {
            cpu: self.cpu(),
            rss_bytes: self.rss_bytes,
            period_s: self.period_s(),
            stretched: 1.0 < self.stretch,
        }
    }

    /// Looks at what was used; says so where the interval changes for it.
    pub(super) fn measure(&mut self) -> Option<String> {
        let now = Instant::now();
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        self.past.push_back((now, cpu_seconds(&stat)?));
        while 2 < self.past.len() && OVER < now.duration_since(self.past[0].0) {
            self.past.pop_front();
        }
        let statm = fs::read_to_string("/proc/self/statm").ok()?;
        let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
        self.rss_bytes = pages * rustix::param::page_size() as u64;
        self.judge(now)
    }

    fn judge(&mut self, now: Instant) -> Option<String> {
        if now.duration_since(self.began) < GRACE || now.duration_since(self.judged) < OVER {
            return None;
        }
        let before = self.stretch;
        if TOO_MUCH < self.cpu() {
            self.stretch = (2.0 * self.stretch).min(MOST);
        } else if self.cpu() < LITTLE {
            self.stretch = (self.stretch / 2.0).max(1.0);
        }
        self.judged = now;
        let percent = 100.0 * self.cpu();
        let changed = before.to_bits() != self.stretch.to_bits();
        changed.then(|| {
            format!("used {percent:.2} % of a core; samples every {} s from now on", self.period_s())
        })
    }
}

/// Processor time of a line of /proc/PID/stat, in seconds.
fn cpu_seconds(stat: &str) -> Option<f64> {
    // The name in brackets may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_any_name() {
        let stat = "12 (a) b) (c) S 1 12 12 0 -1 4194560 1 0 0 0 250 150 0 0 20 0 1 0 5 1 1";
        assert!((cpu_seconds(stat).unwrap() - 4.0).abs() < 1e-12);
        assert_eq!(cpu_seconds("garbage"), None);
    }
}
