//! The names that other programs give to what can run out, as a table. No code that is not about reading the table.
//!
//! A rule applies where its column is there; the first source of a limit that is
//! there too gives the limit.

use super::super::Unit;

/// One thing that can run out, and what it is called in one program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// The column that is read.
    pub(super) column: &'static str,
    /// What the column tells.
    pub(super) reading: Reading,
    /// Where the limit may stand, in order of preference.
    pub(super) limits: &'static [Source],
    /// The catalogue's name.
    pub(super) resource: &'static str,
    /// The unit where neither file nor format says it.
    pub(super) unit: Unit,
    /// Labels that may name the scope; the first one that is there does.
    pub(super) scope: &'static [&'static str],
    /// Who enforces the limit; the limit's column where this is empty.
    pub(super) owner: &'static str,
    /// Columns that tell the same once more.
    pub(super) also: &'static [&'static str],
}

/// What a column tells of its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// What is used.
    Used,
    /// What is left of the limit; without a limit, what is left.
    Free,
}

/// Where a limit may stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// In a column of its own.
    Column(&'static str),
    /// In the sum of columns at one time.
    Sum(&'static [&'static str]),
    /// In the sum, where it agrees with a column of used and one of used percent.
    Checked(&'static [&'static str], Share),
    /// Only in the percentage: used divided by it.
    Worked(Share),
    /// In used and free, less what is kept back from ordinary users: the share of size that they cannot use says so.
    Unreserved { used: &'static str, free: &'static str, taken_percent: &'static str },
}

/// A column of used, and one that says how many hundredths of the whole that is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) used: &'static str,
    pub(super) percent: &'static str,
}

impl Rule {
    const fn used(column: &'static str, resource: &'static str, limits: &'static [Source]) -> Self {
        Self {
            column,
            reading: Reading::Used,
            limits,
            resource,
            unit: Unit::Unknown,
            scope: &[],
            owner: "",
            also: &[],
        }
    }

    const fn free(column: &'static str, resource: &'static str, limits: &'static [Source]) -> Self {
        Self { reading: Reading::Free, ..Self::used(column, resource, limits) }
    }

    const fn bytes(self) -> Self {
        Self { unit: Unit::Bytes, ..self }
    }

    const fn count(self) -> Self {
        Self { unit: Unit::Count, ..self }
    }

    const fn of(self, scope: &'static [&'static str]) -> Self {
        Self { scope, ..self }
    }

    const fn by(self, owner: &'static str) -> Self {
        Self { owner, ..self }
    }

    const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }
}

/// Labels that name a mounted file system.
const MOUNT: &[&str] = &["mountpoint", "path", "filesystem", "device", "volume"];
/// Labels that name a process.
const PROCESS: &[&str] = &["groupname", "process", "unit", "service", "container", "pod", "job"];
/// Labels that name a part of a Java heap.
const POOL: &[&str] = &["id", "pool", "area"];
/// Labels that name a container.
const CONTAINER: &[&str] = &["container", "container_name", "pod", "name", "id"];

const MEMORY_SHARE: Share = Share { used: "memory.memused", percent: "memory.memused-percent" };
const KB_MEMORY_SHARE: Share = Share { used: "kbmemused", percent: "%memused" };

/// Since sysstat 12 `memused` is without buffers, cache and slab; before, it is all that is not free. Without `-r ALL`
/// the slab is not in the file. The percentage tells which it is.
const SYSSTAT_MEMORY: &[Source] = &[
    Source::Checked(
        &["memory.memfree", "memory.memused", "memory.buffers", "memory.cached", "memory.slab"],
        MEMORY_SHARE,
    ),
    Source::Checked(&["memory.memfree", "memory.memused"], MEMORY_SHARE),
    Source::Worked(MEMORY_SHARE),
];
const SYSSTAT_KB_MEMORY: &[Source] = &[
    Source::Column("kbttlmem"),
    Source::Checked(&["kbmemfree", "kbmemused", "kbbuffers", "kbcached", "kbslab"], KB_MEMORY_SHARE),
    Source::Checked(&["kbmemfree", "kbmemused"], KB_MEMORY_SHARE),
    Source::Worked(KB_MEMORY_SHARE),
];
const SYSSTAT_MEMORY_ALSO: &[&str] = &[
    "memory.memfree",
    "memory.memused",
    "memory.memused-percent",
    "memory.buffers",
    "memory.cached",
    "kbmemfree",
    "kbmemused",
    "%memused",
    "kbbuffers",
    "kbcached",
];

