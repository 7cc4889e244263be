//! How each receiver stands, for the page; and the line on standard error when that changes.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;

use serde::Serialize;

use super::lock;

/// One receiver of notices.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct SinkState {
    /// `log`, `journald`, `alertmanager`, `webhook` or `command`.
    pub(crate) name: &'static str,
    /// Events that wait for it.
    pub(crate) queued: usize,
    /// Events, or for Alertmanager tellings, that it took since the start.
    pub(crate) delivered: u64,
    /// Events that it will never get: refused, or given up for newer ones.
    pub(crate) dropped: u64,
    /// Why it is failing, if it is.
    pub(crate) failing: Option<String>,
    /// What the command wrote when it last ran.
    pub(crate) output: Option<String>,
}

/// All receivers.
#[derive(Debug, Default)]
pub(super) struct Board(Mutex<BTreeMap<&'static str, SinkState>>);

impl Board {
    /// All of them, by name.
    pub(super) fn all(&self) -> Vec<SinkState> {
        lock(&self.0).values().cloned().collect()
    }

    /// Changes what is known of one.
    pub(super) fn update(&self, name: &'static str, change: impl FnOnce(&mut SinkState)) {
        let mut sinks = lock(&self.0);
        change(sinks.entry(name).or_insert_with(|| SinkState { name, ..SinkState::default() }));
    }

    /// It took something.
    pub(super) fn works(&self, name: &'static str) {
        self.update(name, |sink| {
            sink.delivered += 1;
            if sink.failing.take().is_some() {
                say(name, "works again");
            }
        });
    }

    /// It did not. Said once for each reason.
    pub(super) fn fails(&self, name: &'static str, why: &str) {
        self.update(name, |sink| {
            if sink.failing.as_deref() != Some(why) {
                say(name, why);
                sink.failing = Some(why.to_owned());
            }
        });
    }

    /// It will never get `count` events. Said whenever there are twice as many.
    pub(super) fn drops(&self, name: &'static str, count: u64, why: &str) {
        if count == 0 {
            return;
        }
        self.update(name, |sink| {
            let before = sink.dropped.checked_ilog2();
            sink.dropped += count;
            if sink.dropped.checked_ilog2() != before {
                say(name, &format!("{} dropped so far, now: {why}", sink.dropped));
            }
        });
    }
}

/// One line on standard error, whatever the text holds.
pub(super) fn say(name: &str, what: &str) {
    // Not `eprintln!`, which panics where nobody reads.
    let _ = writeln!(std::io::stderr(), "hebe: notify: {name}: {}", what.escape_debug());
}
