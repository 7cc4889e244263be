//! Groups of processes, taken apart on demand: who belongs to one, what each has in swap, and the deleted files that
//! each keeps open.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use rustix::fs::{AtFlags, FileType, OFlags, fstat, readlinkat, statat};

use super::Allowance;
use crate::live::error::CollectError;
use crate::live::named::Named;
use crate::live::process::Names;
use crate::live::reading::Identity;
use crate::live::root::{Buffer, Root, entries};
use crate::live::text;

/// What one group has, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupHeld {
    /// Unit and program, as in the scope of its series.
    pub name: Arc<str>,
    /// Bytes.
    pub bytes: u64,
    /// Processes that have some of it.
    pub count: u32,
    /// The one that has most.
    pub largest: Identity,
}

/// What was found of groups, most first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupsHeld {
    /// The groups that have any.
    pub groups: Vec<GroupHeld>,
    /// Processes that may not be asked.
    pub hidden: u64,
    /// Whether the time was over before everybody was asked.
    pub is_cut: bool,
}

/// The processes of a group, oldest first; the second is whether the time was over before all were found.
///
/// # Errors
///
/// When processes cannot be listed.
pub fn members(
    root: &Root,
    group: &str,
    named: &Named,
    allowance: &Allowance<'_>,
) -> Result<(Vec<Identity>, bool), CollectError> {
    let (mut names, mut found) = (Names::new(root, named)?, Vec::new());
    let mut is_cut = false;
    for pid in names.list()? {
        if !(allowance.may_go_on)() {
            is_cut = true;
            break;
        }
        found.extend(names.of(pid).filter(|(_, name)| **name == *group).map(|(identity, _)| identity));
    }
    found.sort_unstable();
    Ok((found, is_cut))
}

/// What every group has in swap: `VmSwap` of `/proc/PID/status`, which takes no lock of the process.
///
/// # Errors
///
/// When processes cannot be listed.
pub fn swapped(root: &Root, named: &Named, allowance: &Allowance<'_>) -> Result<GroupsHeld, CollectError> {
    let mut buffer = Buffer::default();
    held(root, named, allowance, |pid| {
        let status = root.read(format!("proc/{pid}/status"), &mut buffer)?;
        Ok(text::keyed(status, "VmSwap:").unwrap_or(0).saturating_mul(1024))
    })
}

/// The bytes of deleted files that groups keep open in the file system that holds `mount` (without a leading slash).
/// A file counts once, at whoever is asked first.
///
/// # Errors
///
/// When processes cannot be listed, or `mount` cannot be opened.
pub fn deleted(
    root: &Root,
    mount: &str,
    named: &Named,
    allowance: &Allowance<'_>,
) -> Result<GroupsHeld, CollectError> {
    let failed = |error| CollectError::of(root.path(mount), error);
    let place = if mount.is_empty() { "." } else { mount };
    let device = root
        .open(place, OFlags::PATH | OFlags::DIRECTORY)
        .and_then(|top| fstat(&top))
        .map_err(failed)?
        .st_dev;
    let mut seen = HashSet::new();
    let mut left = allowance.entries;
    held(root, named, allowance, |pid| kept_open(root, pid, device, &mut seen, &mut left))
}

/// Asks every process with `ask`, and adds up by group those that answer with something.
fn held(
    root: &Root,
    named: &Named,
    allowance: &Allowance<'_>,
    mut ask: impl FnMut(u32) -> Result<u64, CollectError>,
) -> Result<GroupsHeld, CollectError> {
    let mut names = Names::new(root, named)?;
    let mut by_name: BTreeMap<Arc<str>, (u64, u32, (u64, Identity))> = BTreeMap::new();
    let mut found = GroupsHeld::default();
    for pid in names.list()? {
        if !(allowance.may_go_on)() {
            found.is_cut = true;
            break;
        }
        let bytes = match ask(pid) {
            Ok(0) | Err(CollectError::Absent { .. }) => continue,
            Ok(bytes) => bytes,
            Err(_) => {
                found.hidden += 1;
                continue;
            }
        };
        // The name costs more than the number, and few processes have any.
        let Some((identity, name)) = names.of(pid) else { continue };
        let group = by_name.entry(name).or_insert((0, 0, (0, identity)));
        group.0 = group.0.saturating_add(bytes);
        group.1 += 1;
        group.2 = group.2.max((bytes, identity));
    }
    let group = |(name, (bytes, count, (_, largest)))| GroupHeld { name, bytes, count, largest };
    found.groups = by_name.into_iter().map(group).collect();
    found.groups.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    Ok(found)
}

/// Bytes of files of one device that a process keeps open and that have no name any more.
fn kept_open(
    root: &Root,
    pid: u32,
    device: u64,
    seen: &mut HashSet<u64>,
    left: &mut usize,
) -> Result<u64, CollectError> {
    let folder = format!("proc/{pid}/fd");
    let failed = |error| CollectError::of(root.path(&folder), error);
    let opened = root.open(&folder, OFlags::RDONLY | OFlags::DIRECTORY).map_err(failed)?;
    let mut names = Vec::new();
    entries(&opened, |name| {
        if names.len() < *left {
            names.push(name.to_vec());
        }
    })
    .map_err(failed)?;
    *left -= names.len();
    let (mut bytes, mut space) = (0_u64, Vec::new());
    for name in names {
        let name = OsStr::from_bytes(&name);
        let Ok(target) = readlinkat(&opened, name, std::mem::take(&mut space)) else { continue };
        space = target.into_bytes();
        // Only what is deleted is asked for its size: a file of a server that is away would keep us waiting.
        if !(space.starts_with(b"/") && space.ends_with(b" (deleted)")) {
            continue;
        }
        let Ok(file) = statat(&opened, name, AtFlags::empty()) else { continue };
        let is_file = FileType::from_raw_mode(file.st_mode) == FileType::RegularFile;
        if is_file && file.st_nlink == 0 && file.st_dev == device && seen.insert(file.st_ino) {
            bytes = bytes.saturating_add(u64::try_from(file.st_blocks).unwrap_or(0).saturating_mul(512));
        }
    }
    Ok(bytes)
}
