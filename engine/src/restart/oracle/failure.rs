//! A node that failed: the smallest restart first, one node nearer the root each time it is seen again.

use std::collections::BTreeSet;

use super::{Case, held};
use crate::report::units;
use crate::restart::cause::Cause;
use crate::restart::decision::Decision;
use crate::restart::history::{Outcome, Past};
use crate::restart::hold::{Code, Hold};
use crate::restart::learn::{is_failure, learnt};
use crate::restart::map::{Kind, Map, NodeId};

/// The chance that another failure, one that has nothing to do with the last, is taken for the same.
const MISTAKEN: f64 = 0.05;
/// A failure a day after a restart is another one, however seldom the node fails.
const LONGEST_S: f64 = 86_400.0;

/// Where a failed node stands on its way to the root.
enum Rung<'a> {
    /// Restart this node, because …
    Restart(NodeId, Option<String>),
    /// The root was restarted in vain; the last restart.
    Top(&'a Past),
    /// It could not be stopped, and no machine may be restarted to end it.
    Unkillable(&'a Past),
}

impl Case<'_> {
    /// What is done about the failure of a node.
    pub(super) fn failed(&self, id: NodeId) -> Decision {
        if let Some(hold) = self.starved(id) {
            return held(hold, Some(self.plan(id)));
        }
        if let Some(root) = self.unwell_need(id) {
            return self.need_first(id, root);
        }
        let (mut target, mut why) = match self.rung(id) {
            Rung::Restart(target, why) => (target, why.into_iter().collect::<Vec<_>>()),
            Rung::Top(last) => return self.give_up(id, last),
            Rung::Unkillable(last) => return self.unkillable(id, last),
        };
        // A budget that is spent is a node that restarts do not cure: OTP's supervisor hands over to its own.
        while let Some(spent) = self.own_budget(target) {
            why.push(spent.sentence);
            match self.map().node(target).parent {
                Some(parent) => target = parent,
                None => return self.out_of_budget(id, &why),
            }
        }
        let mut plan = self.plan(target);
        plan.why.extend(self.seen());
        plan.why.extend(why);
        match self.barred(target) {
            Some(hold) => held(hold, Some(plan)),
            None => self.by_mode(plan),
        }
    }

    fn seen(&self) -> Option<String> {
        let Cause::Failure { seen } = &self.event.cause else { return None };
        Some(format!("{}: {seen}", self.event.node))
    }

    /// A node that has ended is not starved; one that hangs while all is short of time may be.
    fn starved(&self, id: NodeId) -> Option<Hold> {
        let why = self.oracle.world.starved.as_ref()?;
        let ended = self.state(id).is_some_and(|state| state.runs == Some(false));
        (!ended).then(|| {
            let sentence = format!("{} does not answer, but {why}: it is starved, not hung", self.name(id));
            Hold::new(Code::StarvedNotHung, sentence)
        })
    }

    /// What a node depends on, directly or not, with all that its groups need.
    pub(super) fn needed(&self, id: NodeId) -> Vec<NodeId> {
        let map = self.map();
        let (mut seen, mut found, mut waiting) = (BTreeSet::from([id]), Vec::new(), vec![id]);
        while let Some(next) = waiting.pop() {
            let own = std::iter::once(next)
                .chain(map.ancestors(next))
                .flat_map(|id| map.node(id).needs.iter().copied());
            let parts = map
                .children(next)
                .filter(|_| next != id && map.node(next).is_container() && map.node(next).keep.is_none());
            for need in own.chain(parts) {
                if seen.insert(need) {
                    found.push(need);
                    waiting.push(need);
                }
            }
        }
        found
    }

    /// Something that the node needs and that is known not to be well, of which nothing that it needs itself is unwell.
    pub(super) fn unwell_need(&self, id: NodeId) -> Option<NodeId> {
        let unwell = |id: &NodeId| {
            self.state(*id).is_some_and(|state| state.well == Some(false) || state.runs == Some(false))
        };
        let needed: Vec<NodeId> = self.needed(id).into_iter().filter(unwell).collect();
        needed.iter().copied().find(|&need| !self.needed(need).iter().any(|deeper| needed.contains(deeper)))
    }

    /// The failure is further down: what the node needs is restarted, and the node follows.
    fn need_first(&self, id: NodeId, need: NodeId) -> Decision {
        let (name, needed) = (self.name(id), self.name(need));
        let failed = self.state(need).is_some_and(|state| state.well == Some(false));
        let unhealthy =
            |why: String| Hold::new(Code::DependencyUnhealthy, format!("{name} needs {needed}, {why}"));
        if !failed {
            return held(unhealthy("which does not run, and nothing says that it failed".to_owned()), None);
        }
        let busy = self.given_up(need).or_else(|| self.busy(need)).or_else(|| self.answered(need));
        match busy.unwrap_or_else(|| self.failed(need)) {
            Decision::Restart(mut plan) => {
                plan.why
                    .push(format!("{name} needs {needed}, which is not well itself, and restarts with it"));
                Decision::Restart(plan)
            }
            // The observer is shown the plan; all else says why what is needed cannot be mended.
            Decision::Hold { hold, plan } if matches!(hold.code, Code::ObserveMode | Code::NotApproved) => {
                Decision::Hold { hold, plan }
            }
            Decision::Hold { hold, plan } => {
                held(unhealthy(format!("which is not well: {}", hold.sentence)), plan)
            }
            given_up @ Decision::GiveUp { .. } => given_up,
        }
    }

    /// Where the node stands: a failure soon after a restart of it moves one node nearer the root.
    fn rung(&self, id: NodeId) -> Rung<'_> {
        let name = self.name(id);
        let window = self.recurrence_s(name);
        let climbs = |past: &&Past| {
            is_failure(past)
                && self.map().find(&past.target).is_some_and(|target| self.map().holds(target, id))
        };
        let last = self.pasts_of(name).filter(climbs).max_by_key(|past| (past.ended, past.began));
        // A restart that seems to lie ahead is recent too: the clock was set back.
        let Some(last) = last.filter(|last| self.now < Self::after(last.ended, window)) else {
            return Rung::Restart(id, None);
        };
        let target = self.map().find(&last.target).unwrap_or(Map::ROOT);
        if last.outcome == Outcome::NotStopped {
            return self.machine(target, last);
        }
        let Some(parent) = self.map().node(target).parent else { return Rung::Top(last) };
        let ago = units::duration((self.now - last.ended).as_seconds_f64());
        let within = units::duration(window);
        let why = match last.outcome {
            Outcome::Done => format!(
                "{name} failed again {ago} after the restart of {} (within {within}): one node nearer the root",
                last.target
            ),
            _ => {
                format!("the restart of {} {ago} ago did not succeed: one node nearer the root", last.target)
            }
        };
        Rung::Restart(parent, Some(why))
    }

    /// What cannot be stopped goes with its machine only: no restart in between could do more.
    fn machine<'p>(&self, target: NodeId, last: &'p Past) -> Rung<'p> {
        let machines = |id: &NodeId| matches!(self.map().node(*id).kind, Kind::Host { restart: Some(_), .. });
        match self.map().ancestors(target).find(machines) {
            Some(host) => Rung::Restart(
                host,
                Some(format!(
                    "{} could not be stopped: only the restart of {} ends it",
                    last.target,
                    self.name(host)
                )),
            ),
            None => Rung::Unkillable(last),
        }
    }

    /// How soon after a restart a failure counts as the same one, in seconds.
    ///
    /// ```text
    /// P(another failure within w) = 1 - exp(-w / m) ≤ 5 %,  so  w = 0.05 m
    /// ```
    ///
    /// `m` is the node's median time between failures; between the settings' least and a day.
    pub(super) fn recurrence_s(&self, name: &str) -> f64 {
        let least = self.oracle.settings.recurrence_s;
        let between = learnt(self.oracle.history, name, least, self.now).between_failures_s;
        between.map_or(least, |between| (MISTAKEN * between).clamp(least, LONGEST_S.max(least)))
    }

    fn give_up(&self, id: NodeId, last: &Past) -> Decision {
        let name = self.name(id);
        let window = self.recurrence_s(name);
        let tried: Vec<&str> = self.climb(id, window).into_iter().map(|past| past.target.as_str()).collect();
        let ago = units::duration((self.now - last.ended).as_seconds_f64());
        Decision::GiveUp {
            node: name.to_owned(),
            sentence: format!(
                "{name} still fails {ago} after the root of the map was restarted; tried in turn: {} ({} restarts)",
                tried.join(", "),
                tried.len()
            ),
        }
    }

    /// The restarts of the present climb, the oldest first.
    fn climb(&self, id: NodeId, window: f64) -> Vec<&Past> {
        let on_the_way = |past: &&Past| {
            is_failure(past)
                && self.map().find(&past.target).is_some_and(|target| self.map().holds(target, id))
        };
        let mut pasts: Vec<&Past> = self.pasts_of(self.name(id)).filter(on_the_way).collect();
        pasts.sort_by_key(|past| past.ended);
        let mut climb: Vec<&Past> = Vec::new();
        for past in pasts.into_iter().rev() {
            let follows = climb.last().is_none_or(|next| {
                next.began < Self::after(past.ended, window) && next.target != past.target
            });
            if !follows {
                break;
            }
            climb.push(past);
        }
        climb.reverse();
        climb
    }

    fn unkillable(&self, id: NodeId, last: &Past) -> Decision {
        let sentence = format!(
            "{} could not be stopped in restart {}, so nothing was started; only a restart of the machine would end it, and the map has no command for that",
            last.target, last.plan
        );
        Decision::GiveUp { node: self.name(id).to_owned(), sentence }
    }

    fn out_of_budget(&self, id: NodeId, why: &[String]) -> Decision {
        let name = self.name(id);
        Decision::GiveUp {
            node: name.to_owned(),
            sentence: format!("{name} failed, and up to the root no budget is left: {}", why.join("; ")),
        }
    }
}
