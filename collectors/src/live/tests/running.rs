//! The host that runs the tests: values against a second way of reading them.

use std::fs;

use super::fixture::{reading, value};
use crate::live::{Identity, Options, Reading, Root, Sample, Sampler, catalogue, command_line};

fn sampler(kept_descriptors: usize) -> Sampler {
    Sampler::new(Root::new("/").unwrap(), &Options { kept_descriptors, ..Options::default() })
}

/// What the group of this process holds, after as many rounds as a process needs to be kept.
fn own<'s>(sample: &'s Sample, resource: &str) -> &'s Reading {
    let pid = u32::try_from(rustix::process::getpid().as_raw_nonzero().get()).unwrap();
    let is_own = |reading: &&Reading| {
        reading.resource == resource
            && reading.processes.is_some_and(|processes| processes.fullest.pid == pid)
    };
    sample.readings.iter().find(is_own).unwrap_or_else(|| panic!("no {resource} of {pid}"))
}

#[test]
fn every_reading_is_a_number_of_the_catalogue_and_every_series_is_there_once() {
    let sample = sampler(300).sample(7);
    assert_eq!(sample.t_ms, 7);
    let mut seen = std::collections::HashSet::new();
    for reading in &sample.readings {
        assert!(catalogue::find(&reading.resource).is_some(), "{}", reading.resource);
        assert!(reading.value.is_finite() && 0.0 <= reading.value, "{reading:?}");
        assert!(reading.limit.value().is_none_or(|limit| limit.is_finite() && 0.0 <= limit), "{reading:?}");
        assert!(seen.insert((reading.resource.clone(), reading.scope.clone())), "{reading:?} twice");
        assert!(!reading.scope.chars().any(char::is_control));
    }
    for source in ["meminfo", "filefd", "tasks"] {
        assert!(sample.is_whole(source), "{source}");
    }
}

#[test]
fn memory_is_that_of_the_kernel() {
    let read = |key: &str| {
        let text = fs::read_to_string("/proc/meminfo").unwrap();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
    };
    let sample = sampler(0).sample(0);
    let (used, limit) = value(&sample, "memory.available", "");
    assert_eq!(limit, Some(read("MemTotal:")));
    assert!((used - (read("MemTotal:") - read("MemAvailable:"))).abs() < 0.2 * read("MemTotal:"));
}

#[test]
fn descriptors_by_size_are_those_by_listing() {
    let files: Vec<fs::File> = (0..300).map(|_| fs::File::open("/proc/self/stat").unwrap()).collect();
    for kept in [0, usize::MAX] {
        let mut sampler = sampler(kept);
        (0..3).for_each(|t| drop(sampler.sample(t)));
        let found = own(&sampler.sample(3), "process.fds").value;
        let listed = fs::read_dir("/proc/self/fd").unwrap().count() as f64;
        // Other tests open files meanwhile, and a listing has one of its own.
        assert!((found - listed).abs() < 150.0, "{found} {listed}, kept {kept}");
        assert!(300.0 < found);
    }
    drop(files);
}

#[test]
fn a_command_line_is_that_of_the_process_with_that_start() {
    let sample = sampler(0).sample(0);
    let own = own(&sample, "process.memory").processes.unwrap().fullest;
    let root = Root::new("/").unwrap();
    let program = std::env::args().next().unwrap();
    assert!(command_line(&root, own).unwrap().starts_with(&program));
    let other = Identity { start_ticks: own.start_ticks + 1, ..own };
    assert_eq!(command_line(&root, other).unwrap_err().reason(), "absent");
}

#[test]
fn the_limit_of_descriptors_is_that_of_the_process() {
    let sample = sampler(0).sample(0);
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap() as f64;
    assert_eq!(own(&sample, "process.fds").limit.value(), Some(limit));
}

#[test]
fn resident_memory_is_that_of_status() {
    let held = vec![1_u8; 64 << 20];
    let mut sampler = sampler(usize::MAX);
    (0..3).for_each(|t| drop(sampler.sample(t)));
    let sample = sampler.sample(3);
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let expected = line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0;
    let found = own(&sample, "process.memory").value;
    assert!((found - expected).abs() < 0.2 * expected, "{found} {expected}");
    assert_eq!(held.iter().map(|&byte| u64::from(byte)).sum::<u64>(), 64 << 20);
}

#[test]
fn kept_and_opened_processes_read_the_same() {
    let (mut kept, mut opened) = (sampler(usize::MAX), sampler(0));
    (0..3).for_each(|t| drop(kept.sample(t)));
    let (kept, opened) = (kept.sample(3), opened.sample(3));
    // The first process of the host neither comes nor goes, and what it holds moves little.
    let first = |sample: &Sample, resource: &str| {
        let is_first = |reading: &&Reading| {
            reading.resource == resource && reading.processes.is_some_and(|group| group.oldest.pid == 1)
        };
        sample.readings.iter().find(is_first).cloned()
    };
    for (resource, slack) in [("process.memory", 1e7), ("process.fds", 20.0), ("process.threads", 20.0)] {
        let (Some(kept), Some(opened)) = (first(&kept, resource), first(&opened, resource)) else {
            // It may not be read by all.
            continue;
        };
        assert_eq!(
            (&kept.scope, kept.processes.map(|group| group.oldest)),
            (&opened.scope, opened.processes.map(|group| group.oldest))
        );
        assert!((kept.value - opened.value).abs() <= slack, "{} {}", kept.value, opened.value);
    }
}

#[test]
fn caches_of_the_kernel_add_up_to_its_slab() {
    let mut sampler = Sampler::new(Root::new("/").unwrap(), &Options { top: 10_000, ..Options::default() });
    let sample = sampler.sample(0);
    if !sample.is_whole("slab") {
        // Only root may read them.
        assert_eq!(
            sample.failures.iter().find(|failure| failure.source == "slab").unwrap().error.reason(),
            "forbidden"
        );
        return;
    }
    let caches = sample.readings.iter().filter(|reading| reading.resource == "slab.cache");
    let total: f64 = caches.map(|reading| reading.value).sum();
    let slab = reading(&sample, "memory.slab", "").value;
    assert!(0.9 * slab < total && total < 1.1 * slab, "{total} of {slab}");
}

#[test]
fn the_root_disk_leaves_what_statvfs_says() {
    let sample = sampler(0).sample(0);
    let Some(disk) =
        sample.readings.iter().find(|reading| reading.resource == "disk.bytes" && &*reading.scope == "/")
    else {
        return;
    };
    let stat = rustix::fs::statvfs("/").unwrap();
    let left = disk.limit.value().unwrap() - disk.value;
    let expected = (stat.f_bavail * stat.f_frsize) as f64;
    assert!((left - expected).abs() < 0.05 * disk.limit.value().unwrap(), "{left} {expected}");
}
