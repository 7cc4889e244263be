//! Whether the tree that the nodes describe can stand: one root, no circle, every name known.

use std::collections::BTreeMap;

use super::error::Faults;
use super::order::Order;
use super::parse::{Draft, MIN_UPTIME_S, START_S, STOP_S};
use super::{Budget, Kind, Node, NodeId};
use crate::spelling;

/// The name of the root that is thought above nodes without a parent.
pub(super) const HOST: &str = "host";

/// Looks up every name and checks the tree; none where something is wrong, which is noted.
pub(super) fn nodes(
    mut drafts: Vec<Draft>,
    schedules: Option<&[String]>,
    faults: &mut Faults<'_>,
) -> Option<Vec<Node>> {
    duplicates(&drafts, faults);
    root(&mut drafts, faults);
    let places: BTreeMap<String, NodeId> = drafts
        .iter()
        .enumerate()
        .rev()
        .map(|(place, draft)| (draft.node.name.clone(), NodeId(place)))
        .collect();
    let parents = parents(&drafts, &places, faults);
    for (draft, &parent) in drafts.iter_mut().zip(&parents) {
        draft.node.parent = parent;
        draft.node.needs = found(&draft.needs, &places, "needs", &draft.node.name, faults);
        draft.node.after = found(&draft.after, &places, "after", &draft.node.name, faults);
        schedule(draft, schedules, faults);
    }
    if !faults.is_empty() || !is_tree(&drafts, faults) {
        return None;
    }
    let nodes = inherited(sorted(&drafts.iter().map(|draft| draft.node.clone()).collect::<Vec<_>>()));
    relatives(&nodes, faults);
    members(&drafts, faults);
    circles(&nodes, faults);
    faults.is_empty().then_some(nodes)
}

/// The same name or the same unit twice.
fn duplicates(drafts: &[Draft], faults: &mut Faults<'_>) {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut units: BTreeMap<&str, &str> = BTreeMap::new();
    for Draft { node, .. } in drafts {
        if let Some(line) = names.get(node.name.as_str()) {
            faults.add_line(node.line, format!("a second node `{}`; the first is in line {line}", node.name));
        }
        names.entry(&node.name).or_insert(node.line);
        let Kind::Unit { unit } = &node.kind else { continue };
        if let Some(other) = units.get(unit.as_str()) {
            faults.add_line(
                node.line,
                format!("`{unit}` is node `{other}` already; two nodes would restart it twice"),
            );
        }
        units.entry(unit).or_insert(&node.name);
    }
}

/// Gives every node but one a parent: the only host without one, else a host that is thought above all.
fn root(drafts: &mut Vec<Draft>, faults: &mut Faults<'_>) {
    let orphans: Vec<usize> = (0..drafts.len()).filter(|&place| drafts[place].parent.is_none()).collect();
    if orphans.len() < 2 {
        return;
    }
    let hosts: Vec<usize> = orphans
        .iter()
        .copied()
        .filter(|&place| matches!(drafts[place].node.kind, Kind::Host { .. }))
        .collect();
    let root = match hosts[..] {
        [host] => drafts[host].node.name.clone(),
        [] if drafts.iter().any(|draft| draft.node.name == HOST) => {
            let line = drafts[orphans[0]].node.line;
            faults.add_line(line, format!("several nodes have no parent, and `{HOST}`, which would be thought above them, is the name of another; give them a parent"));
            return;
        }
        [] => HOST.to_owned(),
        [first, second, ..] => {
            let (first, second) = (&drafts[first].node, &drafts[second].node);
            faults.add_line(
                second.line,
                format!(
                    "hosts `{}` and `{}` both have no parent; put a group above them",
                    first.name, second.name
                ),
            );
            return;
        }
    };
    for &place in &orphans {
        if drafts[place].node.name != root {
            drafts[place].parent = Some((root.clone(), 0));
        }
    }
    if hosts.is_empty() {
        drafts.insert(0, thought());
    }
}

