//! One step of a suspicion: the state, what speaks for and against the node, the next state.

use std::time::Duration;

use super::State;

/// A process that gets processor time and still answers nobody is tested so often before it is given up: it may be
/// busy. One test is enough against one that does nothing.
const TESTS_OF_THE_BUSY: u32 = 3;

/// What the machine is asked to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Ask the node for a sign of life.
    Ping,
    /// Test it from outside.
    Test,
}

/// What speaks for and against a node at one moment.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own: a row of a truth table")]
pub(super) struct Evidence {
    pub(super) now: Duration,
    /// It has ended.
    pub(super) ended: bool,
    /// A heartbeat is overdue.
    pub(super) silent: bool,
    /// Heartbeats are expected.
    pub(super) has_heartbeats: bool,
    /// The system says that it was stopped.
    pub(super) stopped: bool,
    /// Its tests on schedule fail.
    pub(super) failing: bool,
    /// The machine, or this process, is short of something, and nothing certain is known.
    pub(super) starved: bool,
    /// The system says that nothing but the process keeps it from answering.
    pub(super) system: bool,
    /// It gets processor time.
    pub(super) busy: bool,
    /// When it was last heard.
    pub(super) heard: Option<Duration>,
    /// What became of the last ping.
    pub(super) answered: Option<bool>,
    /// What became of the test that was asked for.
    pub(super) passed: Option<bool>,
    pub(super) can_ping: bool,
    pub(super) can_test: bool,
    pub(super) ping_within: Duration,
    /// Time between two rounds of questions.
    pub(super) pause: Duration,
}

impl Evidence {
    fn doubt(&self) -> bool {
        self.silent || self.stopped || self.failing
    }

    /// Whether three agree that do not know of each other: a missing sign of life, the system, a failed test.
    fn is_enough(&self) -> bool {
        let no_life = if self.has_heartbeats { self.silent } else { self.answered == Some(false) };
        no_life && self.system && self.passed == Some(false)
    }

    fn heard_since(&self, since: Duration) -> bool {
        self.heard.is_some_and(|heard| since <= heard)
    }

    fn rest(&self) -> State {
        State::Suspected { next: self.now + self.pause }
    }

    /// One more test; what cannot be tested stays in doubt until it answers.
    fn test(&self) -> (State, Option<Ask>) {
        if self.can_test {
            (State::Testing { since: self.now, failed: 0 }, Some(Ask::Test))
        } else {
            (self.rest(), None)
        }
    }
}

impl State {
    /// Takes one step.
    pub(super) fn step(self, seen: &Evidence) -> (Self, Option<Ask>) {
        match self {
            _ if seen.ended => (Self::Failed, None),
            _ if !seen.doubt() => (Self::Well, None),
            Self::Failed => (self, None),
            Self::Well => (Self::Suspected { next: seen.now }, None),
            Self::Suspected { .. } | Self::Starved if seen.starved => (Self::Starved, None),
            Self::Starved => (seen.rest(), None),
            Self::Suspected { next } if seen.now < next => (self, None),
            Self::Suspected { .. } if seen.can_ping => {
                (Self::Pinging { until: seen.now + seen.ping_within }, Some(Ask::Ping))
            }
            Self::Pinging { until } if seen.answered.is_none() && seen.now < until => (self, None),
            Self::Pinging { .. } if seen.answered == Some(true) && !seen.failing => (Self::Well, None),
            Self::Suspected { .. } | Self::Pinging { .. } => seen.test(),
            Self::Testing { since, failed } => match seen.passed {
                None => (self, None),
                Some(true) => (Self::Well, None),
                Some(false) if seen.starved => (Self::Starved, None),
                Some(false) if seen.heard_since(since) => (seen.rest(), None),
                Some(false) if seen.busy && failed + 1 < TESTS_OF_THE_BUSY => {
                    (Self::Testing { since, failed: failed + 1 }, Some(Ask::Test))
                }
                Some(false) if seen.is_enough() => (Self::Failed, None),
                // The missing heartbeat is a witness as soon as it is overdue.
                Some(false) if seen.has_heartbeats && !seen.silent => (self, None),
                Some(false) => (seen.rest(), None),
            },
        }
    }
}
