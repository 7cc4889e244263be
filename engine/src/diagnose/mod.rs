//! Who uses a resource up: its total taken apart into groups of processes, kernel tags and an honest remainder.
//!
//! What lives here turns columns of blocks into culprits with shares, and says in words what was corrected and what is
//! missing. Where members come from: recorded histories by their names ([`Recorded`]), the live host by a ledger of
//! groups. Slopes and shares are `hebe_models::attribution`.

mod blocks;
mod culprits;
mod family;
mod identity;
mod ledger;
mod member;
mod recorded;
pub mod restarts;
mod table;
mod together;
mod words;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::finding::{Culprit, Finding};

pub use blocks::Blocks;
pub use culprits::diagnose;
pub use identity::Part;
pub use ledger::Ledger;
pub use member::{Kind, Member};
pub use recorded::{HELD_OPEN, Recorded};
pub use together::Together;

/// Everything that one total is taken apart with. All columns have the blocks of `blocks`; what is not there is not
/// finite.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The blocks.
    pub blocks: Blocks,
    /// The total; without one the members' sum stands for it.
    pub total: Option<Vec<f64>>,
    /// The members.
    pub members: Vec<Member>,
    /// What counts once that members of groups share, where it is known (`AnonPages`, open files).
    pub once: Option<Vec<f64>>,
    /// What all of it must add up to, at the last block.
    pub identity: Vec<Part>,
    /// Unit of the values (`bytes`, `count`).
    pub unit: String,
    /// What the total is, where it is not the row's own series.
    pub of: Option<String>,
    /// What the groups are, where they are not processes.
    pub holders: Option<&'static str>,
}

/// What was found out about who uses a resource up.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Largest share of the growth first, then the largest; tags after groups, the remainder last.
    pub culprits: Vec<Culprit>,
    /// The shares in one sentence.
    pub sentence: String,
    /// What was corrected, and what does not add up.
    pub notes: Vec<String>,
    /// What was read of the suspects on demand.
    pub evidence: Vec<String>,
    /// Since when the first culprit grows.
    pub since: Option<DateTime<Utc>>,
}

/// Who it is, in the words that an action stands for until the culprit is known.
pub(crate) const SOMEBODY: &str = "what uses it up";

impl Diagnosis {
    /// The member that takes the largest share of the growth.
    #[must_use]
    pub fn first(&self) -> Option<&Culprit> {
        crate::finding::first_culprit(&self.culprits)
    }

    /// Puts the diagnosis into a finding: the row's culprits, and the culprit's name into what is recommended.
    pub fn put_into(self, finding: &mut Finding) {
        let row = &mut finding.row;
        row.culprits.clone_from(&self.culprits);
        row.culprit_note = None;
        // The words of a finding that is taken apart anew name somebody already.
        if let Some(action) = row.action.as_ref().filter(|_| finding.diagnosis.is_none()) {
            row.action = Some(words::action(action, &self.culprits));
        }
        finding.diagnosis = Some(self);
    }
}

#[cfg(test)]
mod tests;
