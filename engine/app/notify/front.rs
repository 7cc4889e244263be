//! The thread that takes events: it logs them, decides who hears of them and hands them to the couriers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use hebe::event::action::ActionEvent;
use hebe::event::{Event, Kind};
use hebe::finding::Row;

use super::alertmanager::Alerts;
use super::board::Board;
use super::courier::Courier;
use super::journal::Journal;
use super::log::EventLog;
use super::silences::SilenceFile;

/// Lines that wait in memory for a log that cannot be written.
const UNLOGGED: usize = 1000;
/// Time from one attempt to write them to the next.
const RETRY: Duration = Duration::from_secs(10);
/// The names on the board.
pub(super) const LOG: &str = "log";
const JOURNALD: &str = "journald";

/// What the thread is given.
#[derive(Debug)]
pub(super) enum Message {
    /// Something happened.
    Event(Arc<Event>),
    /// Something was restarted, or was not.
    Action(Box<ActionEvent>),
    /// These rows alarm now, and no others.
    Standing(Vec<Row>, DateTime<Utc>),
}

/// The thread's own.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) log: EventLog,
    /// Lines that the log did not take, oldest first.
    pub(super) unlogged: VecDeque<String>,
    pub(super) journal: Journal,
    pub(super) silences: Arc<SilenceFile>,
    pub(super) alerts: Arc<Alerts>,
    pub(super) couriers: Vec<Courier>,
    /// Whether couriers take surges, too.
    pub(super) surges: bool,
    pub(super) board: Arc<Board>,
}

impl Front {
    /// Takes what comes until nobody is left to send.
    pub(super) fn run(mut self, events: &Receiver<Message>) {
        loop {
            let message = if self.unlogged.is_empty() {
                events.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                events.recv_timeout(RETRY)
            };
            match message {
                Ok(Message::Event(event)) => self.take(&event),
                Ok(Message::Action(event)) => self.act(&event),
                Ok(Message::Standing(rows, now)) => self.alerts.stand(&rows, now),
                Err(RecvTimeoutError::Timeout) => self.write_log(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.write_log();
        // Dropping the couriers ends them.
        self.couriers.clear();
        self.alerts.stop();
    }

    fn take(&mut self, event: &Arc<Event>) {
        let (resource, scope) = (&event.data.resource, &event.data.scope);
        let silenced_by = self.silences.holding(resource, scope, Utc::now());
        self.log(event.to_json(silenced_by.as_deref()));
        self.journaled(self.journal.send(event, silenced_by.as_deref()));
        let told = self.alerts.apply(event);
        let Some(told) = told.filter(|told| self.surges || told.kind != Kind::SurgeHeld) else { return };
        if silenced_by.is_some() || self.couriers.is_empty() {
            return;
        }
        self.hand_on(&told.to_json(None));
    }

    /// Nobody's silence covers what we do ourselves.
    fn act(&mut self, event: &ActionEvent) {
        let body = event.to_json();
        self.log(body.clone());
        self.journaled(self.journal.send_action(event));
        self.hand_on(&body);
    }

    fn hand_on(&self, body: &str) {
        self.couriers.iter().for_each(|courier| courier.take(body.as_bytes().to_vec()));
    }

    fn log(&mut self, line: String) {
        if UNLOGGED <= self.unlogged.len() {
            self.unlogged.pop_front();
            self.board.drops(LOG, 1, "the log cannot be written");
        }
        self.unlogged.push_back(line);
        self.write_log();
    }

    /// Writes the lines that wait, as far as the log takes them.
    fn write_log(&mut self) {
        while let Some(line) = self.unlogged.front() {
            match self.log.append(line) {
                Ok(()) => self.board.works(LOG),
                Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                    self.board.drops(LOG, 1, &error.to_string());
                }
                Err(error) => {
                    self.board.fails(LOG, &format!("cannot write the event log: {error}"));
                    break;
                }
            }
            self.unlogged.pop_front();
        }
        self.board.update(LOG, |sink| sink.queued = self.unlogged.len());
    }

    fn journaled(&self, sent: std::io::Result<bool>) {
        match sent {
            Ok(true) => self.board.works(JOURNALD),
            Ok(false) => {}
            Err(error) => {
                self.board.fails(JOURNALD, &format!("cannot write the journal: {error}"));
                self.board.update(JOURNALD, |sink| sink.dropped += 1);
            }
        }
    }
}
