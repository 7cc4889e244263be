//! The oracle: an event, the map, what was done before and how the machine stands, to a restart, a hold or a question
//! to a person.
//!
//! What lives here is pure: the same of all five and the same time give the same answer. All state is the history's, so
//! that a crash forgets nothing.

mod doors;
mod failure;
#[cfg(test)]
mod mercury;
mod order;
mod planned;
mod settings;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use order::{Rejuvenation, rejuvenations};
pub use settings::Settings;

use super::cause::Cause;
use super::decision::{Decision, Event};
use super::history::History;
use super::hold::{Code, Hold};
use super::learn::learnt;
use super::map::{Map, NodeId};
use super::plan::Plan;
use super::planner;
use super::timetable::Timetable;
use super::world::{Mode, NodeState, World};
use crate::report::When;
use crate::spelling;

/// All that a decision is made from.
#[derive(Clone, Copy)]
pub struct Oracle<'a> {
    /// What can be restarted.
    pub map: &'a Map,
    /// What was done before.
    pub history: &'a History,
    /// How the machine stands.
    pub world: &'a World,
    /// When a restart may begin.
    pub timetable: &'a dyn Timetable,
    /// How to judge.
    pub settings: &'a Settings,
}

impl std::fmt::Debug for Oracle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oracle").field("nodes", &self.map.nodes.len()).finish_non_exhaustive()
    }
}

impl Oracle<'_> {
    /// What is done about an event at `now`.
    #[must_use]
    pub fn decide(&self, event: &Event, now: DateTime<Utc>) -> Decision {
        let Some(node) = self.map.find(&event.node) else {
            return held(self.stranger(&event.node), None);
        };
        let case = Case { oracle: self, event, now };
        let refused = case.given_up(node).or_else(|| case.busy(node)).or_else(|| case.answered(node));
        refused.unwrap_or_else(|| match event.cause {
            Cause::Failure { .. } => case.failed(node),
            _ => case.planned(node),
        })
    }

    fn stranger(&self, name: &str) -> Hold {
        let names = self.map.nodes.iter().map(|node| node.name.as_str());
        let hint =
            spelling::nearest(name, names).map_or(String::new(), |near| format!("; did you mean {near}?"));
        Hold::new(Code::NotInMap, format!("{name} is no node of the map{hint}"))
    }
}

/// One event, as it is looked at.
#[derive(Clone, Copy)]
struct Case<'a> {
    oracle: &'a Oracle<'a>,
    event: &'a Event,
    now: DateTime<Utc>,
}

impl<'a> Case<'a> {
    fn map(&self) -> &'a Map {
        self.oracle.map
    }

    fn name(&self, id: NodeId) -> &'a str {
        &self.map().node(id).name
    }

    fn state(&self, id: NodeId) -> Option<&'a NodeState> {
        self.oracle.world.nodes.get(self.name(id))
    }

    /// A moment as sentences say it.
    fn at(&self, moment: DateTime<Utc>) -> String {
        let zone = self.map().zone.unwrap_or(Tz::UTC);
        When::new(zone, self.now).date_in_zone(moment, 0.0)
    }

    /// The restart of a node, with what is known of how long it takes.
    fn plan(&self, target: NodeId) -> Plan {
        let mut plan = planner::plan(self.map(), target, &self.event.cause, self.now);
        plan.downtime_s =
            learnt(self.oracle.history, &plan.target, self.oracle.settings.recurrence_s, self.now).downtime_s;
        plan
    }

    /// The last door: whether Hebe may act at all.
    fn by_mode(&self, plan: Plan) -> Decision {
        let hold = match (self.oracle.world.mode, &self.event.cause) {
            (Mode::Act, _) | (_, Cause::Hand { .. }) => return Decision::Restart(plan),
            (Mode::Observe, _) => {
                Hold::new(Code::ObserveMode, format!("mode is observe: {} would be restarted", plan.target))
            }
            (Mode::Plan, _) => Hold::new(
                Code::NotApproved,
                format!("mode is plan: the restart of {} waits for a person", plan.target),
            ),
        };
        held(hold, Some(plan))
    }
}

fn held(hold: Hold, plan: Option<Plan>) -> Decision {
    Decision::Hold { hold, plan }
}
