//! What the page shows of restarts, and what it may ask for: approve, skip, place on a day.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;
use hebe::restart::calendar::{Day, Draft};
use hebe::restart::map::Kind;
use hebe::restart::world::Mode;

use super::load::Loaded;
use super::{placed_file, views};
use crate::config::Config;
use crate::notify::files::replace;
use crate::restart::Executor;
use crate::web::{Action, Hands, Refusal, Service};

/// The page's way to the executor and the calendar.
pub(in crate::daemon) struct Desk {
    executor: Arc<Executor>,
    loaded: Arc<Mutex<Loaded>>,
    mode: Mode,
    placed: PathBuf,
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
        loaded: Arc<Mutex<Loaded>>,
        config: &Config,
        look: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self { executor, loaded, mode: config.restart.mode, placed: placed_file(config), look }
    }

    fn loaded(&self) -> MutexGuard<'_, Loaded> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is placed: on the disk first, and not at all where that fails.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Loaded) -> std::result::Result<T, Refusal>,
    ) -> std::result::Result<T, Refusal> {
        let mut loaded = self.loaded();
        let before = loaded.placed.clone();
        let changed = change(&mut loaded)?;
        if let Some(folder) = self.placed.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        // Its folder is synced too: what was answered lasts.
        if let Err(error) = replace(&self.placed, loaded.placed.text().as_bytes()) {
            loaded.placed = before;
            return Err(Refusal::Failed(format!("cannot write `{}`: {error}", self.placed.display())));
        }
        Ok(changed)
    }
}

impl Hands for Desk {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn services(&self) -> Vec<Service> {
        let loaded = self.loaded();
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
            schedule: loaded.calendar.schedule(&node.name).name().to_owned(),
        };
        loaded.map.nodes.iter().map(service).collect()
    }

    fn zone(&self, node: Option<&str>) -> Tz {
        self.loaded().calendar.schedule(node.unwrap_or_default()).zone()
    }

    fn calendar(&self, node: Option<&str>, from: NaiveDate, until: NaiveDate) -> Vec<Day> {
        let loaded = self.loaded();
        loaded.calendar.sheet(&loaded.placed, node, from, until)
    }

    fn actions(&self) -> Vec<Action> {
        self.executor.read().map(|journal| views::actions(&journal.records, self.mode)).unwrap_or_default()
    }

    fn approve(&self, id: &str, who: &str) -> std::result::Result<(), Refusal> {
        if self.mode == Mode::Observe {
            return Err(Refusal::Impossible("mode is observe: nothing is restarted".to_owned()));
        }
        self.executor.approve(id, who).map_err(refusal)?;
        (self.look)();
        Ok(())
    }

    fn skip(&self, id: &str, who: &str, reason: &str) -> std::result::Result<(), Refusal> {
        self.executor.decline(id, who, reason).map_err(refusal)
    }

    fn place(&self, draft: &Draft, who: &str) -> std::result::Result<String, Refusal> {
        self.change(|loaded| {
            let Loaded { placed, calendar, .. } = loaded;
            let timed = placed.place(calendar, draft, who, Utc::now()).map_err(Refusal::Impossible)?;
            Ok(timed.name)
        })
    }

    fn remove(&self, entry: &str, _who: &str) -> std::result::Result<(), Refusal> {
        self.change(|loaded| {
            let unknown = || Refusal::Unknown(format!("nothing called {entry} was placed through the page"));
            loaded.placed.remove(entry).map(drop).ok_or_else(unknown)
        })
    }
}

/// Nothing is approved or declined that does not wait.
fn refusal(error: crate::restart::Unchanged) -> Refusal {
    match error {
        crate::restart::Unchanged::Unknown(sentence) => Refusal::Unknown(sentence),
        crate::restart::Unchanged::Journal(error) => Refusal::Failed(error.to_string()),
    }
}