/// `node_exporter`.
const NODE: &[Rule] = &[
    Rule::free(
        "node_memory_MemAvailable_bytes",
        "memory.available",
        &[Source::Column("node_memory_MemTotal_bytes")],
    )
    .bytes()
    .also(&["node_memory_MemFree_bytes"])
    .by("MemTotal"),
    Rule::free("node_memory_SwapFree_bytes", "swap", &[Source::Column("node_memory_SwapTotal_bytes")])
        .bytes()
        .by("SwapTotal"),
    Rule::free("node_filesystem_avail_bytes", "disk.bytes", &[Source::Column("node_filesystem_size_bytes")])
        .bytes()
        .of(MOUNT)
        .also(&["node_filesystem_free_bytes"])
        .by("file system"),
    Rule::free("node_filesystem_files_free", "disk.inodes", &[Source::Column("node_filesystem_files")])
        .count()
        .of(MOUNT)
        .by("file system"),
    Rule::used("node_filefd_allocated", "files.open", &[Source::Column("node_filefd_maximum")])
        .count()
        .by("fs.file-max"),
    Rule::used(
        "node_nf_conntrack_entries",
        "conntrack",
        &[Source::Column("node_nf_conntrack_entries_limit")],
    )
    .count()
    .by("nf_conntrack_max"),
    Rule::used("node_processes_pids", "processes", &[Source::Column("node_processes_max_processes")])
        .count()
        .by("kernel.pid_max"),
    Rule::used("node_processes_threads", "threads", &[Source::Column("node_processes_max_threads")])
        .count()
        .by("kernel.threads-max"),
    Rule::used("node_memory_Committed_AS_bytes", "memory.committed", &[]).bytes(),
];

/// What client libraries of Prometheus say of their own process and runtime; cAdvisor of containers.
const PROCESSES: &[Rule] = &[
    Rule::used("process_open_fds", "process.fds", &[Source::Column("process_max_fds")])
        .count()
        .of(PROCESS)
        .by("RLIMIT_NOFILE"),
    Rule::used(
        "process_virtual_memory_bytes",
        "process.virtual",
        &[Source::Column("process_virtual_memory_max_bytes")],
    )
    .bytes()
    .of(PROCESS)
    .by("RLIMIT_AS"),
    Rule::used("process_resident_memory_bytes", "process.memory", &[]).bytes().of(PROCESS),
    Rule::used("go_memstats_heap_inuse_bytes", "go.heap", &[]).bytes().of(PROCESS),
    Rule::used("go_goroutines", "go.goroutines", &[]).count().of(PROCESS),
    Rule::used("jvm_memory_used_bytes", "jvm.memory", &[Source::Column("jvm_memory_max_bytes")])
        .bytes()
        .of(POOL)
        .also(&["jvm_memory_committed_bytes"]),
    Rule::used("jvm_memory_bytes_used", "jvm.memory", &[Source::Column("jvm_memory_bytes_max")])
        .bytes()
        .of(POOL)
        .also(&["jvm_memory_bytes_committed"]),
    Rule::used("jvm_memory_pool_bytes_used", "jvm.memory", &[Source::Column("jvm_memory_pool_bytes_max")])
        .bytes()
        .of(POOL)
        .also(&["jvm_memory_pool_bytes_committed"]),
    Rule::used(
        "container_memory_working_set_bytes",
        "container.memory",
        &[Source::Column("container_spec_memory_limit_bytes")],
    )
    .bytes()
    .of(CONTAINER),
];

