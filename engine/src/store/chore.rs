//! Work that takes seconds, as a value: it may be run on another thread while ticks are appended.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::error::StoreError;
use super::meta::SeriesId;
use super::seal::{Names, discard};
use super::segment::Segment;
use super::table::{self, Row};
use super::{compact, files, replay, seal};

/// One piece of work on files that no longer change.
#[derive(Debug)]
pub struct Chore {
    pub(super) dir: PathBuf,
    pub(super) names: Names,
    pub(super) job: Job,
    pub(super) turn: Turn,
}

/// Held by the one piece of work that is under way.
pub(super) type Turn = Arc<()>;

#[derive(Debug)]
pub(super) enum Job {
    /// Turn a write-ahead file that is full into segments.
    Seal { number: u32, path: PathBuf, block_ms: i64, rows: Vec<Row>, table_number: u32 },
    /// Merge the segments of a day.
    Merge { segments: Vec<Arc<Segment>> },
}

/// What a chore has done, for [`Store::adopt`](super::Store::adopt).
#[derive(Debug)]
pub struct Done {
    /// The newest sample of each series that was sealed.
    pub(super) last: BTreeMap<SeriesId, i64>,
    /// Damaged parts that were left out.
    pub(super) lost: Vec<StoreError>,
    pub(super) _turn: Turn,
}

impl Chore {
    /// What it does, in a word, for those who log it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.job {
            Job::Seal { .. } => "seal",
            Job::Merge { .. } => "merge",
        }
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written; nothing has changed, and the chore is still to be done.
    pub fn run(self) -> Result<Done, StoreError> {
        let dir = self.dir.clone();
        let done = self.work();
        if done.is_err() {
            discard(&dir);
        }
        done
    }

    fn work(self) -> Result<Done, StoreError> {
        let Self { dir, names, job, turn } = self;
        match job {
            Job::Seal { number, path, block_ms, mut rows, table_number } => {
                let contents = replay::contents(&path)?;
                for row in &mut rows {
                    row.last_ms = contents.last.get(&row.id).copied().unwrap_or(row.last_ms);
                }
                // The table first: a segment whose series nobody knows would be worth little.
                table::write(&dir, table_number, &rows)?;
                seal::seal(&dir, number, &path, &contents, &names, block_ms)?;
                files::remove(&path)?;
                Ok(Done { last: contents.last, lost: Vec::new(), _turn: turn })
            }
            Job::Merge { segments } => {
                let lost = compact::merge(&dir, &segments, &names)?;
                for segment in &segments {
                    let damaged = lost.iter().any(
                        |error| matches!(error, StoreError::Damaged { path, .. } if *path == segment.path),
                    );
                    if damaged {
                        files::rename(&segment.path, &files::aside(&segment.path, "bad"))?;
                    } else {
                        files::remove(&segment.path)?;
                    }
                }
                Ok(Done { last: BTreeMap::new(), lost, _turn: turn })
            }
        }
    }
}
