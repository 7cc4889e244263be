//! What others may know and ask of the executor: how nodes stand, what is under way, what a person decides.

use std::time::Duration;

use hebe::restart::history::GaveBack;
use hebe::restart::journal::{Entry, JournalError};
use hebe::restart::plan::Plan;

use super::executor::Executor;
use super::hands::Standing;
use super::preview::find;

/// Why nothing was changed.
#[derive(Debug)]
pub(crate) enum Unchanged {
    /// There is no such plan, in one sentence.
    Unknown(String),
    /// The journal cannot be written.
    Journal(JournalError),
}

impl Executor {
    /// How a node stands now.
    pub(crate) fn stands(&self, node: &str) -> Standing {
        find(self.map(), node).map_or_else(Standing::default, |node| self.hands().look(node, Duration::ZERO))
    }

    /// The main process of a unit that runs.
    pub(crate) fn main_pid(&self, node: &str) -> Option<u32> {
        self.hands().main_pid(find(self.map(), node)?)
    }

    /// Restarts that are being made, or about to be.
    pub(crate) fn under_way(&self) -> Vec<Plan> {
        // In this order: what begins meanwhile is in the journal before it leaves the other list.
        let mut plans = self.beginning().clone();
        let open = self.read().map(|journal| journal.fold.open).unwrap_or_default();
        plans.extend(open.into_iter().map(|(id, begun)| (id, begun.plan)));
        plans.into_values().collect()
    }

    /// Writes down what a restart gave back.
    pub(crate) fn measured(&self, plan: &str, gave_back: Vec<GaveBack>) -> Result<(), JournalError> {
        self.open_write(Entry::Measured { plan: plan.to_owned(), gave_back })
    }

    /// A person agrees to a restart that waits.
    pub(crate) fn approve(&self, plan: &str, who: &str) -> Result<(), Unchanged> {
        self.waits(plan)?;
        let entry = Entry::Approved { plan: plan.to_owned(), who: who.to_owned() };
        self.open_write(entry).map_err(Unchanged::Journal)
    }

    /// A person refuses a restart that waits.
    pub(crate) fn decline(&self, plan: &str, who: &str, reason: &str) -> Result<(), Unchanged> {
        self.waits(plan)?;
        let entry = Entry::Declined { plan: plan.to_owned(), who: who.to_owned(), reason: reason.to_owned() };
        self.open_write(entry).map_err(Unchanged::Journal)
    }

    fn waits(&self, plan: &str) -> Result<(), Unchanged> {
        let journal = self.read().map_err(Unchanged::Journal)?;
        if journal.fold.waiting.contains_key(plan) {
            return Ok(());
        }
        Err(Unchanged::Unknown(format!("no restart called {plan} waits")))
    }
}
