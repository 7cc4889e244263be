//! One suspect: memory, mappings and descriptors.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{AtFlags, OFlags, readlinkat, statat};
use rustix::param::page_size;

use super::Allowance;
use super::descriptors::{Descriptors, Tally};
use super::rollup::{self, Rollup};
use crate::live::error::CollectError;
use crate::live::process::start_ticks;
use crate::live::reading::Identity;
use crate::live::root::{Buffer, Root, entries};
use crate::live::text;

/// What was found out about one process.
#[derive(Clone, Debug)]
pub struct ProcessReport {
    /// Which one.
    pub identity: Identity,
    /// What its memory is made of; `None` where it may not be asked, or holds too much to be asked.
    pub memory: Option<Rollup>,
    /// How many mappings it has, and how many it may have (`vm.max_map_count`).
    pub mappings: Option<(u64, Option<u64>)>,
    /// Its descriptors; `None` where they may not be read.
    pub descriptors: Option<Descriptors>,
    /// Whether the time or the number of entries was over before everything was read.
    pub is_cut: bool,
}

/// Looks at one process.
pub(super) fn look(
    root: &Root,
    suspect: Identity,
    allowance: &Allowance<'_>,
    buffer: &mut Buffer,
) -> Result<(ProcessReport, Vec<CollectError>), CollectError> {
    let mut report =
        ProcessReport { identity: suspect, memory: None, mappings: None, descriptors: None, is_cut: false };
    let mut failures = Vec::new();
    let mut note = |error: CollectError| failures.push(error);
    match descriptors(root, suspect.pid, allowance) {
        Ok((found, is_cut)) => (report.descriptors, report.is_cut) = (Some(found), is_cut),
        Err(error) => note(error),
    }
    if (allowance.may_go_on)() {
        match mappings(root, suspect.pid, buffer) {
            Ok(found) => report.mappings = Some(found),
            Err(error) => note(error),
        }
    }
    if (allowance.may_go_on)() {
        match memory(root, suspect.pid, allowance, buffer) {
            Ok(found) => report.memory = found,
            Err(error) => note(error),
        }
    } else {
        report.is_cut = true;
    }
    // Only after reading is it sure whose files they were.
    if start_ticks(root, suspect.pid, buffer)? == suspect.start_ticks {
        return Ok((report, failures));
    }
    Err(CollectError::Absent { path: root.path(format!("proc/{}", suspect.pid)) })
}

fn memory(
    root: &Root,
    pid: u32,
    allowance: &Allowance<'_>,
    buffer: &mut Buffer,
) -> Result<Option<Rollup>, CollectError> {
    let resident = text::nth(root.read_raw(format!("proc/{pid}/statm"), buffer)?, 1);
    let page = u64::try_from(page_size()).unwrap_or(u64::MAX);
    if resident.is_none_or(|pages| allowance.resident_bytes < pages.saturating_mul(page)) {
        return Ok(None);
    }
    let file = format!("proc/{pid}/smaps_rollup");
    let found = rollup::parse(root.read(&file, buffer)?);
    found.map(Some).ok_or_else(|| CollectError::Malformed { path: root.path(file), expected: "Rss and Pss" })
}

fn mappings(root: &Root, pid: u32, buffer: &mut Buffer) -> Result<(u64, Option<u64>), CollectError> {
    let count = text::lines(root.read(format!("proc/{pid}/maps"), buffer)?).count() as u64;
    let limit = root.number("proc/sys/vm/max_map_count", buffer).ok();
    Ok((count, limit))
}

fn descriptors(
    root: &Root,
    pid: u32,
    allowance: &Allowance<'_>,
) -> Result<(Descriptors, bool), CollectError> {
    let folder = format!("proc/{pid}/fd");
    let failed = |error| CollectError::of(root.path(&folder), error);
    let opened = root.open(&folder, OFlags::RDONLY | OFlags::DIRECTORY).map_err(failed)?;
    let (mut names, mut is_cut) = (Vec::new(), false);
    entries(&opened, |name| {
        if names.len() < allowance.entries {
            names.push(name.to_vec());
        } else {
            is_cut = true;
        }
    })
    .map_err(failed)?;
    let (mut tally, mut space) = (Tally::default(), Vec::new());
    for name in names {
        if !(allowance.may_go_on)() {
            is_cut = true;
            break;
        }
        // A descriptor that was closed meanwhile is none.
        let name = OsStr::from_bytes(&name);
        let Ok(target) = readlinkat(&opened, name, std::mem::take(&mut space)) else { continue };
        let target = target.into_bytes();
        if tally.add(&target)
            && let Ok(file) = statat(&opened, name, AtFlags::empty())
        {
            let bytes = u64::try_from(file.st_blocks).unwrap_or(0).saturating_mul(512);
            tally.keep((file.st_dev, file.st_ino), &target, bytes);
        }
        space = target;
    }
    Ok((tally.finish(), is_cut))
}
