//! One node that is watched: what is expected of it, and what is known.

use std::os::fd::OwnedFd;
use std::time::Duration;

use hebe::restart::heartbeat::{Nonce, Process, Status, Window};
use hebe::restart::infer::Look;
use hebe::restart::map::{Kind, Node, Probe};
use hebe::restart::suspicion::{Ask, Case, Terms};

use super::wire::Address;
use crate::probe::seconds;

/// A ping may take so long at least and at most.
const PING_WITHIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// Rounds of questions without result are so far apart at least and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));
/// An ordinary period where none is given.
const PERIOD: Duration = Duration::from_secs(1);

/// A node that is watched.
#[derive(Debug)]
pub(super) struct Ward {
    pub(super) node: String,
    /// Counts its starts: what was asked in an earlier life is not answered in this one.
    pub(super) life: u64,
    pub(super) case: Case,
    pub(super) window: Window,
    pub(super) heartbeat: Option<Duration>,
    start: Duration,
    /// When it was last seen to start, or seen first.
    began: Duration,
    misses: u32,
    pub(super) ready: Vec<Probe>,
    pub(super) rounds: Vec<Round>,
    /// What could not be asked for yet.
    pub(super) wanted: Option<Ask>,
    pub(super) address: Option<Address>,
    /// When a sender that was not known was pinged last.
    pub(super) challenged: Option<Duration>,
    pub(super) living: Option<Living>,
    /// The process that others have named last.
    pub(super) told_pid: Option<u32>,
    /// It does not run on purpose: nothing is judged.
    pub(super) away: bool,
    pub(super) status: Option<Status>,
}

/// A probe and its schedule.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) probe: Probe,
    pub(super) next: Duration,
    pub(super) running: bool,
    /// What became of it last.
    pub(super) result: Option<Result<(), String>>,
}

/// A process that is known, of this boot or of another machine.
#[derive(Debug)]
pub(super) struct Living {
    pub(super) process: Process,
    /// Says when it ends; none for one of another machine, or one that has ended.
    pub(super) ends: Option<OwnedFd>,
    /// Whether it is of this machine, so that it can be looked at.
    pub(super) is_here: bool,
    /// The first look since its last sign of life.
    pub(super) first: Option<Look>,
    pub(super) looked: Duration,
}

impl Ward {
    /// Whether anything of the node can be watched.
    pub(super) fn is_for(node: &Node) -> bool {
        let has_process = matches!(node.kind, Kind::Unit { .. } | Kind::Process(_));
        has_process || node.heartbeat_s.is_some() || !node.probes.is_empty()
    }

    pub(super) fn new(node: &Node, misses: u32, nonce: Nonce, now: Duration) -> Self {
        let heartbeat = node.heartbeat_s.map(seconds).filter(|period| !period.is_zero());
        let round = |probe: &Probe| Round { probe: probe.clone(), next: now, running: false, result: None };
        let mut ward = Self {
            node: node.name.clone(),
            life: 0,
            case: Case::new(NO_TERMS, now),
            window: Window::new(nonce),
            heartbeat,
            start: seconds(node.start_s),
            began: now,
            misses,
            ready: node.ready.clone(),
            rounds: node.probes.iter().map(round).collect(),
            wanted: None,
            address: None,
            challenged: None,
            living: None,
            told_pid: None,
            away: false,
            status: None,
        };
        ward.case = Case::new(ward.terms(), now);
        ward
    }

    /// What is expected of it, as far as it is known how it can be asked.
    pub(super) fn terms(&self) -> Terms {
        let period = self.heartbeat.unwrap_or(PERIOD);
        let readiness: Duration = self.ready.iter().map(|probe| seconds(probe.within_s)).sum();
        let ping_within =
            if self.address.is_some() { period.clamp(PING_WITHIN.0, PING_WITHIN.1) } else { readiness };
        Terms {
            heartbeat: self.heartbeat,
            misses: self.misses,
            start: self.start,
            ping_within,
            pause: period.clamp(PAUSE.0, PAUSE.1),
            can_ping: self.address.is_some() || !self.ready.is_empty(),
            can_test: !self.rounds.is_empty(),
        }
    }

    /// All its probes.
    pub(super) fn probes(&self) -> Vec<Probe> {
        self.rounds.iter().map(|round| round.probe.clone()).collect()
    }

    /// The first of the tests on schedule that fails; none while one of them is yet to come for the first time and
    /// none fails.
    pub(super) fn tested(&self) -> Option<Result<(), String>> {
        let failed = self.rounds.iter().find_map(|round| round.result.as_ref()?.as_ref().err());
        if let Some(why) = failed {
            return Some(Err(why.clone()));
        }
        let all = !self.rounds.is_empty() && self.rounds.iter().all(|round| round.result.is_some());
        all.then_some(Ok(()))
    }

    /// Whether a test that has never passed in this life may still fail: the start has its time.
    pub(super) fn is_starting(&self, now: Duration) -> bool {
        now < self.began + self.start
    }

    /// Forgets what the life before has answered.
    pub(super) fn begin(&mut self, now: Duration) {
        self.life += 1;
        self.away = false;
        self.wanted = None;
        self.began = now;
        for round in &mut self.rounds {
            (round.running, round.result, round.next) = (false, None, now);
        }
    }
}

/// What is expected before anything is known.
const NO_TERMS: Terms = Terms {
    heartbeat: None,
    misses: 1,
    start: Duration::ZERO,
    ping_within: Duration::ZERO,
    pause: Duration::ZERO,
    can_ping: false,
    can_test: false,
};
