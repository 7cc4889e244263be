//! Tells the outside: an event log, Alertmanager, a webhook, the journal, a command.
//!
//! Whoever sends an event does not wait. A thread of its own logs it, decides who hears of it (silences, one notice for
//! one cause) and puts it into a queue on the disk for each receiver, from where another thread delivers it, in order,
//! as often as it takes. What is in a queue survives `kill -9`.

mod alert;
mod alertmanager;
mod backoff;
mod board;
mod causes;
mod command;
mod config;
mod courier;
pub(crate) mod files;
mod front;
mod http;
mod journal;
mod log;
mod queue;
mod signature;
mod silences;
mod units;
mod webhook;

use std::collections::VecDeque;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use hebe::event::Event;
use hebe::event::action::ActionEvent;
use hebe::finding::Row;
use hebe::silence::Silence;
use serde::Serialize;

use self::alert::Links;
use self::alertmanager::Alerts;
use self::board::Board;
use self::front::{Front, Message};
use self::journal::Journal;
use self::log::EventLog;
pub(crate) use self::silences::SilenceFile;

#[allow(
    unused_imports,
    reason = "the parts are named by who reads the configuration and who shows the state"
)]
pub(crate) use self::board::SinkState;
#[allow(
    unused_imports,
    reason = "the parts are named by who reads the configuration and who shows the state"
)]
pub(crate) use self::config::{Alertmanager, Command, Config, Journald, Log, Webhook};

/// Events that may wait for the thread that takes them: far more than one evaluation of all series makes.
const INBOX: usize = 4096;

/// How the notices stand: what the page shows of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct State {
    /// Where notices go.
    pub(crate) sinks: Vec<SinkState>,
    /// Causes that are being told to Alertmanager, or would be if nothing were silenced.
    pub(crate) alerts: usize,
    /// Silences that are not over.
    pub(crate) silences: Vec<Silence>,
    /// What is wrong with the file of silences, if anything; those that were read last hold.
    pub(crate) silences_failing: Option<String>,
    /// Events that nobody was told of because the disk stood still.
    pub(crate) lost: u64,
}

/// Tells the outside. Its threads end when it is closed or dropped.
#[derive(Debug)]
pub(crate) struct Notifier {
    /// How it was made, to make it anew.
    config: Config,
    spool: PathBuf,
    explain_path: fn(&str) -> String,
    /// Keeps others out of the spool.
    alone: File,
    inbox: Option<SyncSender<Message>>,
    ended: Receiver<()>,
    board: Arc<Board>,
    alerts: Arc<Alerts>,
    silences: Arc<SilenceFile>,
    lost: AtomicU64,
}

impl Notifier {
    /// Opens the log and the queues in `spool` and starts the threads. What a queue still holds is delivered.
    /// `explain_path` gives the path on our page that explains a series.
    ///
    /// # Errors
    ///
    /// Where the configuration cannot be followed: a folder that cannot be made, a log that cannot be opened, a secret
    /// that cannot be read.
    pub(crate) fn new(config: Config, spool: &Path, explain_path: fn(&str) -> String) -> Result<Self> {
        let alone = alone(spool)?;
        let kept = config.clone();
        let board = Arc::new(Board::default());
        let in_spool = |name: &str, path: Option<PathBuf>| path.unwrap_or_else(|| spool.join(name));
        let silences = Arc::new(SilenceFile::new(in_spool("silences.json", config.silences)));
        let links = Links { page: config.page_url, explain_path, runbook: config.runbook_url };
        let alerts = Arc::new(Alerts::open(spool, links, &board));
        // Every thread holds one end of this channel, so that its closing says that all have ended.
        let (alive, ended) = sync_channel(1);
        let mut couriers = Vec::new();
        if let Some(webhook) = config.webhook {
            couriers.push(webhook::courier(webhook, spool, &board, alive.clone())?);
        }
        if let Some(command) = config.command {
            couriers.push(command::courier(command, spool, &board, alive.clone())?);
        }
        let front = Front {
            log: EventLog::open(&in_spool("events.jsonl", config.log.path), config.log.size_limit)?,
            unlogged: VecDeque::new(),
            journal: Journal::new(&config.journald),
            silences: Arc::clone(&silences),
            alerts: Arc::clone(&alerts),
            couriers,
            surges: config.surges,
            board: Arc::clone(&board),
        };
        board.update(front::LOG, |_| ());
        let (inbox, events) = sync_channel(INBOX);
        start("hebe-notices", alive.clone(), move || front.run(&events))?;
        if let Some(to) = config.alertmanager {
            alertmanager::start_telling(to, &alerts, &silences, &board, alive)?;
        }
        Ok(Self {
            config: kept,
            spool: spool.to_owned(),
            explain_path,
            alone,
            inbox: Some(inbox),
            ended,
            board,
            alerts,
            silences,
            lost: AtomicU64::new(0),
        })
    }

