//! SIGTERM and SIGINT stop the daemon, SIGHUP makes it read its configuration again.

use std::sync::mpsc::Sender;
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Event;

/// Turns signals into events, on a thread of its own.
pub(super) fn listen(sender: &Sender<Event>) -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("signals")?;
    let sender = sender.clone();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                let event = if signal == SIGHUP { Event::Reload } else { Event::Stop };
                if sender.send(event).is_err() {
                    return;
                }
            }
        })
        .context("signals")?;
    Ok(())
}
