//! One node under suspicion or not: what was seen of it, and what follows.

use std::time::Duration;

use super::step::{Ask, Evidence};
use super::{State, Witness};
use crate::restart::infer::Inference;

/// What is expected of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Heartbeats come at least this often; none: it sends none.
    pub heartbeat: Option<Duration>,
    /// So many periods without one are a doubt.
    pub misses: u32,
    /// Time from its start to its first sign of life.
    pub start: Duration,
    /// Time to answer a ping.
    pub ping_within: Duration,
    /// Time between two rounds of questions that had no result.
    pub pause: Duration,
    /// Whether it can be asked for a sign of life.
    pub can_ping: bool,
    /// Whether it can be tested from outside.
    pub can_test: bool,
}

/// What was seen of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// A new process of it was started.
    Started,
    /// A sign of life.
    Heard,
    /// It says that it has failed.
    GivesUp,
    /// It asks for so much time until its next sign of life.
    Patience(Duration),
    /// What became of a ping that was not a heartbeat.
    Answered(bool),
    /// What the operating system says.
    System(Inference),
    /// What the machine is short of, if it is.
    Strain(Option<String>),
    /// What became of the tests on schedule.
    Scheduled(Result<(), String>),
    /// What became of the test that was asked for.
    Tested(Result<(), String>),
    /// Nothing but time.
    Time,
}

/// A node, what was seen of it, and how much it is doubted.
#[derive(Clone, Debug)]
pub struct Case {
    terms: Terms,
    state: State,
    /// When the next sign of life must have come.
    due: Option<Duration>,
    /// Until when it has asked for patience.
    patience: Duration,
    heard: Option<Duration>,
    system: Inference,
    strain: Option<String>,
    answered: Option<bool>,
    tested: Option<Result<(), String>>,
    failing: Option<String>,
}

impl Case {
    /// A node that was started at `now`, or is watched from `now` on.
    #[must_use]
    pub fn new(terms: Terms, now: Duration) -> Self {
        Self {
            terms,
            state: State::Well,
            due: terms.heartbeat.map(|_| now + terms.start.max(terms.silence())),
            patience: Duration::ZERO,
            heard: None,
            system: Inference::Unknown,
            strain: None,
            answered: None,
            tested: None,
            failing: None,
        }
    }

    /// How much it is doubted.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether its process has ended, says the operating system.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.system == Inference::Ended
    }

    /// When it was last heard.
    #[must_use]
    pub fn heard(&self) -> Option<Duration> {
        self.heard
    }

    /// What the machine is short of, if that is why nothing is said against it.
    #[must_use]
    pub fn strain(&self) -> Option<&str> {
        self.strain.as_deref()
    }

    /// Expects something else from now on.
    pub fn renew(&mut self, terms: Terms) {
        self.terms = terms;
    }

    /// Takes in what was seen at `now`, and takes one step; what is to be asked for then.
    pub fn see(&mut self, now: Duration, seen: Seen) -> Option<Ask> {
        self.note(now, seen);
        let before = self.state;
        let (state, ask) = before.step(&self.evidence(now));
        self.state = state;
        match (before, state, ask) {
            (_, _, Some(Ask::Ping)) => self.answered = None,
            (_, _, Some(Ask::Test)) => self.tested = None,
            _ => {}
        }
        if matches!(before, State::Pinging { .. }) && state != before {
            self.answered = Some(self.answered == Some(true));
        }
        if state == State::Well && before != State::Well {
            self.acquit(now);
        }
        ask
    }

    fn note(&mut self, now: Duration, seen: Seen) {
        match seen {
            Seen::Started => *self = Self { strain: self.strain.take(), ..Self::new(self.terms, now) },
            Seen::Heard => {
                self.heard = Some(now);
                // The first one ends the time of the start.
                self.due = self.due.map(|_| self.patience.max(now + self.terms.silence()));
                self.answered = Some(true);
            }
            Seen::GivesUp => self.due = self.due.map(|due| due.min(now)),
            Seen::Patience(time) => {
                self.patience = now + time;
                self.due = self.due.map(|due| due.max(self.patience));
            }
            Seen::Answered(answered) => self.answered = Some(answered),
            Seen::System(system) => self.system = system,
            Seen::Strain(strain) => self.strain = strain,
            Seen::Tested(result) if matches!(self.state, State::Testing { .. }) => self.tested = Some(result),
            // A result that comes after the doubt was over is one like others.
            Seen::Scheduled(result) | Seen::Tested(result) => self.failing = result.err(),
            Seen::Time => {}
        }
    }

    /// It has answered or passed: what spoke against it is forgotten.
    fn acquit(&mut self, now: Duration) {
        if matches!(self.tested, Some(Ok(()))) {
            self.failing = None;
        }
        (self.answered, self.tested) = (None, None);
        self.due = self.due.map(|due| due.max(now + self.terms.silence()));
    }

    fn evidence(&self, now: Duration) -> Evidence {
        Evidence {
            now,
            ended: self.system == Inference::Ended,
            silent: self.due.is_some_and(|due| due <= now),
            has_heartbeats: self.terms.heartbeat.is_some(),
            stopped: self.system == Inference::Stopped,
            failing: self.failing.is_some(),
            starved: self.is_starved(),
            system: self.system.testifies(),
            busy: self.system == Inference::Runs,
            heard: self.heard,
            answered: self.answered,
            passed: self.tested.as_ref().map(Result::is_ok),
            can_ping: self.terms.can_ping,
            can_test: self.terms.can_test,
            ping_within: self.terms.ping_within,
            pause: self.terms.pause,
        }
    }

    fn is_starved(&self) -> bool {
        let short = self.strain.is_some() && !self.system.is_certain();
        short || self.system == Inference::Short
    }

    /// All who speak against it at `now`.
    #[must_use]
    pub fn witnesses(&self, now: Duration) -> Vec<Witness> {
        let mut witnesses = Vec::new();
        if self.due.is_some_and(|due| due <= now) {
            let silent_s = self.heard.map(|heard| now.saturating_sub(heard).as_secs_f64());
            witnesses.push(Witness::Heartbeat { silent_s });
        }
        if self.answered == Some(false) {
            witnesses.push(Witness::Ping { waited_s: self.terms.ping_within.as_secs_f64() });
        }
        if self.system.testifies() {
            witnesses.push(Witness::System { says: self.system.words().to_owned() });
        }
        let failed = self.tested.as_ref().and_then(|tested| tested.as_ref().err()).or(self.failing.as_ref());
        witnesses.extend(failed.map(|why| Witness::Test { why: why.clone() }));
        witnesses
    }

    /// Why it stands as it does, in one sentence without its end.
    #[must_use]
    pub fn sentence(&self, now: Duration) -> String {
        let against: Vec<String> = self.witnesses(now).iter().map(ToString::to_string).collect();
        match self.state {
            State::Well => "nothing speaks against it".to_owned(),
            State::Failed if self.system == Inference::Ended => self.system.words().to_owned(),
            State::Starved => {
                let short = self.strain.as_deref().unwrap_or(self.system.words());
                format!("{short}; {}", against.join("; "))
            }
            _ => against.join("; "),
        }
    }
}

impl Terms {
    /// So long without a sign of life is a doubt.
    fn silence(&self) -> Duration {
        self.heartbeat.unwrap_or_default() * self.misses.max(1)
    }
}
