//! The service of the demonstration: it answers HTTP, and leaks file descriptors by the clock until it may open no more.
//!
//! It is as real as leaks are: once its limit is reached, it cannot take a connection any more.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, setrlimit};
use sd_notify::NotifyState;

/// What `hebe stage service` is told.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Service {
    /// Its name.
    #[arg(long)]
    pub(crate) name: String,
    /// Port on loopback.
    #[arg(long)]
    pub(crate) port: u16,
    /// Descriptors that it leaks a second.
    #[arg(long)]
    pub(crate) leak: f64,
    /// Descriptors that it may have.
    #[arg(long)]
    pub(crate) descriptors: u64,
}

/// A client that says nothing is let go.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two leaks, and between two signs of life.
const STEP: Duration = Duration::from_millis(100);
/// Bytes of a request that are read.
const MOST: usize = 4096;

/// Serves until it is ended.
pub(crate) fn service(args: &Service) -> Result<()> {
    let most = Some(args.descriptors);
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most }).context("limit of descriptors")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port))
        .with_context(|| format!("port {} of 127.0.0.1", args.port))?;
    let leak = args.leak;
    thread::spawn(move || leak_by_the_clock(leak));
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                let _ = answer(stream, &args.name);
            }
            // No descriptor is left: this is the outage that Hebe is there to prevent.
            Err(_) => thread::sleep(STEP),
        }
    }
}

fn answer(mut stream: TcpStream, name: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut head = [0; MOST];
    let read = stream.read(&mut head)?;
    let body = if head[..read].starts_with(b"GET ") { format!("hello from {name}\n") } else { String::new() };
    let status = if body.is_empty() { "400 Bad Request" } else { "200 OK" };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Opens descriptors and forgets them, as many as are due; holds them all. Tells the Re/Starter that it lives.
fn leak_by_the_clock(per_s: f64) {
    let start = Instant::now();
    let mut held = Vec::new();
    loop {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that saturates")]
        let due = (start.elapsed().as_secs_f64() * per_s) as usize;
        while held.len() < due {
            match File::open("/dev/null") {
                Ok(file) => held.push(file),
                Err(_) => break,
            }
        }
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        thread::sleep(STEP);
    }
}
