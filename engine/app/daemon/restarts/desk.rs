//! What the page shows of restarts, and what it may ask for: approve, skip, place on a day.

use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;
use hebe::restart::calendar::{Day, Draft};
use hebe::restart::map::Kind;
use hebe::restart::world::Mode;

use super::views;
use crate::restart::{Executor, Unchanged};
use crate::shelf::Shelf;
use crate::web::{Action, Hands, Refusal, Service};

/// The page's way to the executor and the calendar.
pub(in crate::daemon) struct Desk {
    executor: Arc<Executor>,
    shelf: Arc<Shelf>,
    mode: Mode,
    /// Has the thread that decides look at once.
    look: Box<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl Desk {
    pub(super) fn new(
        executor: Arc<Executor>,
        shelf: Arc<Shelf>,
        mode: Mode,
        look: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self { executor, shelf, mode, look }
    }
}

impl Hands for Desk {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn services(&self) -> Vec<Service> {
        let calendar = self.shelf.calendar();
        let kind = |kind: &Kind| match kind {
            Kind::Host { .. } => "host",
            Kind::Group => "group",
            Kind::Unit { .. } => "unit",
            Kind::Process(_) => "process",
            Kind::Command { .. } => "command",
        };
        let service = |node: &hebe::restart::map::Node| Service {
            name: node.name.clone(),
            kind: kind(&node.kind).to_owned(),
            schedule: calendar.schedule(&node.name).name().to_owned(),
        };
        self.executor.map().nodes.iter().map(service).collect()
    }

    fn zone(&self, node: Option<&str>) -> Tz {
        self.shelf.zone(node)
    }

    fn calendar(&self, node: Option<&str>, from: NaiveDate, until: NaiveDate) -> Vec<Day> {
        self.shelf.sheet(node, from, until)
    }

    fn actions(&self) -> Vec<Action> {
        self.executor.read().map(|journal| views::actions(&journal.records, self.mode)).unwrap_or_default()
    }

    fn approve(&self, id: &str, who: &str) -> Result<(), Refusal> {
        if self.mode == Mode::Observe {
            return Err(Refusal::Impossible("mode is observe: nothing is restarted".to_owned()));
        }
        self.executor.approve(id, who).map_err(refusal)?;
        (self.look)();
        Ok(())
    }

    fn skip(&self, id: &str, who: &str, reason: &str) -> Result<(), Refusal> {
        self.executor.decline(id, who, reason).map_err(refusal)
    }

    fn place(&self, draft: &Draft, who: &str) -> Result<String, Refusal> {
        self.shelf.place(draft, who, Utc::now())
    }

    fn remove(&self, entry: &str, _who: &str) -> Result<(), Refusal> {
        self.shelf.remove(entry)
    }
}

/// Nothing is approved or declined that does not wait.
fn refusal(error: Unchanged) -> Refusal {
    match error {
        Unchanged::Unknown(sentence) => Refusal::Unknown(sentence),
        Unchanged::Journal(error) => Refusal::Failed(error.to_string()),
    }
}
