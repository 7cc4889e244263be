//! How one process of ours is kept: ask, wait, kill, verify, and only then a new copy.
//!
//! What lives here decides; processes, groups and clocks come in as a [`View`] and a time since the boot.

mod crashes;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use crashes::Crashes;
use serde::{Deserialize, Serialize};

use super::map::{Kind, Node, OnCrash};

/// Time that the system is given to take a killed process away; after it, it counts as not stopped.
const KILL_S: f64 = 5.0;

/// Bounds of one process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// After it, a process that was asked to stop is killed.
    pub stop: Duration,
    /// Before that it is sent ABRT, for a trace of where it hangs, and gets so long to write it.
    pub abort: Option<Duration>,
    /// After it, a process that is not ready has failed.
    pub start: Duration,
    /// Restarts after crashes that are made within …
    pub intensity: usize,
    /// … this time.
    pub period: Duration,
}

impl Rules {
    /// Those of a node.
    #[must_use]
    pub fn of(node: &Node, abort: Option<Duration>) -> Self {
        let seconds = |s: f64| Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX / 4);
        let asks = matches!(&node.kind, Kind::Process(command) if command.on_crash == OnCrash::Ask);
        Self {
            stop: seconds(node.stop_s),
            abort,
            start: seconds(node.start_s),
            intensity: if asks { 0 } else { node.budget.intensity },
            period: seconds(node.budget.period_s),
        }
    }

    /// The longest that stopping and starting again may take; who waits for it waits no longer.
    #[must_use]
    pub fn longest(&self) -> Duration {
        let waits = [self.stop, self.stop, self.abort.unwrap_or_default(), killing(), self.start];
        waits.iter().fold(Duration::from_secs(2), |sum, wait| sum.saturating_add(*wait))
    }
}

fn killing() -> Duration {
    Duration::from_secs_f64(KILL_S)
}

/// What whoever can look sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Whether the main process lives.
    pub main: bool,
    /// Whether its group holds any process, the main one too.
    pub group: bool,
    /// Whether the conditions for a new copy hold: ports free, files gone.
    pub clear: bool,
}

/// What happens to a process, or is wanted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It shall run.
    Start,
    /// It shall not run.
    Stop,
    /// A new copy shall run in its place.
    Restart,
    /// Its program has begun; whether that makes it ready at once.
    Begun {
        /// It has no other way to say so.
        ready: bool,
    },
    /// Its program could not be begun.
    NotBegun,
    /// It is ready.
    Ready,
    /// It needs so much longer to start or to stop.
    Extend(Duration),
    /// Something may have changed, or the time has come.
    Look,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Start a copy.
    Spawn,
    /// Ask all of the group to end.
    Terminate,
    /// Make the main process write where it hangs.
    Abort,
    /// Kill all of the group.
    Kill,
}

/// Why it does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It has not been started yet.
    Fresh,
    /// It was told to stop.
    Told,
    /// It crashed more often than the Re/Starter may start it again by itself.
    GivenUp,
}

/// How far stopping has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Asked.
    Asked,
    /// Told to write where it hangs.
    Aborted,
    /// Killed.
    Killed,
}

/// Where a process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does not run.
    Down(Why),
    /// It is started at `until`, or as soon after as the conditions hold, `patience` at the most.
    Waiting {
        /// When.
        until: Duration,
        /// When the conditions must hold.
        patience: Duration,
    },
    /// It was started, and is not ready.
    Starting {
        /// When it has failed.
        until: Duration,
    },
    /// It is ready.
    Running,
    /// It is being stopped.
    Stopping {
        /// How far.
        stage: Stage,
        /// When the next stage comes.
        until: Duration,
        /// What comes then.
        then: Then,
    },
    /// It could not be stopped, or its place is taken: no second copy is started.
    NotStopped,
}

/// What comes when it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// A new copy, not before this time.
    Start(Duration),
    /// Nothing, and why.
    Rest(Why),
}

/// One process of ours.
#[derive(Clone, Debug)]
pub struct Supervision {
    rules: Rules,
    state: State,
    crashes: Crashes,
    copies: u64,
}

impl Supervision {
    /// One that does not run, with the crashes that are known of it.
    #[must_use]
    pub fn new(rules: Rules, crashes: Crashes) -> Self {
        Self { rules, state: State::Down(Why::Fresh), crashes, copies: 0 }
    }

    /// One that was found running, or as what was left of it shows.
    #[must_use]
    pub fn adopted(rules: Rules, crashes: Crashes, ready: bool, now: Duration) -> Self {
        let state =
            if ready { State::Running } else { State::Starting { until: now.saturating_add(rules.start) } };
        Self { rules, state, crashes, copies: 1 }
    }

