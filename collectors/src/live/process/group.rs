//! Processes of the same unit and program, added up.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rustix::io::Errno;
use rustix::param::page_size;

use super::life::{HALF, Life};
use super::usage::Usage;
use crate::live::error::CollectError;
use crate::live::reading::{Identity, Limit, Processes};
use crate::live::round::Round;
use crate::live::uses::GroupUse;

/// What the members of one group use together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: Arc<str>,
    pub(super) count: u32,
    pub(super) oldest: Identity,
    pub(super) resident_pages: u64,
    pub(super) anonymous_pages: u64,
    /// The member that holds the most memory, and how many pages that is.
    pub(super) largest: (u64, Identity),
    pub(super) threads: u64,
    pub(super) fds: u64,
    pub(super) fullest: Option<Fullest>,
    pub(super) zombies: u64,
}

/// The member that is nearest to its limit of descriptors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fullest {
    pub(super) identity: Identity,
    pub(super) used: u64,
    pub(super) limit: Option<u64>,
}

/// Threads of one user, by the limit that their processes have.
type ByLimit = BTreeMap<Option<u64>, u64>;

/// All groups of one round.
#[derive(Debug, Default)]
pub(super) struct Groups {
    pub(super) by_name: HashMap<Arc<str>, Group>,
    /// Threads of the kernel.
    pub(super) kernel: u64,
    /// Threads by the user who owns them.
    pub(super) users: BTreeMap<u32, ByLimit>,
    /// Parents of zombies.
    orphans: Vec<u32>,
    /// Processes that are there and could not be read, with the first and what the kernel said.
    failed: Option<(u32, u32, Errno)>,
    /// Processes whose program, limits or descriptors may not be read, with the first one.
    hidden: [(u32, u32); 3],
}

/// The files behind [`Groups::hidden`].
const HIDDEN: [&str; 3] = ["exe", "limits", "fd"];

impl Groups {
    /// Adds a process.
    pub(super) fn add(&mut self, life: &Life, usage: Usage) {
        if life.is_kernel() {
            self.kernel += 1;
            return;
        }
        let hidden = life.hidden();
        let unread = [hidden.program, hidden.limits, usage.fds.is_none()];
        for (place, unread) in self.hidden.iter_mut().zip(unread) {
            if unread {
                *place = (place.0 + 1, if place.0 == 0 { life.pid() } else { place.1 });
            }
        }
        let threads = life.threads();
        *self.users.entry(life.owner()).or_default().entry(life.limits().processes).or_default() += threads;
        if life.is_zombie() {
            return self.orphans.push(life.parent());
        }
        let group = match self.by_name.get_mut(life.group()) {
            Some(group) => group,
            None => self.by_name.entry(Arc::clone(life.group())).or_insert_with(|| Group::new(life)),
        };
        group.add(life, usage, threads);
    }

    /// Notes a process that is there and cannot be read.
    pub(super) fn fail(&mut self, pid: u32, error: Errno) {
        let (count, ..) = self.failed.get_or_insert((0, pid, error));
        *count += 1;
    }

    /// Counts zombies at the group of their parent.
    pub(super) fn name_parents(&mut self, lives: &[Life]) {
        for parent in std::mem::take(&mut self.orphans) {
            let found = lives.binary_search_by_key(&parent, Life::pid).ok().map(|place| &lives[place]);
            let group = found.and_then(|life| self.by_name.get_mut(life.group()));
            if let Some(group) = group {
                group.zombies += 1;
            }
        }
    }

    /// Says what may not be read, once a file with the number of processes.
    pub(super) fn report(&self, round: &mut Round<'_>) {
        if let Some((count, first, error)) = self.failed {
            let path = round.root.path(format!("proc/{first}"));
            let error = match error {
                HALF => CollectError::Malformed { path: path.join("stat"), expected: "22 fields" },
                _ => CollectError::of(path, error),
            };
            round.fail_often(error, count);
        }
        for ((count, first), file) in self.hidden.into_iter().zip(HIDDEN) {
            if 0 < count {
                let path = round.root.path(format!("proc/{first}/{file}"));
                round.fail_often(CollectError::Forbidden { path }, count);
            }
        }
    }
}

impl Group {
    fn new(life: &Life) -> Self {
        Self {
            name: Arc::clone(life.group()),
            count: 0,
            oldest: life.identity(),
            resident_pages: 0,
            anonymous_pages: 0,
            largest: (0, life.identity()),
            threads: 0,
            fds: 0,
            fullest: None,
            zombies: 0,
        }
    }

    fn add(&mut self, life: &Life, usage: Usage, threads: u64) {
        self.count += 1;
        self.oldest = self.oldest.min(life.identity());
        self.resident_pages = self.resident_pages.saturating_add(usage.resident_pages);
        let anonymous = usage.resident_pages.saturating_sub(usage.shared_pages);
        self.anonymous_pages = self.anonymous_pages.saturating_add(anonymous);
        self.largest = self.largest.max((usage.resident_pages, life.identity()));
        self.threads += threads;
        if let Some(used) = usage.fds {
            self.fds = self.fds.saturating_add(used);
            let member = Fullest { identity: life.identity(), used, limit: life.limits().files };
            if self.fullest.is_none_or(|fullest| fullest.share() < member.share()) {
                self.fullest = Some(member);
            }
        }
    }

    /// What it uses, for taking totals apart.
    pub(super) fn uses(&self) -> GroupUse {
        GroupUse {
            name: Arc::clone(&self.name),
            count: self.count,
            oldest: self.oldest,
            largest: self.largest.1,
            anonymous: self.anonymous_pages as f64 * page_size() as f64,
            fds: self.fds as f64,
            threads: self.threads as f64,
        }
    }

    /// The processes behind a reading of which `fullest` holds the most.
    pub(super) fn processes(&self, fullest: Identity) -> Processes {
        Processes { oldest: self.oldest, fullest, count: self.count }
    }
}

impl Fullest {
    /// How much of its limit is used. Without a limit, less than any that has one, and by what is used.
    pub(super) fn share(&self) -> (f64, u64) {
        let share = self.limit.map_or(-1.0, |limit| self.used as f64 / limit.max(1) as f64);
        (share, self.used)
    }

    pub(super) fn limit(&self) -> Limit {
        match self.limit {
            Some(limit) => Limit::at(limit as f64, "RLIMIT_NOFILE"),
            None => Limit::None,
        }
    }
}
