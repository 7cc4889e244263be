//! Waiting for probes of readiness on threads of their own, so that the loop waits for nobody.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use hebe::restart::map::Node;

use crate::probe;

/// The end of a wait: the node, which copy of it, and whether it is ready.
pub(super) type Waited = (String, u64, Result<(), String>);

/// Starts waits, and tells of their ends.
#[derive(Debug)]
pub(super) struct Waits {
    sender: Sender<Waited>,
    bell: Arc<UnixStream>,
}

/// A wait under way; dropped, it ends.
#[derive(Debug)]
pub(super) struct Wait(Arc<AtomicBool>);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Waits {
    /// The waits, where their ends come out, and what becomes readable then.
    pub(super) fn new() -> Result<(Self, Receiver<Waited>, UnixStream)> {
        let (bell, rung) = UnixStream::pair().context("a pair of sockets")?;
        bell.set_nonblocking(true).context("a socket that does not wait")?;
        rung.set_nonblocking(true).context("a socket that does not wait")?;
        let (sender, receiver) = channel();
        Ok((Self { sender, bell: Arc::new(bell) }, receiver, rung))
    }

    /// Waits until the probes of a node have passed.
    pub(super) fn wait(&self, node: &Node, copy: u64, within: Duration) -> Wait {
        let over = Arc::new(AtomicBool::new(false));
        let (sender, bell, seen) = (self.sender.clone(), Arc::clone(&self.bell), Arc::clone(&over));
        let (name, probes) = (node.name.clone(), node.ready.clone());
        let started = thread::Builder::new().name("ready".to_owned()).spawn(move || {
            let wanted = || if seen.load(Ordering::Relaxed) { Err("it is over".to_owned()) } else { Ok(()) };
            let result = probe::wait_ready_while(&probes, within, wanted);
            let told = sender.send((name, copy, result)).is_ok();
            // A full pipe has rung already.
            let _ = told && (&*bell).write(b"!").is_ok();
        });
        if let Err(error) = started {
            let _ = self.sender.send((node.name.clone(), copy, Err(format!("no thread: {error}"))));
            let _ = (&*self.bell).write(b"!");
        }
        Wait(over)
    }
}
