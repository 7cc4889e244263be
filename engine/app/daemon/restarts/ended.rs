//! Nodes that have ended: those who keep them are let act first.
//!
//! The Re/Starter and systemd start again what crashed, by rules of their own. Only what they leave lying calls for the
//! oracle: two who act on one crash would restart it twice.

use chrono::{DateTime, TimeDelta, Utc};

use crate::watchdog::Suspicion;

/// Those who keep a node have so long to act before it is looked at.
const GRACE: TimeDelta = TimeDelta::milliseconds(500);
/// What is on its way is waited for so long.
const LONGEST: TimeDelta = TimeDelta::seconds(60);

/// How a node that has ended is found a moment later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Now {
    /// It runs again, or was stopped on purpose.
    Settled,
    /// It is on its way.
    Coming,
    /// Nobody does anything about it.
    Lies,
}

/// Nodes that have ended, until it is known what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Ended(Vec<(Suspicion, DateTime<Utc>)>);

impl Ended {
    /// A node has ended.
    pub(super) fn add(&mut self, suspicion: Suspicion) {
        self.0.retain(|(other, _)| other.node != suspicion.node);
        let due = suspicion.at + GRACE;
        self.0.push((suspicion, due));
    }

    /// Those that nobody takes care of.
    pub(super) fn lying(&mut self, now: DateTime<Utc>, look: impl Fn(&Suspicion) -> Now) -> Vec<Suspicion> {
        let mut lying = Vec::new();
        self.0.retain_mut(|(suspicion, due)| {
            if now < *due {
                return true;
            }
            match look(suspicion) {
                Now::Settled => false,
                Now::Coming if now < suspicion.at + LONGEST => {
                    *due = now + GRACE;
                    true
                }
                Now::Coming | Now::Lies => {
                    lying.push(suspicion.clone());
                    false
                }
            }
        });
        lying
    }

    /// Whether anything is waited for.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
