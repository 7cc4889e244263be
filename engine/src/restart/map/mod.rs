//! The restart map: a tree of what can be restarted, and who depends on whom.
//!
//! Pushing the button of a node restarts its whole subtree, and what depends on it.

mod check;
mod error;
mod node;
mod order;
mod parse;
mod print;
mod tree;

use chrono_tz::Tz;

pub use error::MapError;
pub use node::{Budget, Command, Condition, Hook, Kind, Node, NodeId, OnCrash, Probe, Test};
pub(in crate::restart) use order::Order;

/// A checked map: one root, no cycle, every name known, every unit and zone possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Every node; a [`NodeId`] is a place here. The root is the first, parents come before children, else as in the
    /// file.
    pub nodes: Vec<Node>,
    /// Restarts that all nodes together may have.
    pub budget: Budget,
    /// How many restarts may be under way at once.
    pub parallel: usize,
    /// What ends well while all is calm: else nothing is restarted that need not be.
    pub calm: Option<Hook>,
    /// The zone in which the map's schedules are meant; none: this machine's.
    pub zone: Option<Tz>,
}

impl Map {
    /// The node of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes.iter().position(|node| node.name == name).map(NodeId)
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}

#[cfg(test)]
pub(crate) mod tests;
