//! `hebe daemon`: samples, keeps, forecasts, tells, shows; with a restart map it decides, and acts where it may.
//!
//! One thread runs the loop; the page, the notices, the scrapes and the chores of the store have threads of their own
//! and speak to it by [`Event`]s.

mod chores;
mod histories;
mod live;
mod looker;
mod origins;
mod own;
mod parts;
mod restarts;
mod scrape;
mod shared;
mod signals;
mod state;
mod unit;

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use hebe::event::action::ActionEvent;
use hebe::snapshot::SourceState;
use hebe::store::{Done, Store, StoreError};
use hebe::watch::Looked;
use hebe_collectors::live::Reading;
use sd_notify::NotifyState;

use crate::cli::Daemon as Args;
use crate::config::{Config, Loaded, Overrides};
use crate::notify::{self, Notifier};
use crate::{output, web};
use live::Live;
use own::Own;
use parts::Parts;
use restarts::Restarts;
use shared::Shared;

pub(crate) use chores::obey;
pub(crate) use unit::unit;

/// What the loop waits for, beside the next sample.
#[derive(Debug)]
enum Event {
    /// Readings of an endpoint, or why there are none.
    Scraped { name: String, readings: Result<(Vec<Reading>, Option<i64>), String> },
    /// A chore of the store is done, or failed.
    Chore(Result<Done, StoreError>),
    /// Who holds what of a series that is taken apart on demand.
    Looked { series: String, looked: Box<Looked> },
    /// Something was restarted, or was not.
    Acted(Box<ActionEvent>),
    /// Read the configuration again.
    Reload,
    /// Stop.
    Stop,
}

/// What is saved this often, in milliseconds.
const SAVE_MS: i64 = 60_000;
/// The configuration file is looked at this often.
const LOOK_AT_FILE: Duration = Duration::from_secs(5);
/// How long notices may take to leave at the end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Runs until it is told to stop.
pub(crate) fn daemon(args: &Args) -> Result<()> {
    let overrides = overrides(args);
    let loaded = Loaded::read(args.config.as_deref(), &overrides)?;
    let (sender, events) = mpsc::channel();
    signals::listen(&sender)?;
    let mut daemon = Daemon::start(loaded, overrides, args.config.clone(), sender)?;
    daemon.say_ready();
    daemon.run(&events);
    daemon.stop()
}

fn overrides(args: &Args) -> Overrides {
    let mut overrides = Vec::new();
    let mut set = |key, value: Option<String>| overrides.extend(value.map(|value| (key, value)));
    set("web.listen", args.listen.clone());
    set("store.dir", args.store.as_ref().map(|dir| dir.display().to_string()));
    set("period", args.period.clone());
    overrides
}

/// Everything that the loop holds.
struct Daemon {
    loaded: Loaded,
    overrides: Overrides,
    named: Option<PathBuf>,
    sender: Sender<Event>,
    live: Live,
    store: Option<Store>,
    notifier: Option<Notifier>,
    restarts: Option<Restarts>,
    server: Option<web::Server>,
    shared: Arc<Shared>,
    own: Own,
    parts: Option<Parts>,
    scrapes: scrape::Scrapes,
    saved_ms: i64,
    looked: Instant,
}

impl Daemon {
    fn start(
        loaded: Loaded,
        overrides: Overrides,
        named: Option<PathBuf>,
        sender: Sender<Event>,
    ) -> Result<Self> {
        let config = &loaded.config;
        let dir = config.state_dir();
        let mut store = state::open_store(config, &dir)?;
        let now = Utc::now();
        let mut live = Live::new(config)?;
        live.watch().restore(state::load(&dir));
        histories::remember(&mut live, store.as_mut(), config, now.timestamp_millis());
        let notifier = Notifier::new(config.notify.clone(), &dir.join("notify"), web::explain_path)
            .context("notices")
            .map_err(|error| output::note(&format!("hebe: {error:#}")))
            .ok();
        let shared = Arc::new(Shared::new(&live, &loaded, now));
        let restarts = start_restarts(config, shared.host(), &live, &sender)?;
        shared.desk(restarts.as_ref().map(Restarts::desk));
        let server = serve(config, &shared)?;
        let scrapes = scrape::Scrapes::start(&config.scrape, config.period, &sender);
        let own = Own::new(config.period);
        let parts = Parts::start(sender.clone());
        let parts =
            parts.map_err(|error| output::note(&format!("hebe: nothing is taken apart: {error}"))).ok();
        let looked = Instant::now();
        let saved_ms = now.timestamp_millis();
        Ok(Self {
            loaded,
            overrides,
            named,
            sender,
            live,
            store,
            notifier,
            restarts,
            server,
            shared,
            own,
            parts,
            scrapes,
            saved_ms,
            looked,
        })
    }

