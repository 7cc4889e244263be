//! The watchdog: hears heartbeats, looks at processes, tests from outside, and says when three witnesses agree.
//!
//! One thread hears and judges and never waits for anybody; tests run on threads of their own, so that one that hangs
//! costs itself alone. What follows from a failure does not live here.

mod config;
mod hear;
mod look;
mod pool;
mod service;
mod standing;
mod test;
#[cfg(test)]
mod tests;
mod wake;
mod ward;
mod wire;

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result};
use hebe::restart::heartbeat::Process;
use hebe::restart::map::Map;
use hebe::restart::protocol::Vitals;

pub(crate) use config::Config;
use service::{Lines, Service, Told};
pub(crate) use standing::{State, Suspicion};
use wake::Wake;

/// What is known of a node's process by those who run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It runs, as this process.
    Runs {
        /// Its number.
        pid: u32,
    },
    /// It does not run on purpose, or is being restarted: nothing is judged until it runs.
    Away,
    /// It runs on another machine, whose kernel says this of it.
    Told {
        /// Who it is.
        process: Process,
        /// What is said of it.
        vitals: Vitals,
        /// Whether that machine is short of processor, memory or disk time.
        short: bool,
    },
    /// It has ended, and who runs it leaves it so.
    Lies,
    /// It was started anew, as a process that nobody can name.
    Anew,
}

/// The watchdog at work.
#[derive(Debug)]
pub(crate) struct Watchdog {
    told: Sender<Told>,
    wake: Arc<Wake>,
    state: Arc<Mutex<State>>,
    port: Option<u16>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Starts to watch every node of the map that sends heartbeats or has a test. `tell` hears of every change of
    /// state, on the watchdog's own thread: it must not wait.
    pub(crate) fn start(
        map: &Map,
        config: &Config,
        tell: impl Fn(Suspicion) + Send + 'static,
    ) -> Result<Self> {
        Self::start_under(map, config, tell, Path::new("/"))
    }

    /// The same, with the machine's pressure read from under another root.
    fn start_under(
        map: &Map,
        config: &Config,
        tell: impl Fn(Suspicion) + Send + 'static,
        pressure: &Path,
    ) -> Result<Self> {
        let wake = Arc::new(Wake::new().context("watchdog")?);
        let state = Arc::new(Mutex::new(State::default()));
        let (told, heard) = channel();
        let lines = Lines {
            heard,
            told: told.clone(),
            wake: Arc::clone(&wake),
            state: Arc::clone(&state),
            tell: Box::new(tell),
        };
        let service = Service::new(map, config, lines, pressure)?;
        let port = service.port();
        let thread = thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(move || service.run())
            .context("watchdog")?;
        Ok(Self { told, wake, state, port, thread: Some(thread) })
    }

    /// The port on which heartbeats are heard.
    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    /// How every node stands, and what was refused.
    pub(crate) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says what is known of a node's process. A new number is a new start.
    pub(crate) fn process(&self, node: &str, found: Found) {
        self.tell(Told::Process { node: node.to_owned(), found });
    }

    /// Passes on a sign of life that somebody else has heard and checked, such as the Re/Starter by `sd_notify`.
    pub(crate) fn alive(&self, node: &str) {
        self.tell(Told::Alive { node: node.to_owned() });
    }

    fn tell(&self, told: Told) {
        if self.told.send(told).is_ok() {
            self.wake.up();
        }
    }

    fn end(&mut self) {
        self.tell(Told::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.end();
    }
}
