//! The loop: hears, looks, asks, judges, tells.

use std::collections::{BTreeMap, VecDeque};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::Utc;
use hebe::restart::heartbeat::{Key, Nonce, Refusal};
use hebe::restart::map::Map;
use hebe::restart::strain::{Bounds, Stalls};
use hebe::restart::suspicion::{Ask, Seen, Word};
use hebe_collectors::live::Root;
use ring::rand::{SecureRandom as _, SystemRandom};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::config::Config;
use super::pool::{Done, Pool};
use super::standing::{State, Suspicion};
use super::wake::Wake;
use super::ward::Ward;
use super::wire::Wire;
use super::{Found, look};

/// The loop looks around this often at least and at most; five times in the shortest period of a heartbeat.
const TICK: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(250));
/// Steps that one thing that was seen may lead to.
const MOST_STEPS: usize = 4;

/// What other threads tell the loop.
#[derive(Debug)]
pub(super) enum Told {
    Process { node: String, found: Found },
    Alive { node: String },
    Done(Done),
    Stop,
}

/// Who hears of changes.
pub(super) type Tell = Box<dyn Fn(Suspicion) + Send>;

/// Everything that the loop holds.
pub(super) struct Service {
    pub(super) began: Instant,
    pub(super) wards: Vec<Ward>,
    pub(super) names: BTreeMap<String, usize>,
    pub(super) wire: Wire,
    pub(super) key: Key,
    /// This boot.
    pub(super) boot: [u8; 16],
    pub(super) root: Root,
    /// Where the machine's pressure is read.
    pub(super) pressure: Root,
    pub(super) pool: Pool,
    pub(super) random: SystemRandom,
    pub(super) refused: BTreeMap<Refusal, u64>,
    pub(super) admitted: u64,
    pub(super) bounds: Bounds,
    /// The last seconds, oldest first.
    pub(super) stalls: VecDeque<Stalls>,
    /// How late we came, and when.
    pub(super) late: Option<(Duration, Duration)>,
    pub(super) strain: Option<String>,
    misses: u32,
    tick: Duration,
    lines: Lines,
}

/// How the loop and other threads speak to each other.
pub(super) struct Lines {
    pub(super) heard: Receiver<Told>,
    /// For those that the loop itself starts.
    pub(super) told: Sender<Told>,
    pub(super) wake: Arc<Wake>,
    pub(super) state: Arc<Mutex<State>>,
    pub(super) tell: Tell,
}

impl Service {
    /// A loop that is about to run; the machine's pressure is read under `pressure`.
    pub(super) fn new(map: &Map, config: &Config, lines: Lines, pressure: &Path) -> Result<Self> {
        let mut service = Self {
            began: Instant::now(),
            wards: Vec::new(),
            names: BTreeMap::new(),
            wire: Wire::open(config)?,
            key: config.key()?,
            boot: look::boot()?,
            root: Root::new("/").context("watchdog")?,
            pressure: Root::new(pressure).context("watchdog")?,
            pool: Pool::new(lines.told.clone(), Arc::clone(&lines.wake)),
            random: SystemRandom::new(),
            refused: BTreeMap::new(),
            admitted: 0,
            bounds: Bounds::default(),
            stalls: VecDeque::new(),
            late: None,
            strain: None,
            misses: config.misses,
            tick: TICK.1,
            lines,
        };
        service.take_on(map);
        service.publish();
        Ok(service)
    }

    pub(super) fn port(&self) -> Option<u16> {
        self.wire.port()
    }

    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Bytes that nobody can guess.
    pub(super) fn draw(random: &SystemRandom) -> Nonce {
        let mut nonce = Nonce::default();
        // Where the kernel gives no randomness, zeros admit nobody new.
        let _ = random.fill(&mut nonce);
        nonce
    }

    fn take_on(&mut self, map: &Map) {
        let now = self.now();
        for node in map.nodes.iter().filter(|node| Ward::is_for(node)) {
            self.wards.push(Ward::new(node, self.misses, Self::draw(&self.random), now));
        }
        self.names = self.wards.iter().enumerate().map(|(at, ward)| (ward.node.clone(), at)).collect();
        let shortest = self.wards.iter().filter_map(|ward| ward.heartbeat).min();
        self.tick = shortest.map_or(TICK.1, |period| (period / 5).clamp(TICK.0, TICK.1));
    }

