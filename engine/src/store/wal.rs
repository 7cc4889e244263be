//! The write-ahead file: what has been appended since the last segment, durable tick by tick.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::error::StoreError;
use super::frame::Frames;

/// First bytes of every write-ahead file; the last of them is the version of the layout.
const MAGIC: [u8; 8] = *b"HEBEWAL\x01";

/// A write-ahead file that is being written.
#[derive(Debug)]
pub(super) struct Wal {
    path: PathBuf,
    file: File,
    /// Bytes up to the end of the last good frame.
    good: u64,
    /// Whether something may stand behind the last good frame.
    torn: bool,
}

impl Wal {
    /// Opens or creates the file, cuts off what is behind its last good frame, and gives its entries to `each`.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, is of a later version, or is something else.
    pub(super) fn open(path: &Path, each: impl FnMut(Entry)) -> Result<Self, StoreError> {
        let good = match read(path, each) {
            Ok(good) => good,
            Err(error) if error.is_missing() => 0,
            Err(error) => return Err(error),
        };
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = file.map_err(StoreError::io("open", path))?;
        Ok(Self { path: path.to_path_buf(), file, good, torn: true })
    }

    /// Bytes up to the end of the last good frame.
    pub(super) fn bytes(&self) -> u64 {
        self.good
    }

    /// Appends frames and waits until they are on the disk.
    ///
    /// # Errors
    ///
    /// They are not: the next attempt begins by cutting off what may have been left of them.
    pub(super) fn append(&mut self, frames: &[u8]) -> Result<(), StoreError> {
        let operation = "append to";
        if self.torn {
            self.mend().map_err(StoreError::io("mend", &self.path))?;
        }
        self.torn = true;
        self.file
            .write_all(frames)
            .and_then(|()| self.file.sync_data())
            .map_err(StoreError::io(operation, &self.path))?;
        self.torn = false;
        self.good += frames.len() as u64;
        Ok(())
    }

    /// Cuts the file behind its last good frame; a new file gets its header.
    fn mend(&mut self) -> io::Result<()> {
        self.file.set_len(self.good)?;
        self.file.seek(SeekFrom::Start(self.good))?;
        if self.good == 0 {
            self.file.write_all(&MAGIC)?;
            self.file.sync_all()?;
            if let Some(folder) = self.path.parent() {
                File::open(folder)?.sync_all()?;
            }
            self.good = MAGIC.len() as u64;
        }
        self.torn = false;
        Ok(())
    }
}

/// Gives the entries of a file, up to its first bad frame, to `each`; returns where the last good frame ends.
///
/// # Errors
///
/// The file cannot be read, is of a later version, or is something else.
pub(super) fn read(path: &Path, mut each: impl FnMut(Entry)) -> Result<u64, StoreError> {
    let failed = || StoreError::io("read", path);
    let mut file = io::BufReader::with_capacity(1 << 16, File::open(path).map_err(failed())?);
    let mut magic = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic).map_err(failed())?;
    match magic.first_chunk::<8>() {
        Some(magic) if *magic == MAGIC => {}
        Some(magic) if magic[..7] == MAGIC[..7] && MAGIC[7] < magic[7] => {
            let (found, known) = (u32::from(magic[7]), u32::from(MAGIC[7]));
            return Err(StoreError::Version { path: path.to_path_buf(), found, known });
        }
        Some(_) => return Err(StoreError::damaged(path, "it does not begin like a write-ahead file")),
        // Cut off while it was created.
        None => return Ok(0),
    }
    let mut frames = Frames::new(file, MAGIC.len() as u64);
    while let Some(body) = frames.next().map_err(failed())? {
        // A frame whose sum is right and whose kind is unknown was written by a later version: it is passed over.
        if let Some(entry) = Entry::read(body) {
            each(entry);
        }
    }
    Ok(frames.good())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::entry::push_tick;
    use super::super::meta::SeriesId;
    use super::super::tick::Reading;
    use std::fs;

    use super::*;

    fn ticks(path: &Path) -> Vec<i64> {
        let mut times = Vec::new();
        read(path, |entry| {
            if let Entry::Tick { t_ms, .. } = entry {
                times.push(t_ms);
            }
        })
        .unwrap();
        times
    }

    fn append(wal: &mut Wal, t_ms: i64) {
        let mut frame = Vec::new();
        let readings = [3, 7].map(|id| Reading { id: SeriesId(id), used: 1.5, limit: None });
        push_tick(&mut frame, t_ms, &readings, &[]);
        wal.append(&frame).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_file_is_cut_and_written_on(cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("0.wal");
            let mut wal = Wal::open(&path, drop).unwrap();
            (0..6).for_each(|t_ms| append(&mut wal, t_ms));
            let mut bytes = fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            bytes.truncate(cut.index(bytes.len() + 1));
            fs::write(&path, &bytes).unwrap();
            if bytes.first_chunk::<8>().is_some_and(|magic| *magic != MAGIC) {
                prop_assert!(Wal::open(&path, drop).is_err());
                prop_assert_eq!(fs::read(&path).unwrap(), bytes);
                return Ok(());
            }
            let mut left = Vec::new();
            let mut wal = Wal::open(&path, |entry| left.push(entry)).unwrap();
            append(&mut wal, 9);
            let kept = i64::try_from(left.len()).unwrap();
            prop_assert_eq!(ticks(&path), (0..kept).chain([9]).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_later_version_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0.wal");
        fs::write(&path, b"HEBEWAL\x02something").unwrap();
        assert!(matches!(Wal::open(&path, drop), Err(StoreError::Version { found: 2, known: 1, .. })));
        assert_eq!(fs::read(&path).unwrap(), b"HEBEWAL\x02something");
    }
}
