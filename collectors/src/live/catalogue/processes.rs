//! Processes, groups of processes and cgroups.

use super::Resource;

/// Threads of the host.
pub static THREADS: Resource = Resource::count("threads", "loadavg: tasks")
    .until("the least of kernel.pid_max, kernel.threads-max and pids.max", "fork and clone fail");
/// Threads of a user.
pub static USER_THREADS: Resource = Resource::count("user.threads", "threads of processes with that owner")
    .until("RLIMIT_NPROC of most of them", "fork and clone fail for that user");
/// Processes that ended and were not waited for, by the group of their parent.
pub static PROCESS_ZOMBIES: Resource = Resource::count("process.zombies", "stat: state Z, by parent");
/// Resident memory of a group.
pub static PROCESS_MEMORY: Resource = Resource::bytes("process.memory", "statm: resident, summed");
/// Descriptors of the group's process that is nearest to its limit.
pub static PROCESS_FDS: Resource =
    Resource::count("process.fds", "size of /proc/PID/fd, of the fullest process")
        .until("RLIMIT_NOFILE", "files and connections cannot be opened");
/// Descriptors of a group.
pub static PROCESS_FDS_TOTAL: Resource = Resource::count("process.fds_total", "size of /proc/PID/fd, summed");
/// Threads of a group.
pub static PROCESS_THREADS: Resource = Resource::count("process.threads", "links of /proc/PID/task, summed");
/// Processes of a group.
pub static PROCESS_COUNT: Resource = Resource::count("process.count", "processes of the group");
/// Memory of a cgroup that cannot be dropped.
pub static CGROUP_MEMORY: Resource =
    Resource::bytes("cgroup.memory", "memory.stat: anon + shmem + kernel + sock - slab_reclaimable")
        .until("the least memory.max or memory.high up the tree", "its processes are killed or slowed down");
/// Processes and threads of a cgroup.
pub static CGROUP_PIDS: Resource = Resource::count("cgroup.pids", "pids.current")
    .until("the least pids.max up the tree", "fork and clone fail inside");
/// Processes of a cgroup that were killed for lack of memory.
pub static CGROUP_OOM_KILLS: Resource = Resource::counter("cgroup.oom_kills", "memory.events: oom_kill");
/// How often a cgroup was slowed down at memory.high.
pub static CGROUP_MEMORY_HIGH: Resource = Resource::counter("cgroup.memory_high", "memory.events: high");

pub(super) static ALL: &[&Resource] = &[
    &THREADS,
    &USER_THREADS,
    &PROCESS_ZOMBIES,
    &PROCESS_MEMORY,
    &PROCESS_FDS,
    &PROCESS_FDS_TOTAL,
    &PROCESS_THREADS,
    &PROCESS_COUNT,
    &CGROUP_MEMORY,
    &CGROUP_PIDS,
    &CGROUP_OOM_KILLS,
    &CGROUP_MEMORY_HIGH,
];
