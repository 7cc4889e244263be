//! The groups that processes belong to, asked one by one and not kept.

use std::sync::Arc;

use rustix::fs::OFlags;

use super::life::Life;
use super::usage::Reader;
use crate::live::error::CollectError;
use crate::live::named::Named;
use crate::live::reading::Identity;
use crate::live::root::{Root, entries};
use crate::live::text;

/// Tells the group of a process, as the sampler would.
#[derive(Debug)]
pub(in crate::live) struct Names<'a> {
    root: &'a Root,
    reader: Reader,
}

impl<'a> Names<'a> {
    pub(in crate::live) fn new(root: &'a Root, named: &Named) -> Result<Self, CollectError> {
        let directory = root
            .open("proc", OFlags::RDONLY | OFlags::DIRECTORY)
            .map_err(|error| CollectError::of(root.path("proc"), error))?;
        let mut reader = Reader::new(directory, root.is_proc());
        reader.name(Arc::new(named.clone()));
        Ok(Self { root, reader })
    }

    /// The numbers of all processes, in order.
    pub(in crate::live) fn list(&self) -> Result<Vec<u32>, CollectError> {
        let mut pids: Vec<u32> = Vec::new();
        entries(self.reader.directory(), |name| {
            pids.extend(text::unsigned(name).and_then(|pid| u32::try_from(pid).ok()));
        })
        .map_err(|error| CollectError::of(self.root.path("proc"), error))?;
        pids.sort_unstable();
        Ok(pids)
    }

    /// Who a process is and which group it belongs to; none where it is gone, or a thread of the kernel.
    pub(in crate::live) fn of(&mut self, pid: u32) -> Option<(Identity, Arc<str>)> {
        let mut life = Life::new(pid);
        life.look(&mut self.reader).ok()?;
        (!life.is_kernel()).then(|| (life.identity(), Arc::clone(life.group())))
    }
}