/// `sadf -j`, by the paths of its document.
const SADF: &[Rule] = &[
    Rule::free("memory.avail", "memory.available", SYSSTAT_MEMORY)
        .bytes()
        .also(SYSSTAT_MEMORY_ALSO)
        .by("MemTotal"),
    Rule::used("memory.memused", "memory", SYSSTAT_MEMORY).bytes().also(SYSSTAT_MEMORY_ALSO).by("MemTotal"),
    Rule::used("memory.swpused", "swap", &[Source::Sum(&["memory.swpused", "memory.swpfree"])])
        .bytes()
        .also(&["memory.swpused-percent", "memory.swpfree"])
        .by("SwapTotal"),
    Rule::used("memory.commit", "memory.committed", &[]).bytes().also(&["memory.commit-percent"]),
    Rule::used("memory.slab", "memory.slab", &[]).bytes(),
    Rule::used("memory.anonpg", "memory.anonymous", &[]).bytes(),
    Rule::used("memory.kstack", "memory.kernel_stacks", &[]).bytes(),
    Rule::used("memory.pgtbl", "memory.page_tables", &[]).bytes(),
    Rule::used("memory.vmused", "memory.vmalloc", &[]).bytes(),
    Rule::used("hugepages.hugused", "hugepages", &[Source::Sum(&["hugepages.hugused", "hugepages.hugfree"])])
        .bytes()
        .also(&["hugepages.hugfree", "hugepages.hugused-percent", "hugepages.hugrsvd", "hugepages.hugsurp"])
        .by("huge page pool"),
    Rule::used("kernel.file-nr", "files.open", &[]).count(),
    Rule::used("kernel.inode-nr", "inodes.cached", &[]).count(),
    Rule::used("kernel.pty-nr", "ptys", &[]).count(),
    Rule::used("kernel.dentunusd", "dentries.unused", &[]).count(),
    Rule::used("queue.plist-sz", "threads", &[]).count(),
    Rule::used("net-sock.totsck", "sockets", &[]).count(),
    Rule::used("net-sock.tcpsck", "sockets.tcp", &[]).count(),
    Rule::used("net-sock6.tcp6sck", "sockets.tcp6", &[]).count(),
    Rule::used(
        "filesystems.MBfsused",
        "disk.bytes",
        &[
            Source::Unreserved {
                used: "filesystems.MBfsused",
                free: "filesystems.MBfsfree",
                taken_percent: "filesystems.%ufsused",
            },
            Source::Sum(&["filesystems.MBfsused", "filesystems.MBfsfree"]),
        ],
    )
    .bytes()
    .of(MOUNT)
    .by("file system")
    .also(&["filesystems.MBfsfree", "filesystems.%fsused", "filesystems.%ufsused"]),
    Rule::used(
        "filesystems.Iused",
        "disk.inodes",
        &[Source::Sum(&["filesystems.Iused", "filesystems.Ifree"])],
    )
    .count()
    .of(MOUNT)
    .also(&["filesystems.Ifree", "filesystems.%Iused"])
    .by("file system"),
];

/// `sadf -d`, by the names of its columns.
const SYSSTAT: &[Rule] = &[
    Rule::free("kbavail", "memory.available", SYSSTAT_KB_MEMORY)
        .bytes()
        .also(SYSSTAT_MEMORY_ALSO)
        .by("MemTotal"),
    Rule::used("kbmemused", "memory", SYSSTAT_KB_MEMORY).bytes().also(SYSSTAT_MEMORY_ALSO).by("MemTotal"),
    Rule::used("kbswpused", "swap", &[Source::Sum(&["kbswpused", "kbswpfree"])])
        .bytes()
        .also(&["kbswpfree", "%swpused"])
        .by("SwapTotal"),
    Rule::used("kbcommit", "memory.committed", &[]).bytes().also(&["%commit"]),
    Rule::used("kbslab", "memory.slab", &[]).bytes(),
    Rule::used("kbanonpg", "memory.anonymous", &[]).bytes(),
    Rule::used("kbkstack", "memory.kernel_stacks", &[]).bytes(),
    Rule::used("kbpgtbl", "memory.page_tables", &[]).bytes(),
    Rule::used("kbvmused", "memory.vmalloc", &[]).bytes(),
    Rule::used("kbhugused", "hugepages", &[Source::Sum(&["kbhugused", "kbhugfree"])])
        .bytes()
        .also(&["kbhugfree", "%hugused", "kbhugrsvd", "kbhugsurp"])
        .by("huge page pool"),
    Rule::used("file-nr", "files.open", &[]).count(),
    Rule::used("inode-nr", "inodes.cached", &[]).count(),
    Rule::used("pty-nr", "ptys", &[]).count(),
    Rule::used("dentunusd", "dentries.unused", &[]).count(),
    Rule::used("plist-sz", "threads", &[]).count(),
    Rule::used("totsck", "sockets", &[]).count(),
    Rule::used("tcpsck", "sockets.tcp", &[]).count(),
    Rule::used(
        "MBfsused",
        "disk.bytes",
        &[
            Source::Unreserved { used: "MBfsused", free: "MBfsfree", taken_percent: "%ufsused" },
            Source::Sum(&["MBfsused", "MBfsfree"]),
        ],
    )
    .bytes()
    .of(MOUNT)
    .by("file system")
    .also(&["MBfsfree", "%fsused", "%ufsused"]),
    Rule::used("Iused", "disk.inodes", &[Source::Sum(&["Iused", "Ifree"])])
        .count()
        .of(MOUNT)
        .also(&["Ifree", "%Iused"])
        .by("file system"),
];

