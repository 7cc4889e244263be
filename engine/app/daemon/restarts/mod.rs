//! What calls for a restart, on its way to the executor: forecasts, failures, the calendar.
//!
//! One thread decides, apart from the loop that samples: it may wait for the disk, for systemd and for the Re/Starter.
//! What is decided is the oracle's and the calendar's; what is done is the executor's.

mod conduct;
mod desk;
mod ended;
mod giveback;
mod load;
mod processes;
mod said;
mod views;

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use hebe::event::action::ActionEvent;
use hebe::finding::Row;
use hebe::watch::Watch;
use hebe_collectors::live::Named;

use crate::config::Config;
use crate::watchdog::Suspicion;
use crate::{map, output};
use conduct::Conduct;
pub(super) use desk::Desk;
use load::Loaded;

/// Nodes that were given up, and when.
type Asking = Vec<(String, DateTime<Utc>)>;

/// What other threads see of the thread that decides, or it of them.
#[derive(Debug)]
struct Common {
    named: Arc<Mutex<Named>>,
    asking: Arc<Mutex<Asking>>,
    watch: Arc<Mutex<Watch>>,
}

/// What is told of actions.
pub(super) type Tell = Arc<dyn Fn(&ActionEvent) + Send + Sync>;

/// What the thread is asked.
#[derive(Debug)]
enum Ask {
    /// The rows that alarm.
    Alarms(Vec<Row>),
    /// What was read of resources that the map's nodes use: name of the series and level.
    Levels(Vec<(String, f64)>),
    /// The watchdog has changed its mind.
    Suspected(Box<Suspicion>),
    /// Something was approved, skipped or placed: look whether anything is due.
    Look,
    /// End.
    Stop,
}

/// The restarts of this host, decided and made.
#[derive(Debug)]
pub(super) struct Restarts {
    inbox: Sender<Ask>,
    named: Arc<Mutex<Named>>,
    asking: Arc<Mutex<Asking>>,
    changed: load::Watch,
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Restarts {
    /// Starts with the map of the configuration, or that of the usual places; none where there is no map.
    /// `watch` knows how busy what runs out is through the day.
    pub(super) fn start(
        config: &Config,
        host: &str,
        watch: Arc<Mutex<Watch>>,
        tell: Tell,
    ) -> Result<Option<Self>> {
        let Some(path) = map::found(None, &config.restart) else { return Ok(None) };
        let loaded = Loaded::read(&path, config)?;
        output::note(&format!("hebe: restart map: {}; mode {}", path.display(), config.restart.mode.word()));
        let (inbox, asked) = channel();
        let (named, asking) = (Arc::<Mutex<Named>>::default(), Arc::<Mutex<Asking>>::default());
        let changed = loaded.file.clone();
        let shared = Common { named: Arc::clone(&named), asking: Arc::clone(&asking), watch };
        let conduct = Conduct::start(loaded, config, host, tell, &inbox, shared)?;
        let desk = conduct.desk();
        let run = move || conduct.run(&asked);
        let thread = thread::Builder::new().name("hebe-restarts".to_owned()).spawn(run);
        let thread = Some(thread.context("a thread for restarts")?);
        Ok(Some(Self { inbox, named, asking, changed, desk, thread }))
    }

    /// Hands over what alarms and what was read; never waits.
    pub(super) fn see(&self, alarms: Vec<Row>, levels: Vec<(String, f64)>) {
        let _ = self.inbox.send(Ask::Levels(levels));
        let _ = self.inbox.send(Ask::Alarms(alarms));
    }

    /// Names of the processes that the Re/Starter runs, for the sampler.
    pub(super) fn named(&self) -> Named {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Rows of the nodes that were given up: they alarm until a person has looked at them.
    pub(super) fn asking(&self, host: &str) -> Vec<Row> {
        let asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        asking.iter().map(|(node, at)| Row::given_up(node, *at, host)).collect()
    }

    /// Whether the map's file is another one by now.
    pub(super) fn map_has_changed(&self) -> bool {
        self.changed.has_changed()
    }

    /// What the page shows of restarts, and what it may ask for.
    pub(super) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }
}

impl Drop for Restarts {
    fn drop(&mut self) {
        let _ = self.inbox.send(Ask::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A time for people.
fn stamp(at: DateTime<Utc>) -> String {
    at.format("%F %T UTC").to_string()
}
