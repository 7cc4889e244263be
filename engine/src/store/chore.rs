//! Work that takes seconds, as a value: it may be run on another thread while ticks are appended, or by a process of
//! its own, which takes the memory that it needs with it when it ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::meta::SeriesId;
use super::seal::{Names, discard};
use super::segment::{Name, Segment};
use super::shelf::SetAside;
use super::table::{self, Row};
use super::{compact, files, replay, seal};

/// One piece of work on files that no longer change.
#[derive(Debug)]
pub struct Chore {
    pub(super) work: Work,
    pub(super) turn: Turn,
}

/// Held by the one piece of work that is under way.
pub(super) type Turn = Arc<()>;

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) dir: PathBuf,
    pub(super) names: Names,
    pub(super) job: Job,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Job {
    /// Turn a write-ahead file that is full into segments.
    Seal { number: u32, path: PathBuf, block_ms: i64, rows: Vec<Row>, table_number: u32 },
    /// Merge the segments of a day.
    Merge { segments: Vec<PathBuf> },
}

/// What a chore has done, for [`Store::adopt`](super::Store::adopt).
#[derive(Debug)]
pub struct Done {
    pub(super) outcome: Outcome,
    pub(super) _turn: Turn,
}

/// What has changed in the folder.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// The newest sample of each series that was sealed.
    pub(super) last: BTreeMap<SeriesId, i64>,
    /// Segments with damaged parts, which were left out.
    pub(super) aside: Vec<SetAside>,
}

impl Chore {
    /// What it does, in a word, for those who log it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.work.job {
            Job::Seal { .. } => "seal",
            Job::Merge { .. } => "merge",
        }
    }

    /// Does it here.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written; nothing has changed, and the chore is still to be done.
    pub fn run(self) -> Result<Done, StoreError> {
        let outcome = self.work.run()?;
        Ok(Done { outcome, _turn: self.turn })
    }

    /// What another process needs to know to do it by [`obey`]: one line of JSON.
    ///
    /// # Errors
    ///
    /// It cannot be told, as where a path is no Unicode.
    pub fn order(&self) -> Result<String, StoreError> {
        serde_json::to_string(&self.work).map_err(|error| self.undone(error.to_string()))
    }

    /// Takes what that process has printed.
    ///
    /// # Errors
    ///
    /// It is not what [`obey`] gives: the chore counts as not done, and is offered again.
    pub fn obeyed(self, told: &str) -> Result<Done, StoreError> {
        match serde_json::from_str(told) {
            Ok(outcome) => Ok(Done { outcome, _turn: self.turn }),
            Err(error) => Err(self.broke(error.to_string())),
        }
    }

    /// What it is that the process did not do it: what it has begun is cleared away.
    #[must_use]
    pub fn broke(self, why: String) -> StoreError {
        discard(&self.work.dir);
        self.undone(why)
    }

    fn undone(&self, why: String) -> StoreError {
        StoreError::Undone { dir: self.work.dir.clone(), why }
    }
}

/// Does what [`Chore::order`] says, in a process that ends when the one that ordered it ends; what
/// [`Chore::obeyed`] is to be told.
///
/// # Errors
///
/// A file cannot be read or written; nothing has changed.
pub fn obey(order: &str) -> Result<String, StoreError> {
    let undone =
        |error: serde_json::Error| StoreError::Undone { dir: PathBuf::new(), why: error.to_string() };
    let work: Work = serde_json::from_str(order).map_err(undone)?;
    serde_json::to_string(&work.run()?).map_err(undone)
}

impl Work {
    fn run(self) -> Result<Outcome, StoreError> {
        let dir = self.dir.clone();
        let done = self.work();
        if done.is_err() {
            discard(&dir);
        }
        done
    }

    fn work(self) -> Result<Outcome, StoreError> {
        let Self { dir, names, job } = self;
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
                Ok(Outcome { last: contents.last, aside: Vec::new() })
            }
            Job::Merge { segments } => {
                let segments = segments.iter().map(open).collect::<Result<Vec<_>, _>>()?;
                let lost = compact::merge(&dir, &segments, &names)?;
                let aside = segments.iter().filter_map(|segment| put_away(segment, &lost).transpose());
                Ok(Outcome { last: BTreeMap::new(), aside: aside.collect::<Result<_, _>>()? })
            }
        }
    }
}

fn open(path: impl AsRef<Path>) -> Result<Arc<Segment>, StoreError> {
    let path = path.as_ref();
    let name = Name::read(path).ok_or_else(|| StoreError::damaged(path, "its name is no segment's"))?;
    Segment::open(path, name).map(Arc::new)
}

/// Removes a segment that was merged, or sets it aside where a part of it was lost.
fn put_away(segment: &Segment, lost: &[StoreError]) -> Result<Option<SetAside>, StoreError> {
    let damaged =
        lost.iter().find(|error| matches!(error, StoreError::Damaged { path, .. } if *path == segment.path));
    let Some(damage) = damaged else { return files::remove(&segment.path).map(|()| None) };
    let path = files::aside(&segment.path, "bad");
    files::rename(&segment.path, &path)?;
    Ok(Some(SetAside { path, reason: damage.to_string() }))
}
