//! What every group of processes and every cache of the kernel uses, however small: what totals are taken apart with.
//!
//! Series are for what is large; these are for sums that leave an honest remainder. They are handed on as one block a
//! round and cost no readings of their own.

use std::sync::Arc;

use super::reading::Identity;

/// What one group of processes uses together.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupUse {
    /// Unit and program, as in the scope of its series.
    pub name: Arc<str>,
    /// How many processes it has.
    pub count: u32,
    /// The oldest of them.
    pub oldest: Identity,
    /// The one that holds the most memory.
    pub largest: Identity,
    /// Bytes that no file backs: `statm`, resident less shared. Pages that a fork shares count at each.
    pub anonymous: f64,
    /// Open descriptors, of processes where they may be counted.
    pub fds: f64,
    /// Threads.
    pub threads: f64,
}

/// What is used, by everybody.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Uses {
    /// Groups of processes.
    pub groups: Vec<GroupUse>,
    /// Bytes of every cache of `slabinfo`.
    pub caches: Vec<(Arc<str>, f64)>,
    /// Threads of the kernel.
    pub kernel_threads: u64,
    /// The parts of memory and what there is of it first, in bytes, as `meminfo` counts them.
    pub memory: Vec<(&'static str, f64)>,
}
