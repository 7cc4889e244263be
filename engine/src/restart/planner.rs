//! A restart, laid out: which nodes, in which order, by which steps.
//!
//! What lives here knows the map alone. Whether and when the restart is made is the oracle's.

use chrono::{DateTime, Utc};

use super::cause::Cause;
use super::closure::closure;
use super::map::{Map, NodeId, Order};
use super::plan::Plan;
use super::rolled::rolled;
use super::stages::Stages;

/// The restart of `target`: its closure, stopped in the reverse of the order in which it is started.
///
/// Nodes that do not wait for each other go through a stage together. A group that keeps members up is rolled: one
/// member after the other goes through all its steps, after everything else.
#[must_use]
pub fn plan(map: &Map, target: NodeId, cause: &Cause, now: DateTime<Utc>) -> Plan {
    let inside = closure(map, target);
    let order = Order::of(map);
    let starts: Vec<NodeId> = order.starts().into_iter().filter(|id| inside[id.0]).collect();
    let mut stages = Stages::new(map, &order, &inside, cause.is_planned());
    let mut nodes = Vec::with_capacity(starts.len());
    for turn in turns(map, target, &inside, &starts) {
        match turn {
            Turn::Together(ids) => {
                stages.restart(&ids);
                nodes.extend(ids);
            }
            Turn::Look(group) => {
                stages.look(group);
                nodes.push(group);
            }
        }
    }
    Plan {
        id: format!("{}@{}", map.node(target).name, now.timestamp_millis()),
        cause: cause.clone(),
        target: map.node(target).name.clone(),
        nodes: nodes.into_iter().map(|id| map.node(id).name.clone()).collect(),
        depth: map.depth(target),
        steps: stages.into_steps(),
        at: None,
        deadline: None,
        downtime_s: None,
        why: Vec::new(),
    }
}

/// What is done in one go.
enum Turn {
    /// These restart together, in the order of their starts.
    Together(Vec<NodeId>),
    /// This group was rolled: see whether it is well as a whole.
    Look(NodeId),
}

fn turns(map: &Map, target: NodeId, inside: &[bool], starts: &[NodeId]) -> Vec<Turn> {
    let groups = rolled(map, target, inside);
    let mut turn_of = vec![None; map.nodes.len()];
    let mut turns = Vec::new();
    for &group in &groups {
        turn_of[group.0] = Some(usize::MAX);
        for member in map.children(group) {
            turns.push(Vec::new());
            for id in map.subtree(member) {
                turn_of[id.0] = Some(turns.len() - 1);
            }
        }
    }
    let mut together = Vec::new();
    for &id in starts {
        match turn_of[id.0] {
            None => together.push(id),
            Some(usize::MAX) => {}
            Some(turn) => turns[turn].push(id),
        }
    }
    let mut rolling = turns.into_iter();
    let mut all = vec![Turn::Together(together)];
    for group in groups {
        let members = map.children(group).count();
        all.extend(rolling.by_ref().take(members).map(Turn::Together));
        all.push(Turn::Look(group));
    }
    all
}

#[cfg(test)]
mod tests;
