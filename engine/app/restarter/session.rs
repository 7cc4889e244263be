//! Where there is no cgroup of our own: the processes of a node by their session, their ancestors, and a mark in their
//! environment that a daemon carries along when it leaves both.

use std::collections::HashMap;
use std::fs;

use hebe::restart::stat::Stat;

use super::process;

/// The variable that marks the processes of a node.
pub(crate) const MARK: &str = "HEBE_NODE";

/// The processes that belong to one node.
#[derive(Debug)]
pub(crate) struct Session {
    /// Value of [`MARK`].
    mark: String,
    /// The main process while its number is sure to be its own: it lives, or nobody has taken leave of it.
    leader: Option<u32>,
}

impl Session {
    pub(crate) fn new(mark: String) -> Self {
        Self { mark, leader: None }
    }

    pub(crate) fn lead(&mut self, leader: Option<u32>) {
        self.leader = leader;
    }

    /// All processes that belong to it and have not ended.
    pub(crate) fn members(&self) -> Vec<u32> {
        let all = all();
        let mut known = HashMap::new();
        let mut members: Vec<u32> = all
            .iter()
            .filter(|(pid, stat)| !stat.has_ended() && self.belongs(**pid, &all, &mut known))
            .map(|(pid, _)| *pid)
            .collect();
        members.sort_unstable();
        members
    }

    /// Whether the process belongs to it now.
    pub(crate) fn contains(&self, pid: u32) -> bool {
        let Some(stat) = process::stat(pid).filter(|stat| !stat.has_ended()) else { return false };
        self.is_led(pid, &stat) || self.is_marked(pid) || {
            let all = all();
            self.belongs(pid, &all, &mut HashMap::new())
        }
    }

    fn belongs(&self, pid: u32, all: &HashMap<u32, Stat>, known: &mut HashMap<u32, bool>) -> bool {
        if let Some(&known) = known.get(&pid) {
            return known;
        }
        // Against circles, which numbers read at different times can make.
        known.insert(pid, false);
        let Some(stat) = all.get(&pid) else { return false };
        let belongs = self.is_led(pid, stat)
            || (1 < stat.parent && self.belongs(stat.parent, all, known))
            || self.is_marked(pid);
        known.insert(pid, belongs);
        belongs
    }

    fn is_led(&self, pid: u32, stat: &Stat) -> bool {
        self.leader.is_some_and(|leader| leader == pid || leader == stat.session)
    }

    fn is_marked(&self, pid: u32) -> bool {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let mark = format!("{MARK}={}", self.mark);
        environment.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes())
    }
}

/// Every process that can be seen.
fn all() -> HashMap<u32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| Some((pid, process::stat(pid)?))).collect()
}

/// Children that came to us because their parents ended, and have ended themselves.
///
/// What our own threads start, such as commands of probes, stays in our session and is theirs to wait for.
pub(crate) fn ended_orphans() -> Vec<u32> {
    let me = std::process::id();
    let Some(own) = process::stat(me) else { return Vec::new() };
    let is_orphan = |pid: u32, stat: &Stat| {
        let threads = stat.session == own.session && (stat.group == pid || stat.group == own.group);
        stat.parent == me && stat.has_ended() && !threads
    };
    children()
        .into_iter()
        .filter(|&pid| process::stat(pid).is_some_and(|stat| is_orphan(pid, &stat)))
        .collect()
}

fn children() -> Vec<u32> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists: Vec<String> =
        tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok()).collect();
    if lists.is_empty() {
        // A kernel without CONFIG_PROC_CHILDREN.
        return all().into_keys().collect();
    }
    lists.iter().flat_map(|list| list.split_ascii_whitespace()).filter_map(|pid| pid.parse().ok()).collect()
}
