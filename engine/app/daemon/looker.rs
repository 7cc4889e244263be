//! The thread that looks for where a growth comes from: files may keep it waiting, the loop and the page never wait
//! longer than they say.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use chrono_tz::Tz;
use hebe::evidence::Origin;
use hebe::watch::Lead;
use hebe_collectors::live::Named;

use crate::evidence::{Question, origin};

/// Those who may wait for an answer at once; one more is told at once that there is none.
const WAITING: usize = 8;
/// The thread has this part of what its asker waits, so that it ends in time.
const PART: f64 = 0.7;

/// Asks the thread.
#[derive(Debug)]
pub(super) struct Looker {
    asks: SyncSender<Ask>,
    named: Arc<Mutex<Named>>,
}

/// One question, and where the answer goes.
struct Ask {
    lead: Lead,
    zone: Tz,
    time: Duration,
    answer: SyncSender<Origin>,
}

impl Looker {
    /// Starts the thread, which ends with the looker; marks lie in `folder`.
    pub(super) fn start(folder: PathBuf) -> std::io::Result<Self> {
        let (asks, asked) = mpsc::sync_channel(WAITING);
        let named = Arc::default();
        let names = Arc::clone(&named);
        thread::Builder::new()
            .name("looker".to_owned())
            .spawn(move || answer_all(&asked, &folder, &names))?;
        Ok(Self { asks, named })
    }

    /// Gives processes the names of those who run them.
    pub(super) fn name(&self, named: &Named) {
        let mut known = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != *named {
            known.clone_from(named);
        }
    }

    /// Where the growth comes from; none where that took longer than `patience`.
    pub(super) fn ask(&self, lead: Lead, zone: Tz, patience: Duration) -> Option<Origin> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.asks.try_send(Ask { lead, zone, time: patience.mul_f64(PART), answer }).ok()?;
        answered.recv_timeout(patience).ok()
    }
}

fn answer_all(asked: &Receiver<Ask>, folder: &std::path::Path, names: &Mutex<Named>) {
    let _ = rustix::process::nice(NICE);
    for Ask { lead, zone, time, answer } in asked {
        let named = names.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let question = Question {
            finding: &lead.finding,
            history: &lead.history,
            suspect: &lead.suspect,
            until_ms: None,
            zone,
            folders: vec![folder],
            is_here: true,
            is_now: true,
            named: &named,
            time,
        };
        // Whoever asked may have given up.
        let _ = answer.try_send(origin(&question));
    }
}

/// On Linux a thread has a niceness of its own: what is looked up on demand waits for all that serves.
const NICE: i32 = 10;
