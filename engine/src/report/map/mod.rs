//! The restart map, drawn: as a tree of text, as a picture, and as data.
//!
//! What lives here shows a map as it is. What would restart with what is [`crate::restart`]'s to say.

mod facts;
mod json;
mod svg;
#[cfg(test)]
mod tests;
mod text;

use chrono::{DateTime, Utc};

pub use json::json;
pub use svg::svg;
pub use text::text;

use crate::restart::history::History;
use crate::restart::map::{Map, NodeId};

/// A map with what is known of its nodes.
#[derive(Clone, Copy, Debug)]
pub struct Drawing<'a> {
    /// The map.
    pub map: &'a Map,
    /// What was done before; nothing where nobody knows.
    pub history: &'a History,
    /// The moment from which the past is told.
    pub now: DateTime<Utc>,
}

/// The nodes as a tree is read: each followed by all below it.
fn walk(map: &Map) -> Vec<NodeId> {
    let mut children = vec![Vec::new(); map.nodes.len()];
    for id in map.ids() {
        if let Some(parent) = map.node(id).parent {
            children[parent.0].push(id);
        }
    }
    let (mut order, mut waiting) = (Vec::with_capacity(map.nodes.len()), vec![Map::ROOT]);
    while let Some(id) = waiting.pop() {
        order.push(id);
        waiting.extend(children[id.0].iter().rev());
    }
    order
}

/// The map in one line: how many nodes, how deep, how many restarts it allows.
fn summary(map: &Map) -> String {
    let deep = map.ids().map(|id| map.depth(id)).max().unwrap_or(0);
    let nodes = if map.nodes.len() == 1 { "1 node".to_owned() } else { format!("{} nodes", map.nodes.len()) };
    let at_once =
        if map.parallel == 1 { "one at a time".to_owned() } else { format!("{} at once", map.parallel) };
    let zone = map.zone.map_or(String::new(), |zone| format!(", {zone}"));
    format!(
        "Restart map of {}: {nodes}, {deep} deep; at most {}, {at_once}{zone}",
        map.nodes[0].name,
        facts::budget(map.budget)
    )
}
