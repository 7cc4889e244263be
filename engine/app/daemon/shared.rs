//! What the loop and the page share: the watch, and what was told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hebe::event::Event;
use hebe::evidence::Mark;
use hebe::finding::{Finding, Picture};
use hebe::metrics;
use hebe::picture::picture;
use hebe::settings::Settings;
use hebe::silence::Silence;
use hebe::snapshot::{OwnUse, Setting, Snapshot, SourceState, StoreState};
use hebe::store::{Store, StoreError, View};
use hebe::watch::{Change, Watch};
use hebe_collectors::history::Series;
use hebe_collectors::live::Named;

use super::live::Live;
use super::origins::Origins;
use super::own::Own;
use super::restarts::Desk;
use crate::config::Loaded;
use crate::marks::MarkFile;
use crate::web;

/// Events that the page can show.
const EVENTS: usize = 300;
/// Samples that are read from the store for a picture, at most.
const MOST: usize = 100_000;
/// A snapshot is good for so long.
const FRESH: Duration = Duration::from_millis(500);

/// What is shared.
pub(super) struct Shared {
    watch: Arc<Mutex<Watch>>,
    told: Mutex<Told>,
    newest: Mutex<Option<(Instant, Arc<Snapshot>)>>,
    started: DateTime<Utc>,
    host: String,
    marks: MarkFile,
    origins: Origins,
    desk: Mutex<Option<Arc<Desk>>>,
}

struct Told {
    /// The last round.
    at: DateTime<Utc>,
    events: VecDeque<Arc<Event>>,
    sources: Vec<SourceState>,
    own: OwnUse,
    store: Option<StoreState>,
    settings: Vec<Setting>,
    judging: Settings,
    size_limit: u64,
    silences: Vec<Silence>,
}

impl Shared {
    pub(super) fn new(live: &Live, loaded: &Loaded, started: DateTime<Utc>) -> Self {
        let told = Told {
            at: started,
            events: VecDeque::new(),
            sources: Vec::new(),
            own: OwnUse::default(),
            store: None,
            settings: loaded.settings.clone(),
            judging: loaded.config.settings().unwrap_or_default(),
            size_limit: loaded.config.store.size_limit,
            silences: Vec::new(),
        };
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let marks = MarkFile::new(&loaded.config.state_dir());
        Self {
            watch: live.shared(),
            told: Mutex::new(told),
            newest: Mutex::new(None),
            started,
            host,
            marks,
            origins: Origins::start(&loaded.config.state_dir()),
            desk: Mutex::default(),
        }
    }

    /// The machine.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Gives processes the names of those who run them.
    pub(super) fn name(&self, named: &Named) {
        self.origins.name(named);
    }

    /// The changes with where the growth of what alarms comes from.
    pub(super) fn with_origins(&self, changes: Vec<Change>) -> Vec<Change> {
        self.origins.with(changes, &self.watch, self.told_now().judging.zone)
    }

    /// Who answers for restarts from now on.
    pub(super) fn desk(&self, desk: Option<Arc<Desk>>) {
        *self.desk.lock().unwrap_or_else(PoisonError::into_inner) = desk;
    }

