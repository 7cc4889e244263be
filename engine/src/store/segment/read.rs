//! Reads rows out of a segment. Nothing is decoded before its checksum was found to be right.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use polars::prelude::*;

use super::super::error::StoreError;
use super::super::meta::SeriesId;
use super::super::rows::Rows;
use super::super::runs::Runs;
use super::frame;
use super::head::{Extent, Head, KEY, VERSION};
use super::name::Name;

/// Bytes behind the footer: its length, and the file's last word.
const TAIL: u64 = 8;
const LAST_WORD: &[u8] = b"PAR1";

/// What is known of a segment without reading its rows.
#[derive(Clone, Debug)]
pub(in super::super) struct Segment {
    pub(in super::super) name: Name,
    pub(in super::super) path: PathBuf,
    pub(in super::super) bytes: u64,
    pub(in super::super) from_ms: i64,
    pub(in super::super) to_ms: i64,
    pub(in super::super) runs: Runs,
    pub(in super::super) restarts: HashMap<SeriesId, Vec<i64>>,
    extents: Vec<Extent>,
    /// The first row of each group, and behind them the number of all rows.
    starts: Vec<usize>,
    /// The footer, once rows have been read: parsing it takes longer than reading one series.
    footer: OnceLock<FileMetadataRef>,
}

impl Segment {
    /// Reads what the file says of itself.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is damaged, or is of a later version.
    pub(in super::super) fn open(path: &Path, name: Name) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(StoreError::io("read", path))?;
        let bytes = file.metadata().map_err(StoreError::io("read", path))?.len();
        if crc32fast::hash(&footer(path, &file)?) != name.footer_sum {
            return Err(StoreError::damaged(path, "its footer has another checksum than its name"));
        }
        let metadata = metadata(path, file)?;
        let damaged = || StoreError::damaged(path, "its footer does not say what it should");
        let head = head(&metadata).ok_or_else(damaged)?;
        if VERSION < head.version {
            let (path, found) = (path.to_path_buf(), head.version);
            return Err(StoreError::Version { path, found, known: VERSION });
        }
        let runs = head.runs().ok_or_else(damaged)?;
        let mut starts = vec![0];
        for group in &metadata.row_groups {
            starts.push(starts[starts.len() - 1] + group.num_rows());
        }
        let within = |extent: &Extent| extent.start <= extent.end && extent.end <= bytes;
        if !head.groups.iter().all(within)
            || starts.len() != head.groups.len() + 1
            || starts.last() != Some(&runs.rows())
        {
            return Err(damaged());
        }
        let (restarts, path) = (head.restarts(), path.to_path_buf());
        let Head { from_ms, to_ms, groups: extents, .. } = head;
        Ok(Self {
            name,
            path,
            bytes,
            from_ms,
            to_ms,
            runs,
            restarts,
            extents,
            starts,
            footer: OnceLock::new(),
        })
    }

    /// Opens the file for reading rows.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub(in super::super) fn rows(&self) -> Result<Open<'_>, StoreError> {
        let open = || File::open(&self.path).map_err(StoreError::io("read", &self.path));
        let metadata = if let Some(footer) = self.footer.get() {
            Arc::clone(footer)
        } else {
            let footer = metadata(&self.path, open()?)?;
            Arc::clone(self.footer.get_or_init(|| footer))
        };
        Ok(Open { segment: self, file: open()?, metadata })
    }

    /// Whether it has rows between two times, or may have.
    pub(in super::super) fn overlaps(&self, range: &Range<i64>) -> bool {
        range.start <= self.to_ms && self.from_ms < range.end
    }

    /// The group that has this row.
    pub(in super::super) fn group_of(&self, row: usize) -> usize {
        self.starts.partition_point(|&start| start <= row).saturating_sub(1)
    }

    /// The groups that have these rows, with the rows of each within it.
    pub(in super::super) fn groups(
        &self,
        rows: Range<usize>,
    ) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
        let first = self.group_of(rows.start);
        (first..self.extents.len()).take_while(move |&k| self.starts[k] < rows.end).map(move |k| {
            let (start, end) = (self.starts[k], self.starts[k + 1]);
            (k, rows.start.max(start) - start..rows.end.min(end) - start)
        })
    }
}

