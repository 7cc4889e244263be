//! The Re/Starter's processes, for those who must know them: the watchdog and the sampler.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hebe::restart::map::{Kind, Map};
use hebe::restart::protocol::{Phase, Report};
use hebe_collectors::live::{Identity, Named};

use crate::restarter::client::Client;
use crate::watchdog::{Found, Watchdog};

/// The list is asked for this often at least, and at most.
const PACE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// A Re/Starter that does not answer is asked again after so long.
const ABSENT: Duration = Duration::from_secs(2);

/// What is known of the Re/Starter's processes.
#[derive(Debug)]
pub(super) struct Processes {
    client: Client,
    wanted: bool,
    pace: Duration,
    next: Instant,
    beats: HashMap<String, u64>,
    /// As listed last; empty where nobody answers.
    pub(super) reports: Vec<Report>,
}

impl Processes {
    /// Those of `map`, whose Re/Starter has its state under `state_dir`.
    pub(super) fn new(map: &Map, state_dir: &Path) -> Self {
        let ours = || map.nodes.iter().filter(|node| matches!(node.kind, Kind::Process(_)));
        let fastest = ours().filter_map(|node| node.heartbeat_s).fold(f64::INFINITY, f64::min);
        let pace = Duration::try_from_secs_f64(fastest / 2.0).unwrap_or(PACE.1).clamp(PACE.0, PACE.1);
        Self {
            client: Client::new(state_dir),
            wanted: ours().next().is_some(),
            pace,
            next: Instant::now(),
            beats: HashMap::new(),
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
        let listed = self.client.list();
        self.next = Instant::now() + if listed.is_ok() { self.pace } else { ABSENT };
        let before: Vec<_> = self.reports.iter().map(|report| report.pid.clone()).collect();
        self.reports = listed.unwrap_or_default();
        for report in &self.reports {
            watchdog.process(&report.node, found(report));
            let beats = self.beats.insert(report.node.clone(), report.heartbeats);
            if beats.is_some_and(|beats| beats != report.heartbeats) {
                watchdog.alive(&report.node);
            }
        }
        let moved = before.len() != self.reports.len()
            || before.iter().zip(&self.reports).any(|(before, report)| *before != report.pid);
        moved.then(|| self.reports.iter().filter_map(named).collect())
    }

    /// What is known of a node's process.
    pub(super) fn of(&self, node: &str) -> Option<&Report> {
        self.reports.iter().find(|report| report.node == node)
    }
}

fn found(report: &Report) -> Found {
    match (&report.pid, report.phase) {
        (Some(pid), Phase::Running) => Found::Runs { pid: pid.pid },
        // Also where nobody saw it end: it had just been started.
        (None, Phase::GivenUp) => Found::Lies,
        _ => Found::Away,
    }
}

fn named(report: &Report) -> Option<(Identity, Arc<str>)> {
    let pid = report.pid.as_ref()?;
    Some((Identity { start_ticks: pid.start, pid: pid.pid }, Arc::from(report.node.as_str())))
}
