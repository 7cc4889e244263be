//! The journal, folded: what was made, what is open, what waits, who holds what.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::entry::{Ending, Entry};
use super::line::Record;
use super::log::Limits;
use crate::restart::cause::Cause;
use crate::restart::history::{History, OperatorHold, Outcome, Past};
use crate::restart::plan::Plan;

/// A step that was begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// Its place in the plan.
    pub step: usize,
    /// When it was about to be made.
    pub at: DateTime<Utc>,
    /// Identity of the node before it.
    pub identity: Option<String>,
    /// What was announced to be done beside it.
    #[serde(default)]
    pub asides: Vec<String>,
    /// How it ended and when; none while nobody knows.
    pub ended: Option<(DateTime<Utc>, Ending)>,
}

/// A restart that began and is not finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The restart.
    pub plan: Plan,
    /// When it began.
    pub at: DateTime<Utc>,
    /// What was going to restart, with the identity before.
    pub before: BTreeMap<String, Option<String>>,
    /// Steps that were begun, in the order in which they were.
    pub steps: Vec<Made>,
}

impl Begun {
    /// The step at that place in the plan, if it was begun.
    #[must_use]
    pub fn step(&self, step: usize) -> Option<&Made> {
        self.steps.iter().find(|made| made.step == step)
    }
}

/// A restart that is proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The restart.
    pub plan: Plan,
    /// Who has agreed to it.
    pub approved: Option<String>,
}

/// All that the next file must know of those before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Restarts that were made: the newest of each node.
    pub past: Vec<Past>,
    /// Holds.
    pub holds: Vec<OperatorHold>,
    /// Nodes that were given up.
    pub given_up: Vec<(String, DateTime<Utc>)>,
    /// Restarts that are not finished.
    pub open: Vec<Begun>,
    /// Restarts that wait for their time or a person.
    pub waiting: Vec<Waiting>,
}

/// The journal, folded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fold {
    /// What the oracle judges by.
    pub history: History,
    /// Restarts that are not finished, by id.
    pub open: BTreeMap<String, Begun>,
    /// Restarts that wait for their time or a person, by id.
    pub waiting: BTreeMap<String, Waiting>,
}

impl Fold {
    /// Takes in one more record. Total: what makes no sense changes nothing.
    pub fn take(&mut self, record: &Record) {
        let at = record.at;
        match &record.entry {
            Entry::Snapshot { state } => *self = Self::from(state.as_ref().clone()),
            Entry::Planned { plan } => self.propose(plan),
            Entry::Approved { plan, who } => {
                if let Some(waiting) = self.waiting.get_mut(plan) {
                    waiting.approved = Some(who.clone());
                }
            }
            Entry::Declined { plan, .. } => {
                self.waiting.remove(plan);
            }
            Entry::Began { plan, before, .. } => self.begin(plan, before, at),
            Entry::Intent { plan, step, identity } => {
                let made =
                    Made { step: *step, at, identity: identity.clone(), asides: Vec::new(), ended: None };
                if let Some(begun) = self.open.get_mut(plan) {
                    begun.steps.retain(|made| made.step != *step);
                    begun.steps.push(made);
                }
            }
            Entry::Done { plan, step, ending, .. } => {
                let steps = self.open.get_mut(plan).map(|begun| &mut begun.steps);
                if let Some(made) = steps.and_then(|steps| steps.iter_mut().find(|made| made.step == *step)) {
                    made.ended = Some((at, *ending));
                }
            }
            Entry::Finished { past, .. } => self.finish(past),
            Entry::GaveUp { node, .. } => {
                self.history.given_up.retain(|(given_up, _)| given_up != node);
                self.history.given_up.push((node.clone(), at));
            }
            Entry::HoldPlaced { hold } => {
                self.history.holds.retain(|other| other.node != hold.node);
                self.history.holds.push(hold.clone());
            }
            Entry::HoldLifted { node, .. } => self.lift(node),
            Entry::Aside { plan, step, note } => {
                let steps = self.open.get_mut(plan).map(|begun| &mut begun.steps);
                if let Some(made) = steps.and_then(|steps| steps.iter_mut().find(|made| made.step == *step)) {
                    made.asides.push(note.clone());
                }
            }
            Entry::Measured { plan, gave_back } => {
                if let Some(past) = self.history.past.iter_mut().rev().find(|past| past.plan == *plan) {
                    past.gave_back.clone_from(gave_back);
                }
            }
            Entry::Skipped { .. }
            | Entry::Differs { .. }
            | Entry::Resumed { .. }
            | Entry::Cut { .. }
            | Entry::Accepted { .. } => {}
        }
    }

    /// A later proposal for a node takes the place of an earlier one.
    fn propose(&mut self, plan: &Plan) {
        self.waiting.retain(|_, waiting| waiting.plan.target != plan.target);
        self.waiting.insert(plan.id.clone(), Waiting { plan: plan.clone(), approved: None });
    }

    fn begin(&mut self, plan: &Plan, before: &BTreeMap<String, Option<String>>, at: DateTime<Utc>) {
        self.waiting.remove(&plan.id);
        let begun = Begun { plan: plan.clone(), at, before: before.clone(), steps: Vec::new() };
        self.open.insert(plan.id.clone(), begun);
    }

    fn finish(&mut self, past: &Past) {
        self.open.remove(&past.plan);
        // A person who restarts a node that was given up has looked at it.
        if matches!(past.cause, Cause::Hand { .. }) && past.outcome == Outcome::Done {
            self.history.given_up.retain(|(node, _)| !past.nodes.contains(node));
        }
        self.history.past.push(past.clone());
    }

    fn lift(&mut self, node: &str) {
        self.history.holds.retain(|hold| hold.node != node);
        self.history.given_up.retain(|(given_up, _)| given_up != node);
    }

    /// What the next file must know: of restarts the newest of each target, and the newest of all.
    #[must_use]
    pub fn snapshot(&self, limits: &Limits) -> Snapshot {
        let mut of_target: BTreeMap<&str, usize> = BTreeMap::new();
        let mut kept = BTreeSet::new();
        for (place, past) in self.history.past.iter().enumerate().rev() {
            let count = of_target.entry(&past.target).or_default();
            *count += 1;
            if *count <= limits.restarts_of_a_node || self.history.past.len() - place <= limits.restarts {
                kept.insert(place);
            }
        }
        Snapshot {
            past: kept.into_iter().map(|place| self.history.past[place].clone()).collect(),
            holds: self.history.holds.clone(),
            given_up: self.history.given_up.clone(),
            open: self.open.values().cloned().collect(),
            waiting: self.waiting.values().cloned().collect(),
        }
    }
}

impl From<Snapshot> for Fold {
    fn from(state: Snapshot) -> Self {
        let Snapshot { past, holds, given_up, open, waiting } = state;
        Self {
            history: History { past, holds, given_up },
            open: open.into_iter().map(|begun| (begun.plan.id.clone(), begun)).collect(),
            waiting: waiting.into_iter().map(|waiting| (waiting.plan.id.clone(), waiting)).collect(),
        }
    }
}
