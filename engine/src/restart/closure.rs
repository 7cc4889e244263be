//! What restarts with a node: all below it, and all that depends on any of it. Never what it depends on itself.

use super::map::{Map, NodeId};

/// For every node, whether it restarts with `target`.
///
/// Who needs a group needs each of its members, unless the group keeps some of them up ([`Node::keep`]): such a group
/// never goes away, so what needs it as a whole stays up too.
///
/// [`Node::keep`]: super::map::Node::keep
#[must_use]
pub fn closure(map: &Map, target: NodeId) -> Vec<bool> {
    let (children, dependents) = links(map);
    let mut inside = vec![false; map.nodes.len()];
    inside[target.0] = true;
    let mut waiting = vec![target];
    while let Some(id) = waiting.pop() {
        let groups = std::iter::successors(Some(id), |&id| whole(map, id));
        let affected = groups.filter(|&id| map.node(id).keep.is_none()).flat_map(|id| &dependents[id.0]);
        for &next in children[id.0].iter().chain(affected) {
            if !inside[next.0] {
                inside[next.0] = true;
                waiting.push(next);
            }
        }
    }
    inside
}

/// The container above, of which a node is a part that cannot be missed.
fn whole(map: &Map, id: NodeId) -> Option<NodeId> {
    map.node(id).parent.filter(|&parent| map.node(parent).is_container() && map.node(parent).keep.is_none())
}

/// For every node: who is right below it, and who needs it.
fn links(map: &Map) -> (Vec<Vec<NodeId>>, Vec<Vec<NodeId>>) {
    let mut children = vec![Vec::new(); map.nodes.len()];
    let mut dependents = vec![Vec::new(); map.nodes.len()];
    for id in map.ids() {
        let node = map.node(id);
        if let Some(parent) = node.parent {
            children[parent.0].push(id);
        }
        for need in &node.needs {
            dependents[need.0].push(id);
        }
    }
    (children, dependents)
}
