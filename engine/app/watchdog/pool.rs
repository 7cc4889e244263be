//! Tests on threads of their own, so many at once and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::thread;

use hebe::restart::map::Probe;

use super::service::Told;
use super::wake::Wake;
use crate::probe;

/// Tests on schedule that may run at once.
const MOST_SCHEDULED: usize = 8;
/// Tests of nodes in doubt that may run at once: they never wait behind those on schedule.
const MOST_ASKED: usize = 32;

/// What a test is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Its time has come: the node's probe at this place.
    Schedule(usize),
    /// The node is in doubt.
    Doubt,
    /// The node cannot be pinged: its readiness is asked for instead.
    Ping,
}

/// A test that was made.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) node: String,
    /// Which life of the node it was made for.
    pub(super) life: u64,
    pub(super) purpose: Purpose,
    pub(super) result: Result<(), String>,
}

/// Runs tests.
#[derive(Debug)]
pub(super) struct Pool {
    told: Sender<Told>,
    wake: Arc<Wake>,
    scheduled: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

impl Pool {
    pub(super) fn new(told: Sender<Told>, wake: Arc<Wake>) -> Self {
        Self { told, wake, scheduled: Arc::default(), asked: Arc::default() }
    }

    /// Runs the probes one after the other, up to the first that fails; `false` if there is no seat now.
    pub(super) fn run(&self, node: &str, life: u64, purpose: Purpose, probes: Vec<Probe>) -> bool {
        let (seats, most) = match purpose {
            Purpose::Schedule(_) => (&self.scheduled, MOST_SCHEDULED),
            Purpose::Doubt | Purpose::Ping => (&self.asked, MOST_ASKED),
        };
        if most <= seats.load(Ordering::Relaxed) {
            return false;
        }
        seats.fetch_add(1, Ordering::Relaxed);
        let (told, wake, taken) = (self.told.clone(), Arc::clone(&self.wake), Arc::clone(seats));
        let node = node.to_owned();
        let started = thread::Builder::new().name("probe".to_owned()).spawn(move || {
            let result = probes.iter().try_for_each(probe::run);
            taken.fetch_sub(1, Ordering::Relaxed);
            let _ = told.send(Told::Done(Done { node, life, purpose, result }));
            wake.up();
        });
        if started.is_err() {
            seats.fetch_sub(1, Ordering::Relaxed);
        }
        started.is_ok()
    }
}
