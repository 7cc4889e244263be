//! Groups whose members are restarted one after the other, so that some stay up.

use super::map::{Kind, Map, NodeId};

/// The outermost groups below `target` that keep members up, and of which one member can go without the others.
///
/// That is so where nothing else that restarts needs one member, or is needed by one: if what all of them need
/// restarts, all of them do.
#[must_use]
pub(super) fn rolled(map: &Map, target: NodeId, inside: &[bool]) -> Vec<NodeId> {
    let mut groups: Vec<NodeId> = Vec::new();
    for group in map.ids().filter(|id| inside[id.0] && map.node(*id).keep.is_some()) {
        let outermost = !groups.iter().any(|&above| map.holds(above, group));
        if outermost
            && map.holds(target, group)
            && map.node(group).is_container()
            && is_apart(map, group, inside)
        {
            groups.push(group);
        }
    }
    groups
}

/// Whether no need crosses the border of a group, and no machine that restarts carries it.
fn is_apart(map: &Map, group: NodeId, inside: &[bool]) -> bool {
    let mut part = vec![false; map.nodes.len()];
    for id in map.subtree(group) {
        part[id.0] = true;
    }
    // What a node above the group needs, all its members need.
    let above: Vec<NodeId> = map.ancestors(group).filter(|id| inside[id.0]).collect();
    let carried = above.iter().any(|&id| matches!(map.node(id).kind, Kind::Host { restart: Some(_), .. }));
    let crosses = |id: NodeId| {
        map.node(id).needs.iter().filter(|need| inside[need.0]).any(|&need| {
            let from = part[id.0] || above.contains(&id);
            from != part[need.0] && need != group && !(map.holds(need, group))
        })
    };
    !carried && !map.ids().filter(|id| inside[id.0]).any(crosses)
}
/// Groups that would be left with fewer members up than they keep, if all of `inside` went down at once, with the
/// number that would stay.
#[must_use]
pub(super) fn bared(map: &Map, target: NodeId, inside: &[bool]) -> Vec<(NodeId, usize)> {
    let rolled = rolled(map, target, inside);
    let is_rolled = |id: NodeId| rolled.iter().any(|&group| map.holds(group, id));
    let kept = map.ids().filter_map(|id| Some((id, map.node(id).keep?))).filter(|&(id, _)| !is_rolled(id));
    kept.filter_map(|(group, keep)| {
        let touched = map.children(group).any(|member| inside[member.0]);
        let staying = map.children(group).filter(|member| !inside[member.0]).count();
        (touched && staying < keep).then_some((group, staying))
    })
    .collect()
}
