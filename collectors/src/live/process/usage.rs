//! What a process uses now, read through descriptors that are kept open or by opening its files.

use std::fmt::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{AtFlags, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::{Errno, pread};

use crate::live::named::Named;
use crate::live::root::entries;
use crate::live::text;

/// What one process uses; `None` where this may not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Resident pages.
    pub(super) resident_pages: u64,
    /// Those of them that a file or shared memory backs.
    pub(super) shared_pages: u64,
    /// Open descriptors.
    pub(super) fds: Option<u64>,
}

/// Descriptors of a process's files, kept for as long as it lives. They mean this process alone: when it is gone they
/// answer that, even if its number is used again.
#[derive(Debug)]
pub(super) struct Kept {
    statm: OwnedFd,
    fds: OwnedFd,
    tasks: OwnedFd,
}

/// The directory of processes, and how it counts.
#[derive(Debug)]
pub(super) struct Reader {
    directory: OwnedFd,
    /// Whether the size of `PID/fd` is the number of descriptors (Linux 6.2 and later).
    counts_fds: bool,
    /// Whether the links of `PID/task` are the number of threads and two.
    counts_tasks: bool,
    named: Arc<Named>,
    path: String,
}

impl Reader {
    /// A reader of the open directory `proc`, which is the kernel's own or a copy.
    pub(super) fn new(directory: OwnedFd, is_proc: bool) -> Self {
        let size = statat(&directory, "self/fd", AtFlags::empty()).map_or(0, |stat| stat.st_size);
        let named = Arc::default();
        Self { directory, counts_fds: is_proc && 0 < size, counts_tasks: is_proc, named, path: String::new() }
    }

    /// The directory of processes.
    pub(super) fn directory(&self) -> &OwnedFd {
        &self.directory
    }

    /// Processes that have a name of their own.
    pub(super) fn named(&self) -> &Arc<Named> {
        &self.named
    }

    /// Takes on other names.
    pub(super) fn name(&mut self, named: Arc<Named>) {
        self.named = named;
    }

    fn path(&mut self, pid: u32, file: &str) {
        self.path.clear();
        // Writing to a string cannot fail.
        let _ = write!(self.path, "{pid}/{file}");
    }

    /// Opens a file of a process.
    pub(super) fn open(&mut self, pid: u32, file: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        self.path(pid, file);
        openat(&self.directory, self.path.as_str(), flags | OFlags::CLOEXEC, Mode::empty())
    }

    /// Opens what is kept of a process; `None` where it may not be, or its directories do not count.
    pub(super) fn keep(&mut self, pid: u32) -> Option<Kept> {
        if !(self.counts_fds && self.counts_tasks) {
            return None;
        }
        let directory = OFlags::PATH | OFlags::DIRECTORY;
        Some(Kept {
            statm: self.open(pid, "statm", OFlags::RDONLY).ok()?,
            fds: self.open(pid, "fd", directory).ok()?,
            tasks: self.open(pid, "task", directory).ok()?,
        })
    }

    /// What the process uses, by opening its files.
    ///
    /// # Errors
    ///
    /// Returns what the kernel says where there is no such process.
    pub(super) fn opened(&mut self, pid: u32) -> rustix::io::Result<Usage> {
        let statm = self.open(pid, "statm", OFlags::RDONLY)?;
        let (resident_pages, shared_pages) = resident(&statm)?;
        let fds = if self.counts_fds {
            self.stat(pid, "fd").map(|stat| size(&stat))
        } else {
            self.listed(pid, "fd")
        };
        Ok(Usage { resident_pages, shared_pages, fds: readable(fds)? })
    }

    /// The threads of a process, by opening its files.
    ///
    /// # Errors
    ///
    /// Returns what the kernel says where there is no such process.
    pub(super) fn threads(&mut self, pid: u32) -> rustix::io::Result<Option<u64>> {
        readable(if self.counts_tasks {
            self.stat(pid, "task").map(|stat| links(&stat))
        } else {
            self.listed(pid, "task")
        })
    }

    fn stat(&mut self, pid: u32, file: &str) -> rustix::io::Result<Stat> {
        self.path(pid, file);
        statat(&self.directory, self.path.as_str(), AtFlags::empty())
    }

    /// Counts the entries of a directory one by one.
    fn listed(&mut self, pid: u32, name: &str) -> rustix::io::Result<u64> {
        let opened = self.open(pid, name, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut count = 0;
        entries(&opened, |_| count += 1)?;
        Ok(count)
    }
}

impl Kept {
    /// What the process uses.
    ///
    /// # Errors
    ///
    /// Returns what the kernel says where the process is gone.
    pub(super) fn usage(&self) -> rustix::io::Result<Usage> {
        let (resident_pages, shared_pages) = resident(&self.statm)?;
        Ok(Usage { resident_pages, shared_pages, fds: Some(size(&fstat(&self.fds)?)) })
    }

    /// The threads of the process.
    ///
    /// # Errors
    ///
    /// Returns what the kernel says where the process is gone.
    pub(super) fn threads(&self) -> rustix::io::Result<Option<u64>> {
        Ok(Some(links(&fstat(&self.tasks)?)))
    }
}

/// Whether an error says that there is no such process.
pub(super) fn is_gone(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::SRCH)
}

/// Nothing where this process may not be counted; an error where it is gone.
fn readable(count: rustix::io::Result<u64>) -> rustix::io::Result<Option<u64>> {
    match count {
        Ok(count) => Ok(Some(count)),
        Err(Errno::SRCH) => Err(Errno::SRCH),
        Err(_) => Ok(None),
    }
}

/// The second and the third number of `statm`. What is cut is nothing.
fn resident(statm: impl AsFd) -> rustix::io::Result<(u64, u64)> {
    let mut buffer = [0; 128];
    let length = pread(statm, &mut buffer, 0)?;
    Ok(parse_statm(&buffer[..length]).unwrap_or_default())
}

/// `size resident shared text lib data dt`, in pages.
fn parse_statm(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut fields = text::fields(bytes).skip(1);
    let resident = text::unsigned(fields.next()?)?;
    let shared = text::unsigned(fields.next()?)?;
    fields.next().map(|_| (resident, shared))
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// A directory is linked from above, by itself and by each of its directories.
fn links(stat: &Stat) -> u64 {
    #[allow(clippy::useless_conversion, reason = "its type is not the same on every architecture")]
    u64::from(stat.st_nlink).saturating_sub(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse_statm(&bytes);
        }

        #[test]
        fn what_is_written_is_read(size: u64, resident: u64, shared: u64) {
            let line = format!("{size} {resident} {shared} 1 0 2 0\n");
            prop_assert_eq!(parse_statm(line.as_bytes()), Some((resident, shared)));
            prop_assert_eq!(parse_statm(format!("{size} {resident}").as_bytes()), None);
        }
    }
}
