//! Alertmanager: alerts are told again and again while they stand, and once more when they are over.
//!
//! There is no queue of events here. What stands is state, kept in a file, and each telling is all of it: one that is
//! lost is made up for by the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use hebe::event::Event;
use hebe::finding::Row;

use super::alert::Links;
use super::backoff::Backoff;
use super::board::{self, Board};
use super::causes::{Batch, Causes};
use super::config::Alertmanager;
use super::http::Http;
use super::silences::SilenceFile;
use super::{Alive, files, lock, start};

/// This sink's name on the board.
const NAME: &str = "alertmanager";
/// An alert stands for so many repetitions: three may be lost.
const REPEATS: u32 = 4;
/// Wait after the first failure.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// What stands, shared by who learns of it and who tells it.
#[derive(Debug)]
pub(super) struct Alerts {
    path: PathBuf,
    links: Links,
    board: Arc<Board>,
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug)]
struct Inner {
    causes: Causes,
    /// Whether something has changed since the last telling.
    news: bool,
    stop: bool,
}

impl Alerts {
    /// What stood when the daemon was last here.
    pub(super) fn open(spool: &Path, links: Links, board: &Arc<Board>) -> Self {
        let path = spool.join("alerts.json");
        let causes = match fs::read(&path).map(|text| serde_json::from_slice(&text)) {
            Ok(Ok(causes)) => causes,
            Ok(Err(error)) => {
                board::say(NAME, &format!("`{}` cannot be used and is made anew: {error}", path.display()));
                Causes::default()
            }
            Err(_) => Causes::default(),
        };
        let inner = Mutex::new(Inner { causes, news: false, stop: false });
        Self { path, links, board: Arc::clone(board), inner, changed: Condvar::new() }
    }

    /// Places in trouble.
    pub(super) fn len(&self) -> usize {
        lock(&self.inner).causes.len()
    }

    /// Takes an event in; what is to be told of it to others.
    pub(super) fn apply(&self, event: &Arc<Event>) -> Option<Arc<Event>> {
        let mut inner = lock(&self.inner);
        let told = inner.causes.apply(event, &self.links);
        self.news(&mut inner);
        told
    }

    /// Makes what stands the `rows` that alarm.
    pub(super) fn stand(&self, rows: &[Row], now: DateTime<Utc>) {
        let mut inner = lock(&self.inner);
        if inner.causes.stand(rows, now, &self.links) {
            self.news(&mut inner);
        }
    }

    /// Nothing more will change.
    pub(super) fn stop(&self) {
        lock(&self.inner).stop = true;
        self.changed.notify_all();
    }

    fn news(&self, inner: &mut Inner) {
        inner.news = true;
        self.save(&inner.causes);
        self.changed.notify_all();
    }

    fn save(&self, causes: &Causes) {
        let written = serde_json::to_vec(causes).map_err(Into::into);
        if let Err(error) = written.and_then(|bytes| files::replace(&self.path, &bytes)) {
            self.board.fails(NAME, &format!("cannot write `{}`: {error}", self.path.display()));
        }
    }

    /// What is to be told now.
    fn batch(&self, silences: &SilenceFile, lasts: TimeDelta) -> Batch {
        let now = Utc::now();
        let mut inner = lock(&self.inner);
        inner.news = false;
        let silenced =
            |place: &super::alert::Place| silences.holding(&place.resource, &place.scope, now).is_some();
        let batch = inner.causes.batch(now, now + lasts, silenced);
        if batch.news {
            self.save(&inner.causes);
        }
        batch
    }

    fn taken(&self, batch: &Batch) {
        let mut inner = lock(&self.inner);
        if inner.causes.taken(batch) {
            self.save(&inner.causes);
        }
    }

    /// Waits until there is something to tell or `longest` has passed; whether to go on. What has changed is told
    /// before the end; after a failure nothing is waited for but the time.
    fn wait(&self, longest: Duration, failed: bool) -> bool {
        let inner = lock(&self.inner);
        let idle = |inner: &mut Inner| !inner.stop && (failed || !inner.news);
        let waited = self.changed.wait_timeout_while(inner, longest, idle);
        let (inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !inner.stop || (inner.news && !failed)
    }
}

/// Starts the thread that tells.
pub(super) fn start_telling(
    config: Alertmanager,
    alerts: &Arc<Alerts>,
    silences: &Arc<SilenceFile>,
    board: &Arc<Board>,
    alive: Alive,
) -> Result<()> {
    ensure!(!config.urls.is_empty(), "no URL of an Alertmanager is given");
    let (alerts, silences, board) = (Arc::clone(alerts), Arc::clone(silences), Arc::clone(board));
    board.update(NAME, |_| ());
    start("hebe-alerts", alive, move || run(&config, &alerts, &silences, &board))
}

fn run(config: &Alertmanager, alerts: &Alerts, silences: &SilenceFile, board: &Board) {
    let http = Http::new(config.timeout);
    let backoff = Backoff { first: FIRST_RETRY.min(config.repeat), longest: config.repeat };
    let lasts = TimeDelta::from_std(config.repeat * REPEATS).unwrap_or(TimeDelta::MAX);
    let mut failures = 0;
    loop {
        let batch = alerts.batch(silences, lasts);
        match tell(&http, &config.urls, &batch) {
            Ok(told) => {
                failures = 0;
                alerts.taken(&batch);
                if told {
                    board.works(NAME);
                }
            }
            Err(why) => {
                failures += 1;
                board.fails(NAME, &why);
            }
        }
        let longest = if failures == 0 { config.repeat } else { backoff.after(failures) };
        if !alerts.wait(longest, 0 < failures) {
            return;
        }
    }
}

/// Tells everything to each of them; whether there was anything. One that fails keeps nothing from the others.
fn tell(http: &Http, urls: &[String], batch: &Batch) -> Result<bool, String> {
    if batch.alerts.is_empty() {
        return Ok(false);
    }
    let body = serde_json::to_vec(&batch.alerts).map_err(|error| error.to_string())?;
    let mut failed = None;
    for url in urls {
        let url = format!("{}/api/v2/alerts", url.trim_end_matches('/'));
        match http.post(&url, &[("content-type", "application/json")], &body) {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => failed = Some(answer.told(&url)),
            Err(why) => failed = Some(why),
        }
    }
    failed.map_or(Ok(true), Err)
}
