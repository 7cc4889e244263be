//! What a restart will do, looked at before: the closure of the map, what systemd brings along, and how all of it stands.

use std::collections::{BTreeMap, BTreeSet};

use hebe::restart::map::{Kind, Map, Node};
use hebe::restart::plan::Plan;

use super::hands::{Hands, Standing};
use crate::systemd::Follower;

/// A unit that no node names, and that restarts with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Along {
    /// The node that brings it along.
    pub(super) node: String,
    pub(super) follower: Follower,
}

impl Along {
    /// Its name in the journal.
    pub(super) fn key(&self) -> String {
        key(&self.follower.unit)
    }
}

/// The name of a unit that is no node in the journal.
pub(super) fn key(unit: &str) -> String {
    format!("unit {unit}")
}

/// A restart with all that is known about it before it is made.
#[derive(Clone, Debug)]
pub(super) struct Preview {
    pub(super) plan: Plan,
    /// By name of the node.
    pub(super) stands: BTreeMap<String, Standing>,
    pub(super) along: Vec<Along>,
    /// What could not be looked at, in words.
    pub(super) blind: Vec<String>,
}

impl Preview {
    /// Looks at all that `plan` names.
    pub(super) fn look(map: &Map, hands: &Hands, plan: Plan) -> Self {
        let mut preview = Self { plan, stands: BTreeMap::new(), along: Vec::new(), blind: Vec::new() };
        let nodes: Vec<&Node> = preview.plan.nodes.iter().filter_map(|name| find(map, name)).collect();
        let named: BTreeSet<&str> = nodes.iter().filter_map(|node| unit(node)).collect();
        let mut seen = BTreeSet::new();
        for (&node, standing) in nodes.iter().zip(hands.look_all(&nodes)) {
            if standing.runs == Some(true) {
                match hands.followers(&standing) {
                    Ok(found) => {
                        let others = found.into_iter().filter(|follower| {
                            !named.contains(follower.unit.as_str()) && seen.insert(follower.unit.clone())
                        });
                        let along = others.map(|follower| Along { node: node.name.clone(), follower });
                        preview.along.extend(along);
                    }
                    Err(error) => preview.blind.push(error.to_string()),
                }
            }
            preview.stands.insert(node.name.clone(), standing);
        }
        preview
    }

    /// What will restart, with its identity before; none where it does not run and is left alone.
    pub(super) fn before(&self) -> BTreeMap<String, Option<String>> {
        let mut before: BTreeMap<String, Option<String>> = self
            .stands
            .iter()
            .map(|(name, standing)| {
                let identity = restarts(standing).then(|| standing.identity.clone().unwrap_or_default());
                (name.clone(), identity)
            })
            .collect();
        before.extend(self.along.iter().map(|along| (along.key(), along.follower.invocation.clone())));
        before
    }
}

/// Whether a node that stands so is restarted: what was stopped on purpose is not.
fn restarts(standing: &Standing) -> bool {
    standing.failed || standing.runs != Some(false)
}

/// The node of that name.
pub(super) fn find<'a>(map: &'a Map, name: &str) -> Option<&'a Node> {
    map.find(name).map(|id| map.node(id))
}

/// The unit that a node is.
pub(super) fn unit(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Unit { unit } => Some(unit),
        _ => None,
    }
}
