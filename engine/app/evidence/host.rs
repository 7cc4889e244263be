//! A closer look at this host: the suspect's processes and their binaries, the file system that fills, the kernel's
//! callers, and whether the hardware complains. Bounded by time and by entries.

use std::fs;
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use hebe::evidence::{Happening, Heard, complaints, look_sentences};
use hebe::finding::Finding;
use hebe_collectors::history::Series;
use hebe_collectors::live::suspect::{
    Allowance, Executable, Walk, booted_ms, executable, kernel_tags, look as look_at, members, started_ms,
};
use hebe_collectors::live::{Identity, Root};

use super::events::{self, is_of_this_host, tail};
use super::origin::Question;

/// A history that ended longer ago is not of what runs now.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// Entries of a file system, and descriptors of a process, that are read.
const ENTRIES: usize = 200_000;
/// Memory of a process that is asked what it is made of: the kernel stops it for some 60 ms meanwhile.
const RESIDENT: u64 = 2 << 30;
/// A binary that was changed longer ago is not worth a word.
const CHANGED: TimeDelta = TimeDelta::days(30);
/// Members of a group that are weighed, to find the one that holds most.
const WEIGHED: usize = 200;

/// What a look has shown.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// One sentence each.
    pub(super) words: Vec<String>,
    /// What happened to the suspect.
    pub(super) happenings: Vec<Happening>,
    /// When the suspect's oldest process was started.
    pub(super) started_ms: Option<i64>,
    /// What the hardware says, where somebody could listen.
    pub(super) hardware: Option<Heard>,
}

/// Whether the finding is about this host as it is now.
pub(super) fn is_this(finding: &Finding, paths: &[String]) -> bool {
    is_of_this_host(paths) && finding.row.at.is_some_and(|at| Utc::now() - at < FRESH)
}

/// Looks for as long as it may.
pub(super) fn look(asked: &Question<'_>) -> Seen {
    let Ok(root) = Root::new("/") else { return Seen::default() };
    let begin = Instant::now();
    let may_go_on = || begin.elapsed() < asked.time;
    let allowance = Allowance { may_go_on: &may_go_on, entries: ENTRIES, resident_bytes: RESIDENT };
    let mut seen = Seen::default();
    seen.happenings.extend(booted_ms(&root).ok().and_then(|at| happening(at, "", events::started(""))));
    let suspects = suspects(asked, &root, &allowance);
    if let Some(&oldest) = suspects.first() {
        seen.started_ms = started_ms(&root, oldest).ok();
        let scope = &asked.suspect.scope;
        seen.happenings.extend(seen.started_ms.and_then(|at| happening(at, scope, events::started(scope))));
    }
    let report = look_at(&root, &suspects, &allowance);
    let walk = walk(asked, &root, &allowance);
    let mount = asked.finding.row.scope.as_str();
    seen.words = look_sentences(&report, walk.as_ref().map(|walk| (mount, walk)), &tags(asked, &root));
    let mut binaries: Vec<(Identity, Executable)> =
        suspects.iter().filter_map(|&suspect| Some((suspect, executable(&root, suspect).ok()?))).collect();
    binaries.dedup_by(|a, b| a.1 == b.1);
    for (process, binary) in &binaries {
        seen.words.extend(told(*process, binary));
        seen.happenings.extend(changes(&asked.suspect.scope, binary));
    }
    let (log, memory_errors) = (tail("/var/log/kern.log"), memory_errors());
    seen.hardware = (!log.is_empty() || memory_errors.is_some())
        .then(|| Heard { complaints: complaints(&log), memory_errors });
    seen
}

fn happening(at_ms: i64, scope: &str, text: String) -> Option<Happening> {
    Some(Happening { at: DateTime::from_timestamp_millis(at_ms)?, scope: scope.to_owned(), text })
}

/// The oldest process of the suspect's group, and the one that holds most of what is asked about.
fn suspects(asked: &Question<'_>, root: &Root, allowance: &Allowance<'_>) -> Vec<Identity> {
    let series = asked.suspect;
    if !series.resource.starts_with("process.") && series.resource != "deleted.bytes" {
        return Vec::new();
    }
    let (all, _) = members(root, &series.scope, asked.named, allowance).unwrap_or_default();
    let largest = all.iter().take(WEIGHED).max_by_key(|member| weight(series, member.pid));
    let mut found: Vec<Identity> = all.first().into_iter().chain(largest).copied().collect();
    found.dedup();
    found
}

/// How much a process holds of what a series counts, roughly.
fn weight(series: &Series, pid: u32) -> u64 {
    if series.resource.contains("fds") {
        return fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, |entries| entries.count() as u64);
    }
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0)
}

/// What was written in the file system that fills, since the growth began.
fn walk(asked: &Question<'_>, root: &Root, allowance: &Allowance<'_>) -> Option<Walk> {
    let row = &asked.finding.row;
    let mount = row.scope.strip_prefix('/').filter(|_| row.resource.starts_with("disk."))?;
    // What does not grow was not written since it began to.
    let since = row.since?.timestamp();
    Walk::of(root, Path::new(mount), since, allowance).ok()
}

/// Who holds memory in the kernel, where that is asked.
fn tags(asked: &Question<'_>, root: &Root) -> Vec<hebe_collectors::live::suspect::KernelTag> {
    const KERNELS: [&str; 3] = ["memory.slab", "memory.slab_unreclaimable", "memory.vmalloc"];
    let is_kernels = KERNELS.contains(&asked.finding.row.resource.as_str());
    if is_kernels { kernel_tags(root).0 } else { Vec::new() }
}

/// When the binary of a process was changed: what runs may not be what is on the disk.
fn told(process: Identity, binary: &Executable) -> Option<String> {
    let Executable { path, is_replaced, changed } = binary;
    if *is_replaced {
        return Some(format!("the binary of process {} was replaced while it ran: {path}", process.pid));
    }
    let at = DateTime::from_timestamp((*changed)?.placed_s, 0)?;
    (Utc::now() - at < CHANGED)
        .then(|| format!("its binary was changed at {}: {path}", at.format("%Y-%m-%d %H:%M UTC")))
}

/// The same as events.
fn changes(scope: &str, binary: &Executable) -> Vec<Happening> {
    let Some(changed) = binary.changed else { return Vec::new() };
    let did = if binary.is_replaced { "was replaced while it ran" } else { "was changed" };
    let text = format!("the binary {} {did}", binary.path);
    let mut times = vec![changed.written_s, changed.placed_s];
    times.dedup();
    times.into_iter().filter_map(|at| happening(at.checked_mul(1000)?, scope, text.clone())).collect()
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