/// A segment whose rows are being read.
pub(in super::super) struct Open<'a> {
    segment: &'a Segment,
    file: File,
    metadata: FileMetadataRef,
}

impl Open<'_> {
    /// The rows of a range, which may span groups.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or a group in the range is damaged.
    pub(in super::super) fn range(&self, rows: Range<usize>, limits: bool) -> Result<Rows, StoreError> {
        let mut all = Rows::default();
        for (group, rows) in self.segment.groups(rows) {
            let part = self.group(group, rows, limits)?;
            if all.is_empty() {
                all = part;
            } else {
                all.extend(&part, 0, part.len());
            }
        }
        Ok(all)
    }

    /// Rows of one group.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or the group is damaged.
    pub(in super::super) fn group(
        &self,
        k: usize,
        rows: Range<usize>,
        limits: bool,
    ) -> Result<Rows, StoreError> {
        let path = &self.segment.path;
        let broken = StoreError::parquet("read", path);
        self.check(k)?;
        let wanted = frame::columns(self.segment.name.kind).iter().filter(|name| limits || **name != "limit");
        let file = self.file.try_clone().map_err(StoreError::io("read", path))?;
        let mut reader = ParquetReader::new(file)
            .read_parallel(ParallelStrategy::None)
            .with_slice(Some((rows.start, rows.len())))
            .with_columns(Some(wanted.map(ToString::to_string).collect()));
        reader.set_metadata(Arc::new(self.alone(k)));
        let frame = reader.finish().and_then(|frame| frame::rows(&frame)).map_err(broken)?;
        if frame.len() == rows.len() {
            Ok(frame)
        } else {
            Err(StoreError::damaged(path, format!("group {k} has {} rows of {}", frame.len(), rows.len())))
        }
    }

    /// The metadata of a file that has this group alone: the reader visits every group it is told of.
    fn alone(&self, k: usize) -> FileMetadata {
        let group = self.metadata.row_groups[k].clone();
        FileMetadata {
            version: self.metadata.version,
            num_rows: group.num_rows(),
            max_row_group_height: group.num_rows(),
            created_by: None,
            row_groups: vec![group],
            key_value_metadata: None,
            schema_descr: self.metadata.schema_descr.clone(),
            column_orders: None,
            footer_buf: self.metadata.footer_buf.clone(),
        }
    }

    fn check(&self, k: usize) -> Result<(), StoreError> {
        let path = &self.segment.path;
        let Extent { start, end, sum } = self.segment.extents[k];
        let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(0)];
        self.file.read_exact_at(&mut bytes, start).map_err(StoreError::io("read", path))?;
        if crc32fast::hash(&bytes) == sum {
            Ok(())
        } else {
            Err(StoreError::damaged(path, format!("group {k} has another checksum than the footer says")))
        }
    }
}

fn metadata(path: &Path, file: File) -> Result<FileMetadataRef, StoreError> {
    ParquetReader::new(file).get_metadata().cloned().map_err(StoreError::parquet("read", path))
}

fn head(metadata: &FileMetadata) -> Option<Head> {
    let pairs = metadata.key_value_metadata.as_ref()?;
    let value = pairs.iter().find(|pair| pair.key == KEY)?.value.as_ref()?;
    serde_json::from_str(value).ok()
}

/// The footer's bytes, up to the end of the file.
pub(super) fn footer(path: &Path, file: &File) -> Result<Vec<u8>, StoreError> {
    let damaged = || StoreError::damaged(path, "it does not end like Parquet");
    let length = file.metadata().map_err(StoreError::io("read", path))?.len();
    let mut tail = [0; 8];
    let at = length.checked_sub(TAIL).ok_or_else(damaged)?;
    file.read_exact_at(&mut tail, at).map_err(StoreError::io("read", path))?;
    let (size, word) = tail.split_at(4);
    let size = size.first_chunk().map_or(0, |size| u32::from_le_bytes(*size));
    if word != LAST_WORD {
        return Err(damaged());
    }
    let start = at.checked_sub(u64::from(size)).ok_or_else(damaged)?;
    let mut footer = vec![0; usize::try_from(length - start).map_err(|_| damaged())?];
    file.read_exact_at(&mut footer, start).map_err(StoreError::io("read", path))?;
    Ok(footer)
}
