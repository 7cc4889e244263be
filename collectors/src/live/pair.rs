//! Resources that stand in two files of one number each: what is used, and the limit.

use super::catalogue::{self, Resource};
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};

/// Reads one such pair.
#[derive(Debug)]
pub(super) struct Pair {
    name: &'static str,
    resource: &'static Resource,
    used: &'static str,
    limit: &'static str,
    /// What is kept back of the limit.
    reserve: Option<&'static str>,
    owner: &'static str,
}

/// Tracked connections. Without the kernel's module there are none.
pub(super) static CONNTRACK: Pair = Pair {
    name: "conntrack",
    resource: &catalogue::CONNTRACK,
    used: "proc/sys/net/netfilter/nf_conntrack_count",
    limit: "proc/sys/net/netfilter/nf_conntrack_max",
    reserve: None,
    owner: "nf_conntrack_max",
};

/// Pseudo terminals; the reserve is for those of the first mount namespace.
pub(super) static PTYS: Pair = Pair {
    name: "ptys",
    resource: &catalogue::PTYS,
    used: "proc/sys/kernel/pty/nr",
    limit: "proc/sys/kernel/pty/max",
    reserve: Some("proc/sys/kernel/pty/reserve"),
    owner: "kernel.pty.max",
};

/// Requests of asynchronous input and output.
pub(super) static AIO: Pair = Pair {
    name: "aio",
    resource: &catalogue::AIO,
    used: "proc/sys/fs/aio-nr",
    limit: "proc/sys/fs/aio-max-nr",
    reserve: None,
    owner: "fs.aio-max-nr",
};

impl Source for &'static Pair {
    fn name(&self) -> &'static str {
        self.name
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let used = round.number(self.used)?;
        let limit = round.number(self.limit).and_then(|limit| {
            let reserve = self.reserve.map_or(Ok(0), |file| round.number(file))?;
            Ok(Limit::kernel(limit.saturating_sub(reserve), self.owner))
        });
        let (limit, failed) = match limit {
            Ok(limit) => (limit, Ok(())),
            Err(error) => (Limit::None, Err(error)),
        };
        round.push(self.resource, used as f64, limit);
        failed
    }
}
