//! Which directories of a file system hold what: a walk that stays on one device, follows no link and ends when it
//! has seen enough. Two walks tell which directory grew.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat2, statat};

use super::Allowance;
use crate::live::error::CollectError;
use crate::live::root::{Root, entries};
use crate::live::text;

/// Directories are told down to this depth below the mount; what is deeper is added to them.
const DEPTH: usize = 2;

/// What a directory holds, with all below it that is not told under a path of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Bytes of blocks.
    pub bytes: u64,
    /// The part of them in files that were written since the time asked for.
    pub fresh_bytes: u64,
    /// Files and directories.
    pub entries: u64,
}

/// A directory that holds more than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown {
    /// Below the mount, fit to be shown; `.` is the mount itself.
    pub path: String,
    /// Bytes more.
    pub bytes: u64,
    /// Bytes now.
    pub now: u64,
}

/// What one walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Directories to the depth of two, by their path below the mount, fit to be shown.
    pub directories: BTreeMap<String, Directory>,
    /// Whether the walk ended before it had seen everything.
    pub is_cut: bool,
    /// Directories that may not be read, or that another file system is mounted on.
    pub passed_over: u64,
}

/// A directory that waits for its turn.
#[derive(Debug)]
struct Waiting {
    path: PathBuf,
    /// The directory that its entries are told under.
    under: String,
    depth: usize,
}

impl Walk {
    /// Walks the file system that holds `mount` (without a leading slash). `since_s` (seconds since 1970) divides old
    /// files from fresh ones.
    ///
    /// Directories of the top take turns, so that a walk that is cut short has seen something of each.
    ///
    /// # Errors
    ///
    /// When `mount` cannot be opened.
    pub fn of(
        root: &Root,
        mount: &Path,
        since_s: i64,
        allowance: &Allowance<'_>,
    ) -> Result<Self, CollectError> {
        let failed = |error| CollectError::of(root.path(mount), error);
        let place = if mount.as_os_str().is_empty() { Path::new(".") } else { mount };
        let top = root.open(place, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW).map_err(failed)?;
        let device = fstat(&top).map_err(failed)?.st_dev;
        let mut walker = Walker {
            top,
            device,
            since_s,
            seen: HashSet::new(),
            left: allowance.entries,
            walk: Self::default(),
        };
        let mut lanes: VecDeque<VecDeque<Waiting>> = VecDeque::new();
        let first = Waiting { path: PathBuf::from("."), under: ".".to_owned(), depth: 0 };
        lanes.extend(walker.enter(&first).into_iter().map(|waiting| VecDeque::from([waiting])));
        while let Some(mut lane) = lanes.pop_front() {
            if walker.left == 0 || !(allowance.may_go_on)() {
                walker.walk.is_cut = true;
                break;
            }
            if let Some(next) = lane.pop_front() {
                lane.extend(walker.enter(&next));
                lanes.push_back(lane);
            }
        }
        Ok(walker.walk)
    }

    /// What grew from `earlier` to this walk, most first. Of walks that were cut short nothing can be said.
    #[must_use]
    pub fn grown_since(&self, earlier: &Self) -> Vec<Grown> {
        if self.is_cut || earlier.is_cut {
            return Vec::new();
        }
        let grown = self.directories.iter().filter_map(|(path, directory)| {
            let before = earlier.directories.get(path).map_or(0, |directory| directory.bytes);
            let bytes = directory.bytes.checked_sub(before).filter(|&bytes| 0 < bytes)?;
            Some(Grown { path: path.clone(), bytes, now: directory.bytes })
        });
        let mut grown: Vec<Grown> = grown.collect();
        grown.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        grown
    }

    /// The directories with the most bytes in fresh files, most first, without those that have none.
    #[must_use]
    pub fn freshest(&self) -> Vec<(&str, &Directory)> {
        let fresh = self.directories.iter().filter(|(_, directory)| 0 < directory.fresh_bytes);
        let mut fresh: Vec<(&str, &Directory)> =
            fresh.map(|(path, directory)| (path.as_str(), directory)).collect();
        fresh.sort_by(|a, b| b.1.fresh_bytes.cmp(&a.1.fresh_bytes).then_with(|| a.0.cmp(b.0)));
        fresh
    }
}

struct Walker {
    top: OwnedFd,
    device: u64,
    since_s: i64,
    /// Files with several names, which are counted once.
    seen: HashSet<u64>,
    left: usize,
    walk: Walk,
}

impl Walker {
    /// Adds up the files of a directory; the answer is the directories in it.
    fn enter(&mut self, waiting: &Waiting) -> Vec<Waiting> {
        let flags =
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        // No part of the path may be a link or another mount, whoever changes it meanwhile.
        let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
        let Ok(directory) = openat2(&self.top, &waiting.path, flags, Mode::empty(), within) else {
            self.walk.passed_over += 1;
            return Vec::new();
        };
        let (mut names, left) = (Vec::new(), self.left);
        let mut more = false;
        let listed =
            entries(
                &directory,
                |name| {
                    if names.len() < left { names.push(name.to_vec()) } else { more = true }
                },
            );
        self.walk.is_cut |= more;
        self.walk.passed_over += u64::from(listed.is_err());
        self.left -= names.len();
        let found = names.into_iter().filter_map(|name| {
            let stat = statat(&directory, OsStr::from_bytes(&name), AtFlags::SYMLINK_NOFOLLOW).ok()?;
            self.add(waiting, &name, &stat)
        });
        found.collect()
    }

    /// Adds one entry; the answer is what is to be entered, if it is a directory.
    fn add(&mut self, waiting: &Waiting, name: &[u8], stat: &Stat) -> Option<Waiting> {
        if stat.st_dev != self.device {
            self.walk.passed_over += 1;
            return None;
        }
        let is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        let is_again = !is_directory && 1 < stat.st_nlink && !self.seen.insert(stat.st_ino);
        let bytes = if is_again { 0 } else { u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(512) };
        let under = if is_directory && waiting.depth < DEPTH {
            let name = text::printable(name);
            if waiting.under == "." { name } else { format!("{}/{name}", waiting.under) }
        } else {
            waiting.under.clone()
        };
        let directory = self.walk.directories.entry(under.clone()).or_default();
        directory.entries += 1;
        directory.bytes = directory.bytes.saturating_add(bytes);
        if !is_directory && self.since_s <= stat.st_mtime {
            directory.fresh_bytes = directory.fresh_bytes.saturating_add(bytes);
        }
        let path = waiting.path.join(OsStr::from_bytes(name));
        is_directory.then_some(Waiting { path, under, depth: waiting.depth + 1 })
    }
}
