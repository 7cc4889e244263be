//! A plain host: every resource with its limit and who enforces it.

use super::fixture::{Fixture, failures, reading, value};
use crate::history::Kind;
use crate::live::catalogue;

const KIB: f64 = 1024.0;

#[test]
fn a_plain_host_has_every_resource_of_the_host() {
    let sample = Fixture::plain().sample();
    assert_eq!(failures(&sample), Vec::<String>::new());
    assert_eq!(value(&sample, "memory.available", ""), (2e6 * KIB, Some(8e6 * KIB)));
    assert_eq!(value(&sample, "swap", ""), (5e5 * KIB, Some(2e6 * KIB)));
    assert_eq!(value(&sample, "hugepages", ""), (6.0 * 2048.0 * KIB, Some(10.0 * 2048.0 * KIB)));
    assert_eq!(value(&sample, "memory.slab_unreclaimable", ""), (1e5 * KIB, None));
    assert_eq!(value(&sample, "slab.cache", "dentry"), (1000.0 * 4096.0, None));
    assert_eq!(value(&sample, "slab.cache", "kmalloc-4k"), (13.0 * 8.0 * 4096.0, None));
    assert_eq!(value(&sample, "threads", ""), (345.0, Some(32_768.0)));
    assert_eq!(value(&sample, "conntrack", ""), (100.0, Some(262_144.0)));
    assert_eq!(value(&sample, "ptys", ""), (3.0, Some(3072.0)));
    assert_eq!(value(&sample, "aio.requests", ""), (10.0, Some(65_536.0)));
    assert_eq!(value(&sample, "files.locks", ""), (2.0, None));
    assert_eq!(value(&sample, "tcp.orphans", ""), (2.0, Some(32_768.0)));
    assert_eq!(value(&sample, "tcp.memory", ""), (14.0 * 4096.0, Some(180_000.0 * 4096.0)));
    assert_eq!(value(&sample, "sysv.shm", ""), (1.0, Some(4096.0)));
    assert_eq!(value(&sample, "sysv.shm_resident", ""), (4096.0, None));
    assert_eq!(value(&sample, "sysv.sem", ""), (0.0, Some(32_000.0)));
    assert_eq!(value(&sample, "keys", "uid 1000"), (5.0, Some(200.0)));
    assert_eq!(value(&sample, "keys.bytes", "uid 1000"), (90.0, Some(20_000.0)));
    assert_eq!(value(&sample, "pressure.some", "cpu"), (1.5, None));
    assert_eq!(reading(&sample, "memory.oom_kills", "").kind, Kind::Counter);
    assert_eq!(reading(&sample, "threads", "").limit.owner(), "kernel.pid_max");
    assert_eq!(&*sample.boot_id, "11111111-2222-3333-4444-555555555555");
}

#[test]
fn every_reading_is_in_the_catalogue_and_every_series_once() {
    let sample = Fixture::plain().sample();
    let mut seen = std::collections::HashSet::new();
    for reading in &sample.readings {
        let resource = catalogue::find(&reading.resource).unwrap();
        assert_eq!(
            (resource.unit, resource.kind, resource.sense),
            (reading.unit, reading.kind, reading.sense)
        );
        assert!(reading.limit.owner().is_empty() || !resource.limit.is_empty(), "{}", resource.name);
        assert!(seen.insert((reading.resource.clone(), reading.scope.clone())), "{reading:?} twice");
    }
}

#[test]
fn a_limit_that_cannot_bind_is_told_and_is_none() {
    let fixture = Fixture::plain();
    let sample = fixture.sample();
    for (resource, owner) in [
        ("files.open", "fs.file-max"),
        ("memory.committed", "CommitLimit (vm.overcommit_memory is not 2)"),
        ("memory.vmalloc", "VmallocTotal (larger than memory)"),
        ("sysv.shm_bytes", "kernel.shmall"),
    ] {
        let limit = &reading(&sample, resource, "").limit;
        assert_eq!((limit.value(), limit.owner()), (None, owner), "{resource}");
    }
    fixture.write("proc/sys/vm/overcommit_memory", "2\n");
    fixture.write("proc/sys/fs/file-nr", "1500\t0\t100000\n");
    let sample = fixture.sample();
    assert_eq!(value(&sample, "memory.committed", ""), (4e6 * KIB, Some(6e6 * KIB)));
    assert_eq!(value(&sample, "files.open", ""), (1500.0, Some(1e5)));
}

#[test]
fn the_limit_that_binds_is_named() {
    let fixture = Fixture::plain();
    fixture.write("proc/sys/kernel/pid_max", "4194304\n");
    assert_eq!(reading(&fixture.sample(), "threads", "").limit.owner(), "kernel.threads-max");
    // In a container its own limit counts its own threads.
    fixture.write("sys/fs/cgroup/pids.current", "40\n");
    fixture.write("sys/fs/cgroup/pids.max", "512\n");
    let sample = fixture.sample();
    assert_eq!(value(&sample, "threads", ""), (40.0, Some(512.0)));
    assert_eq!(reading(&sample, "threads", "").limit.owner(), "pids.max");
}

#[test]
fn a_host_without_swap_has_no_such_resource() {
    let fixture = Fixture::plain();
    fixture.write("proc/meminfo", "MemTotal: 8 kB\nMemAvailable: 6 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    let sample = fixture.sample();
    assert!(sample.readings.iter().all(|reading| reading.resource != "swap"));
    assert!(sample.is_whole("meminfo"));
}

#[test]
fn a_disk_is_read_under_the_root_once_a_device() {
    let fixture = Fixture::plain();
    std::fs::create_dir(fixture.path("data")).unwrap();
    fixture.write(
        "proc/self/mountinfo",
        "1 0 8:1 / /data rw - ext4 /dev/sda1 rw\n2 1 8:1 /x /data/longer rw - ext4 /dev/sda1 rw\n\
         3 1 0:40 / /gone rw - nfs4 server:/x rw\n4 1 8:2 / /none rw - xfs /dev/sdb rw\n",
    );
    let sample = fixture.sample();
    let stat = rustix::fs::statvfs(fixture.path("data")).unwrap();
    let limit = ((stat.f_blocks - stat.f_bfree + stat.f_bavail) * stat.f_frsize) as f64;
    let found = reading(&sample, "disk.bytes", "/data").limit.value().unwrap();
    // Others write to the disk of the test meanwhile.
    assert!((found - limit).abs() < 0.05 * limit, "{found} {limit}");
    assert_eq!(sample.readings.iter().filter(|reading| reading.resource == "disk.bytes").count(), 1);
    // A disk that is not there, be it a remote one, costs itself.
    assert_eq!(
        sample
            .failures
            .iter()
            .filter(|failure| failure.source == "disk")
            .map(|failure| failure.count)
            .sum::<u32>(),
        2
    );
}
