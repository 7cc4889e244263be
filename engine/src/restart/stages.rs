//! The steps of nodes that restart together, sorted into stages.

use std::collections::BTreeMap;

use super::map::{Kind, Map, Node, NodeId, Order};
use super::plan::{Act, Step};

/// The stages of a plan as they are laid out.
#[derive(Debug)]
pub(super) struct Stages<'a> {
    map: &'a Map,
    /// After how many rounds each node begins and ends.
    rounds: Vec<(usize, usize)>,
    /// What goes and comes with the machine it is on.
    carried: Vec<bool>,
    planned: bool,
    stage: usize,
    steps: Vec<Step>,
}

impl<'a> Stages<'a> {
    pub(super) fn new(map: &'a Map, order: &Order, inside: &[bool], planned: bool) -> Self {
        let machine =
            |id: NodeId| inside[id.0] && matches!(map.node(id).kind, Kind::Host { restart: Some(_), .. });
        let mut carried = vec![false; map.nodes.len()];
        for id in map.ids() {
            // Parents come before children.
            carried[id.0] = map.node(id).parent.is_some_and(|parent| carried[parent.0] || machine(parent));
        }
        let counted: Vec<bool> =
            map.ids().map(|id| inside[id.0] && !map.node(id).is_container() && !carried[id.0]).collect();
        Self { map, rounds: order.rounds(&counted), carried, planned, stage: 0, steps: Vec::new() }
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// Restarts `ids`, which are in the order of their starts.
    pub(super) fn restart(&mut self, ids: &[NodeId]) {
        let (containers, own): (Vec<NodeId>, Vec<NodeId>) =
            ids.iter().copied().partition(|id| self.map.node(*id).is_container());
        let (carried, own): (Vec<NodeId>, Vec<NodeId>) = own.into_iter().partition(|id| self.carried[id.0]);
        let rounds = self.by_round(&own);
        if self.planned {
            self.ahead(Act::Drain, &containers, &carried, &rounds);
            self.ahead(Act::Checkpoint, &containers, &carried, &rounds);
        }
        let one_go = |id: &NodeId| is_one_go(self.map.node(*id), own.len());
        let stops: Vec<Vec<NodeId>> = rounds
            .values()
            .rev()
            .map(|round| round.iter().rev().copied().filter(|id| !one_go(id)).collect())
            .collect();
        let restarts: Vec<bool> = self.map.ids().map(|id| one_go(&id)).collect();
        for round in stops {
            self.push(Act::Stop, &round);
        }
        self.start(&rounds, &containers, &restarts);
        self.push(Act::Probe, ids);
        for round in rounds.values() {
            self.push(Act::Resume, round);
        }
        self.push(Act::Resume, &carried);
        self.push(Act::Resume, &containers);
    }

    /// Sees whether a group that was rolled is well as a whole.
    pub(super) fn look(&mut self, group: NodeId) {
        self.push(Act::Ready, &[group]);
        self.push(Act::Probe, &[group]);
    }

    /// A hook before the stop: of the whole first, then of what is stopped first.
    fn ahead(
        &mut self,
        act: Act,
        containers: &[NodeId],
        carried: &[NodeId],
        rounds: &BTreeMap<usize, Vec<NodeId>>,
    ) {
        self.push(act, containers);
        self.push(act, carried);
        for round in rounds.values().rev() {
            let last_first: Vec<NodeId> = round.iter().rev().copied().collect();
            self.push(act, &last_first);
        }
    }

    fn start(&mut self, rounds: &BTreeMap<usize, Vec<NodeId>>, containers: &[NodeId], restarts: &[bool]) {
        let mut whole: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
        for &id in containers {
            // It is ready when the last of its members is.
            whole.entry(self.rounds[id.0].1.saturating_sub(1)).or_default().push(id);
        }
        for (round, ids) in rounds {
            let acts =
                ids.iter().map(|id| if restarts[id.0] { (*id, Act::Restart) } else { (*id, Act::Start) });
            self.push_each(acts.collect());
            self.push(Act::Ready, ids);
            let done: Vec<usize> = whole.range(..=*round).map(|(round, _)| *round).collect();
            for done in done {
                self.push(Act::Ready, &whole.remove(&done).unwrap_or_default());
            }
        }
        for rest in whole.into_values() {
            self.push(Act::Ready, &rest);
        }
    }

    fn by_round(&self, ids: &[NodeId]) -> BTreeMap<usize, Vec<NodeId>> {
        let mut rounds: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
        for &id in ids {
            rounds.entry(self.rounds[id.0].0).or_default().push(id);
        }
        rounds
    }

    fn push(&mut self, act: Act, ids: &[NodeId]) {
        self.push_each(ids.iter().map(|&id| (id, act)).collect());
    }

    /// One stage of all that has something to do.
    fn push_each(&mut self, acts: Vec<(NodeId, Act)>) {
        let before = self.steps.len();
        for (id, act) in acts {
            let node = self.map.node(id);
            if let Some(within_s) = within(node, act) {
                self.steps.push(Step { stage: self.stage, node: node.name.clone(), act, within_s });
            }
        }
        self.stage += usize::from(before < self.steps.len());
    }
}

/// Whether stop and start are one command.
fn is_one_go(node: &Node, alone: usize) -> bool {
    match &node.kind {
        // Between its stop and its start nobody could see whether ports and locks are free.
        Kind::Unit { .. } => alone == 1 && node.conditions.is_empty(),
        Kind::Command { stop, .. } => stop.is_none(),
        Kind::Host { .. } => true,
        Kind::Process(_) | Kind::Group => false,
    }
}

/// How long a step may take; none where the node has nothing to do in it.
fn within(node: &Node, act: Act) -> Option<f64> {
    let hook = |hook: &Option<super::map::Hook>| hook.as_ref().map(|hook| hook.within_s);
    match (act, &node.kind) {
        (Act::Drain, _) => hook(&node.drain),
        (Act::Checkpoint, _) => hook(&node.checkpoint),
        (Act::Resume, _) => hook(&node.resume),
        (Act::Probe, _) if node.probes.is_empty() => None,
        (Act::Probe, _) => {
            let once: f64 = node.probes.iter().map(|probe| probe.within_s + probe.every_s).sum();
            Some(once.max(node.start_s))
        }
        (Act::Ready, Kind::Process(command)) if command.notify => Some(node.start_s),
        (Act::Ready, _) => (!node.ready.is_empty()).then_some(node.start_s),
        (_, Kind::Group) => None,
        (_, Kind::Host { restart, .. }) => hook(restart),
        (Act::Stop, Kind::Command { stop, .. }) => hook(stop),
        (Act::Start | Act::Restart, Kind::Command { start, .. }) => Some(start.within_s),
        (Act::Stop, _) => Some(node.stop_s),
        (Act::Start, _) => Some(node.start_s),
        (Act::Restart, _) => Some(node.stop_s + node.start_s),
    }
}
