//! Which series explain which total, as a table. No code that is not about reading the table.

/// What explains a total.
#[derive(Clone, Copy, Debug)]
pub(super) struct Explained {
    /// The total's resource.
    pub(super) total: &'static str,
    /// The resource of which every group of processes has a series; the first that is there counts.
    pub(super) groups: &'static [&'static str],
    /// The resource of which every tag has a series.
    pub(super) tags: &'static [&'static str],
    /// Resources of the host that are tags of this total as a whole, with the tag's name.
    pub(super) whole: &'static [(&'static str, &'static str)],
    /// What counts once that members of groups share.
    pub(super) once: Option<&'static str>,
}

const NONE: Explained = Explained { total: "", groups: &[], tags: &[], whole: &[], once: None };

/// Memory of programs: what no file backs, else all that is resident.
const PROGRAMS: &[&str] = &["process.anonymous", "process.memory"];

/// What the kernel and shared memory hold beside programs.
const KERNEL: &[(&str, &str)] = &[
    ("sysv.shm_resident", "System V shared memory (ipcs -m)"),
    ("memory.shmem", "shared memory and tmpfs"),
    ("memory.slab_unreclaimable", "kernel objects (slab)"),
    ("memory.page_tables", "page tables"),
    ("memory.kernel_stacks", "kernel stacks"),
    ("memory.percpu", "per-cpu memory"),
    ("memory.vmalloc", "vmalloc"),
];

pub(super) const TABLE: &[Explained] = &[
    Explained {
        total: "memory.available",
        groups: PROGRAMS,
        tags: &["slab.cache"],
        whole: KERNEL,
        once: Some("memory.anonymous"),
    },
    Explained {
        total: "memory.used",
        groups: PROGRAMS,
        tags: &["slab.cache"],
        whole: KERNEL,
        once: Some("memory.anonymous"),
    },
    Explained { total: "memory.anonymous", groups: PROGRAMS, once: Some("memory.anonymous"), ..NONE },
    Explained {
        total: "memory.committed",
        groups: PROGRAMS,
        whole: &[("memory.shmem", "shared memory and tmpfs")],
        ..NONE
    },
    Explained { total: "swap", groups: &["process.swap"], ..NONE },
    Explained { total: "files.open", groups: &["process.fds_total"], once: Some("files.open"), ..NONE },
    Explained { total: "threads", groups: &["process.threads"], tags: &["kernel.threads"], ..NONE },
    Explained { total: "memory.slab", tags: &["slab.cache"], ..NONE },
    Explained { total: "memory.slab_unreclaimable", tags: &["slab.cache"], ..NONE },
    Explained { total: "disk.bytes", groups: &["deleted.bytes"], tags: &["directory.bytes"], ..NONE },
];

/// Slab caches that the kernel gives back under pressure: they are available memory, not used memory.
const RECLAIMED: [&str; 4] = ["dentry", "buffer_head", "radix_tree_node", "xarray_node"];

/// Whether a slab cache is given back under pressure.
pub(super) fn is_reclaimed(cache: &str) -> bool {
    // Those that are merged with it stand behind it.
    let cache = cache.split(' ').next().unwrap_or_default();
    RECLAIMED.contains(&cache) || cache.contains("inode") || cache.starts_with("kernfs_node")
}

/// The resources of which series must be at hand to take a total apart.
pub(super) fn needed(resource: &str) -> Vec<&'static str> {
    let Some(explained) = find(resource) else { return Vec::new() };
    let whole = explained.whole.iter().map(|&(resource, _)| resource);
    let all = explained.groups.iter().chain(explained.tags).copied().chain(whole).chain(explained.once);
    all.chain(["process.count"]).collect()
}

/// What explains a resource.
pub(super) fn find(resource: &str) -> Option<&'static Explained> {
    TABLE.iter().find(|explained| explained.total == resource)
}

/// What a measure of processes is a part of, by the words of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Measure {
    Memory,
    Files,
    Threads,
}

impl Measure {
    /// What a column measures of its process, if its name says so.
    pub(super) fn of(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
        let says = |phrase: &str| lower.contains(phrase);
        if has(&["fds", "fd", "descriptors", "handles", "nofile"])
            || says("handle count")
            || says("open_files")
        {
            Some(Self::Files)
        } else if has(&["threads", "nlwp"]) || says("thread count") {
            Some(Self::Threads)
        } else if has(&["rss", "vmrss", "resident", "res", "pss", "uss", "anon", "rssanon"])
            || says("working_set")
            || says("working set")
            || says("private bytes")
        {
            Some(Self::Memory)
        } else {
            None
        }
    }

    /// The totals that it is a part of.
    pub(super) fn totals(self) -> &'static [&'static str] {
        match self {
            Self::Memory => &["memory.available", "memory.used", "memory.anonymous"],
            Self::Files => &["files.open"],
            Self::Threads => &["threads"],
        }
    }
}
