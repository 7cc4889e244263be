//! `/proc/PID/cmdline`: how a process was started, read for those that are shown and only then.

use super::stat;
use crate::live::error::CollectError;
use crate::live::reading::Identity;
use crate::live::root::{Buffer, Root};
use crate::live::text;

/// How a process was started, made fit to be shown; empty for a thread of the kernel.
///
/// The kernel takes a lock of the process for this, and waits as long as the process holds it: not for the thread that
/// samples.
///
/// # Errors
///
/// Returns what the kernel says, and [`CollectError::Absent`] where the process is gone and its number is another's.
pub fn command_line(root: &Root, process: Identity) -> Result<String, CollectError> {
    let mut buffer = Buffer::default();
    let file = format!("proc/{}/cmdline", process.pid);
    let words = root.read_raw(&file, &mut buffer)?.to_vec();
    // Only after reading is it sure whose words they are.
    let stat = stat::parse(root.read_raw(format!("proc/{}/stat", process.pid), &mut buffer)?);
    if stat.is_none_or(|stat| stat.start_ticks != process.start_ticks) {
        return Err(CollectError::Absent { path: root.path(file) });
    }
    let words: Vec<&[u8]> = words.split(|&byte| byte == 0).filter(|word| !word.is_empty()).collect();
    Ok(text::printable(&words.join(&b' ')))
}

/// When the process of that number was started, in clock ticks since boot.
pub(in crate::live) fn start_ticks(root: &Root, pid: u32, buffer: &mut Buffer) -> Result<u64, CollectError> {
    let file = format!("proc/{pid}/stat");
    let stat = stat::parse(root.read_raw(&file, buffer)?);
    let malformed = || CollectError::Malformed { path: root.path(file), expected: "22 fields" };
    stat.map(|stat| stat.start_ticks).ok_or_else(malformed)
}
