//! Control groups of version 1, version 2, and both at once.

use super::fixture::{Fixture, failures, reading, value};
use crate::live::{Options, Sample};

const MEMORY_MAX: &str = "1000000000";

/// A unified hierarchy: a limit on a slice, a service in it without one, and one beside it with its own.
fn unified() -> Fixture {
    let fixture = Fixture::plain();
    let cgroup = |path: &str, anonymous: u64, max: &str, high: &str, pids: u64, pids_max: &str| {
        let file = |name: &str| format!("sys/fs/cgroup{path}/{name}");
        fixture.write(file("memory.current"), format!("{}\n", anonymous + 5_000_000));
        let stat = format!(
            "anon {anonymous}\nfile 5000000\nkernel 3000\nshmem 200\nsock 10\nslab_reclaimable 1000\n"
        );
        fixture.write(file("memory.stat"), stat);
        fixture.write(file("memory.max"), format!("{max}\n"));
        fixture.write(file("memory.high"), format!("{high}\n"));
        fixture.write(file("memory.events"), "low 0\nhigh 4\nmax 0\noom 1\noom_kill 1\n");
        fixture.write(file("pids.current"), format!("{pids}\n"));
        fixture.write(file("pids.max"), format!("{pids_max}\n"));
    };
    cgroup("/a.slice", 10_000, MEMORY_MAX, "max", 20, "100");
    cgroup("/a.slice/x.service", 7000, "max", "max", 15, "max");
    cgroup("/b.service", 500, "2000000000", "900000", 5, "max");
    fixture
}

fn owner<'s>(sample: &'s Sample, resource: &str, scope: &str) -> &'s str {
    reading(sample, resource, scope).limit.owner()
}

#[test]
fn the_least_limit_up_the_tree_binds() {
    let sample = unified().sample();
    assert_eq!(failures(&sample), Vec::<String>::new());
    let held = |anonymous: f64| anonymous + 200.0 + 10.0 + 2000.0;
    assert_eq!(value(&sample, "cgroup.memory", "/a.slice"), (held(1e4), Some(1e9)));
    assert_eq!(value(&sample, "cgroup.memory", "/a.slice/x.service"), (held(7e3), Some(1e9)));
    assert_eq!(owner(&sample, "cgroup.memory", "/a.slice"), "memory.max");
    assert_eq!(owner(&sample, "cgroup.memory", "/a.slice/x.service"), "memory.max of /a.slice");
    assert_eq!(value(&sample, "cgroup.memory", "/b.service"), (held(500.0), Some(9e5)));
    assert_eq!(owner(&sample, "cgroup.memory", "/b.service"), "memory.high");
    assert_eq!(value(&sample, "cgroup.pids", "/a.slice/x.service"), (15.0, Some(100.0)));
    assert_eq!(value(&sample, "cgroup.pids", "/b.service"), (5.0, None));
    assert_eq!(value(&sample, "cgroup.oom_kills", "/a.slice"), (1.0, None));
    assert_eq!(value(&sample, "cgroup.memory_high", "/b.service"), (4.0, None));
    // Without a limit of its own nothing happens to it.
    assert!(sample.readings.iter().all(|reading| {
        reading.resource != "cgroup.oom_kills" || &*reading.scope != "/a.slice/x.service"
    }));
}

#[test]
fn a_limit_above_all_memory_does_not_bind() {
    let fixture = unified();
    fixture.write("sys/fs/cgroup/a.slice/memory.max", "9000000000000\n");
    let sample = fixture.sample();
    let limit = &reading(&sample, "cgroup.memory", "/a.slice").limit;
    assert_eq!((limit.value(), limit.owner()), (None, "memory.max (not below MemTotal)"));
    assert_eq!(value(&sample, "cgroup.memory", "/a.slice/x.service").1, None);
}

#[test]
fn what_comes_and_goes_is_followed() {
    let fixture = unified();
    let mut sampler = fixture.sampler();
    sampler.sample(0);
    fixture.remove("sys/fs/cgroup/a.slice/x.service");
    fixture.write("sys/fs/cgroup/b.service/memory.current", "77\n");
    fixture.write("sys/fs/cgroup/b.service/memory.stat", "anon 77\nkernel 0\n");
    fixture.write("sys/fs/cgroup/c.service/memory.current", "1\n");
    fixture.write("sys/fs/cgroup/c.service/memory.stat", "anon 1\nkernel 0\n");
    fixture.write("sys/fs/cgroup/c.service/memory.max", "4096\n");
    let sample = sampler.sample(1);
    assert_eq!(value(&sample, "cgroup.memory", "/b.service").0, 77.0);
    assert_eq!(value(&sample, "cgroup.memory", "/c.service"), (1.0, Some(4096.0)));
    assert!(sample.readings.iter().all(|reading| !reading.scope.contains("x.service")));
    assert_eq!(failures(&sample), Vec::<String>::new());
}

