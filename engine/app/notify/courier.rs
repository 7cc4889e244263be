//! Delivers the events of one queue, in order, as often as it takes.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use anyhow::{Context, Result};

use super::backoff::Backoff;
use super::board::Board;
use super::queue::Queue;
use super::{Alive, lock, start};

/// What became of one attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is there.
    Delivered,
    /// It was not taken and never will be.
    Refused(String),
    /// Not now.
    Later(String),
}

/// The end of a courier that takes events. When it is dropped, the courier ends after the attempt that it is at.
#[derive(Debug)]
pub(super) struct Courier {
    name: &'static str,
    round: Arc<Round>,
    board: Arc<Board>,
}

#[derive(Debug)]
struct Round {
    queue: Mutex<Queue>,
    changed: Condvar,
    stop: AtomicBool,
}

impl Courier {
    /// Opens the queue `name` in `spool` and starts a thread that gives each event to `deliver`, which also gets a flag
    /// that is set when it should hurry.
    pub(super) fn start(
        name: &'static str,
        spool: &Path,
        most: usize,
        backoff: Backoff,
        board: &Arc<Board>,
        alive: Alive,
        deliver: impl FnMut(&[u8], &AtomicBool) -> Outcome + Send + 'static,
    ) -> Result<Self> {
        let folder = spool.join(name);
        let queue = Queue::open(&folder, most)
            .with_context(|| format!("cannot open the queue `{}`", folder.display()))?;
        board.update(name, |sink| sink.queued = queue.len());
        let round = Arc::new(Round {
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let courier = Self { name, round: Arc::clone(&round), board: Arc::clone(board) };
        let board = Arc::clone(board);
        start(&format!("hebe-{name}"), alive, move || round.run(name, backoff, &board, deliver))?;
        Ok(courier)
    }

    /// Takes an event. It is on the disk when this returns, unless the board says otherwise.
    pub(super) fn take(&self, body: Vec<u8>) {
        let mut queue = lock(&self.round.queue);
        let pushed = queue.push(body);
        self.board.update(self.name, |sink| sink.queued = queue.len());
        drop(queue);
        self.round.changed.notify_all();
        self.board.drops(self.name, pushed.dropped, "its queue is full");
        if let Some(why) = pushed.failing {
            self.board.fails(self.name, &why);
        }
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        // Under the lock, so that nobody who has just looked at the flag starts to wait after this.
        let mut queue = lock(&self.round.queue);
        queue.write_held();
        self.round.stop.store(true, Ordering::Relaxed);
        drop(queue);
        self.round.changed.notify_all();
    }
}

impl Round {
    fn run(
        &self,
        name: &'static str,
        backoff: Backoff,
        board: &Board,
        mut deliver: impl FnMut(&[u8], &AtomicBool) -> Outcome,
    ) {
        let mut failures = 0;
        while let Some((number, body)) = self.next(name, board) {
            match deliver(&body, &self.stop) {
                Outcome::Delivered => {
                    failures = 0;
                    self.done(number, name, board);
                    board.works(name);
                }
                Outcome::Refused(why) => {
                    failures = 0;
                    self.done(number, name, board);
                    board.drops(name, 1, &why);
                }
                Outcome::Later(why) => {
                    failures += 1;
                    board.fails(name, &why);
                    self.rest(backoff, failures);
                }
            }
        }
    }

    /// Waits for an event; none when it is time to end.
    fn next(&self, name: &'static str, board: &Board) -> Option<(u64, Vec<u8>)> {
        let mut queue = lock(&self.queue);
        loop {
            if self.stopped() {
                return None;
            }
            let (front, unreadable) = queue.front();
            board.drops(name, unreadable, "they cannot be read any more");
            if front.is_some() {
                return front;
            }
            queue = self.changed.wait(queue).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    fn done(&self, number: u64, name: &'static str, board: &Board) {
        let mut queue = lock(&self.queue);
        queue.done(number);
        board.update(name, |sink| sink.queued = queue.len());
    }

    fn rest(&self, backoff: Backoff, failures: u32) {
        let queue = lock(&self.queue);
        let _ = self.changed.wait_timeout_while(queue, backoff.after(failures), |_| !self.stopped());
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