/// The host that nobody wrote down.
fn thought() -> Draft {
    let node = Node {
        name: HOST.to_owned(),
        parent: None,
        kind: Kind::Host { takeover: None, restart: None },
        needs: Vec::new(),
        after: Vec::new(),
        drain: None,
        checkpoint: None,
        resume: None,
        ready: Vec::new(),
        probes: Vec::new(),
        conditions: Vec::new(),
        budget: Budget::default(),
        stop_s: STOP_S,
        start_s: START_S,
        min_uptime_s: MIN_UPTIME_S,
        keep: None,
        series: Vec::new(),
        heartbeat_s: None,
        schedule: None,
        line: 1,
    };
    Draft {
        node,
        sound: true,
        parent: None,
        needs: Vec::new(),
        after: Vec::new(),
        keep: None,
        schedule: None,
    }
}

fn parents(
    drafts: &[Draft],
    places: &BTreeMap<String, NodeId>,
    faults: &mut Faults<'_>,
) -> Vec<Option<NodeId>> {
    drafts
        .iter()
        .map(|draft| {
            let (name, at) = draft.parent.as_ref()?;
            let parent = places.get(name).copied();
            if parent.is_none() {
                unknown("parent", name, *at, &draft.node.name, places, faults);
            }
            parent
        })
        .collect()
}

fn found(
    names: &[(String, usize)],
    places: &BTreeMap<String, NodeId>,
    key: &str,
    of: &str,
    faults: &mut Faults<'_>,
) -> Vec<NodeId> {
    let mut found = Vec::new();
    for (name, at) in names {
        match places.get(name) {
            Some(_) if name == of => faults.add(*at, format!("node `{of}` has itself in `{key}`")),
            Some(&id) => found.push(id),
            None => unknown(key, name, *at, of, places, faults),
        }
    }
    found
}

fn unknown(
    key: &str,
    name: &str,
    at: usize,
    of: &str,
    places: &BTreeMap<String, NodeId>,
    faults: &mut Faults<'_>,
) {
    let meant = spelling::nearest(name, places.keys().map(String::as_str).filter(|known| *known != of));
    let hint = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    faults.add(at, format!("`{key}` of node `{of}` names `{name}`, and there is no such node{hint}"));
}

/// A schedule that the file does not hold, where it holds any; else they stand elsewhere.
fn schedule(draft: &Draft, schedules: Option<&[String]>, faults: &mut Faults<'_>) {
    let (Some(name), Some(at), Some(known)) = (&draft.node.schedule, draft.schedule, schedules) else {
        return;
    };
    if known.contains(name) {
        return;
    }
    let meant = spelling::nearest(name, known.iter().map(String::as_str));
    let hint = meant.map_or_else(
        || format!("expected one of {}", known.join(", ")),
        |meant| format!("did you mean `{meant}`?"),
    );
    faults.add(at, format!("there is no schedule `{name}`; {hint}"));
}

/// Whether every node hangs below the one root; a circle of parents is noted.
fn is_tree(drafts: &[Draft], faults: &mut Faults<'_>) -> bool {
    let mut sound = true;
    let mut hangs = vec![false; drafts.len()];
    for place in 0..drafts.len() {
        let mut path = vec![place];
        while let Some(NodeId(parent)) = drafts[path[path.len() - 1]].node.parent {
            if hangs[parent] {
                break;
            }
            if let Some(first) = path.iter().position(|&seen| seen == parent) {
                let circle: Vec<&str> = path[first..]
                    .iter()
                    .chain([&parent])
                    .map(|&place| drafts[place].node.name.as_str())
                    .collect();
                let line = drafts[parent].node.line;
                faults.add_line(line, format!("parents in a circle: {}", circle.join(" → ")));
                sound = false;
                break;
            }
            path.push(parent);
        }
        for place in path {
            hangs[place] = true;
        }
    }
    sound
}

