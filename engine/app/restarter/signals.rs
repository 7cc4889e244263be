//! Signals as readable sockets.

use std::io::Read;
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// What becomes readable at a signal.
#[derive(Debug)]
pub(super) struct Signals {
    /// SIGTERM or SIGINT.
    pub(super) stop: UnixStream,
    /// SIGCHLD.
    pub(super) child: UnixStream,
}

impl Signals {
    pub(super) fn listen() -> Result<Self> {
        Ok(Self { stop: on(&[SIGTERM, SIGINT])?, child: on(&[SIGCHLD])? })
    }
}

fn on(signals: &[i32]) -> Result<UnixStream> {
    let (reader, writer) = UnixStream::pair().context("a pair of sockets")?;
    reader.set_nonblocking(true).context("a socket that does not wait")?;
    for &signal in signals {
        let writer = writer.try_clone().context("a socket for signals")?;
        pipe::register(signal, writer).with_context(|| format!("cannot listen to signal {signal}"))?;
    }
    Ok(reader)
}

/// Reads what there is.
pub(super) fn drain(mut stream: &UnixStream) {
    let mut bytes = [0; 256];
    while matches!(stream.read(&mut bytes), Ok(count) if 0 < count) {}
}
