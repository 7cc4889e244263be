//! The file system that samples are read from: `/`, or a directory that looks like it.

use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, PROC_SUPER_MAGIC, RawDir, fstatfs, openat, statat};
use rustix::io::{Errno, read};

use super::error::CollectError;

/// A file longer than this is not one of the kernel's.
const LONGEST: usize = 64 << 20;
/// For `/proc/sys` the kernel clears as much memory as the buffer is long.
const SMALL: usize = 4096;
/// Other files are made page by page, or in pieces as long as the buffer.
const LARGE: usize = 64 * 1024;

/// Where every file is looked up.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    directory: OwnedFd,
    is_proc: bool,
}

/// What files are read into, kept from one file to the next.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
}

impl Root {
    /// Opens the directory that stands for `/`.
    ///
    /// # Errors
    ///
    /// Returns what the system says when `path` is no directory that can be opened.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self, CollectError> {
        let path = path.into();
        let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC;
        let directory = rustix::fs::open(&path, flags, Mode::empty())
            .map_err(|error| CollectError::of(path.clone(), error))?;
        let is_proc = openat(&directory, "proc", flags, Mode::empty())
            .and_then(fstatfs)
            .is_ok_and(|stat| stat.f_type == PROC_SUPER_MAGIC);
        Ok(Self { path, directory, is_proc })
    }

    /// The path of a file as the user knows it.
    #[must_use]
    pub fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        self.path.join(file)
    }

    /// Whether `proc` is the kernel's, and not a copy.
    pub(super) fn is_proc(&self) -> bool {
        self.is_proc
    }

    /// Opens a file or directory, named without a leading slash.
    pub(super) fn open(&self, file: impl AsRef<Path>, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        openat(&self.directory, file.as_ref(), flags | OFlags::CLOEXEC, Mode::empty())
    }

    /// Reads all bytes of a file, named without a leading slash.
    pub(super) fn read_raw<'b>(
        &self,
        file: impl AsRef<Path>,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [u8], CollectError> {
        let file = file.as_ref();
        let step = if file.starts_with("proc/sys") { SMALL } else { LARGE };
        self.open(file, OFlags::RDONLY)
            .and_then(|opened| buffer.fill(&opened, step))
            .map_err(|error| CollectError::of(self.path(file), error))?;
        Ok(&buffer.bytes)
    }

    /// Reads a whole file, named without a leading slash. A last line without its end is not given: it is half
    /// written, and a number in it may have lost digits.
    pub(super) fn read<'b>(
        &self,
        file: impl AsRef<Path>,
        buffer: &'b mut Buffer,
    ) -> Result<&'b [u8], CollectError> {
        let bytes = self.read_raw(file, buffer)?;
        let end = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        Ok(&bytes[..end])
    }

    /// Reads a file that holds a single whole number.
    pub(super) fn number(&self, file: &str, buffer: &mut Buffer) -> Result<u64, CollectError> {
        let bytes = self.read(file, buffer)?;
        super::text::single(bytes)
            .ok_or_else(|| CollectError::Malformed { path: self.path(file), expected: "a number" })
    }

    /// Calls `each` with the name of every directory in a directory, except `.` and `..`.
    pub(super) fn directories(&self, file: &[u8], mut each: impl FnMut(&[u8])) -> rustix::io::Result<()> {
        let opened = self.open(OsStr::from_bytes(file), OFlags::RDONLY | OFlags::DIRECTORY)?;
        typed_entries(&opened, |name, kind| {
            if kind == FileType::Directory {
                each(name);
            }
        })
    }

    /// How many links a file has: for a directory of cgroups, two and the directories in it.
    pub(super) fn links(&self, file: &[u8]) -> rustix::io::Result<u64> {
        let stat = statat(&self.directory, file, AtFlags::empty())?;
        #[allow(clippy::useless_conversion, reason = "its type is not the same on every architecture")]
        Ok(u64::from(stat.st_nlink))
    }
}

/// Calls `each` with the name of every entry of an open directory, except `.` and `..`.
pub(super) fn entries(directory: &OwnedFd, mut each: impl FnMut(&[u8])) -> rustix::io::Result<()> {
    typed_entries(directory, |name, _| each(name))
}

fn typed_entries(directory: &OwnedFd, mut each: impl FnMut(&[u8], FileType)) -> rustix::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); 16 * 1024];
    let mut listing = RawDir::new(directory, &mut space);
    while let Some(entry) = listing.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            each(name, entry.file_type());
        }
    }
    Ok(())
}

impl Buffer {
    /// Replaces what is held by what is left of `file`, read in steps of `step` bytes.
    fn fill(&mut self, file: &OwnedFd, step: usize) -> rustix::io::Result<()> {
        let mut held = 0;
        loop {
            if self.bytes.len() < held + step {
                self.bytes.resize(held + step, 0);
            }
            let count = match read(file, &mut self.bytes[held..held + step]) {
                Ok(count) => count,
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error),
            };
            held += count;
            if count == 0 {
                self.bytes.truncate(held);
                return Ok(());
            }
            if LONGEST < held {
                return Err(Errno::FBIG);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_longer_than_the_buffer_are_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let long = [vec![b'x'; 3 * LARGE + 17], b"\n".to_vec()].concat();
        fs::create_dir_all(folder.path().join("proc/sys")).unwrap();
        fs::write(folder.path().join("proc/long"), &long).unwrap();
        fs::write(folder.path().join("proc/sys/long"), &long).unwrap();
        let (root, mut buffer) = (Root::new(folder.path()).unwrap(), Buffer::default());
        assert_eq!(root.read("proc/long", &mut buffer).unwrap(), long);
        assert_eq!(root.read("proc/sys/long", &mut buffer).unwrap(), long);
        assert!(!root.is_proc());
    }

    #[test]
    fn a_line_without_its_end_is_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let (root, mut buffer) = (Root::new(folder.path()).unwrap(), Buffer::default());
        fs::write(folder.path().join("lines"), "a 1\nb 2").unwrap();
        assert_eq!(root.read("lines", &mut buffer).unwrap(), b"a 1\n");
        fs::write(folder.path().join("lines"), "327").unwrap();
        assert_eq!(root.number("lines", &mut buffer).unwrap_err().reason(), "malformed");
    }

    #[test]
    fn what_is_not_there_is_told_from_what_may_not_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let (root, mut buffer) = (Root::new(folder.path()).unwrap(), Buffer::default());
        assert_eq!(root.read("proc/none", &mut buffer).unwrap_err().reason(), "absent");
        assert_eq!(root.read("", &mut buffer).unwrap_err().reason(), "absent");
        assert!(Root::new(folder.path().join("none")).is_err());
    }

    #[test]
    fn the_kernels_own_files_are_known() {
        assert!(Root::new("/").unwrap().is_proc());
    }
}