/// The nodes with parents before their children, else in their order.
fn sorted(nodes: &[Node]) -> Vec<Node> {
    let mut children = vec![Vec::new(); nodes.len()];
    let mut next: Vec<usize> = Vec::new();
    for (place, node) in nodes.iter().enumerate() {
        match node.parent {
            Some(parent) => children[parent.0].push(place),
            None => next.push(place),
        }
    }
    // A heap of places: the earliest in the file whose parent has been placed.
    let mut heap: std::collections::BinaryHeap<_> = next.into_iter().map(std::cmp::Reverse).collect();
    let (mut new, mut order) = (vec![NodeId(0); nodes.len()], Vec::with_capacity(nodes.len()));
    while let Some(std::cmp::Reverse(place)) = heap.pop() {
        new[place] = NodeId(order.len());
        order.push(place);
        heap.extend(children[place].iter().copied().map(std::cmp::Reverse));
    }
    let moved = |ids: &[NodeId]| ids.iter().map(|id| new[id.0]).collect();
    order
        .into_iter()
        .map(|place| {
            let node = &nodes[place];
            Node {
                parent: node.parent.map(|parent| new[parent.0]),
                needs: moved(&node.needs),
                after: moved(&node.after),
                ..node.clone()
            }
        })
        .collect()
}

/// A schedule holds for all below it that have none of their own.
fn inherited(mut nodes: Vec<Node>) -> Vec<Node> {
    for place in 0..nodes.len() {
        let above = nodes[place].parent.and_then(|parent| nodes[parent.0].schedule.clone());
        nodes[place].schedule = nodes[place].schedule.take().or(above);
    }
    nodes
}

/// A node does not need what it is part of, nor a part of itself: they restart together anyway. It may start after it,
/// where that is not only the sum of its parts.
fn relatives(nodes: &[Node], faults: &mut Faults<'_>) {
    let above = |id: NodeId| std::iter::successors(nodes[id.0].parent, |&id| nodes[id.0].parent);
    let needs = |id: usize| nodes[id].needs.iter().map(|other| ("needs", *other));
    let after = |id: usize| nodes[id].after.iter().map(|other| ("after", *other));
    for (place, node) in nodes.iter().enumerate() {
        for (key, other) in needs(place).chain(after(place)) {
            let wrong = |whole: NodeId| key == "needs" || nodes[whole.0].is_container();
            let name = &nodes[other.0].name;
            if above(NodeId(place)).any(|above| above == other) && wrong(other) {
                faults.add_line(
                    node.line,
                    format!("node `{}` has `{name}` in `{key}`, and is part of it", node.name),
                );
            } else if above(other).any(|above| above == NodeId(place)) && wrong(NodeId(place)) {
                faults.add_line(
                    node.line,
                    format!("node `{}` has `{name}` in `{key}`, which is part of it", node.name),
                );
            }
        }
    }
}

/// Groups hold something, and no more must stay up than there are.
fn members(drafts: &[Draft], faults: &mut Faults<'_>) {
    let mut held = vec![0_usize; drafts.len()];
    drafts.iter().filter_map(|draft| draft.node.parent).for_each(|parent| held[parent.0] += 1);
    for (Draft { node, sound, keep, .. }, held) in drafts.iter().zip(held) {
        if *sound && matches!(node.kind, Kind::Group) && held == 0 {
            faults.add_line(
                node.line,
                format!("group `{0}` holds nothing; a member says parent = \"{0}\"", node.name),
            );
        }
        if let (Some(at), Some(most)) = (keep, node.keep.filter(|most| held < *most)) {
            let children = if held == 1 { "child" } else { "children" };
            faults
                .add(*at, format!("`keep` of node `{}` is {most}, and it has {held} {children}", node.name));
        }
    }
}

fn circles(nodes: &[Node], faults: &mut Faults<'_>) {
    if let Some(circle) = Order::between(nodes).circle() {
        let mut names: Vec<&str> = circle.iter().map(|id| nodes[id.0].name.as_str()).collect();
        names.extend(names.first().copied());
        let line = circle.iter().map(|id| nodes[id.0].line).max().unwrap_or(1);
        faults.add_line(
            line,
            format!(
                "nodes wait for each other in a circle: {} (by needs, after and parent)",
                names.join(" → ")
            ),
        );
    }
}