    /// Runs until it is told to stop.
    pub(super) fn run(mut self) {
        let mut next = self.now();
        loop {
            let ended = self.wait(next);
            let now = self.now();
            // What came while we were away is heard before anybody is judged by its absence.
            self.hear(now);
            for at in ended {
                self.ended(at, now);
            }
            while let Ok(told) = self.lines.heard.try_recv() {
                match told {
                    Told::Stop => return,
                    Told::Process { node, found } => self.found(&node, found, now),
                    Told::Alive { node } => self.alive(&node, now),
                    Told::Done(done) => self.done(done, now),
                }
            }
            if next <= now {
                self.round(now, now.saturating_sub(next));
                next = now + self.tick;
            }
        }
    }

    /// Sleeps until the next round, or until something comes; the wards whose processes have ended.
    fn wait(&self, next: Duration) -> Vec<usize> {
        let ends = self.wards.iter().enumerate();
        let ends: Vec<_> =
            ends.filter_map(|(at, ward)| Some((at, ward.living.as_ref()?.ends.as_ref()?.as_fd()))).collect();
        let others = self.wire.descriptors().chain([self.lines.wake.as_fd()]);
        let mut files: Vec<PollFd<'_>> = ends
            .iter()
            .map(|(_, end)| *end)
            .chain(others)
            .map(|file| PollFd::from_borrowed_fd(file, PollFlags::IN))
            .collect();
        let longest = Timespec::try_from(next.saturating_sub(self.now())).ok();
        let _ = poll(&mut files, longest.as_ref());
        self.lines.wake.down();
        let readable = ends.iter().zip(&files).filter(|(_, file)| !file.revents().is_empty());
        readable.map(|((at, _), _)| *at).collect()
    }

    /// Looks around once; `late` is how much later than planned.
    fn round(&mut self, now: Duration, late: Duration) {
        self.feel(now, late);
        for at in 0..self.wards.len() {
            if self.wards[at].away {
                continue;
            }
            self.look(at, now);
            self.see(at, now, Seen::Time);
            self.schedule(at, now);
            if let Some(ask) = self.wards[at].wanted.take() {
                self.ask(at, ask);
            }
        }
        self.publish();
    }

    /// Takes in what was seen of a node, and does what follows.
    pub(super) fn see(&mut self, at: usize, now: Duration, seen: Seen) {
        let mut seen = Some(seen);
        for _ in 0..MOST_STEPS {
            let case = &mut self.wards[at].case;
            let from = case.state().word();
            let ask = case.see(now, seen.take().unwrap_or(Seen::Time));
            let to = case.state().word();
            if from != to {
                self.say(at, now, from);
            }
            if let Some(ask) = ask {
                self.ask(at, ask);
            } else if from == to {
                return;
            }
        }
    }

    fn say(&self, at: usize, now: Duration, from: Word) {
        // Who hears of it and looks then must find it so.
        self.publish();
        let ward = &self.wards[at];
        (self.lines.tell)(Suspicion {
            node: ward.node.clone(),
            from,
            to: ward.case.state().word(),
            witnesses: ward.case.witnesses(now),
            sentence: ward.case.sentence(now),
            process: ward.living.as_ref().map(|living| living.process),
            ended: ward.case.has_ended(),
            at: Utc::now(),
        });
    }

    fn ask(&mut self, at: usize, ask: Ask) {
        let asked = match ask {
            Ask::Ping => self.ping(at),
            Ask::Test => self.test(at),
        };
        if !asked {
            self.wards[at].wanted = Some(ask);
        }
    }

    fn publish(&self) {
        let now = self.now();
        let state = State {
            nodes: self.wards.iter().map(|ward| ward.standing(now, Utc::now())).collect(),
            refused: self.refused.clone(),
            admitted: self.admitted,
            starved: self.strain.clone(),
        };
        *self.lines.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}
