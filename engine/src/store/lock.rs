//! One writer a store: a file that is locked, with the owner's process id in it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::error::StoreError;

/// Held as long as the store is open; the system gives it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store at `dir` for process `owner`.
    ///
    /// # Errors
    ///
    /// Another process has it, or the file cannot be written.
    pub(super) fn take(dir: &Path, owner: u32) -> Result<Self, StoreError> {
        let path = dir.join("LOCK");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(StoreError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                // An owner that cannot be read is an owner still.
                let _ = file.read_to_string(&mut owner);
                let owner = owner.trim().to_owned();
                return Err(StoreError::Locked { dir: dir.to_path_buf(), owner });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", &path)(error)),
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{owner}")
        };
        // A full disk is no reason not to start: the lock holds without a name in it.
        match write(&mut file).map_err(StoreError::io("write", &path)) {
            Err(error) if !error.is_full() => Err(error),
            _ => Ok(Self { _file: file }),
        }
    }
}

/// The process that has the store at `dir` open, as it says; none where nobody has.
#[must_use]
pub fn owner(dir: &Path) -> Option<String> {
    let mut file = File::open(dir.join("LOCK")).ok()?;
    let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    let mut owner = String::new();
    // An owner that cannot be read is an owner still.
    let _ = file.read_to_string(&mut owner);
    held.then(|| owner.trim().to_owned())
}
