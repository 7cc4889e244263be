//! The Re/Starter's processes, for those who must know them: the watchdog and the sampler.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hebe::restart::heartbeat::Process;
use hebe::restart::map::{Kind, Map};
use hebe::restart::protocol::{Phase, Pressure, Report};
use hebe::restart::strain::{Bounds, Stalls};
use hebe_collectors::live::{Identity, Named};

use crate::restarter::{Client, is_here};
use crate::watchdog::{Found, Watchdog};

/// The list is asked for this often at least, and at most.
const PACE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// A Re/Starter that does not answer is asked again after so long.
const ABSENT: Duration = Duration::from_secs(2);

/// The pressure on another machine is judged over so long a time.
const OVER: Duration = Duration::from_secs(2);

/// What is known of the Re/Starter's processes.
#[derive(Debug)]
pub(super) struct Processes {
    client: Client,
    wanted: bool,
    pace: Duration,
    next: Instant,
    beats: HashMap<String, u64>,
    /// The last seconds of the machine that they run on, where that is another one, oldest first.
    stalls: VecDeque<Stalls>,
    /// As listed last; empty where nobody answers.
    pub(super) reports: Vec<Report>,
}

impl Processes {
    /// Those of `map`, which the Re/Starter of `client` keeps.
    pub(super) fn new(map: &Map, client: Client) -> Self {
        let ours = || map.nodes.iter().filter(|node| matches!(node.kind, Kind::Process(_)));
        let fastest = ours().filter_map(|node| node.heartbeat_s).fold(f64::INFINITY, f64::min);
        let pace = Duration::try_from_secs_f64(fastest / 2.0).unwrap_or(PACE.1).clamp(PACE.0, PACE.1);
        Self {
            client,
            wanted: ours().next().is_some(),
            pace,
            next: Instant::now(),
            beats: HashMap::new(),
            stalls: VecDeque::new(),
            reports: Vec::new(),
        }
    }

    /// Time until the next look; none where there are no processes to look at.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.wanted.then(|| self.next.saturating_duration_since(Instant::now()))
    }

    /// Something has happened: it is time for the next look.
    pub(super) fn soon(&mut self) {
        self.next = self.next.min(Instant::now());
    }

    /// Looks, if it is time, and tells the watchdog; the names for the sampler where they may have changed.
    pub(super) fn look(&mut self, watchdog: &Watchdog) -> Option<Named> {
        if !self.wanted || Instant::now() < self.next {
            return None;
        }
        let listed = self.client.listed();
        self.next = Instant::now() + if listed.is_ok() { self.pace } else { ABSENT };
        let before: Vec<_> = self.reports.iter().map(|report| report.pid.clone()).collect();
        let (reports, pressure) = listed.unwrap_or_default();
        let short = pressure.is_some_and(|pressure| self.is_short(&pressure));
        self.reports = reports;
        for report in &self.reports {
            watchdog.process(&report.node, found(report, short));
            let beats = self.beats.insert(report.node.clone(), report.heartbeats);
            // The first time too: what hung before we came is silent from now on.
            if beats.unwrap_or(0) != report.heartbeats {
                watchdog.alive(&report.node);
            }
        }
        let moved = before.len() != self.reports.len()
            || before.iter().zip(&self.reports).any(|(before, report)| *before != report.pid);
        moved.then(|| self.reports.iter().filter_map(named).collect())
    }

    /// Whether their machine is so short of everything that silence proves nothing.
    fn is_short(&mut self, pressure: &Pressure) -> bool {
        let now = Stalls {
            at: Duration::try_from_secs_f64(pressure.up_s).unwrap_or_default(),
            cpu_some_us: pressure.cpu_some_us,
            memory_some_us: pressure.memory_some_us,
            memory_full_us: pressure.memory_full_us,
            io_full_us: pressure.io_full_us,
        };
        self.stalls.retain(|stalls| stalls.at <= now.at);
        self.stalls.push_back(now);
        while 2 < self.stalls.len() && self.stalls[1].at + OVER <= now.at {
            self.stalls.pop_front();
        }
        Bounds::default().broken(&self.stalls[0], &now, Duration::ZERO).is_some()
    }

    /// What is known of a node's process.
    pub(super) fn of(&self, node: &str) -> Option<&Report> {
        self.reports.iter().find(|report| report.node == node)
    }
}

/// What the watchdog is told: it looks at processes of this machine itself.
fn found(report: &Report, short: bool) -> Found {
    match (&report.pid, report.phase) {
        (Some(pid), Phase::Running) if is_here(pid) => Found::Runs { pid: pid.pid },
        (Some(pid), Phase::Running) => {
            let boot = u128::from_str_radix(&pid.boot, 16).unwrap_or_default().to_be_bytes();
            let process = Process { boot, pid: pid.pid, start_ticks: pid.start };
            report.vitals.map_or(Found::Away, |vitals| Found::Told { process, vitals, short })
        }
        // Also where nobody saw it end: it had just been started.
        (None, Phase::GivenUp) => Found::Lies,
        _ => Found::Away,
    }
}

fn named(report: &Report) -> Option<(Identity, Arc<str>)> {
    let pid = report.pid.as_ref().filter(|pid| is_here(pid))?;
    Some((Identity { start_ticks: pid.start, pid: pid.pid }, Arc::from(report.node.as_str())))
}
