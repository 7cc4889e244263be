//! Files that are whole or not there: written under another name, made durable, renamed, and the folder made durable.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// Writes a file and waits until it is on the disk.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(StoreError::io("write", path))
}

/// Renames a file, replacing what has the name, and waits until that is on the disk.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(StoreError::io("rename", from))?;
    to.parent().map_or(Ok(()), sync)
}

/// Waits until the names in a folder are on the disk.
pub(super) fn sync(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::io("sync", folder))
}

/// Removes a file; one that is not there is removed already.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// The name under which a file is set aside, so that it no longer counts and nothing of it is lost.
pub(super) fn aside(path: &Path, word: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(".");
    name.push(word);
    path.with_file_name(name)
}

/// The files of a folder with their sizes, in order of name; of a folder that is not there, none.
pub(super) fn list(folder: &Path) -> Result<Vec<(PathBuf, u64)>, StoreError> {
    let failed = || StoreError::io("list", folder);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed())?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed())?;
        // A file that is gone by now is not in the folder.
        if let Ok(meta) = entry.metadata() {
            files.push((entry.path(), meta.len()));
        }
    }
    files.sort();
    Ok(files)
}
