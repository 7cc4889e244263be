//! A closer look at the host that is explained, if it is this one.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use hebe::evidence::{complaints, hardware_sentence, look_sentences};
use hebe::finding::Finding;
use hebe_collectors::history::Series;
use hebe_collectors::live::suspect::{Allowance, Walk, kernel_tags, look as look_at};
use hebe_collectors::live::{Identity, Options, Root, Sampler};

use super::events::{is_of_this_host, tail};

/// A history that ended longer ago is not of what runs now.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// Time for the whole look.
const TIME: Duration = Duration::from_secs(2);
/// Entries of a file system, and descriptors of a process, that are read.
const ENTRIES: usize = 200_000;
/// Memory of a process that is asked what it is made of: the kernel stops it for some 60 ms meanwhile.
const RESIDENT: u64 = 2 << 30;
/// Without a beginning of the growth, files of this last time count as fresh.
const LATELY: TimeDelta = TimeDelta::days(1);

/// Whether the finding is about this host as it is now.
pub(super) fn is_this(finding: &Finding, paths: &[String]) -> bool {
    is_of_this_host(paths) && finding.row.at.is_some_and(|at| Utc::now() - at < FRESH)
}

/// What a look shows, one sentence each.
pub(super) fn look(finding: &Finding, suspect: &Series) -> Vec<String> {
    let Ok(root) = Root::new("/") else { return Vec::new() };
    let begin = Instant::now();
    let may_go_on = || begin.elapsed() < TIME;
    let allowance = Allowance { may_go_on: &may_go_on, entries: ENTRIES, resident_bytes: RESIDENT };
    let group = group(suspect);
    let report = look_at(&root, &group, &allowance);
    let row = &finding.row;
    let since = row.since.unwrap_or_else(|| Utc::now() - LATELY).timestamp();
    let mount = row.scope.as_str();
    let walk = (row.resource.starts_with("disk.") && mount.starts_with('/'))
        .then(|| Walk::of(&root, Path::new(mount.trim_start_matches('/')), since, &allowance).ok())
        .flatten();
    let is_kernels =
        ["memory.slab", "memory.slab_unreclaimable", "memory.vmalloc"].contains(&row.resource.as_str());
    let tags = if is_kernels { kernel_tags(&root).0 } else { Vec::new() };
    let mut words = look_sentences(&report, walk.as_ref().map(|walk| (mount, walk)), &tags);
    words.extend(group.first().and_then(binary));
    let errors = complaints(&tail("/var/log/kern.log"));
    words.extend(hardware_sentence(&errors, memory_errors(), None));
    words
}

/// The process of the suspect's group that holds the most, and the oldest.
fn group(suspect: &Series) -> Vec<Identity> {
    let Ok(root) = Root::new("/") else { return Vec::new() };
    let sample = Sampler::new(root, &Options::default()).sample(Utc::now().timestamp_millis());
    let is_meant = |reading: &&hebe_collectors::live::Reading| {
        reading.resource == suspect.resource && *reading.scope == *suspect.scope
    };
    let processes = sample.readings.iter().find(is_meant).and_then(|reading| reading.processes);
    let mut found: Vec<Identity> =
        processes.map(|processes| vec![processes.fullest, processes.oldest]).unwrap_or_default();
    found.dedup();
    found
}

/// When the binary of a process was changed, if that was after its start: what runs is then not what is on the disk.
fn binary(process: &Identity) -> Option<String> {
    let link = fs::read_link(format!("/proc/{}/exe", process.pid)).ok()?;
    let name = link.to_str()?;
    if let Some(gone) = name.strip_suffix(" (deleted)") {
        return Some(format!("the binary of process {} was replaced while it ran: {gone}", process.pid));
    }
    let changed = fs::metadata(&link).ok()?.mtime();
    let at = chrono::DateTime::from_timestamp(changed, 0)?;
    (Utc::now() - at < TimeDelta::days(30))
        .then(|| format!("its binary was changed at {}: {name}", at.format("%Y-%m-%d %H:%M UTC")))
}

/// Errors of memory that were corrected and that were not, where the hardware counts them.
fn memory_errors() -> Option<(u64, u64)> {
    let controllers = fs::read_dir("/sys/devices/system/edac/mc").ok()?;
    let count = |path: &Path, name: &str| {
        fs::read_to_string(path.join(name)).ok().and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let controllers = controllers.flatten().map(|entry| entry.path());
    Some(
        controllers
            .fold((0, 0), |sum, path| (sum.0 + count(&path, "ce_count"), sum.1 + count(&path, "ue_count"))),
    )
}
