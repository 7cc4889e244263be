//! Control groups of either version: memory that cannot be dropped and processes, against the limits up the tree.

mod layout;
mod parse;
mod tree;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use self::layout::{Hierarchy, Version, hierarchies};
use self::parse::{Bound, bound};
use self::tree::{Node, Tree};
use super::catalogue;
use super::disk::{MOUNTS, mountinfo};
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::sampler::Options;
use super::text;
use super::top::Top;

/// Rounds after which limits are read again, a part of the cgroups in each.
const LIMITS_AGAIN: u32 = 8;
/// Rounds after which is looked for hierarchies that were mounted since.
const LAYOUT_AGAIN: u32 = 512;

/// Reads cgroups.
#[derive(Debug)]
pub(super) struct Cgroups {
    most: usize,
    hierarchies: Vec<(Hierarchy, Tree)>,
    memory: Top,
    pids: Top,
    rounds: u32,
}

/// What one cgroup uses.
#[derive(Clone, Debug)]
struct Used {
    node: usize,
    name: Arc<str>,
    value: f64,
    limit: Limit,
    /// Whether the limit is its own: such a cgroup has a series before all others.
    is_own: bool,
}

impl Cgroups {
    pub(super) fn new(options: &Options) -> Self {
        let top = || Top::new(options.top);
        Self { most: options.cgroups.max(1), hierarchies: Vec::new(), memory: top(), pids: top(), rounds: 0 }
    }
}

impl Source for Cgroups {
    fn name(&self) -> &'static str {
        "cgroup"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        if self.hierarchies.is_empty() || self.rounds.is_multiple_of(LAYOUT_AGAIN) {
            self.lay_out(round)?;
        }
        let turn = self.rounds;
        self.rounds = self.rounds.wrapping_add(1);
        for (hierarchy, tree) in &mut self.hierarchies {
            let path = || round.root.path(OsStr::from_bytes(&hierarchy.place));
            let changed = tree
                .refresh(round.root, &hierarchy.place, self.most, turn)
                .map_err(|error| CollectError::of(path(), error))?;
            if tree.is_cut {
                round.fail(CollectError::TooMany { path: path(), most: self.most });
            }
            read_limits(round, hierarchy, tree, turn, changed);
            if hierarchy.memory {
                memory(round, hierarchy.version, tree, &mut self.memory);
            }
            if hierarchy.pids {
                pids(round, tree, &mut self.pids);
            }
        }
        Ok(())
    }
}

impl Cgroups {
    /// Looks which hierarchies there are; those that are known keep what is known of them.
    fn lay_out(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let mounts = mountinfo::parse(round.read(MOUNTS)?);
        let (root, buffer) = (round.root, &mut *round.buffer);
        let buffer = std::cell::RefCell::new(buffer);
        let unified = |place: &[u8]| {
            let file = Path::new(OsStr::from_bytes(place)).join("cgroup.controllers");
            let mut buffer = buffer.borrow_mut();
            let offered = root.read(file, &mut buffer).unwrap_or_default();
            let offers = |name: &[u8]| text::fields(offered).any(|field| field == name);
            (offers(b"memory"), offers(b"pids"))
        };
        let found = hierarchies(&mounts, unified);
        let mut old = std::mem::take(&mut self.hierarchies);
        for hierarchy in found {
            let known = old.iter().position(|(other, _)| *other == hierarchy);
            let tree = known.map(|known| old.swap_remove(known).1).unwrap_or_default();
            self.hierarchies.push((hierarchy, tree));
        }
        if self.hierarchies.is_empty() {
            return Err(CollectError::Absent { path: round.root.path("sys/fs/cgroup") });
        }
        Ok(())
    }
}