    fn told_now(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what has changed; the events of it.
    pub(super) fn told(&self, changes: Vec<Change>, now: DateTime<Utc>) -> Vec<Arc<Event>> {
        let event =
            |change: Change| Arc::new(Event::new(change.kind, change.finding.row.clone(), now, &self.host));
        let events: Vec<Arc<Event>> = changes.into_iter().map(event).collect();
        let mut told = self.told_now();
        for event in &events {
            told.events.push_front(Arc::clone(event));
        }
        told.events.truncate(EVENTS);
        events
    }

    pub(super) fn kept(&self, store: Option<&Store>, error: Option<&StoreError>) {
        let mut told = self.told_now();
        let size_limit = told.size_limit;
        told.store = store.map(|store| StoreState {
            dir: store.dir().display().to_string(),
            bytes: store.bytes(),
            size_limit,
            failing: error.map(ToString::to_string),
        });
    }

    pub(super) fn measured(&self, own: &Own, sources: Vec<SourceState>, now: DateTime<Utc>) {
        let mut told = self.told_now();
        told.at = now;
        told.own = own.shown();
        told.sources = sources;
    }

    pub(super) fn silenced(&self, silences: Vec<Silence>) {
        self.told_now().silences = silences;
    }

    pub(super) fn reloaded(&self, loaded: &Loaded) {
        let mut told = self.told_now();
        told.settings.clone_from(&loaded.settings);
        told.judging = loaded.config.settings().unwrap_or_default();
    }

    /// A remembered history with what the store has from before it.
    fn older(&self, history: Series, from_ms: i64) -> Series {
        let first = history.t_ms.first().copied().unwrap_or(i64::MAX);
        let Some(dir) = self.told_now().store.as_ref().map(|store| store.dir.clone()) else { return history };
        let read = || {
            let view = View::open(dir).ok()?;
            let id = view.series().find(|(_, meta)| meta.name == history.name)?.0;
            view.read_within(&[id], &(from_ms..first), MOST).ok()?.series.pop()
        };
        match read() {
            None => history,
            Some(mut before) => {
                before.t_ms.extend(&history.t_ms);
                before.v.extend(&history.v);
                Series { t_ms: before.t_ms, v: before.v, ..history }
            }
        }
    }

    fn make(&self) -> Snapshot {
        let (findings, others, surges_held) = {
            let watch = self.watch();
            (watch.findings(), watch.others(), watch.surges_held)
        };
        let told = self.told_now();
        Snapshot {
            at: told.at,
            started: self.started,
            host: self.host.clone(),
            findings,
            others,
            events: told.events.iter().cloned().collect(),
            sources: told.sources.clone(),
            own: told.own,
            store: told.store.clone(),
            settings: told.settings.clone(),
            surges_held,
            silences: told.silences.clone(),
        }
    }
}

impl web::Source for Shared {
    fn snapshot(&self) -> Arc<Snapshot> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, snapshot)) = newest.as_ref()
            && made.elapsed() < FRESH
        {
            return Arc::clone(snapshot);
        }
        let snapshot = Arc::new(self.make());
        *newest = Some((Instant::now(), Arc::clone(&snapshot)));
        snapshot
    }

    fn history(&self, series: &str, from_ms: i64, until_ms: i64) -> Option<Series> {
        let mut history = self.watch().history(series)?;
        if history.t_ms.first().is_none_or(|&first| from_ms < first) {
            history = self.older(history, from_ms);
        }
        let until = history.t_ms.partition_point(|&t| t <= until_ms);
        let from = history.t_ms.partition_point(|&t| t < from_ms).min(until);
        history.t_ms = history.t_ms[from..until].to_vec();
        history.v = history.v[from..until].to_vec();
        Some(history)
    }

    fn explain(&self, series: &str) -> Option<(Finding, Picture)> {
        let settings = self.told_now().judging.clone();
        let lead = {
            let mut watch = self.watch();
            watch.ask_for_parts(series, Utc::now().timestamp_millis());
            watch.lead(series)?
        };
        let history = lead.history.clone();
        let finding = self.origins.explained(lead, &self.watch, settings.zone);
        let marks = web::Source::marks(self);
        let picture = picture(&history, &finding, &settings).marked(&marks, &finding.row);
        Some((finding, picture))
    }

    fn hands(&self) -> Option<Arc<dyn web::Hands>> {
        let desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        Some(desk)
    }

    fn metrics(&self) -> String {
        metrics::text(&self.snapshot())
    }

    fn marks(&self) -> Vec<Mark> {
        self.marks.all().map(|(marks, _)| marks).unwrap_or_default()
    }

    fn mark(&self, mark: &Mark) -> anyhow::Result<()> {
        self.marks.add(mark)
    }
}