    fn say_ready(&self) {
        let page = self.server.as_ref().map(|server| format!("page: http://{}/", server.address()));
        let keeps = self.store.as_ref().map_or_else(
            || "nothing is kept".to_owned(),
            |store| format!("kept in {}", store.dir().display()),
        );
        output::note(&format!(
            "hebe: observing every {} s; {keeps}; {}",
            self.own.period_s(),
            page.unwrap_or_default()
        ));
        let _ = sd_notify::notify(&[NotifyState::Ready]);
    }

    fn run(&mut self, events: &Receiver<Event>) {
        let mut next = Instant::now();
        loop {
            match events.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Err(RecvTimeoutError::Timeout) => {
                    self.tick(Utc::now());
                    next += self.own.period();
                    // After a sleep of the machine nothing is made up for.
                    next = next.max(Instant::now());
                }
                Ok(Event::Scraped { name, readings }) => self.live.scraped(name, readings),
                Ok(Event::Chore(done)) => self.chore_done(done),
                Ok(Event::Looked { series, looked }) => self.live.watch().looked(&series, *looked),
                Ok(Event::Acted(event)) => {
                    if let Some(notifier) = &self.notifier {
                        notifier.send_action(*event);
                    }
                }
                Ok(Event::Reload) => self.reload(),
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// One sample of everything, and what follows from it.
    fn tick(&mut self, now: DateTime<Utc>) {
        let now_ms = now.timestamp_millis();
        self.name();
        let kept = self.live.sample(now_ms, self.store.as_mut(), &self.own);
        self.shared.kept(self.store.as_ref(), kept.as_ref().err());
        let changes = self.shared.with_origins(self.live.look(now_ms));
        self.take_apart(now_ms);
        for event in self.shared.told(changes, now) {
            if let Some(notifier) = &self.notifier {
                notifier.send(event);
            }
        }
        let mut alarms = self.live.alarms();
        if let Some(restarts) = &self.restarts {
            restarts.see(alarms.clone(), self.live.levels());
            alarms.extend(restarts.asking(self.shared.host()));
        }
        if let Some(notifier) = &self.notifier {
            notifier.standing(alarms, now);
        }
        if let Some(words) = self.own.measure() {
            output::note(&format!("hebe: {words}"));
            self.live.set_pace(&self.own);
        }
        let mut sources = self.live.sources();
        if let Some(notifier) = &self.notifier {
            let state = notifier.state();
            sources.extend(receivers(&state));
            self.shared.silenced(state.silences);
        }
        self.shared.measured(&self.own, sources, now);
        self.chores();
        // A clock that goes back keeps nothing from being saved.
        if SAVE_MS <= (now_ms - self.saved_ms).abs() {
            self.save(now_ms);
        }
        if LOOK_AT_FILE <= self.looked.elapsed() {
            self.looked = Instant::now();
            if self.loaded.has_changed() || self.restarts.as_ref().is_some_and(Restarts::map_has_changed) {
                self.reload();
            }
        }
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
    }

    /// Has looked at what is too costly to sample, where it matters.
    fn take_apart(&self, now_ms: i64) {
        let Some(parts) = &self.parts else { return };
        let wanted = self.live.watch().wanted(now_ms);
        for (series, wanted) in wanted {
            parts.ask(series, wanted);
        }
    }

    /// Gives the Re/Starter's processes the names of their nodes, for all who look at processes.
    fn name(&mut self) {
        let Some(restarts) = &self.restarts else { return };
        let named = restarts.named();
        self.shared.name(&named);
        if let Some(parts) = &self.parts {
            parts.name(&named);
        }
        self.live.name(named);
    }

    fn save(&mut self, now_ms: i64) {
        self.saved_ms = now_ms;
        if let Err(error) = state::save(&self.loaded.config.state_dir(), &self.live.watch().state()) {
            output::note(&format!("hebe: {error:#}"));
        }
    }

    fn chores(&mut self) {
        if let Some(store) = &mut self.store {
            chores::start(store, &self.sender);
        }
    }

    fn chore_done(&mut self, done: Result<Done, StoreError>) {
        if let Some(store) = &mut self.store
            && let Err(error) = chores::finish(store, done)
        {
            output::note(&format!("hebe: store: {error:#}"));
        }
    }

    /// Takes on a new configuration; keeps the old one where the new one is bad.
    fn reload(&mut self) {
        let _ = sd_notify::notify(&[NotifyState::Reloading]);
        match Loaded::read(self.named.as_deref(), &self.overrides) {
            Ok(loaded) => self.take_on(loaded),
            Err(error) => {
                self.loaded.note_change();
                output::note(&format!("hebe: kept the old configuration: {error:#}"));
            }
        }
        let _ = sd_notify::notify(&[NotifyState::Ready]);
    }

    fn take_on(&mut self, loaded: Loaded) {
        let (old, new) = (&self.loaded.config, &loaded.config);
        if old.state_dir() != new.state_dir() || old.store.enabled != new.store.enabled {
            output::note("hebe: another store is taken on at the next start");
        }
        if old.notify != new.notify {
            let renewed = match &mut self.notifier {
                Some(notifier) => notifier.renew(new.notify.clone(), LAST_WORDS),
                none => Notifier::new(new.notify.clone(), &old.state_dir().join("notify"), web::explain_path)
                    .map(|notifier| *none = Some(notifier)),
            };
            if let Err(error) = renewed {
                output::note(&format!("hebe: kept the old notices: {error:#}"));
            }
        }
        if let Err(error) = self.live.reload(new) {
            output::note(&format!("hebe: kept the old watch: {error:#}"));
            return;
        }
        self.scrapes = scrape::Scrapes::start(&new.scrape, new.period, &self.sender);
        self.renew_restarts(&loaded);
        self.own = Own::new(new.period);
        self.shared.reloaded(&loaded);
        self.loaded = loaded;
        output::note("hebe: took on the new configuration");
    }

    /// Takes on the map and what may be done; keeps the old ones where the new ones are bad.
    fn renew_restarts(&mut self, loaded: &Loaded) {
        match start_restarts(&loaded.config, self.shared.host(), &self.live, &self.sender) {
            Ok(restarts) => {
                self.shared.desk(restarts.as_ref().map(Restarts::desk));
                self.restarts = restarts;
            }
            Err(error) => output::note(&format!("hebe: kept the old restart map: {error:#}")),
        }
    }

    fn stop(mut self) -> Result<()> {
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
        self.restarts = None;
        if let Some(server) = self.server.take() {
            server.stop();
        }
        let saved = state::save(&self.loaded.config.state_dir(), &self.live.watch().state());
        if let Some(notifier) = self.notifier.take() {
            notifier.close(LAST_WORDS);
        }
        saved
    }
}

/// How notices fare, beside the sources of samples.
fn receivers(state: &notify::State) -> Vec<SourceState> {
    let said = |name: &str, failures: Vec<String>| SourceState {
        name: format!("notices: {name}"),
        success: failures.is_empty(),
        failures,
    };
    let sinks = state.sinks.iter().map(|sink| {
        let waiting =
            (0 < sink.queued && sink.failing.is_some()).then(|| format!("{} events wait", sink.queued));
        let dropped = (0 < sink.dropped).then(|| format!("{} events were given up", sink.dropped));
        said(sink.name, sink.failing.iter().cloned().chain(waiting).chain(dropped).collect())
    });
    let silences = state.silences_failing.iter().map(|failing| said("silences", vec![failing.clone()]));
    sinks.chain(silences).collect()
}

/// What decides about restarts; none without a map.
fn start_restarts(
    config: &Config,
    host: &str,
    live: &Live,
    sender: &Sender<Event>,
) -> Result<Option<Restarts>> {
    let sender = Mutex::new(sender.clone());
    let tell = move |event: &ActionEvent| {
        let sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sender.send(Event::Acted(Box::new(event.clone())));
    };
    Restarts::start(config, host, live.shared(), Arc::new(tell)).context("restarts")
}

fn serve(config: &Config, shared: &Arc<Shared>) -> Result<Option<web::Server>> {
    if !config.web.enabled {
        return Ok(None);
    }
    let listen = config.web.listen.parse().with_context(|| {
        format!("`web.listen` is `{}`; expected an address such as 127.0.0.1:9797", config.web.listen)
    })?;
    let token = config.web.token_file.as_ref().map(|path| {
        let text = std::fs::read_to_string(path);
        text.map(|text| text.trim().to_owned())
            .with_context(|| format!("`web.token_file`, `{}`", path.display()))
    });
    let tls = config.web.tls_cert.clone().zip(config.web.tls_key.clone());
    let options = web::Options { listen, token: token.transpose()?, tls, zone: config.settings()?.zone };
    let source: Arc<dyn web::Source> = Arc::clone(shared) as _;
    let server = web::start(&options, source)?;
    server.warning().map(output::note).unwrap_or_default();
    Ok(Some(server))
}
