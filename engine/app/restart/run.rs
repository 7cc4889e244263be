//! A restart, made: for every step what is about to be done, then the step, then what became of it.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use hebe::restart::journal::{Begun, Ending, Entry, JournalError};
use hebe::restart::map::{Map, Node};
use hebe::restart::plan::{Act, Plan};

use super::crash;
use super::hands::{Deed, Hands, Standing, Task};
use super::hook;
use super::ledger::Ledger;
use super::preview::find;
use crate::probe;

/// What a restart is made with.
pub(super) struct Run<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) map: &'a Map,
    pub(super) hands: &'a Hands,
    pub(super) plan: Plan,
    /// Identities when it began: what has another one by now has been restarted already.
    pub(super) before: BTreeMap<String, Option<String>>,
}

/// A step that went wrong.
#[derive(Clone, Debug)]
pub(super) struct Stuck {
    pub(super) step: usize,
    pub(super) deed: Deed,
}

impl Run<'_> {
    /// Makes all steps that were not made, stage by stage; the first that went wrong.
    pub(super) fn steps(&self) -> Result<Option<Stuck>, JournalError> {
        let last = self.plan.steps.iter().map(|step| step.stage).max();
        for stage in 0..=last.unwrap_or_default() {
            let ended: Vec<usize> = self.begun().map_or_else(Vec::new, |begun| {
                begun.steps.iter().filter(|made| made.ended.is_some()).map(|made| made.step).collect()
            });
            let open = |(place, step): (usize, &hebe::restart::plan::Step)| {
                (step.stage == stage && !ended.contains(&place)).then_some(place)
            };
            let todo: Vec<usize> = self.plan.steps.iter().enumerate().filter_map(open).collect();
            if let Some(stuck) = self.stage(&todo)? {
                return Ok(Some(stuck));
            }
        }
        Ok(None)
    }

    fn begun(&self) -> Option<Begun> {
        self.ledger.fold().open.remove(&self.plan.id)
    }

    /// Steps that may be made at the same time.
    fn stage(&self, todo: &[usize]) -> Result<Option<Stuck>, JournalError> {
        let deeds: Vec<(usize, Result<Deed, JournalError>)> = match todo {
            [] => Vec::new(),
            [one] => vec![(*one, self.step(*one))],
            many => thread::scope(|scope| {
                let threads: Vec<_> =
                    many.iter().map(|&step| (step, scope.spawn(move || self.step(step)))).collect();
                let broke = || Ok(Deed::new(Ending::Unknown, "its thread broke"));
                threads
                    .into_iter()
                    .map(|(step, thread)| (step, thread.join().unwrap_or_else(|_| broke())))
                    .collect()
            }),
        };
        let mut stuck = None;
        for (step, deed) in deeds {
            let deed = deed?;
            if !matches!(deed.ending, Ending::Made | Ending::Needless) {
                stuck = stuck.or(Some(Stuck { step, deed }));
            }
        }
        Ok(stuck)
    }

    /// One step: intent, act, outcome.
    fn step(&self, place: usize) -> Result<Deed, JournalError> {
        let step = &self.plan.steps[place];
        let plan = self.plan.id.clone();
        let Some(node) = find(self.map, &step.node) else {
            return Ok(Deed::new(Ending::Unknown, format!("the map has no `{}` any more", step.node)));
        };
        let now = self.hands.look(node, Duration::ZERO);
        crash::point("before-intent", Some(place));
        self.ledger.write(Entry::Intent {
            plan: plan.clone(),
            step: place,
            identity: now.identity.clone(),
        })?;
        crash::point("after-intent", Some(place));
        let deed = self.act(node, place, &now)?;
        crash::point("after-act", Some(place));
        let after = deed.after.clone().unwrap_or_else(|| self.hands.look(node, Duration::ZERO));
        let (ending, note, identity) = (deed.ending, deed.note.clone(), after.identity);
        // A machine that goes down takes along all that was restarted: it is told by identities what happened.
        self.ledger.write_with_next(Entry::Done { plan, step: place, ending, note, identity })?;
        crash::point("after-done", Some(place));
        Ok(deed)
    }

    fn act(&self, node: &Node, place: usize, now: &Standing) -> Result<Deed, JournalError> {
        let step = &self.plan.steps[place];
        let within = probe::seconds(step.within_s);
        let announce = |note: &str| {
            self.ledger.write(Entry::Aside { plan: self.plan.id.clone(), step: place, note: note.to_owned() })
        };
        let task = Task { node, within, announce: &announce, plan: &self.plan.id };
        match step.act {
            Act::Drain => Ok(self.hook(node, node.drain.as_ref())),
            Act::Checkpoint => Ok(self.hook(node, node.checkpoint.as_ref())),
            Act::Resume => Ok(self.hook(node, node.resume.as_ref())),
            Act::Stop => self.left_alone(node, now).map_or_else(|| self.hands.stop(&task), Ok),
            Act::Start if !self.ran_before(node) => Ok(rests()),
            Act::Start => self.hands.start(&task).and_then(|deed| self.with_others(&task, deed)),
            Act::Restart => {
                let deed = self.left_alone(node, now).map_or_else(|| self.hands.restart(&task, now), Ok)?;
                self.with_others(&task, deed)
            }
            Act::Ready => Ok(self.ready(node, within)),
            Act::Probe => Ok(tested(probe::wait_ready(&node.probes, within), "passes its end-to-end tests")),
        }
    }

    fn hook(&self, node: &Node, hook: Option<&hebe::restart::map::Hook>) -> Deed {
        let Some(hook) = hook else { return Deed::new(Ending::Needless, "it has no such hook") };
        let ran = hook::run(hook, &[("HEBE_NODE", &node.name), ("HEBE_PLAN", &self.plan.id)]);
        Deed::new(if ran.well { Ending::Made } else { Ending::Failed }, ran.note)
    }

    /// Why a node is not stopped: it rests, or it has been restarted since this restart began.
    fn left_alone(&self, node: &Node, now: &Standing) -> Option<Deed> {
        if !self.ran_before(node) {
            return Some(rests());
        }
        let before = self.before.get(&node.name)?.as_ref()?;
        let other = now.identity.as_ref().is_some_and(|now| now != before);
        (now.runs == Some(true) && other)
            .then(|| Deed::new(Ending::Needless, format!("it has been restarted along; {}", now.words)))
    }

    fn ran_before(&self, node: &Node) -> bool {
        self.before.get(&node.name).is_none_or(Option::is_some)
    }

    fn ready(&self, node: &Node, within: Duration) -> Deed {
        if !self.ran_before(node) {
            return rests();
        }
        let alive = || {
            let now = self.hands.look(node, Duration::ZERO);
            if now.runs == Some(false) { Err(now.words) } else { Ok(()) }
        };
        tested(probe::wait_ready_while(&node.ready, within, alive), "is ready")
    }

    /// Starts again what systemd has stopped along, and no node of the plan names.
    fn with_others(&self, task: &Task<'_>, deed: Deed) -> Result<Deed, JournalError> {
        if !matches!(deed.ending, Ending::Made | Ending::Needless) {
            return Ok(deed);
        }
        let named = self.before.iter().filter_map(|(name, before)| {
            before.as_ref()?;
            name.strip_prefix("unit ")
        });
        let named: Vec<&str> = named.collect();
        match self.hands.bring_back(&named, task.announce)? {
            Some(error) => Ok(Deed::new(Ending::Failed, format!("{}; {error}", deed.note))),
            None => Ok(deed),
        }
    }

    /// Gives load back to what was drained, where the restart ended before anything was stopped.
    pub(super) fn undrain(&self) -> Result<(), JournalError> {
        let Some(begun) = self.begun() else { return Ok(()) };
        let act = |place: usize| self.plan.steps.get(place).map(|step| step.act);
        let touched = |act| matches!(act, Some(Act::Stop | Act::Start | Act::Restart));
        if begun.steps.iter().any(|made| touched(act(made.step))) {
            return Ok(());
        }
        for made in begun.steps.iter().filter(|made| act(made.step) == Some(Act::Drain)) {
            let node = find(self.map, &self.plan.steps[made.step].node);
            if let Some((node, resume)) = node.and_then(|node| Some((node, node.resume.as_ref()?))) {
                let deed = self.hook(node, Some(resume));
                let note = format!("load is given back to {}: {}", node.name, deed.note);
                self.ledger.write(Entry::Aside { plan: self.plan.id.clone(), step: made.step, note })?;
            }
        }
        Ok(())
    }
}

fn rests() -> Deed {
    Deed::new(Ending::Needless, "it did not run before, and is left alone")
}

fn tested(tested: Result<(), String>, well: &str) -> Deed {
    match tested {
        Ok(()) => Deed::new(Ending::Made, format!("it {well}")),
        Err(why) => Deed::new(Ending::Failed, why),
    }
}
