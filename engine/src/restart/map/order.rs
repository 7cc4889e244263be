//! In which order nodes start: who must be up before whom.
//!
//! A node that is restarted itself is up when it has started. A container (a group, or a host without a command) is up
//! when all its members are. So every node has two moments, begin and end, and an order between nodes is an arrow from
//! one's end to the other's begin. To be part of a node is no order: parts begin with it, unless they say `after`.

use super::{Kind, Map, Node, NodeId};

impl Node {
    /// Whether there is nothing of its own to stop and start: only what is below it.
    #[must_use]
    pub fn is_container(&self) -> bool {
        matches!(self.kind, Kind::Group | Kind::Host { restart: None, .. })
    }
}

/// The moments of a map's nodes, and what must come before what.
#[derive(Debug)]
pub(in crate::restart) struct Order {
    /// By moment: the moments that come after it.
    later: Vec<Vec<usize>>,
}

/// The moment at which a node begins to start; its end is the next one.
fn begin(id: NodeId) -> usize {
    2 * id.0
}

fn end(id: NodeId) -> usize {
    2 * id.0 + 1
}

impl Order {
    /// The order of a map's nodes.
    pub(in crate::restart) fn of(map: &Map) -> Self {
        Self::between(&map.nodes)
    }

    /// The order of nodes in which names are looked up already.
    pub(super) fn between(nodes: &[Node]) -> Self {
        let mut later = vec![Vec::new(); 2 * nodes.len()];
        for (id, node) in nodes.iter().enumerate().map(|(place, node)| (NodeId(place), node)) {
            later[begin(id)].push(end(id));
            for &before in node.needs.iter().chain(&node.after) {
                later[end(before)].push(begin(id));
            }
            let Some(parent) = node.parent else { continue };
            // A part begins no sooner than the whole may.
            later[begin(parent)].push(begin(id));
            if nodes[parent.0].is_container() {
                later[end(id)].push(end(parent));
            }
        }
        Self { later }
    }

    /// All moments such that each comes after those that must come before it, the smallest first among those that may;
    /// fewer than all where there is a cycle.
    fn sorted(&self) -> Vec<usize> {
        let mut waits = vec![0_usize; self.later.len()];
        self.later.iter().flatten().for_each(|&moment| waits[moment] += 1);
        let free = (0..waits.len()).filter(|&moment| waits[moment] == 0);
        let mut free: std::collections::BinaryHeap<_> = free.map(std::cmp::Reverse).collect();
        let mut sorted = Vec::with_capacity(waits.len());
        while let Some(std::cmp::Reverse(moment)) = free.pop() {
            sorted.push(moment);
            for &next in &self.later[moment] {
                waits[next] -= 1;
                if waits[next] == 0 {
                    free.push(std::cmp::Reverse(next));
                }
            }
        }
        sorted
    }

    /// The nodes in the order of their starts; the order of the file where nothing else decides.
    pub(in crate::restart) fn starts(&self) -> Vec<NodeId> {
        self.sorted().into_iter().filter(|moment| moment % 2 == 0).map(|moment| NodeId(moment / 2)).collect()
    }

    /// For every node, after how many rounds of starts it begins and ends. Only nodes that are `counted` take a round;
    /// those of one round may start together.
    pub(in crate::restart) fn rounds(&self, counted: &[bool]) -> Vec<(usize, usize)> {
        let mut round = vec![0_usize; self.later.len()];
        for moment in self.sorted() {
            for &next in &self.later[moment] {
                // Between begin and end lies the start itself.
                let starts = next == moment + 1 && moment % 2 == 0 && counted[moment / 2];
                round[next] = round[next].max(round[moment] + usize::from(starts));
            }
        }
        round.chunks_exact(2).map(|moments| (moments[0], moments[1])).collect()
    }

    /// Nodes that wait for each other in a circle, each needing the next; none where there is no circle.
    pub(super) fn circle(&self) -> Option<Vec<NodeId>> {
        let sorted = self.sorted();
        let mut stuck = vec![true; self.later.len()];
        for moment in sorted {
            stuck[moment] = false;
        }
        // Going back from a stuck moment along stuck ones must come round.
        let mut before = vec![None; self.later.len()];
        for moment in (0..stuck.len()).filter(|&moment| stuck[moment]) {
            self.later[moment].iter().for_each(|&next| before[next] = before[next].or(Some(moment)));
        }
        let mut path: Vec<usize> = vec![stuck.iter().position(|&stuck| stuck)?];
        loop {
            let back = before[*path.last()?]?;
            if let Some(place) = path.iter().position(|&seen| seen == back) {
                let mut nodes: Vec<NodeId> = path[place..].iter().map(|moment| NodeId(moment / 2)).collect();
                nodes.dedup();
                if 1 < nodes.len() && nodes.first() == nodes.last() {
                    nodes.pop();
                }
                return Some(nodes);
            }
            path.push(back);
        }
    }
}
