//! Groups of processes, taken apart on demand: who belongs to one, what each has in swap, and the deleted files that
//! each keeps open.

use std::collections::{BTreeMap, HashMap};
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
    let (mut buffer, mut held) = (Buffer::default(), Held::default());
    let ask = |pid| {
        let status = root.read(format!("proc/{pid}/status"), &mut buffer)?;
        let bytes = text::keyed(status, "VmSwap:").unwrap_or(0).saturating_mul(1024);
        Ok((0 < bytes).then_some(bytes))
    };
    let asked = ask_all(root, named, allowance, ask, |holder, bytes| held.add(holder, bytes))?;
    Ok(held.told(&asked))
}

/// The bytes of deleted files that groups keep open in the file system that holds `mount` (without a leading slash).
/// A file counts once, at the oldest process that keeps it: others have it from there.
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
    let (mut keepers, mut left) = (Keepers::default(), allowance.entries);
    let ask = |pid| {
        let files = kept_open(root, pid, device, &mut left)?;
        Ok((!files.is_empty()).then_some(files))
    };
    let asked = ask_all(root, named, allowance, ask, |holder, files| keepers.add(&holder, files))?;
    Ok(keepers.held().told(&asked))
}

/// A process that has something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Holder {
    identity: Identity,
    group: Arc<str>,
}

/// Asks every process with `ask`, and hands on what those say that answer with something.
fn ask_all<T>(
    root: &Root,
    named: &Named,
    allowance: &Allowance<'_>,
    mut ask: impl FnMut(u32) -> Result<Option<T>, CollectError>,
    mut take: impl FnMut(Holder, T),
) -> Result<GroupsHeld, CollectError> {
    let mut names = Names::new(root, named)?;
    let mut found = GroupsHeld::default();
    for pid in names.list()? {
        if !(allowance.may_go_on)() {
            found.is_cut = true;
            break;
        }
        match ask(pid) {
            // The name costs more than the answer, and few processes have any.
            Ok(Some(answer)) => {
                if let Some((identity, group)) = names.of(pid) {
                    take(Holder { identity, group }, answer);
                }
            }
            Ok(None) | Err(CollectError::Absent { .. }) => {}
            Err(_) => found.hidden += 1,
        }
    }
    Ok(found)
}

/// What groups have: bytes, how many processes have some, and which has most.
#[derive(Debug, Default)]
struct Held(BTreeMap<Arc<str>, (u64, u32, (u64, Identity))>);

impl Held {
    fn add(&mut self, holder: Holder, bytes: u64) {
        let group = self.0.entry(holder.group).or_insert((0, 0, (0, holder.identity)));
        group.0 = group.0.saturating_add(bytes);
        group.1 += 1;
        group.2 = group.2.max((bytes, holder.identity));
    }

    /// With what is known of the asking.
    fn told(self, asked: &GroupsHeld) -> GroupsHeld {
        let group = |(name, (bytes, count, (_, largest)))| GroupHeld { name, bytes, count, largest };
        let mut groups: Vec<GroupHeld> = self.0.into_iter().map(group).collect();
        groups.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        GroupsHeld { groups, hidden: asked.hidden, is_cut: asked.is_cut }
    }
}

/// Who keeps each file.
#[derive(Debug, Default)]
struct Keepers(HashMap<u64, (Holder, u64)>);

impl Keepers {
    /// A process keeps these files, told by inode and bytes. Numbers of processes begin anew: only their starts tell
    /// which is older.
    fn add(&mut self, holder: &Holder, files: Vec<(u64, u64)>) {
        for (inode, bytes) in files {
            let keeper = self.0.entry(inode).or_insert_with(|| (holder.clone(), bytes));
            if holder.identity < keeper.0.identity {
                *keeper = (holder.clone(), bytes);
            }
        }
    }

    fn held(self) -> Held {
        let mut by_process: HashMap<Holder, u64> = HashMap::new();
        for (holder, bytes) in self.0.into_values() {
            let sum = by_process.entry(holder).or_default();
            *sum = sum.saturating_add(bytes);
        }
        let mut held = Held::default();
        for (holder, bytes) in by_process {
            held.add(holder, bytes);
        }
        held
    }
}

/// Inodes and bytes of the files of one device that a process keeps open and that have no name any more.
fn kept_open(root: &Root, pid: u32, device: u64, left: &mut usize) -> Result<Vec<(u64, u64)>, CollectError> {
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
    let (mut files, mut space) = (Vec::new(), Vec::new());
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
        if is_file && file.st_nlink == 0 && file.st_dev == device {
            files.push((file.st_ino, u64::try_from(file.st_blocks).unwrap_or(0).saturating_mul(512)));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_by_the_oldest_whatever_its_number() {
        let holder = |start_ticks, pid, group: &str| Holder {
            identity: Identity { start_ticks, pid },
            group: Arc::from(group),
        };
        let (server, child) = (holder(100, 30_000, "server"), holder(200, 7, "sleep"));
        for order in [[&server, &child], [&child, &server]] {
            let mut keepers = Keepers::default();
            for holder in order {
                keepers.add(holder, vec![(1, 4096), (2, 512)]);
            }
            keepers.add(&child, vec![(3, 10)]);
            let groups = keepers.held().told(&GroupsHeld::default()).groups;
            let told: Vec<_> = groups.iter().map(|group| (&*group.name, group.bytes, group.count)).collect();
            assert_eq!(told, [("server", 4608, 1), ("sleep", 10, 1)]);
        }
    }
}
