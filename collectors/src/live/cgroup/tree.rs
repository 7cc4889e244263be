//! The directories of a hierarchy, kept from round to round.

use std::collections::HashMap;
use std::sync::Arc;

use crate::live::reading::Limit;
use crate::live::root::Root;
use crate::live::text;

/// Rounds after which the tree is walked anew even if nothing tells of a change.
const WALK_AGAIN: u32 = 64;

/// What was charged to cgroups when they were read last, by their path.
type Charged = HashMap<Arc<str>, Option<(u64, u64)>>;

/// One cgroup.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Its directory, without the leading slash.
    pub(super) directory: Vec<u8>,
    /// Its path in the hierarchy.
    pub(super) name: Arc<str>,
    /// Where in the tree it is that holds this one; the root holds itself.
    pub(super) parent: usize,
    /// Links when it was walked: they change when a cgroup is made or removed in it.
    links: u64,
    /// Its own limits, and the file that sets them.
    pub(super) memory_limit: Limit,
    pub(super) pids_limit: Limit,
    /// What was charged and what of it was held when `memory.stat` was read last.
    pub(super) charged: Option<(u64, u64)>,
}

/// A hierarchy, those that hold before those that are held.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Whether there are more than are kept.
    pub(super) is_cut: bool,
}

impl Tree {
    /// Brings the tree up to date; whether it changed.
    ///
    /// # Errors
    ///
    /// Returns what the kernel says when the place is no directory.
    pub(super) fn refresh(
        &mut self,
        root: &Root,
        place: &[u8],
        most: usize,
        round: u32,
    ) -> rustix::io::Result<bool> {
        let is_same = |node: &Node| root.links(&node.directory) == Ok(node.links);
        if !self.nodes.is_empty() && !round.is_multiple_of(WALK_AGAIN) && self.nodes.iter().all(is_same) {
            return Ok(false);
        }
        self.walk(root, place, most)?;
        Ok(true)
    }

    /// Walks the hierarchy breadth first, so that the deepest are left out.
    fn walk(&mut self, root: &Root, place: &[u8], most: usize) -> rustix::io::Result<()> {
        let old: Charged = self.nodes.drain(..).map(|node| (node.name, node.charged)).collect();
        self.is_cut = false;
        let mut top = node(place.to_vec(), Arc::from("/"), 0, &old);
        top.links = root.links(place)?;
        self.nodes.push(top);
        let mut next = 0;
        while next < self.nodes.len() {
            let directory = self.nodes[next].directory.clone();
            let mut names: Vec<Vec<u8>> = Vec::new();
            let listed = root.directories(&directory, |name| names.push(name.to_vec()));
            // One that is gone meanwhile has nothing in it; without a place there is no hierarchy.
            if next == 0 {
                listed?;
            }
            names.sort_unstable();
            for name in names {
                if self.nodes.len() == most {
                    self.is_cut = true;
                    break;
                }
                self.push(root, next, &directory, &name, &old);
            }
            next += 1;
        }
        Ok(())
    }

    fn push(&mut self, root: &Root, parent: usize, directory: &[u8], name: &[u8], old: &Charged) {
        let directory = [directory, b"/", name].concat();
        let above = self.nodes[parent].name.trim_end_matches('/');
        let name = Arc::from(format!("{above}/{}", text::printable(name)));
        let mut node = node(directory, name, parent, old);
        node.links = root.links(&node.directory).unwrap_or(0);
        self.nodes.push(node);
    }
}

fn node(directory: Vec<u8>, name: Arc<str>, parent: usize, old: &Charged) -> Node {
    let charged = old.get(&name).copied().flatten();
    Node { directory, name, parent, links: 0, memory_limit: Limit::None, pids_limit: Limit::None, charged }
}
