//! Doors that every event goes through: hands off, given up, under way, answered already, budgets, members that stay.

use chrono::{DateTime, Utc};

use super::{Case, held};
use crate::report::units;
use crate::restart::budget::{Ledger, later};
use crate::restart::cause::Cause;
use crate::restart::closure::closure;
use crate::restart::decision::Decision;
use crate::restart::history::{OperatorHold, Past};
use crate::restart::hold::{Code, Hold};
use crate::restart::map::{Budget, NodeId};
use crate::restart::rolled::bared;

impl Case<'_> {
    /// A node that was given up is left to the person who was asked, unless it is a person who asks.
    pub(super) fn given_up(&self, id: NodeId) -> Option<Decision> {
        if matches!(self.event.cause, Cause::Hand { .. }) {
            return None;
        }
        let name = self.name(id);
        let (_, at) = self.oracle.history.given_up.iter().find(|(node, _)| node == name)?;
        let at = self.at(*at);
        Some(Decision::GiveUp {
            node: name.to_owned(),
            sentence: format!(
                "{name} was given up at {at}; nothing is tried until a person has looked at it"
            ),
        })
    }

    /// As many restarts are under way as the map allows at once, or one of this node.
    pub(super) fn busy(&self, id: NodeId) -> Option<Decision> {
        let under_way = &self.oracle.world.under_way;
        let own = under_way
            .iter()
            .find(|plan| plan.rsplit_once('@').is_some_and(|(name, _)| name == self.name(id)));
        let plan = own.or_else(|| under_way.first().filter(|_| self.map().parallel <= under_way.len()))?;
        let most = self.map().parallel;
        let sentence = format!("restart {plan} is under way, and the map allows {most} at once");
        Some(held(Hold::new(Code::LockHeld, sentence), None))
    }

    /// What was seen before a restart of the node ended is answered by that restart.
    pub(super) fn answered(&self, id: NodeId) -> Option<Decision> {
        let name = self.name(id);
        let newest = self.pasts_of(name).max_by_key(|past| past.ended)?;
        (self.event.seen < newest.ended).then(|| {
            let (seen, ended) = (self.at(self.event.seen), self.at(newest.ended));
            let sentence =
                format!("this was seen at {seen}, before restart {} of it ended at {ended}", newest.plan);
            held(Hold::new(Code::MinUptime, sentence), None)
        })
    }

    /// Restarts in which a node took part.
    pub(super) fn pasts_of(&self, name: &str) -> impl Iterator<Item = &Past> {
        self.oracle.history.past.iter().filter(move |past| past.nodes.iter().any(|node| node == name))
    }

    /// A person's hold on anything that would restart.
    pub(super) fn hands_off(&self, inside: &[bool]) -> Option<Hold> {
        let in_force = |hold: &&OperatorHold| hold.until.is_none_or(|until| self.now < until);
        self.oracle.history.holds.iter().filter(in_force).find_map(|hold| {
            let holder = self.map().find(&hold.node)?;
            let node = self.map().ids().find(|&id| inside[id.0] && self.map().holds(holder, id))?;
            let until = hold
                .until
                .map_or("until it is lifted".to_owned(), |until| format!("until {}", self.at(until)));
            let OperatorHold { owner, reason, .. } = hold;
            let sentence = format!(
                "{owner} holds {} {until} ({reason}), and {} would restart",
                hold.node,
                self.name(node)
            );
            Some(Hold::new(Code::OperatorHold, sentence))
        })
    }

    /// What is spent of a budget by restarts of one kind: after failures, or meant to happen.
    pub(super) fn ledger(&self, budget: Budget, of: impl Fn(&Past) -> bool) -> Ledger {
        let planned = self.event.cause.is_planned();
        let pasts =
            self.oracle.history.past.iter().filter(|past| past.cause.is_planned() == planned && of(past));
        Ledger::new(budget, pasts.map(|past| past.began), self.now)
    }

    /// A node's own budget, if it is spent.
    pub(super) fn own_budget(&self, id: NodeId) -> Option<Hold> {
        let (name, budget) = (self.name(id), self.map().node(id).budget);
        self.spent(&format!("the budget of {name}"), budget, &self.ledger(budget, |past| past.target == name))
    }

    /// The budget of the whole map, if it is spent.
    pub(super) fn whole_budget(&self) -> Option<Hold> {
        let budget = self.map().budget;
        self.spent("the budget of the whole map", budget, &self.ledger(budget, |_| true))
    }

    fn spent(&self, whose: &str, budget: Budget, ledger: &Ledger) -> Option<Hold> {
        if budget.intensity == 0 {
            return Some(Hold::new(Code::BudgetSpent, format!("{whose} is 0: it is never restarted alone")));
        }
        let frees = self.at(ledger.frees_at()?);
        let (count, period) = (ledger.count(), units::duration(budget.period_s));
        let most = budget.intensity;
        let sentence = format!(
            "{whose} is spent: {count} restarts within {period}, {most} are allowed; the next at {frees}"
        );
        Some(Hold::new(Code::BudgetSpent, sentence))
    }

    /// A group that would be left with fewer members up than it keeps.
    pub(super) fn last_instance(&self, target: NodeId, inside: &[bool]) -> Option<Hold> {
        if let Some((group, staying)) = bared(self.map(), target, inside).first() {
            let keep = self.map().node(*group).keep.unwrap_or(0);
            let (target, group) = (self.name(target), self.name(*group));
            let sentence =
                format!("the restart of {target} would leave {staying} of {group} up, and it keeps {keep}");
            return Some(Hold::new(Code::LastInstance, sentence));
        }
        let kept = self.map().ids().filter_map(|id| Some((id, self.map().node(id).keep?)));
        kept.into_iter().find_map(|(group, keep)| self.missing(group, keep, inside))
    }

    /// A group of which too many members are down already for one more to go.
    fn missing(&self, group: NodeId, keep: usize, inside: &[bool]) -> Option<Hold> {
        let fine = |id: NodeId| {
            let state = self.state(id);
            !state.is_some_and(|state| state.runs == Some(false) || state.well == Some(false))
        };
        let members: Vec<NodeId> = self.map().children(group).collect();
        let going = members.iter().copied().find(|member| inside[member.0])?;
        let staying =
            members.iter().filter(|&&member| member != going && self.subtree_is(member, fine)).count();
        (staying < keep).then(|| {
            let (going, group) = (self.name(going), self.name(group));
            let sentence =
                format!("without {going}, {staying} of {group} would be up and well, and it keeps {keep}");
            Hold::new(Code::LastInstance, sentence)
        })
    }

    fn subtree_is(&self, id: NodeId, fine: impl Fn(NodeId) -> bool) -> bool {
        self.map().subtree(id).into_iter().all(fine)
    }

    /// Everything that must hold whatever the cause: `target` may restart as far as persons and budgets go.
    pub(super) fn barred(&self, target: NodeId) -> Option<Hold> {
        let inside = closure(self.map(), target);
        self.hands_off(&inside).or_else(|| self.whole_budget())
    }

    /// A moment so many seconds later.
    pub(super) fn after(moment: DateTime<Utc>, seconds: f64) -> DateTime<Utc> {
        later(moment, seconds)
    }
}
