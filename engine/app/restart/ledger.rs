//! The journal as several threads write it, with the clock.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use hebe::restart::journal::{Entry, Fold, Journal, JournalError, Journals, Limits};

/// The journal, open: no other process restarts here meanwhile.
#[derive(Debug)]
pub(super) struct Ledger {
    journal: Mutex<Journal>,
}

impl Ledger {
    pub(super) fn open(dir: &Path, limits: Limits, known: Journals) -> Result<Self, JournalError> {
        let journal = Journal::open_known(dir, limits, std::process::id(), Utc::now(), known)?;
        Ok(Self { journal: Mutex::new(journal) })
    }

    /// Returns when the disk has it; on an error nothing may be done about it.
    pub(super) fn write(&self, entry: Entry) -> Result<(), JournalError> {
        self.journal().append(entry, Utc::now())
    }

    /// Writes what the disk confirms together with the next entry: nothing is done about it before that.
    pub(super) fn write_with_next(&self, entry: Entry) -> Result<(), JournalError> {
        self.journal().append_with_next(entry, Utc::now())
    }

    /// The journal, folded.
    pub(super) fn fold(&self) -> Fold {
        self.journal().fold().clone()
    }

    /// Refuses where the journal is not as it was written.
    pub(super) fn sound(&self) -> Result<(), JournalError> {
        match self.journal().faults().first() {
            Some(fault) => Err(JournalError::Broken { fault: fault.to_string() }),
            None => Ok(()),
        }
    }

    /// Takes it as it is, on the word of `who`: how many files were not as they were written.
    pub(super) fn accept(&self, who: &str) -> Result<usize, JournalError> {
        self.journal().accept(who, Utc::now())
    }

    /// A thread that died while it wrote has left whole lines: an entry is in the fold when the disk has it.
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
