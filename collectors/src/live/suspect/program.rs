//! What a process runs: its executable and when that file was changed, and when the process was started.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{AtFlags, CWD, Stat, readlinkat, statat};

use crate::live::error::CollectError;
use crate::live::process::start_ticks;
use crate::live::reading::Identity;
use crate::live::root::{Buffer, Root};
use crate::live::text;

/// When a file was changed, in seconds since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// When its bytes were written (`mtime`); package managers keep that of the build.
    pub written_s: i64,
    /// When it was put where it is, or its owner or mode was changed (`ctime`): nobody can set it.
    pub placed_s: i64,
}

/// The executable of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executable {
    /// Its path as the process sees it, fit to be shown.
    pub path: String,
    /// Whether the file that runs has no name any more: it was replaced or removed while the process ran.
    pub is_replaced: bool,
    /// Of the file that is there now; none where there is none, or where it may not be asked.
    pub changed: Option<Changed>,
}

/// The executable of a process.
///
/// # Errors
///
/// Returns what the kernel says, and [`CollectError::Absent`] where the process is gone.
pub fn executable(root: &Root, process: Identity) -> Result<Executable, CollectError> {
    let link = root.path(format!("proc/{}/exe", process.pid));
    let target = readlinkat(CWD, &link, Vec::new()).map_err(|error| CollectError::of(link.clone(), error))?;
    let target = target.into_bytes();
    let (path, is_replaced) = match target.strip_suffix(b" (deleted)") {
        Some(path) => (path, true),
        None => (target.as_slice(), false),
    };
    let changed = if is_replaced {
        // What is there now, where the process would look for it.
        let own_root = root.path(format!("proc/{}/root", process.pid));
        let file = own_root.join(OsStr::from_bytes(path.strip_prefix(b"/").unwrap_or(path)));
        statat(CWD, &file, AtFlags::SYMLINK_NOFOLLOW).ok()
    } else {
        // The link leads to the file itself, whatever its path means to us.
        statat(CWD, &link, AtFlags::empty()).ok()
    };
    let found =
        Executable { path: text::printable(path), is_replaced, changed: changed.map(|stat| times(&stat)) };
    is_still(root, process)?;
    Ok(found)
}

fn times(stat: &Stat) -> Changed {
    Changed { written_s: stat.st_mtime, placed_s: stat.st_ctime }
}

/// When a process was started, in milliseconds since 1970 UTC.
///
/// # Errors
///
/// Where it is gone, or the kernel does not say when it was booted.
pub fn started_ms(root: &Root, process: Identity) -> Result<i64, CollectError> {
    is_still(root, process)?;
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    let after_ms = process.start_ticks.saturating_mul(1000) / per_second;
    Ok(booted_ms(root)?.saturating_add(i64::try_from(after_ms).unwrap_or(i64::MAX)))
}

/// When the host was booted, in milliseconds since 1970 UTC.
///
/// # Errors
///
/// Where the kernel does not say.
pub fn booted_ms(root: &Root) -> Result<i64, CollectError> {
    let mut buffer = Buffer::default();
    let stat = root.read("proc/stat", &mut buffer)?;
    let seconds = text::keyed(stat, "btime").and_then(|seconds| i64::try_from(seconds).ok());
    let seconds = seconds.and_then(|seconds| seconds.checked_mul(1000));
    seconds.ok_or_else(|| CollectError::Malformed { path: root.path("proc/stat"), expected: "btime" })
}

/// Only after reading is it sure whose file it was.
fn is_still(root: &Root, process: Identity) -> Result<(), CollectError> {
    let now = start_ticks(root, process.pid, &mut Buffer::default())?;
    let path = || root.path(format!("proc/{}", process.pid));
    if now == process.start_ticks { Ok(()) } else { Err(CollectError::Absent { path: path() }) }
}
