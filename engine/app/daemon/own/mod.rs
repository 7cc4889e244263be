//! What the daemon itself uses, and the brake that keeps it small.

mod limits;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hebe::snapshot::OwnUse;
use hebe_collectors::history::{Kind, Sense, Unit};
use hebe_collectors::live::{Limit, Reading};

use limits::Limits;

/// Over this share of one core the interval is stretched.
const TOO_MUCH: f64 = 0.005;
/// Under this share it is taken back by one step: it would cost twice as much then, and not too much.
const LITTLE: f64 = 0.002;
/// The interval is stretched so far at most.
const MOST: f64 = 8.0;
/// Looks are stretched so far at most. They come first: they cost no samples, and no window changes.
const MOST_SPARING: f64 = 4.0;
/// Time over which the share is taken.
const OVER: Duration = Duration::from_mins(1);
/// Time before it is judged: reading histories at the start is no habit.
const GRACE: Duration = Duration::from_mins(3);
/// In its first rounds it opens what it keeps open: that is no growth.
const SETTLED: u32 = 3;
/// Places in a line of /proc/PID/stat, counted from behind the name.
const USER_TIME: usize = 11;
const SYSTEM_TIME: usize = 12;
const THREADS: usize = 17;
/// Clock ticks a second in /proc (`USER_HZ`, fixed for user space on Linux).
const TICKS: f64 = 100.0;

/// The daemon's own use.
#[derive(Debug)]
pub(super) struct Own {
    wanted_s: f64,
    stretch: f64,
    sparing: f64,
    began: Instant,
    judged: Instant,
    past: VecDeque<(Instant, f64)>,
    /// Rounds that were measured, up to [`SETTLED`].
    rounds: u32,
    rss_bytes: u64,
    fds: u64,
    threads: u64,
    limits: Limits,
}

impl Own {
    pub(super) fn new(period_s: f64) -> Self {
        let now = Instant::now();
        Self {
            wanted_s: period_s,
            stretch: 1.0,
            sparing: 1.0,
            began: now,
            judged: now,
            past: VecDeque::new(),
            rounds: 0,
            rss_bytes: 0,
            fds: 0,
            threads: 0,
            limits: Limits::read(),
        }
    }

    /// Seconds between samples now.
    pub(super) fn period_s(&self) -> f64 {
        self.wanted_s * self.stretch
    }

    /// How much more seldom than wanted series are looked at.
    pub(super) fn sparing(&self) -> f64 {
        self.sparing
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
            fds: self.fds,
            most_fds: self.limits.fds.value(),
            threads: self.threads,
            period_s: self.period_s(),
            stretched: 1.0 < self.stretch * self.sparing,
        }
    }

    /// The daemon's own use as readings like any other.
    pub(super) fn readings(&self) -> impl Iterator<Item = Reading> {
        let reading = |resource: &'static str, value: f64, unit: Unit, limit: &Limit| Reading {
            resource: Cow::Borrowed(resource),
            scope: Arc::from("hebe"),
            value,
            limit: limit.clone(),
            unit,
            kind: Kind::Gauge,
            sense: Sense::Rises,
            processes: None,
        };
        let counted = [
            ("own.memory", self.rss_bytes, Unit::Bytes, &self.limits.memory),
            ("own.fds", self.fds, Unit::Count, &self.limits.fds),
            ("own.threads", self.threads, Unit::Count, &self.limits.threads),
        ];
        let settled = SETTLED <= self.rounds;
        let counted = counted.map(|(resource, value, unit, limit)| {
            (settled && 0 < value).then(|| reading(resource, value as f64, unit, limit))
        });
        counted.into_iter().flatten().chain([reading(
            "own.cpu",
            100.0 * self.cpu(),
            Unit::Percent,
            &Limit::None,
        )])
    }

    /// Looks at what was used; says so where the interval changes for it.
    pub(super) fn measure(&mut self) -> Option<String> {
        let now = Instant::now();
        self.rounds = (self.rounds + 1).min(SETTLED);
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        self.past.push_back((now, cpu_seconds(&stat)?));
        while 2 < self.past.len() && OVER < now.duration_since(self.past[0].0) {
            self.past.pop_front();
        }
        let statm = fs::read_to_string("/proc/self/statm").ok()?;
        let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
        self.rss_bytes = pages * rustix::param::page_size() as u64;
        self.threads = field(&stat, THREADS)?;
        self.fds = descriptors();
        self.judge(now)
    }

    fn judge(&mut self, now: Instant) -> Option<String> {
        if now.duration_since(self.began) < GRACE || now.duration_since(self.judged) < OVER {
            return None;
        }
        self.judged = now;
        let before = (self.sparing, self.stretch);
        (self.sparing, self.stretch) = brake(before, self.cpu());
        let changed = before != (self.sparing, self.stretch);
        let percent = 100.0 * self.cpu();
        let (period, sparing) = (self.period_s(), self.sparing);
        changed.then(|| {
            format!(
                "used {percent:.2} % of a core; samples every {period} s and looks at series {sparing} times more \
                 seldom than wanted from now on"
            )
        })
    }
}