    /// Goes over to `config`, with what the queues hold. The threads of before end first, for which it waits no longer
    /// than `patience`: two that deliver from one queue would deliver twice.
    ///
    /// # Errors
    ///
    /// As [`Notifier::new`]; then everything is as before.
    pub(crate) fn renew(&mut self, config: Config, patience: Duration) -> Result<()> {
        let (spool, explain_path) = (self.spool.clone(), self.explain_path);
        self.end(patience);
        self.alone.unlock().context("cannot unlock the notices")?;
        let renewed = Self::new(config, &spool, explain_path);
        let failed = renewed.map(|renewed| *self = renewed).err();
        let Some(error) = failed else { return Ok(()) };
        *self = Self::new(self.config.clone(), &spool, explain_path)?;
        Err(error)
    }

    /// Tells everybody who should hear of `event`, in the order of calls. Returns at once: only when thousands of
    /// events already wait for the disk is one given up, counted and said.
    pub(crate) fn send(&self, event: Arc<Event>) {
        self.put(Message::Event(event));
    }

    /// Tells of an action: to the log, the journal, the webhook and the command.
    pub(crate) fn send_action(&self, event: ActionEvent) {
        self.put(Message::Action(Box::new(event)));
    }

    /// Says which rows alarm at `now`, after all their events were sent: alerts of others are resolved, those that are
    /// missing are raised, and the dates in all of them are renewed. Of this Alertmanager hears alone. To be called
    /// after each evaluation, so that nothing stands for ever because an event was lost.
    pub(crate) fn standing(&self, rows: Vec<Row>, now: DateTime<Utc>) {
        self.put(Message::Standing(rows, now));
    }

    fn put(&self, message: Message) {
        let Some(inbox) = &self.inbox else { return };
        let event = !matches!(message, Message::Standing(..));
        if inbox.try_send(message).is_err() && event && self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
            board::say("notices", "events are lost: too many wait for the disk");
        }
    }

    /// How the notices stand.
    pub(crate) fn state(&self) -> State {
        let (silences, silences_failing) = self.silences.all(Utc::now());
        State {
            sinks: self.board.all(),
            alerts: self.alerts.len(),
            silences,
            silences_failing,
            lost: self.lost.load(Ordering::Relaxed),
        }
    }

    /// Takes no more events, puts those that wait into the queues and ends the threads. Whether all have ended within
    /// `patience`; one that still waits for an answer then is left behind, and what it was delivering is delivered
    /// again after the next start.
    pub(crate) fn close(mut self, patience: Duration) -> bool {
        self.end(patience)
    }

    fn end(&mut self, patience: Duration) -> bool {
        self.inbox = None;
        matches!(self.ended.recv_timeout(patience), Err(RecvTimeoutError::Disconnected))
    }
}

/// Makes the folder of the queues and sees to it that nobody else uses it.
fn alone(spool: &Path) -> Result<File> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(spool);
    made.with_context(|| format!("cannot make the folder `{}`", spool.display()))?;
    let path = spool.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot open `{}`", path.display()))?;
    file.try_lock().with_context(|| format!("another daemon has locked `{}`", path.display()))?;
    Ok(file)
}

/// Something that says on dropping that a thread has ended.
type Alive = SyncSender<()>;

/// Starts a thread that holds `alive` for as long as it runs.
fn start(name: &str, alive: Alive, run: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
        run();
        drop(alive);
    });
    thread.map(drop).with_context(|| format!("cannot start the thread {name}"))
}

/// The mutex's value, whatever a thread that panicked left of it: every change of ours is whole.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
