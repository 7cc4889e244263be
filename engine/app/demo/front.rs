//! The balancer of the demonstration: passes requests to the instances that are in service.
//!
//! An instance is drained by a line on the control port, which is answered when nothing is under way there any more:
//! what a drain hook does with a real balancer.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// What `hebe stage drain` is told.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Drain {
    /// Control port of the balancer.
    #[arg(long)]
    pub(crate) front: u16,
    /// The instance.
    #[arg(long)]
    pub(crate) name: String,
    /// Put it back into service.
    #[arg(long)]
    pub(crate) back: bool,
}

/// An instance that does not answer within this time is passed over for this request.
const ANSWER: Duration = Duration::from_secs(1);
/// What is under way is waited for so long.
const DRAINED: Duration = Duration::from_secs(5);
/// Bytes of a request, and of an answer.
const MOST: u64 = 16_384;

/// The balancer, from its start to the end of the program.
#[derive(Debug)]
pub(super) struct Front {
    /// Where visitors connect.
    pub(super) address: SocketAddr,
    /// Where hooks connect.
    pub(super) control: u16,
}

#[derive(Debug)]
struct Instance {
    name: String,
    port: u16,
    in_service: bool,
    under_way: usize,
}

#[derive(Debug, Default)]
struct Shared {
    instances: Mutex<Vec<Instance>>,
    changed: Condvar,
}

impl Front {
    /// Starts in front of instances, `(name, port)`.
    pub(super) fn start(instances: &[(&str, u16)]) -> Result<Self> {
        let visitors = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a port of 127.0.0.1")?;
        let control = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a port of 127.0.0.1")?;
        let front = Self { address: visitors.local_addr()?, control: control.local_addr()?.port() };
        let instance = |&(name, port): &(&str, u16)| Instance {
            name: name.to_owned(),
            port,
            in_service: true,
            under_way: 0,
        };
        let shared = Arc::new(Shared {
            instances: Mutex::new(instances.iter().map(instance).collect()),
            changed: Condvar::new(),
        });
        serve(visitors, &shared, pass);
        serve(control, &shared, obey);
        Ok(front)
    }
}

/// A thread for each connection: there are few, and each is short.
fn serve(listener: TcpListener, shared: &Arc<Shared>, handle: fn(TcpStream, &Shared) -> io::Result<()>) {
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shared = Arc::clone(&shared);
            thread::spawn(move || handle(stream, &shared));
        }
    });
}

impl Shared {
    fn instances(&self) -> MutexGuard<'_, Vec<Instance>> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the instance in service with the least under way, of those not tried yet.
    fn take(&self, tried: &[u16]) -> Option<u16> {
        let mut instances = self.instances();
        let free = instances.iter_mut().filter(|one| one.in_service && !tried.contains(&one.port));
        let chosen = free.min_by_key(|one| one.under_way)?;
        chosen.under_way += 1;
        Some(chosen.port)
    }

    fn give_back(&self, port: u16) {
        if let Some(one) = self.instances().iter_mut().find(|one| one.port == port) {
            one.under_way -= 1;
        }
        self.changed.notify_all();
    }
}

/// Passes one request on, to another instance where one does not answer.
fn pass(mut visitor: TcpStream, shared: &Shared) -> io::Result<()> {
    visitor.set_read_timeout(Some(ANSWER))?;
    let mut request = Vec::new();
    for line in BufReader::new((&visitor).take(MOST)).split(b'\n') {
        let line = line?;
        request.extend_from_slice(&line);
        request.push(b'\n');
        if line.is_empty() || line == b"\r" {
            break;
        }
    }
    let mut tried = Vec::new();
    while let Some(port) = shared.take(&tried) {
        tried.push(port);
        let answer = ask(port, &request);
        shared.give_back(port);
        if let Ok(answer) = answer {
            return visitor.write_all(&answer);
        }
    }
    visitor.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// One instance's whole answer.
fn ask(port: u16, request: &[u8]) -> io::Result<Vec<u8>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer)?;
    if answer.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(answer) }
}

/// `out NAME` or `in NAME`, answered by `done` or by what is wrong.
fn obey(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut line = String::new();
    BufReader::new((&stream).take(MOST)).read_line(&mut line)?;
    let said = match line.trim_end().split_once(' ') {
        Some((word @ ("in" | "out"), name)) => put(shared, name, word == "in"),
        _ => "expected `in NAME` or `out NAME`",
    };
    writeln!(stream, "{said}")
}

fn put(shared: &Shared, name: &str, in_service: bool) -> &'static str {
    let mut instances = shared.instances();
    let Some(place) = instances.iter().position(|one| one.name == name) else { return "no such instance" };
    instances[place].in_service = in_service;
    let waited = shared
        .changed
        .wait_timeout_while(instances, DRAINED, |instances| !in_service && 0 < instances[place].under_way);
    match waited {
        Ok((_, timeout)) if timeout.timed_out() => "requests are still under way",
        _ => "done",
    }
}

/// The hook: asks the balancer, and fails where it does.
pub(crate) fn drain(args: &Drain) -> Result<()> {
    let mut stream =
        TcpStream::connect((Ipv4Addr::LOCALHOST, args.front)).context("the balancer's control port")?;
    stream.set_read_timeout(Some(DRAINED + ANSWER))?;
    writeln!(stream, "{} {}", if args.back { "in" } else { "out" }, args.name)?;
    let mut said = String::new();
    stream.read_to_string(&mut said).context("the balancer's answer")?;
    if said.trim_end() != "done" {
        bail!("the balancer says: {}", said.trim_end());
    }
    Ok(())
}