/// How far looks and samples are stretched next.
fn brake((sparing, stretch): (f64, f64), cpu: f64) -> (f64, f64) {
    if TOO_MUCH < cpu {
        return if sparing < MOST_SPARING {
            (2.0 * sparing, stretch)
        } else {
            (sparing, (2.0 * stretch).min(MOST))
        };
    }
    if LITTLE <= cpu {
        return (sparing, stretch);
    }
    if 1.0 < stretch { (sparing, stretch / 2.0) } else { ((sparing / 2.0).max(1.0), stretch) }
}

/// Processor time of a line of /proc/PID/stat, in seconds.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let ticks = |place| field(stat, place).map(|ticks| ticks as f64);
    Some((ticks(USER_TIME)? + ticks(SYSTEM_TIME)?) / TICKS)
}

/// A number of a line of /proc/PID/stat, counted from behind the name.
fn field(stat: &str, place: usize) -> Option<u64> {
    // The name in brackets may hold anything.
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(place)?.parse().ok()
}

/// How many descriptors the daemon has open.
fn descriptors() -> u64 {
    // Since Linux 6.2 the size of the directory is their number; before it is 0, and they are counted.
    let told = fs::metadata("/proc/self/fd").map_or(0, |folder| folder.len());
    if 0 < told {
        return told;
    }
    // The one that counts is not counted.
    fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count().saturating_sub(1) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_any_name() {
        let stat = "12 (a) b) (c) S 1 12 12 0 -1 4194560 1 0 0 0 250 150 0 0 20 0 1 0 5 1 1";
        assert!((cpu_seconds(stat).unwrap() - 4.0).abs() < 1e-12);
        assert_eq!(cpu_seconds("garbage"), None);
        assert_eq!(field(stat, THREADS), Some(1));
    }

    #[test]
    fn looks_are_spared_before_samples_and_taken_back_after_them() {
        let mut pace = (1.0, 1.0);
        let mut seen = Vec::new();
        for _ in 0..6 {
            pace = brake(pace, 0.006);
            seen.push(pace);
        }
        assert_eq!(seen, [(2.0, 1.0), (4.0, 1.0), (4.0, 2.0), (4.0, 4.0), (4.0, 8.0), (4.0, 8.0)]);
        assert_eq!(brake(pace, 0.002), pace);
        for _ in 0..5 {
            pace = brake(pace, 0.0005);
        }
        assert_eq!(pace, (1.0, 1.0));
        assert_eq!(brake(pace, 0.0005), pace);
    }

    #[test]
    fn what_this_process_uses_has_its_limits_beside_it() {
        let mut own = Own::new(10.0);
        (0..SETTLED - 1).for_each(|_| drop(own.measure()));
        assert!(own.readings().all(|reading| reading.resource == "own.cpu"), "it has not settled");
        let _ = own.measure();
        let readings: Vec<Reading> = own.readings().collect();
        let value = |name: &str| readings.iter().find(|reading| reading.resource == name).map(|r| r.value);
        assert!(value("own.memory").is_some_and(|bytes| 1e6 < bytes));
        assert!(value("own.threads").is_some_and(|threads| 1.0 <= threads));
        let fds = readings.iter().find(|reading| reading.resource == "own.fds").unwrap();
        assert!(fds.limit.value().is_some_and(|limit| fds.value < limit), "{fds:?}");
    }
}