/// Windows' performance counters, by object and counter.
const PERFMON: &[Rule] = &[
    Rule::used("Memory\\Committed Bytes", "memory.committed", &[Source::Column("Memory\\Commit Limit")])
        .bytes()
        .also(&["Memory\\% Committed Bytes In Use"])
        .by("Commit Limit"),
    Rule::free("Memory\\Available Bytes", "memory.available", &[]).bytes(),
    Rule::free("Memory\\Available KBytes", "memory.available", &[]).bytes(),
    Rule::free("Memory\\Available MBytes", "memory.available", &[]).bytes(),
    Rule::used("Memory\\Pool Nonpaged Bytes", "pool.nonpaged", &[]).bytes(),
    Rule::used("Memory\\Pool Paged Bytes", "pool.paged", &[]).bytes(),
    Rule::free("LogicalDisk\\Free Megabytes", "disk.bytes", &[])
        .bytes()
        .of(PERFMON_INSTANCE)
        .also(&["LogicalDisk\\% Free Space"]),
    Rule::used("Process\\Handle Count", "process.handles", &[]).count().of(PERFMON_INSTANCE),
    Rule::used("Process\\Thread Count", "process.threads", &[]).count().of(PERFMON_INSTANCE),
    Rule::used("Process\\Private Bytes", "process.memory", &[]).bytes().of(PERFMON_INSTANCE),
    Rule::used("Process\\Virtual Bytes", "process.virtual", &[]).bytes().of(PERFMON_INSTANCE),
];
const PERFMON_INSTANCE: &[&str] = &["instance"];

/// Performance Co-Pilot and Netdata.
const OTHERS: &[Rule] = &[
    Rule::free("mem.util.available", "memory.available", &[Source::Column("mem.physmem")])
        .also(&["mem.util.free", "mem.util.used"])
        .by("MemTotal"),
    Rule::used("vfs.files.count", "files.open", &[Source::Column("vfs.files.max")]).count(),
    Rule::used("vfs.inodes.count", "inodes.cached", &[]).count(),
];

/// Labels that name a group of processes.
const PROGRAM: &[&str] = &["program"];

/// What atop and pidstat tell; the resources of programs are those of the live collectors.
const PROGRAMS: &[Rule] = &[
    Rule::used("process.memory", "process.memory", &[]).bytes().of(PROGRAM),
    Rule::used("process.virtual", "process.virtual", &[]).bytes().of(PROGRAM),
    Rule::used("process.swap", "process.swap", &[]).bytes().of(PROGRAM),
    Rule::used("process.threads", "process.threads", &[]).count().of(PROGRAM),
    Rule::used("process.fds_total", "process.fds_total", &[]).count().of(PROGRAM),
    Rule::used("process.fds", "process.fds", &[]).count().of(PROGRAM),
    Rule::used("process.count", "process.count", &[]).count().of(PROGRAM),
    Rule::used("atop.memory.used", "memory", &[Source::Column("atop.memory.total")]).bytes().by("MemTotal"),
    Rule::used("atop.swap.used", "swap", &[Source::Column("atop.swap.total")]).bytes().by("SwapTotal"),
    Rule::used("atop.memory.committed", "memory.committed", &[]).bytes(),
    Rule::used("atop.memory.slab", "memory.slab", &[]).bytes(),
    Rule::used("atop.memory.slab_unreclaimable", "memory.slab_unreclaimable", &[]).bytes(),
    Rule::used("atop.memory.shared", "memory.shmem", &[]).bytes(),
    Rule::used("atop.memory.page_tables", "memory.page_tables", &[]).bytes(),
];

/// Every rule, in the order in which they are tried.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    [NODE, PROCESSES, SADF, SYSSTAT, PERFMON, OTHERS, PROGRAMS].into_iter().flatten()
}

/// The rules whose names a Prometheus server knows.
pub(super) fn exported() -> impl Iterator<Item = &'static Rule> {
    [NODE, PROCESSES].into_iter().flatten()
}

/// File systems that hold no data of their own, or live in memory.
pub(super) const PSEUDO: &[&str] = &[
    "tmpfs", "ramfs", "squashfs", "overlay", "devtmpfs", "rootfs", "iso9660", "autofs", "proc", "sysfs",
    "cgroup", "cgroup2", "nsfs", "efivarfs", "tracefs", "debugfs", "erofs",
];

/// Metrics whose value is the second at which a host or process was started.
pub(super) const STARTS: &[&str] = &["node_boot_time_seconds", "process_start_time_seconds"];