/// Reads a file of a cgroup and parses it; `None` where it is not there, as at the root or without its controller, or
/// where the cgroup is gone.
fn read<T>(
    round: &mut Round<'_>,
    node: &Node,
    file: &str,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Option<T> {
    let path = Path::new(OsStr::from_bytes(&node.directory)).join(file);
    let error = match round.root.read(&path, round.buffer) {
        Ok(bytes) => match parse(bytes) {
            Some(parsed) => return Some(parsed),
            None => CollectError::Malformed { path: round.root.path(path), expected: "numbers" },
        },
        Err(CollectError::Absent { .. }) => return None,
        Err(error) => error,
    };
    round.fail(error);
    None
}

/// Reads the limits of the cgroups whose turn it is.
fn read_limits(round: &mut Round<'_>, hierarchy: &Hierarchy, tree: &mut Tree, turn: u32, all: bool) {
    let files: &[&'static str] = match hierarchy.version {
        Version::One => &["memory.limit_in_bytes"],
        Version::Two => &["memory.max", "memory.high"],
    };
    for (place, node) in (0..).zip(&mut tree.nodes) {
        if !all && !turn.wrapping_add(place).is_multiple_of(LIMITS_AGAIN) {
            continue;
        }
        if hierarchy.memory {
            let memory = round.memory_bytes;
            node.memory_limit = files.iter().fold(Limit::None, |limit, file| {
                let bound = read(round, node, file, bound);
                limit.tighter(own_limit(bound, file, memory))
            });
        }
        if hierarchy.pids {
            let bound = read(round, node, "pids.max", bound);
            node.pids_limit = own_limit(bound, "pids.max", 0);
        }
    }
}

/// What a limit of a cgroup says; one of more memory than there is does not bind.
fn own_limit(bound: Option<Bound>, file: &'static str, memory: u64) -> Limit {
    match bound {
        Some(Bound::At(value)) if 0 < memory && memory <= value => {
            Limit::unbound(format!("{file} (not below MemTotal)"))
        }
        Some(Bound::At(value)) => Limit::kernel(value, file),
        Some(Bound::Max) | None => Limit::None,
    }
}

/// The least of a cgroup's own limit and those that hold above it, which are named with their cgroup.
fn effective(nodes: &[Node], above: &[Limit], place: usize, own: &Limit) -> Limit {
    let node = &nodes[place];
    if node.parent == place {
        return own.clone();
    }
    let parent = &nodes[node.parent];
    let inherited = match &above[node.parent] {
        Limit::At { value, owner } => {
            let named = if owner.contains(' ') { owner.clone() } else { of(owner, &parent.name) };
            Limit::At { value: *value, owner: named }
        }
        Limit::None | Limit::Unbound { .. } => Limit::None,
    };
    own.clone().tighter(inherited)
}

fn of(owner: &str, cgroup: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{owner} of {cgroup}"))
}

/// Memory that cannot be dropped, of every cgroup; kills where there is a limit.
fn memory(round: &mut Round<'_>, version: Version, tree: &mut Tree, top: &mut Top) {
    let mut used: Vec<Used> = Vec::with_capacity(tree.nodes.len());
    let mut limits: Vec<Limit> = Vec::with_capacity(tree.nodes.len());
    for place in 0..tree.nodes.len() {
        let limit = effective(&tree.nodes, &limits, place, &tree.nodes[place].memory_limit);
        limits.push(limit.clone());
        let is_own = tree.nodes[place].memory_limit.value().is_some();
        // The root of a host is the host.
        if place == 0 && !is_own {
            continue;
        }
        if let Some(held) = held(round, version, &mut tree.nodes[place]) {
            let name = Arc::clone(&tree.nodes[place].name);
            used.push(Used { node: place, name, value: held as f64, limit, is_own });
        }
    }
    let count = choose(top, &mut used);
    used.truncate(count);
    for used in used {
        if used.is_own {
            events(round, version, &tree.nodes[used.node]);
        }
        round.push_of(&catalogue::CGROUP_MEMORY, used.name, used.value, used.limit);
    }
}

/// Puts those with a limit of their own before the largest of the others.
fn choose(top: &mut Top, used: &mut [Used]) -> usize {
    const FIRST: f64 = 1e30;
    top.choose(used, |used| &used.name, |used| used.value + if used.is_own { FIRST } else { 0.0 })
}

/// Bytes that cannot be dropped. `memory.stat` is dear: it is not read again while what is charged stands still.
fn held(round: &mut Round<'_>, version: Version, node: &mut Node) -> Option<u64> {
    let file = match version {
        Version::One => "memory.usage_in_bytes",
        Version::Two => "memory.current",
    };
    let charged = read(round, node, file, text::single)?;
    if let Some((then, held)) = node.charged
        && then == charged
    {
        return Some(held);
    }
    let held = match version {
        Version::Two => read(round, node, "memory.stat", parse::held_two)?,
        Version::One => {
            let programs = read(round, node, "memory.stat", parse::held_one)?;
            // Not there where the kernel was built without accounting of its own memory.
            let kernel = read(round, node, "memory.kmem.usage_in_bytes", text::single);
            programs.saturating_add(kernel.unwrap_or(0))
        }
    };
    node.charged = Some((charged, held));
    Some(held)
}

fn events(round: &mut Round<'_>, version: Version, node: &Node) {
    let file = match version {
        Version::One => "memory.oom_control",
        Version::Two => "memory.events",
    };
    let events = read(round, node, file, |bytes| Some(parse::events(bytes)));
    let Some((kills, high)) = events else { return };
    if let Some(kills) = kills {
        round.push_of(&catalogue::CGROUP_OOM_KILLS, Arc::clone(&node.name), kills as f64, Limit::None);
    }
    if let Some(high) = high {
        round.push_of(&catalogue::CGROUP_MEMORY_HIGH, Arc::clone(&node.name), high as f64, Limit::None);
    }
}

/// Processes and threads of every cgroup.
fn pids(round: &mut Round<'_>, tree: &Tree, top: &mut Top) {
    let mut used: Vec<Used> = Vec::with_capacity(tree.nodes.len());
    let mut limits: Vec<Limit> = Vec::with_capacity(tree.nodes.len());
    for place in 0..tree.nodes.len() {
        let node = &tree.nodes[place];
        let limit = effective(&tree.nodes, &limits, place, &node.pids_limit);
        limits.push(limit.clone());
        let is_own = node.pids_limit.value().is_some();
        if place == 0 && !is_own {
            continue;
        }
        if let Some(count) = read(round, node, "pids.current", text::single) {
            let name = Arc::clone(&node.name);
            used.push(Used { node: place, name, value: count as f64, limit, is_own });
        }
    }
    let count = choose(top, &mut used);
    used.truncate(count);
    for used in used {
        round.push_of(&catalogue::CGROUP_PIDS, used.name, used.value, used.limit);
    }
}
