//! Writes a segment: series after series in order of id, a row group at a time.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;

use super::super::error::StoreError;
use super::super::meta::SeriesId;
use super::super::rows::Rows;
use super::super::runs::Runs;
use super::head::{Extent, Head, KEY};
use super::name::{Kind, Name};
use super::{frame, read};

/// Rows of a group, unless one series has more: enough to compress well, few enough to be decoded in a millisecond.
const GROUP: usize = 1 << 16;

/// A segment that is being written, under a name that does not count until it is finished.
pub(in super::super) struct Writer {
    kind: Kind,
    path: PathBuf,
    batches: BatchedWriter<Summed>,
    passed: Passed,
    extents: Vec<Extent>,
    runs: Runs,
    restarts: HashMap<SeriesId, Vec<i64>>,
    span: (i64, i64),
    waiting: Rows,
    names: Vec<(String, usize)>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Writer {
    /// Creates the file at `path`, which is for this writer alone.
    ///
    /// # Errors
    ///
    /// The file cannot be created.
    pub(in super::super) fn create(path: PathBuf, kind: Kind) -> Result<Self, StoreError> {
        let file = File::create(&path).map_err(StoreError::io("create", &path))?;
        let passed = Passed::default();
        // Without a level zstd tries as hard as it does by default, at level 3.
        let writer = ParquetWriter::new(Summed { file, passed: Arc::clone(&passed) })
            .with_compression(ParquetCompression::Zstd(None));
        let empty = frame::of(Rows::default(), kind, &[]).map_err(StoreError::parquet("write", &path))?;
        let batches = writer.batched(empty.schema()).map_err(StoreError::parquet("write", &path))?;
        Ok(Self {
            kind,
            path,
            batches,
            passed,
            extents: Vec::new(),
            runs: Runs::default(),
            restarts: HashMap::new(),
            span: (i64::MAX, i64::MIN),
            waiting: Rows::default(),
            names: Vec::new(),
        })
    }

    /// Adds rows of a series that is not before the last one; its times go on where its last rows ended.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(in super::super) fn push(&mut self, id: SeriesId, name: &str, rows: &Rows) -> Result<(), StoreError> {
        let (Some(&from), Some(&to)) = (rows.t_ms.first(), rows.t_ms.last()) else { return Ok(()) };
        self.span = (self.span.0.min(from), self.span.1.max(to));
        if GROUP < self.waiting.len() + rows.len() {
            self.flush()?;
        }
        let mut start = 0;
        while start < rows.len() {
            let count = GROUP.min(rows.len() - start);
            self.waiting.extend(rows, start, count);
            self.names.push((name.to_owned(), count));
            self.runs.push(id, u32::try_from(count).unwrap_or(u32::MAX));
            start += count;
            if GROUP <= self.waiting.len() {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Notes that a series was started anew at these times.
    pub(in super::super) fn restarted(&mut self, id: SeriesId, times: &[i64]) {
        self.restarts.entry(id).or_default().extend_from_slice(times);
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let names = std::mem::take(&mut self.names);
        let frame = frame::of(rows, self.kind, &names).map_err(StoreError::parquet("write", &self.path))?;
        start(&self.passed);
        self.batches.write_batch(&frame).map_err(StoreError::parquet("write", &self.path))?;
        self.extents.push(end(&self.passed));
        Ok(())
    }

    /// The file, under the name that does not count.
    pub(in super::super) fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// Writes the footer and makes the file durable. It counts once it has the name that is returned; `None` if there
    /// was nothing to write, and the file is gone.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(in super::super) fn finish(mut self, first: u32, last: u32) -> Result<Option<Name>, StoreError> {
        self.flush()?;
        if self.runs.rows() == 0 {
            fs::remove_file(&self.path).map_err(StoreError::io("remove", &self.path))?;
            return Ok(None);
        }
        let head = Head::new(self.span, &self.runs, std::mem::take(&mut self.extents), &self.restarts);
        let head = serde_json::to_string(&head).unwrap_or_default();
        let writer = self.batches.get_writer();
        // Not the writer's own metadata: that is fixed before the first row, and the sums are known after the last.
        let context = ParquetMetadataContext { arrow_schema: "" };
        let metadata = KeyValueMetadata::from_static(vec![(KEY.to_owned(), head)]).collect(context);
        let metadata = metadata.map_err(StoreError::parquet("write", &self.path))?;
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.end(Some(metadata)).map_err(StoreError::parquet("write", &self.path))?;
        drop(writer);
        drop(self.batches);
        let file = File::open(&self.path).map_err(StoreError::io("read", &self.path))?;
        file.sync_all().map_err(StoreError::io("write", &self.path))?;
        let footer = read::footer(&self.path, &file)?;
        Ok(Some(Name { kind: self.kind, first, last, footer_sum: crc32fast::hash(&footer) }))
    }
}

/// Where a file is, and the CRC-32 of what has been written since [`start`].
type Passed = Arc<Mutex<Counted>>;

#[derive(Default)]
struct Counted {
    at: u64,
    from: u64,
    sum: crc32fast::Hasher,
}

/// Begins a group.
fn start(passed: &Passed) {
    let mut passed = passed.lock().unwrap_or_else(PoisonError::into_inner);
    passed.from = passed.at;
    passed.sum = crc32fast::Hasher::new();
}

/// What the group has become.
fn end(passed: &Passed) -> Extent {
    let passed = passed.lock().unwrap_or_else(PoisonError::into_inner);
    Extent { start: passed.from, end: passed.at, sum: passed.sum.clone().finalize() }
}

/// A file that sums what passes.
struct Summed {
    file: File,
    passed: Passed,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.at += written as u64;
        passed.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
