//! One connection: lines in, lines out, never waited for, never without a bound.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use hebe::restart::protocol::{MOST_BYTES, MOST_REPLY_BYTES, Refusal, Reply, Request, Speaker};
use rustix::event::PollFlags;

use super::key::{Challenge, Key};

/// A connection on which nothing moves for so long is closed.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where a connection comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The Unix socket, and a user who may.
    Unix,
    /// TCP within this machine.
    Loopback,
    /// TCP from elsewhere.
    Away,
}

/// Its stream.
#[derive(Debug)]
pub(super) enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix(stream) => stream.as_fd(),
            Self::Tcp(stream) => stream.as_fd(),
        }
    }
}

impl Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(bytes),
            Self::Tcp(stream) => stream.read(bytes),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) id: u64,
    stream: Stream,
    origin: Origin,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
    moved: Instant,
    challenge: Option<Challenge>,
    /// The numbers that the answer under way is signed with.
    seal: Option<(String, String)>,
    /// Whether an answer is awaited; further lines wait for it.
    pub(super) waits: bool,
    /// Whether it is closed once its outbox is empty.
    closing: bool,
}

impl Peer {
    /// A connection that does not wait.
    pub(super) fn new(id: u64, stream: Stream, origin: Origin) -> Self {
        Self {
            id,
            stream,
            origin,
            inbox: Vec::new(),
            outbox: Vec::new(),
            moved: Instant::now(),
            challenge: None,
            seal: None,
            waits: false,
            closing: false,
        }
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// What it is polled for.
    pub(super) fn interest(&self) -> PollFlags {
        let mut interest = PollFlags::empty();
        if !self.waits && !self.closing {
            interest |= PollFlags::IN;
        }
        if !self.outbox.is_empty() {
            interest |= PollFlags::OUT;
        }
        interest
    }

    /// Whether it is done with, or nothing has moved for too long.
    pub(super) fn is_over(&self) -> bool {
        (self.closing && self.outbox.is_empty()) || (!self.waits && PATIENCE < self.moved.elapsed())
    }

    /// Ends it, at once.
    pub(super) fn end(&mut self) {
        self.closing = true;
        self.outbox.clear();
    }

    /// Takes in what has come.
    pub(super) fn read(&mut self) {
        let mut bytes = [0; 16 * 1024];
        match self.stream.read(&mut bytes) {
            // It may have closed its half only; what is owed is still sent.
            Ok(0) => self.closing = true,
            Ok(count) => {
                self.moved = Instant::now();
                self.inbox.extend_from_slice(&bytes[..count]);
            }
            Err(error) if is_passing(&error) => {}
            Err(_) => self.end(),
        }
    }

    /// Sends what it can.
    pub(super) fn write(&mut self) {
        while !self.outbox.is_empty() {
            match self.stream.write(&self.outbox) {
                Ok(0) => return self.end(),
                Ok(count) => {
                    self.moved = Instant::now();
                    self.outbox.drain(..count);
                }
                Err(error) if is_passing(&error) => return,
                Err(_) => return self.end(),
            }
        }
    }

    /// The next request that may be answered; refusals are answered here.
    pub(super) fn request(&mut self, key: Option<&Key>) -> Option<Request> {
        while !self.waits && !self.closing {
            let line = self.line()?;
            match self.admit(&line, key) {
                Ok(Some(request)) => return Some(request),
                Ok(None) => {}
                Err(reply) => {
                    self.answer(&reply, key);
                    // Who speaks another protocol, or guesses, gets one answer.
                    self.closing = true;
                }
            }
        }
        None
    }

    fn line(&mut self) -> Option<String> {
        let Some(end) = self.inbox.iter().position(|&byte| byte == b'\n') else {
            if MOST_BYTES < self.inbox.len() {
                self.inbox.clear();
                self.answer(&too_long(), None);
                self.closing = true;
            }
            return None;
        };
        let line: Vec<u8> = self.inbox.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim().to_owned())
    }

