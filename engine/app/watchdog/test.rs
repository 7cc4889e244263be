//! Questions to a node: pings, tests of what is in doubt, tests on schedule.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hebe::restart::heartbeat::{Message, Packet};
use hebe::restart::suspicion::{Seen, Word};

use super::pool::{Done, Purpose};
use super::service::Service;
use super::standing::Standing;
use super::ward::Ward;
use crate::probe::seconds;

/// The shortest time between two tests on schedule.
const LEAST_PAUSE: Duration = Duration::from_millis(50);
/// The longest time between two tests of what has not passed yet since its start.
const START_PAUSE: Duration = Duration::from_millis(500);

impl Service {
    /// Asks a node for a sign of life; `false` if that must wait.
    pub(super) fn ping(&mut self, at: usize) -> bool {
        let ward = &self.wards[at];
        if let Some(address) = &ward.address {
            let nonce = ward.window.challenge();
            let ping = Packet { node: ward.node.clone(), nonce, message: Message::Ping };
            self.wire.send(&ping.seal(&self.key), address);
            return true;
        }
        self.pool.run(&ward.node, ward.life, Purpose::Ping, ward.ready.clone())
    }

    /// Tests a node in doubt; `false` if that must wait.
    pub(super) fn test(&mut self, at: usize) -> bool {
        let ward = &self.wards[at];
        self.pool.run(&ward.node, ward.life, Purpose::Doubt, ward.probes())
    }

    /// Starts the tests whose time has come.
    pub(super) fn schedule(&mut self, at: usize, now: Duration) {
        let Ward { node, life, rounds, .. } = &mut self.wards[at];
        for (place, round) in rounds.iter_mut().enumerate() {
            if round.next <= now && !round.running {
                let probes = vec![round.probe.clone()];
                round.running = self.pool.run(node, *life, Purpose::Schedule(place), probes);
            }
        }
    }

    /// Takes in what became of a test.
    pub(super) fn done(&mut self, done: Done, now: Duration) {
        let Some(&at) = self.names.get(&done.node) else { return };
        let ward = &mut self.wards[at];
        if ward.life != done.life || ward.away {
            return;
        }
        let seen = match done.purpose {
            Purpose::Ping => Seen::Answered(done.result.is_ok()),
            Purpose::Doubt => {
                if done.result.is_ok() {
                    // All of them have just passed.
                    for round in &mut ward.rounds {
                        round.result = Some(Ok(()));
                    }
                }
                Seen::Tested(done.result)
            }
            Purpose::Schedule(place) => {
                let starting = ward.is_starting(now);
                let Some(round) = ward.rounds.get_mut(place) else { return };
                round.running = false;
                round.next = now + seconds(round.probe.every_s).max(LEAST_PAUSE);
                if starting && round.result.is_none() && done.result.is_err() {
                    round.next = round.next.min(now + START_PAUSE);
                    return;
                }
                round.result = Some(done.result);
                match ward.tested() {
                    Some(result) => Seen::Scheduled(result),
                    None => return,
                }
            }
        };
        self.see(at, now, seen);
    }
}

impl Ward {
    /// How it stands; `clock` is the time of day at `now`.
    pub(super) fn standing(&self, now: Duration, clock: DateTime<Utc>) -> Standing {
        let heard = self.case.heard().map(|heard| clock - now.saturating_sub(heard));
        let state = self.case.state();
        let living = self.living.as_ref();
        let tested = self.tested();
        let failing = matches!(tested, Some(Err(_)));
        let shown = heard.is_some() || matches!(tested, Some(Ok(())));
        Standing {
            node: self.node.clone(),
            word: state.word(),
            sentence: if self.away {
                "it is not watched until it runs".to_owned()
            } else {
                self.case.sentence(now)
            },
            heard,
            status: self.status,
            runs: match living {
                _ if self.away => Some(false),
                Some(living) if living.is_here => Some(living.ends.is_some()),
                _ => None,
            },
            well: match state.word() {
                _ if self.away => None,
                Word::Failed => Some(false),
                _ if failing => Some(false),
                Word::Well if shown => Some(true),
                _ => None,
            },
            process: living.map(|living| living.process),
        }
    }
}
