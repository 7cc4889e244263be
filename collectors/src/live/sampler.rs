//! Asks every source once a tick, and gives results and failures side by side.

use std::sync::Arc;
use std::time::Duration;

use super::cgroup::Cgroups;
use super::disk::Disk;
use super::filefd::FileFd;
use super::keys::Keys;
use super::locks::Locks;
use super::meminfo::MemInfo;
use super::named::Named;
use super::pair;
use super::pressure::Pressure;
use super::process::ProcessTable;
use super::reading::Sample;
use super::root::{Buffer, Root};
use super::round::{Round, Source};
use super::seldom::Seldom;
use super::slab::Slab;
use super::sockets::Sockets;
use super::sysv::SysV;
use super::tasks::Tasks;
use super::uses::Uses;
use super::vmstat::VmStat;

/// What is looked at, and at what cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Instances of one resource (process groups, cgroups, slab caches) that get a series of their own; the others
    /// are summed. One that has a series keeps it until it falls behind twice as many.
    pub top: usize,
    /// The most file descriptors that are kept open to read processes cheaply: three a process, oldest first.
    pub kept_descriptors: usize,
    /// How long a network or user-space file system may take to say how full it is.
    pub mount_patience: Duration,
    /// File systems in memory and other pseudo file systems as well.
    pub pseudo_mounts: bool,
    /// What costs the kernel much is read once in so many rounds: it walks all slabs for `slabinfo`, and makes all who
    /// lock files wait for `locks`.
    pub seldom: u32,
    /// Cgroups that are looked at; the deepest are left out first.
    pub cgroups: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            top: 100,
            kept_descriptors: 3 * 2000,
            mount_patience: Duration::from_millis(200),
            pseudo_mounts: false,
            seldom: 6,
            cgroups: 1000,
        }
    }
}

/// Reads the resources of a host, once a tick.
///
/// It has no clock: the caller says when it is, and when to sample.
#[derive(Debug)]
pub struct Sampler {
    root: Root,
    sources: Vec<Box<dyn Source>>,
    buffer: Buffer,
    host: Arc<str>,
    named: Arc<Named>,
    /// How many readings the last round gave.
    last: usize,
}

impl Sampler {
    /// A sampler of the host whose files are under `root`.
    #[must_use]
    pub fn new(root: Root, options: &Options) -> Self {
        // Main memory first: other sources compare limits with it.
        let sources: Vec<Box<dyn Source>> = vec![
            Box::new(MemInfo),
            Box::new(VmStat),
            Box::new(Seldom::new(Slab::new(options), options.seldom)),
            Box::new(Pressure::default()),
            Box::new(FileFd),
            Box::new(Tasks),
            Box::new(Disk::new(options)),
            Box::new(Sockets),
            Box::new(&pair::CONNTRACK),
            Box::new(Seldom::new(Locks, options.seldom)),
            Box::new(SysV),
            Box::new(Keys::new(options)),
            Box::new(&pair::PTYS),
            Box::new(&pair::AIO),
            Box::new(Cgroups::new(options)),
            Box::new(ProcessTable::new(options)),
        ];
        Self { root, sources, buffer: Buffer::default(), host: Arc::from(""), named: Arc::default(), last: 0 }
    }

    /// Gives processes names of their own, from the next round on; those of before are forgotten.
    pub fn name(&mut self, named: Named) {
        if *self.named != named {
            self.named = Arc::new(named);
        }
    }

    /// Reads every source once.
    ///
    /// What cannot be read is among the failures and costs nothing else.
    pub fn sample(&mut self, now_ms: i64) -> Sample {
        let boot_id = self.boot_id();
        let mut round = Round {
            root: &self.root,
            buffer: &mut self.buffer,
            readings: Vec::with_capacity(self.last + self.last / 8),
            failures: Vec::new(),
            memory_bytes: 0,
            host: Arc::clone(&self.host),
            named: &self.named,
            source: "",
            uses: Uses::default(),
        };
        for source in &mut self.sources {
            round.source = source.name();
            if let Err(error) = source.collect(&mut round) {
                round.fail(error);
            }
        }
        let Round { readings, failures, uses, .. } = round;
        self.last = readings.len();
        let sources = self.sources.iter().map(|source| source.name()).collect();
        Sample { t_ms: now_ms, boot_id, readings, failures, sources, uses }
    }

    /// The kernel's name of this boot. It is read every time: a process that was frozen may wake up elsewhere.
    fn boot_id(&mut self) -> Arc<str> {
        let file = "proc/sys/kernel/random/boot_id";
        let bytes = self.root.read(file, &mut self.buffer).unwrap_or_default();
        Arc::from(super::text::printable(bytes.trim_ascii()))
    }
}