    /// Reads a line, and sees whether it may be asked here.
    fn admit(&mut self, line: &str, key: Option<&Key>) -> Result<Option<Request>, Reply> {
        if MOST_BYTES < line.len() {
            return Err(too_long());
        }
        let (challenge, unsigned) = match Request::parse(line)? {
            Request::Challenge { client } => (client, None),
            Request::Signed { server, request, mac } => {
                return self.open(&server, &request, &mac, key).map(Some);
            }
            request => (String::new(), Some(request)),
        };
        let Some(request) = unsigned else {
            let reply = self.challenge(&challenge, key)?;
            self.answer(&reply, key);
            return Ok(None);
        };
        match self.origin {
            Origin::Unix => Ok(Some(request)),
            Origin::Loopback if request.only_reads() => Ok(Some(request)),
            Origin::Loopback | Origin::Away => Err(key_needed()),
        }
    }

    fn challenge(&mut self, client: &str, key: Option<&Key>) -> Result<Reply, Reply> {
        if key.is_none() {
            return Err(key_needed());
        }
        let made = Challenge::new(client)
            .map_err(|error| Reply::refused(Refusal::Unable, error.to_string(), "a request later"))?;
        let made = made.ok_or_else(|| {
            let expected = "32 to 128 hexadecimal digits, never used before, as `client`";
            Reply::refused(Refusal::Malformed, "`client` is no number", expected)
        })?;
        let server = made.server.clone();
        self.challenge = Some(made);
        Ok(Reply::Challenge { server })
    }

    /// Sees the proof, which uses the challenge up whether it is right or not.
    fn open(&mut self, server: &str, request: &str, mac: &str, key: Option<&Key>) -> Result<Request, Reply> {
        let key = key.ok_or_else(key_needed)?;
        let challenge = self.challenge.take().filter(|challenge| challenge.is_good(server));
        let proven = challenge.filter(|it| key.verify(Speaker::Client, server, &it.client, request, mac));
        let challenge = proven.ok_or_else(|| {
            let expected = "the HMAC-SHA256 of this request under a fresh challenge of this connection";
            Reply::refused(
                Refusal::BadProof,
                "the proof is wrong, was used before or came too late",
                expected,
            )
        })?;
        let request = Request::parse(request)?;
        if matches!(request, Request::Signed { .. } | Request::Challenge { .. }) {
            let message = "a signed request that is signed again";
            return Err(Reply::refused(Refusal::Malformed, message, "a plain request"));
        }
        self.seal = Some((challenge.server, challenge.client));
        Ok(request)
    }

    /// Puts an answer into the outbox, signed where the request was.
    pub(super) fn answer(&mut self, reply: &Reply, key: Option<&Key>) {
        self.waits = false;
        self.moved = Instant::now();
        let mut line = text(reply);
        if let (Some((server, client)), Some(key)) = (self.seal.take(), key) {
            let mac = key.sign(Speaker::Restarter, &server, &client, &line);
            line = text(&Reply::Signed { reply: line, mac });
        }
        self.outbox.extend_from_slice(line.as_bytes());
        self.outbox.push(b'\n');
        self.write();
    }
}

fn text(reply: &Reply) -> String {
    let refused = |message: &str| Reply::refused(Refusal::Unable, message, "a request for less");
    let line = serde_json::to_string(reply).ok().filter(|line| line.len() <= MOST_REPLY_BYTES);
    line.or_else(|| serde_json::to_string(&refused("the answer is too long")).ok()).unwrap_or_default()
}

fn too_long() -> Reply {
    let expected = format!("a line of at most {MOST_BYTES} bytes");
    Reply::refused(Refusal::Malformed, "the line is too long", expected)
}

fn key_needed() -> Reply {
    let expected =
        "a signed request (see PROTOCOL.md) with the key of `restarter.key_file`, or the Unix socket";
    Reply::refused(Refusal::KeyNeeded, "this needs the key", expected)
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