    /// One that shall stay as it was: down, and why.
    #[must_use]
    pub fn resting(rules: Rules, crashes: Crashes, why: Why) -> Self {
        Self { rules, state: State::Down(why), crashes, copies: 0 }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Its bounds.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Its crashes.
    #[must_use]
    pub fn crashes(&self) -> &Crashes {
        &self.crashes
    }

    /// How many copies were started, one after the other.
    #[must_use]
    pub fn copies(&self) -> u64 {
        self.copies
    }

    /// When to look again, if nothing happens before.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        match self.state {
            State::Waiting { until, .. } | State::Starting { until } | State::Stopping { until, .. } => {
                Some(until)
            }
            State::Down(_) | State::Running | State::NotStopped => None,
        }
    }

    /// Advances by one input seen at `now`.
    #[must_use]
    pub fn step(&mut self, now: Duration, input: Input, view: View) -> Vec<Effect> {
        match input {
            Input::Start => self.start(now, view),
            Input::Stop => self.stop(now, Then::Rest(Why::Told), view),
            Input::Restart => self.stop(now, Then::Start(now), view),
            Input::Begun { ready: true } | Input::Ready => {
                if matches!(self.state, State::Starting { .. }) {
                    self.state = State::Running;
                }
                self.look(now, view)
            }
            Input::Begun { ready: false } | Input::Look => self.look(now, view),
            Input::NotBegun => self.crashed(now, view),
            Input::Extend(more) => {
                self.extend(now.saturating_add(more));
                Vec::new()
            }
        }
    }

    fn start(&mut self, now: Duration, view: View) -> Vec<Effect> {
        match &mut self.state {
            State::Down(_) | State::NotStopped => {
                self.crashes.forget();
                self.wait(now, now);
            }
            State::Stopping { then, .. } => *then = Then::Start(now),
            State::Waiting { until, .. } => *until = now,
            State::Starting { .. } | State::Running => return Vec::new(),
        }
        self.look(now, view)
    }

    fn wait(&mut self, now: Duration, until: Duration) {
        self.state = State::Waiting { until, patience: now.max(until).saturating_add(self.rules.stop) };
    }

    fn stop(&mut self, now: Duration, then: Then, view: View) -> Vec<Effect> {
        match &mut self.state {
            // A restart under way is one restart, however often it is asked for.
            State::Stopping { then: already, .. } => *already = then,
            State::Down(_) | State::Waiting { .. } if !view.main && !view.group => match then {
                Then::Start(at) => self.wait(now, at),
                Then::Rest(why) => self.state = State::Down(why),
            },
            _ => {
                self.ask(now, then);
                return vec![Effect::Terminate];
            }
        }
        self.look(now, view)
    }

    fn ask(&mut self, now: Duration, then: Then) {
        let until = now.saturating_add(self.rules.stop);
        self.state = State::Stopping { stage: Stage::Asked, until, then };
    }

    fn extend(&mut self, to: Duration) {
        if let State::Starting { until } | State::Stopping { stage: Stage::Asked, until, .. } =
            &mut self.state
        {
            *until = to.max(*until);
        }
    }

    fn look(&mut self, now: Duration, view: View) -> Vec<Effect> {
        match self.state {
            State::Down(_) => Vec::new(),
            State::NotStopped => {
                if !view.main && !view.group && view.clear {
                    self.state = State::Down(Why::Told);
                }
                Vec::new()
            }
            State::Running if view.main => Vec::new(),
            State::Starting { until } if view.main && now < until => Vec::new(),
            State::Running | State::Starting { .. } => self.crashed(now, view),
            State::Waiting { until, patience } => self.waiting(now, until, patience, view),
            State::Stopping { stage, until, then } => self.stopping(now, stage, until, then, view),
        }
    }

    /// It ended by itself, could not be begun, or was not ready in time.
    fn crashed(&mut self, now: Duration, view: View) -> Vec<Effect> {
        let delay = self.crashes.spend(now, self.rules.intensity, self.rules.period);
        let then = delay.map_or(Then::Rest(Why::GivenUp), |delay| Then::Start(now.saturating_add(delay)));
        if view.main || view.group {
            self.ask(now, then);
            return vec![Effect::Terminate];
        }
        self.ended(now, then, view)
    }

    fn ended(&mut self, now: Duration, then: Then, view: View) -> Vec<Effect> {
        match then {
            Then::Rest(why) => {
                self.state = State::Down(why);
                Vec::new()
            }
            Then::Start(at) => {
                self.wait(now, at);
                self.look(now, view)
            }
        }
    }

    fn waiting(&mut self, now: Duration, until: Duration, patience: Duration, view: View) -> Vec<Effect> {
        if view.main || view.group {
            self.ask(now, Then::Start(until));
            return vec![Effect::Terminate];
        }
        if now < until {
            return Vec::new();
        }
        if view.clear {
            self.copies += 1;
            self.state = State::Starting { until: now.saturating_add(self.rules.start) };
            return vec![Effect::Spawn];
        }
        if patience <= now {
            self.state = State::NotStopped;
        }
        Vec::new()
    }

    fn stopping(
        &mut self,
        now: Duration,
        stage: Stage,
        until: Duration,
        then: Then,
        view: View,
    ) -> Vec<Effect> {
        if !view.main && !view.group {
            return self.ended(now, then, view);
        }
        if now < until {
            // Who forks while it is killed is killed in the next round.
            return if stage == Stage::Killed { vec![Effect::Kill] } else { Vec::new() };
        }
        let (stage, wait, effect) = match (stage, self.rules.abort) {
            (Stage::Asked, Some(abort)) => (Stage::Aborted, abort, Effect::Abort),
            (Stage::Asked | Stage::Aborted, _) => (Stage::Killed, killing(), Effect::Kill),
            (Stage::Killed, _) => {
                self.state = State::NotStopped;
                return Vec::new();
            }
        };
        self.state = State::Stopping { stage, until: now.saturating_add(wait), then };
        vec![effect]
    }
}
