//! Groups of processes to readings: the largest by name, the others together.

use std::sync::Arc;

use rustix::param::page_size;

use super::group::{Fullest, Group, Groups};
use crate::live::catalogue::{self, Resource};
use crate::live::reading::{Identity, Limit};
use crate::live::round::Round;
use crate::live::top::{OTHERS, Top};

/// Which groups have a series, resource by resource.
#[derive(Debug)]
pub(super) struct Tops {
    memory: Top,
    fds: Top,
    fds_total: Top,
    threads: Top,
    count: Top,
    zombies: Top,
    users: Top,
    others: Arc<str>,
}

impl Tops {
    pub(super) fn new(most: usize) -> Self {
        let top = || Top::new(most);
        Self {
            memory: top(),
            fds: top(),
            fds_total: top(),
            threads: top(),
            count: top(),
            zombies: top(),
            users: top(),
            others: Arc::from(OTHERS),
        }
    }

    /// Writes the readings of one round.
    pub(super) fn emit(&mut self, round: &mut Round<'_>, groups: Groups) {
        let Groups { by_name, users, kernel, .. } = groups;
        let mut groups: Vec<Group> = by_name.into_values().collect();
        round.uses.groups = groups.iter().map(Group::uses).collect();
        round.uses.kernel_threads = kernel;
        let page = page_size() as f64;
        let others = &self.others;
        let memory = |group: &Group| (group.resident_pages as f64 * page, group.largest.1);
        sums(round, &mut self.memory, others, &mut groups, &catalogue::PROCESS_MEMORY, memory);
        let fds = |group: &Group| {
            (group.fds as f64, group.fullest.map_or(group.oldest, |fullest| fullest.identity))
        };
        sums(round, &mut self.fds_total, others, &mut groups, &catalogue::PROCESS_FDS_TOTAL, fds);
        let threads = |group: &Group| (group.threads as f64, group.oldest);
        sums(round, &mut self.threads, others, &mut groups, &catalogue::PROCESS_THREADS, threads);
        let count = |group: &Group| (f64::from(group.count), group.oldest);
        sums(round, &mut self.count, others, &mut groups, &catalogue::PROCESS_COUNT, count);
        fullest(round, &mut self.fds, &groups);
        groups.retain(|group| 0 < group.zombies);
        let zombies = |group: &Group| (group.zombies as f64, group.oldest);
        sums(round, &mut self.zombies, others, &mut groups, &catalogue::PROCESS_ZOMBIES, zombies);
        let users: Vec<User> = users.into_iter().map(|(user, limits)| User::new(user, &limits)).collect();
        self.emit_users(round, users);
    }

    fn emit_users(&mut self, round: &mut Round<'_>, mut users: Vec<User>) {
        let count = self.users.choose(&mut users, |user| &user.name, |user| user.threads);
        let rest: f64 = users[count..].iter().map(|user| user.threads).sum();
        for user in users.drain(..count) {
            round.push_of(&catalogue::USER_THREADS, user.name, user.threads, user.limit);
        }
        if !users.is_empty() {
            round.push_of(&catalogue::USER_THREADS, Arc::clone(&self.others), rest, Limit::None);
        }
    }
}

/// Writes a resource that adds up over processes, without limit.
fn sums(
    round: &mut Round<'_>,
    top: &mut Top,
    others: &Arc<str>,
    groups: &mut [Group],
    resource: &'static Resource,
    value: impl Fn(&Group) -> (f64, Identity),
) {
    let count = top.choose(groups, |group| &group.name, |group| value(group).0);
    let (chosen, rest) = groups.split_at(count);
    for group in chosen {
        let (value, fullest) = value(group);
        let processes = Some(group.processes(fullest));
        round.push_group(resource, Arc::clone(&group.name), value, Limit::None, processes);
    }
    if !rest.is_empty() {
        let value = rest.iter().map(|group| value(group).0).sum();
        round.push_of(resource, Arc::clone(others), value, Limit::None);
    }
}

/// Writes descriptors of the member of each group that is nearest to its limit.
fn fullest(round: &mut Round<'_>, top: &mut Top, groups: &[Group]) {
    let mut nearest: Vec<(&Group, Fullest)> =
        groups.iter().filter_map(|group| Some((group, group.fullest?))).collect();
    let count = top.choose(&mut nearest, |(group, _)| &group.name, |(_, fullest)| fullest.share().0);
    for (group, fullest) in &nearest[..count] {
        let processes = Some(group.processes(fullest.identity));
        let (name, used) = (Arc::clone(&group.name), fullest.used as f64);
        round.push_group(&catalogue::PROCESS_FDS, name, used, fullest.limit(), processes);
    }
}

/// Threads of one user.
#[derive(Debug)]
struct User {
    name: Arc<str>,
    threads: f64,
    limit: Limit,
}

impl User {
    /// The limit is that of most threads: one sandboxed process says nothing of the others.
    fn new(user: u32, limits: &std::collections::BTreeMap<Option<u64>, u64>) -> Self {
        let most = limits.iter().max_by_key(|&(_, threads)| *threads).and_then(|(limit, _)| *limit);
        let limit = match most {
            _ if user == 0 => Limit::unbound("RLIMIT_NPROC (does not bind root)"),
            Some(limit) => Limit::kernel(limit, "RLIMIT_NPROC"),
            None => Limit::unbound("RLIMIT_NPROC (unlimited)"),
        };
        let threads = limits.values().sum::<u64>() as f64;
        Self { name: Arc::from(format!("uid {user}")), threads, limit }
    }
}
