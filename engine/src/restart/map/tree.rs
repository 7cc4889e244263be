//! Who is above and who is below whom.

use super::{Map, NodeId};

impl Map {
    /// The root.
    pub const ROOT: NodeId = NodeId(0);

    /// Every node, parents before their children.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId)
    }

    /// The nodes right below, in the order of the file.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.ids().filter(move |&child| self.node(child).parent == Some(id))
    }

    /// The nodes above, the nearest first, the root last.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(id).parent, |&above| self.node(above).parent)
    }

    /// How many nodes are above; none above the root.
    #[must_use]
    pub fn depth(&self, id: NodeId) -> usize {
        self.ancestors(id).count()
    }

    /// Whether `above` is `id` or above it.
    #[must_use]
    pub fn holds(&self, above: NodeId, id: NodeId) -> bool {
        above == id || self.ancestors(id).any(|ancestor| ancestor == above)
    }

    /// The node and all below it, parents before their children.
    #[must_use]
    pub fn subtree(&self, id: NodeId) -> Vec<NodeId> {
        let mut below = vec![false; self.nodes.len()];
        below[id.0] = true;
        // Parents come before children, so one pass is enough.
        for child in self.ids() {
            if let Some(parent) = self.node(child).parent {
                below[child.0] |= below[parent.0];
            }
        }
        self.ids().filter(|id| below[id.0]).collect()
    }
}
