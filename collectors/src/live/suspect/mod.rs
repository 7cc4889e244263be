//! A closer look at what is suspected of growing: costly reads, made on demand and never periodically.
//!
//! [`look`] asks of processes what their memory is made of, what kinds of descriptors they hold and which deleted
//! files they keep; [`swapped`] and [`deleted`] ask all processes, by group; [`executable`] tells what one runs; [`Walk`]
//! asks a file system which of its directories hold what; [`kernel_tags`] asks the kernel which of its callers hold
//! memory. Nothing here has a clock: an [`Allowance`] says when it is enough.

mod descriptors;
mod groups;
mod kernel;
mod process;
mod program;
mod rollup;
mod walk;

pub use descriptors::{DeletedFile, DescriptorKind, Descriptors};
pub use groups::{GroupHeld, GroupsHeld, deleted, members, swapped};
pub use kernel::{KernelTag, kernel_tags};
pub use process::ProcessReport;
pub use program::{Changed, Executable, booted_ms, executable, started_ms};
pub use rollup::Rollup;
pub use walk::{Directory, Grown, Walk};

use super::error::CollectError;
use super::reading::Identity;
use super::root::{Buffer, Root};

/// How much a look may cost.
#[derive(Clone, Copy)]
pub struct Allowance<'a> {
    /// Whether there is still time; asked before every read.
    pub may_go_on: &'a dyn Fn() -> bool,
    /// Descriptors read of one process, and entries read of one file system.
    pub entries: usize,
    /// The kernel stops a process while it adds its memory up, for some 30 ms a gigabyte: one that holds more bytes
    /// is not asked.
    pub resident_bytes: u64,
}

impl std::fmt::Debug for Allowance<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { entries, resident_bytes, .. } = self;
        f.debug_struct("Allowance").field("entries", entries).field("resident_bytes", resident_bytes).finish()
    }
}

/// What was found out about the suspects.
#[derive(Debug, Default)]
pub struct SuspectReport {
    /// One for every suspect that is still alive and may be looked at, in the order asked.
    pub processes: Vec<ProcessReport>,
    /// What was not found out, and why.
    pub failures: Vec<CollectError>,
    /// Whether the time was over before everything was read.
    pub is_cut: bool,
}

/// Looks at the suspects, one after the other, for as long as it may.
#[must_use]
pub fn look(root: &Root, suspects: &[Identity], allowance: &Allowance<'_>) -> SuspectReport {
    let mut report = SuspectReport::default();
    let mut buffer = Buffer::default();
    for &suspect in suspects {
        if !(allowance.may_go_on)() {
            report.is_cut = true;
            break;
        }
        match process::look(root, suspect, allowance, &mut buffer) {
            Ok((process, failures)) => {
                report.is_cut |= process.is_cut;
                report.processes.push(process);
                report.failures.extend(failures);
            }
            Err(error) => report.failures.push(error),
        }
    }
    report
}

#[cfg(test)]
mod tests;
