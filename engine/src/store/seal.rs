//! Turns a write-ahead file into a raw segment and its tier, a few series at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::blocks::blocks;
use super::error::StoreError;
use super::files;
use super::meta::SeriesId;
use super::replay::{Contents, replay};
use super::rows::Rows;
use super::segment::{Kind, Name, Writer};

/// Samples sorted at once, of 24 bytes each; the file is read again for each batch.
const BATCH: usize = 1 << 18;

/// Names of series.
pub(super) type Names = HashMap<SeriesId, String>;

/// Seals the write-ahead file `number` at `path`, which has these contents.
///
/// # Errors
///
/// A file cannot be read or written; nothing has changed.
pub(super) fn seal(
    dir: &Path,
    number: u32,
    path: &Path,
    contents: &Contents,
    names: &Names,
    block_ms: i64,
) -> Result<(), StoreError> {
    let mut pair = Pair::create(dir, block_ms)?;
    let series: Vec<(SeriesId, usize)> = contents.samples.iter().map(|(&id, &count)| (id, count)).collect();
    for batch in batches(&series, BATCH) {
        let (first, end) = (batch[0].0, batch[batch.len() - 1].0);
        let room = |id| contents.samples.get(&id).copied().unwrap_or(0);
        let mut rows = replay(path, |id| first <= id && id <= end, room)?.rows;
        for (id, _) in batch {
            let rows = rows.remove(id).unwrap_or_default();
            pair.push(*id, name(names, *id), &rows)?;
        }
    }
    for (id, times) in &contents.restarts {
        pair.restarted(*id, times);
    }
    pair.finish(number, number)
}

/// The name of a series, or what stands for it.
pub(super) fn name(names: &Names, id: SeriesId) -> &str {
    names.get(&id).map_or("unknown", String::as_str)
}

/// Runs of series that have at most `most` rows together, or one series alone.
pub(super) fn batches<T>(series: &[(T, usize)], most: usize) -> impl Iterator<Item = &[(T, usize)]> {
    let mut rest = series;
    std::iter::from_fn(move || {
        let mut rows = 0;
        let fits = rest.iter().take_while(|(_, count)| {
            rows += count;
            rows <= most
        });
        let length = fits.count().max(1).min(rest.len());
        let (batch, tail) = rest.split_at(length);
        rest = tail;
        (!batch.is_empty()).then_some(batch)
    })
}

/// A raw segment and its tier, written side by side.
#[derive(Debug)]
pub(super) struct Pair {
    raw: Sheet,
    tier: Sheet,
    block_ms: i64,
}

impl Pair {
    /// Begins a pair; what an earlier attempt left is overwritten.
    pub(super) fn create(dir: &Path, block_ms: i64) -> Result<Self, StoreError> {
        Ok(Self { raw: Sheet::create(dir, Kind::Raw)?, tier: Sheet::create(dir, Kind::Tier)?, block_ms })
    }

    /// Adds raw rows of a series, and their blocks.
    pub(super) fn push(&mut self, id: SeriesId, name: &str, raw: &Rows) -> Result<(), StoreError> {
        self.raw.writer.push(id, name, raw)?;
        self.tier.writer.push(id, name, &blocks(raw, self.block_ms))
    }

    pub(super) fn restarted(&mut self, id: SeriesId, times: &[i64]) {
        self.raw.writer.restarted(id, times);
        self.tier.writer.restarted(id, times);
    }

    /// Makes both count. The tier first: what makes the write-ahead file superfluous is the raw segment.
    pub(super) fn finish(self, first: u32, last: u32) -> Result<(), StoreError> {
        self.tier.finish(first, last)?;
        self.raw.finish(first, last)?;
        Ok(())
    }
}

/// One segment on its way.
#[derive(Debug)]
pub(super) struct Sheet {
    dir: PathBuf,
    pub(super) writer: Writer,
}

impl Sheet {
    pub(super) fn create(dir: &Path, kind: Kind) -> Result<Self, StoreError> {
        let path = temporary(dir, kind);
        Ok(Self { dir: dir.to_path_buf(), writer: Writer::create(path, kind)? })
    }

    /// Makes it count under the numbers of the write-ahead files that it replaces.
    pub(super) fn finish(self, first: u32, last: u32) -> Result<Option<Name>, StoreError> {
        let (dir, from) = (self.dir, self.writer.path());
        let name = self.writer.finish(first, last)?;
        if let Some(name) = name {
            files::rename(&from, &name.path(&dir))?;
        }
        Ok(name)
    }
}

fn temporary(dir: &Path, kind: Kind) -> PathBuf {
    let word = kind.word();
    dir.join(word).join(format!("{word}.tmp"))
}

/// Removes what an attempt that failed has left.
pub(super) fn discard(dir: &Path) {
    for kind in [Kind::Raw, Kind::Tier] {
        // Where even that fails, the next start clears it away.
        let _ = files::remove(&temporary(dir, kind));
    }
}
