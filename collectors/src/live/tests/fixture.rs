//! A host that is written down as files.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::live::{Options, Reading, Root, Sample, Sampler};

/// A directory that looks like `/`.
#[derive(Debug)]
pub(super) struct Fixture {
    folder: TempDir,
}

/// A process of a fixture.
#[derive(Clone, Debug)]
pub(super) struct Written<'a> {
    pub(super) pid: u32,
    pub(super) name: &'a [u8],
    pub(super) exe: &'a str,
    pub(super) cgroup: &'a str,
    pub(super) state: char,
    pub(super) parent: u32,
    pub(super) session: u32,
    pub(super) start: u64,
    pub(super) resident: u64,
    pub(super) fds: usize,
    pub(super) threads: usize,
}

impl Default for Written<'_> {
    fn default() -> Self {
        Self {
            pid: 100,
            name: b"nginx",
            exe: "/usr/sbin/nginx",
            cgroup: "0::/system.slice/nginx.service\n",
            state: 'S',
            parent: 1,
            session: 1,
            start: 5000,
            resident: 1000,
            fds: 3,
            threads: 1,
        }
    }
}

/// The files of a plain host: no swap, no limits that bind but the usual ones, no processes.
const PLAIN: &[(&str, &str)] = &[
    (
        "proc/meminfo",
        "MemTotal:        8000000 kB\nMemFree:          500000 kB\nMemAvailable:    6000000 kB\nBuffers:          100000 kB\nSwapTotal:       2000000 kB\nSwapFree:        1500000 kB\nAnonPages:       1200000 kB\nShmem:             50000 kB\nSlab:             300000 kB\nSUnreclaim:       100000 kB\nKernelStack:        8000 kB\nPageTables:        20000 kB\nCommitLimit:     6000000 kB\nCommitted_AS:    4000000 kB\nVmallocTotal:   34359738367 kB\nVmallocUsed:       50000 kB\nPercpu:             4000 kB\nHugePages_Total:      10\nHugePages_Free:        4\nHugepagesize:       2048 kB\n",
    ),
    ("proc/vmstat", "nr_free_pages 12345\noom_kill 2\n"),
    (
        "proc/slabinfo",
        "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\ndentry             20000  21000    192   21    1 : tunables    0    0    0 : slabdata   1000   1000      0\nkmalloc-4k           100    104   4096    8    8 : tunables    0    0    0 : slabdata     13     13      0\n",
    ),
    ("proc/loadavg", "0.10 0.20 0.30 1/345 9000\n"),
    (
        "proc/locks",
        "1: FLOCK  ADVISORY  WRITE 900 fe:00:1 0 EOF\n2: POSIX  ADVISORY  READ 901 fe:00:2 0 EOF\n",
    ),
    ("proc/key-users", "    0:    41 40/40 37/1000000 717/25000000\n 1000:     5 5/5 5/200 90/20000\n"),
    (
        "proc/pressure/cpu",
        "some avg10=0.00 avg60=1.50 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    ),
    (
        "proc/pressure/io",
        "some avg10=0.00 avg60=0.25 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.10 avg300=0.00 total=0\n",
    ),
    (
        "proc/pressure/memory",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    ),
    (
        "proc/net/sockstat",
        "sockets: used 160\nTCP: inuse 10 orphan 2 tw 0 alloc 12 mem 14\nUDP: inuse 3 mem 2\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n",
    ),
    (
        "proc/sysvipc/shm",
        "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n         0          1   600                  8192   100   100      1     0     0     0     0          0          0          0                  4096                     0\n",
    ),
    ("proc/sysvipc/sem", "       key      semid perms      nsems\n"),
    ("proc/sysvipc/msg", "       key      msqid perms      cbytes\n"),
    (
        "proc/self/mountinfo",
        "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n23 22 0:21 / /proc rw - proc proc rw\n24 22 0:25 / /run rw - tmpfs tmpfs rw\n30 22 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
    ),
    ("proc/sys/fs/file-nr", "1500\t0\t9223372036854775807\n"),
    ("proc/sys/fs/inode-nr", "70000\t300\n"),
    ("proc/sys/fs/aio-nr", "10\n"),
    ("proc/sys/fs/aio-max-nr", "65536\n"),
    ("proc/sys/kernel/pid_max", "32768\n"),
    ("proc/sys/kernel/threads-max", "63000\n"),
    ("proc/sys/kernel/pty/nr", "3\n"),
    ("proc/sys/kernel/pty/max", "4096\n"),
    ("proc/sys/kernel/pty/reserve", "1024\n"),
    ("proc/sys/kernel/shmmni", "4096\n"),
    ("proc/sys/kernel/shmall", "18446744073692774399\n"),
    ("proc/sys/kernel/sem", "32000\t1024000000\t500\t32000\n"),
    ("proc/sys/kernel/msgmni", "32000\n"),
    ("proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n"),
    ("proc/sys/vm/overcommit_memory", "0\n"),
    ("proc/sys/net/ipv4/tcp_mem", "90000\t120000\t180000\n"),
    ("proc/sys/net/ipv4/udp_mem", "90000\t120000\t180000\n"),
    ("proc/sys/net/ipv4/tcp_max_orphans", "32768\n"),
    ("proc/sys/net/netfilter/nf_conntrack_count", "100\n"),
    ("proc/sys/net/netfilter/nf_conntrack_max", "262144\n"),
    ("sys/fs/cgroup/cgroup.controllers", "cpu io memory pids\n"),
];

impl Fixture {
    /// An empty directory with `proc`.
    pub(super) fn empty() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(fixture.path("proc")).unwrap();
        fixture
    }

    /// A plain host.
    pub(super) fn plain() -> Self {
        let fixture = Self::empty();
        for (file, content) in PLAIN {
            fixture.write(file, content);
        }
        fixture
    }

    /// The files of the plain host.
    pub(super) fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
        PLAIN.iter().copied()
    }

    pub(super) fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(super) fn write(&self, file: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(super) fn remove(&self, file: &str) {
        let path = self.path(file);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    /// Writes a process.
    pub(super) fn process(&self, process: &Written<'_>) {
        let folder = PathBuf::from(format!("proc/{}", process.pid));
        let head = format!("{} (", process.pid);
        let tail = format!(
            ") {} {} 1 {} 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 {} 0 {} 100000 {} 18446744073709551615 1 1\n",
            process.state, process.parent, process.session, process.threads, process.start, process.resident
        );
        self.write(folder.join("stat"), [head.as_bytes(), process.name, tail.as_bytes()].concat());
        self.write(folder.join("statm"), format!("2000 {} 50 1 0 2 0\n", process.resident));
        self.write(
            folder.join("limits"),
            "Limit                     Soft Limit           Hard Limit           Units     \nMax processes             30000                30000                processes \nMax open files            1024                 524288               files     \n",
        );
        self.write(folder.join("cgroup"), process.cgroup);
        for (kind, count) in [("fd", process.fds), ("task", process.threads)] {
            let _ = fs::remove_dir_all(self.path(folder.join(kind)));
            fs::create_dir_all(self.path(folder.join(kind))).unwrap();
            for number in 0..count {
                self.write(folder.join(kind).join(number.to_string()), "");
            }
        }
        let _ = fs::remove_file(self.path(folder.join("exe")));
        std::os::unix::fs::symlink(process.exe, self.path(folder.join("exe"))).unwrap();
    }

    pub(super) fn sampler(&self) -> Sampler {
        self.sampler_with(&Options::default())
    }

    pub(super) fn sampler_with(&self, options: &Options) -> Sampler {
        Sampler::new(Root::new(self.folder.path()).unwrap(), options)
    }

    /// One round of a new sampler.
    pub(super) fn sample(&self) -> Sample {
        self.sampler().sample(0)
    }
}

/// The reading of a series.
#[track_caller]
pub(super) fn reading<'s>(sample: &'s Sample, resource: &str, scope: &str) -> &'s Reading {
    let found =
        sample.readings.iter().find(|reading| reading.resource == resource && &*reading.scope == scope);
    found.unwrap_or_else(|| panic!("no {resource} of `{scope}` in {:#?}", sample.readings))
}

/// Value and limit of a series.
#[track_caller]
pub(super) fn value(sample: &Sample, resource: &str, scope: &str) -> (f64, Option<f64>) {
    let reading = reading(sample, resource, scope);
    (reading.value, reading.limit.value())
}

/// The failures, as `source: reason`.
pub(super) fn failures(sample: &Sample) -> Vec<String> {
    let line = |failure: &crate::live::Failure| format!("{}: {}", failure.source, failure.error.reason());
    sample.failures.iter().map(line).collect()
}