#[test]
fn a_limit_that_is_set_later_is_seen() {
    let fixture = unified();
    let mut sampler = fixture.sampler();
    sampler.sample(0);
    fixture.write("sys/fs/cgroup/a.slice/x.service/memory.max", "50000\n");
    let seen =
        (1..20).any(|t| value(&sampler.sample(t), "cgroup.memory", "/a.slice/x.service").1 == Some(5e4));
    assert!(seen);
}

#[test]
fn half_written_files_cost_their_cgroup() {
    let fixture = unified();
    fixture.write("sys/fs/cgroup/b.service/memory.stat", "ano");
    fixture.write("sys/fs/cgroup/a.slice/memory.max", "1000");
    let sample = fixture.sample();
    assert_eq!(failures(&sample), ["cgroup: malformed"]);
    assert_eq!(sample.failures[0].count, 2);
    assert_eq!(value(&sample, "cgroup.memory", "/a.slice").1, None);
    assert_eq!(value(&sample, "cgroup.pids", "/b.service").0, 5.0);
}

#[test]
fn there_are_never_too_many() {
    let fixture = unified();
    for number in 0..30 {
        fixture.write(format!("sys/fs/cgroup/d{number}/pids.current"), format!("{number}\n"));
    }
    let options = Options { top: 4, cgroups: 20, ..Options::default() };
    let sample = fixture.sampler_with(&options).sample(0);
    assert_eq!(failures(&sample), ["cgroup: too_many"]);
    let pids = sample.readings.iter().filter(|reading| reading.resource == "cgroup.pids");
    // One with a limit of its own comes before larger ones without.
    assert_eq!(pids.clone().count(), 4);
    assert!(pids.clone().any(|reading| &*reading.scope == "/a.slice"));
}

/// Hierarchies of version 1 for memory and processes.
fn first(mounts: &str) -> Fixture {
    let fixture = Fixture::plain();
    fixture.write("proc/self/mountinfo", mounts);
    let memory = |path: &str, limit: &str| {
        let file = |name: &str| format!("sys/fs/cgroup/memory{path}/{name}");
        fixture.write(file("memory.usage_in_bytes"), "9000\n");
        fixture.write(file("memory.limit_in_bytes"), format!("{limit}\n"));
        fixture.write(
            file("memory.stat"),
            "cache 7000\nrss 100\ntotal_cache 7000\ntotal_rss 1500\ntotal_shmem 30\n",
        );
        fixture.write(file("memory.kmem.usage_in_bytes"), "400\n");
        fixture.write(file("memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 6\n");
    };
    memory("", "9223372036854771712");
    memory("/docker", "9223372036854771712");
    memory("/docker/abc", "50000");
    fixture
}

const MEMORY: &str = "1 0 0:1 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
const PIDS: &str = "2 0 0:2 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";

#[test]
fn version_one_counts_what_is_within() {
    let fixture = first(&[MEMORY, PIDS].concat());
    fixture.write("sys/fs/cgroup/pids/docker/abc/pids.current", "3\n");
    fixture.write("sys/fs/cgroup/pids/docker/abc/pids.max", "64\n");
    let sample = fixture.sample();
    assert_eq!(failures(&sample), ["disk: absent"; 0]);
    assert_eq!(value(&sample, "cgroup.memory", "/docker/abc"), (1930.0, Some(5e4)));
    assert_eq!(owner(&sample, "cgroup.memory", "/docker/abc"), "memory.limit_in_bytes");
    assert_eq!(value(&sample, "cgroup.memory", "/docker"), (1930.0, None));
    assert_eq!(value(&sample, "cgroup.oom_kills", "/docker/abc"), (6.0, None));
    assert_eq!(value(&sample, "cgroup.pids", "/docker/abc"), (3.0, Some(64.0)));
}

#[test]
fn a_hybrid_host_has_memory_in_one_and_processes_in_the_other() {
    let unified = "3 0 0:3 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
    let fixture = first(&[MEMORY, unified].concat());
    fixture.write("sys/fs/cgroup/unified/cgroup.controllers", "pids\n");
    fixture.write("sys/fs/cgroup/unified/u.service/pids.current", "8\n");
    fixture.write("sys/fs/cgroup/unified/u.service/pids.max", "16\n");
    let sample = fixture.sample();
    assert_eq!(value(&sample, "cgroup.memory", "/docker/abc"), (1930.0, Some(5e4)));
    assert_eq!(value(&sample, "cgroup.pids", "/u.service"), (8.0, Some(16.0)));
}
