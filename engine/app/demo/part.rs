//! A part of a station: it takes its time to start, answers on a socket, and fails as Mercury's parts do.
//!
//! Two parts may keep a session with each other: when one of them starts anew, the other ends. A part may fail for as
//! long as a file is there, and another take that file away when it starts.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sd_notify::NotifyState;

/// What `hebe stage part` is told.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Part {
    /// Socket on which it answers
    #[arg(long)]
    socket: PathBuf,
    /// Time from its start until it is ready
    #[arg(long, value_parser = humantime::parse_duration)]
    starts_in: Duration,
    /// Socket of the part that it keeps a session with
    #[arg(long)]
    peer: Option<PathBuf>,
    /// It fails as soon as it is ready while this file is there
    #[arg(long)]
    fails_by: Option<PathBuf>,
    /// It takes this file away when it starts
    #[arg(long)]
    cures: Option<PathBuf>,
}

/// A peer that says nothing is let go.
const PATIENCE: Duration = Duration::from_secs(1);
/// Asks for a session; the number of who asks follows. Every answer is the number of who answers.
const SESSION: &str = "session ";

/// The process that the peer was when the session began, if there is one.
type Session = Arc<Mutex<Option<u32>>>;

/// Starts, and serves until it ends.
pub(crate) fn part(args: &Part) -> Result<()> {
    if let Some(file) = &args.cures {
        let _ = fs::remove_file(file);
    }
    // Of an earlier copy, which was killed.
    let _ = fs::remove_file(&args.socket);
    thread::sleep(args.starts_in);
    let listener = UnixListener::bind(&args.socket)
        .with_context(|| format!("cannot listen on `{}`", args.socket.display()))?;
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    if let Some(file) = args.fails_by.as_ref().filter(|file| file.exists()) {
        bail!("it fails as long as `{}` is there", file.display());
    }
    let session = Session::default();
    if let Some(peer) = args.peer.clone() {
        let session = Arc::clone(&session);
        // Beside the answers: two that ask each other would wait for each other.
        thread::spawn(move || agree(&peer, &session));
    }
    for stream in listener.incoming() {
        let mut stream = stream.context("cannot take a connection")?;
        let Ok(asked) = line(&stream) else { continue };
        if let Some(Ok(peer)) = asked.strip_prefix(SESSION).map(str::parse) {
            let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
            if session.is_some_and(|with| with != peer) {
                bail!("its peer has started anew");
            }
            *session = Some(peer);
        }
        let _ = writeln!(stream, "{}", std::process::id());
    }
    Ok(())
}

/// Begins a session with the peer; none if it does not run, or ends because it is in one with an earlier copy of ours.
fn agree(peer: &Path, session: &Session) {
    let ask = || -> std::io::Result<String> {
        let mut stream = UnixStream::connect(peer)?;
        writeln!(stream, "{SESSION}{}", std::process::id())?;
        line(&stream)
    };
    if let Some(Ok(peer)) = ask().ok().map(|answer| answer.parse()) {
        *session.lock().unwrap_or_else(PoisonError::into_inner) = Some(peer);
    }
}

fn line(stream: &UnixStream) -> std::io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
