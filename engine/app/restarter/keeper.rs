//! The loop of the Re/Starter: one thread, one closed list of events, nothing that is waited for without a bound.

use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hebe::restart::supervision::Input;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sd_notify::NotifyState;

use super::doors;
use super::group::Group;
use super::key::Key;
use super::orders::Waiter;
use super::peer::{Peer, Stream};
use super::readiness::Waited;
use super::service::{Service, Shared};
use super::session::ended_orphans;
use super::signals::{Signals, drain};
use super::speech::{AT_ONCE, Speech};
use crate::output;

/// Clients at one time.
const MOST_PEERS: usize = 64;
/// Files of output are looked at this often, and systemd hears of us.
const BEAT: Duration = Duration::from_secs(1);
/// Orphans that have ended are taken leave of together.
const ORPHANS: Duration = Duration::from_millis(200);

/// What the loop waits for, beside times.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// SIGTERM or SIGINT.
    Stop,
    /// SIGCHLD.
    Child,
    /// A wait for readiness has ended.
    Waited,
    /// A client of the Unix socket.
    Unix,
    /// A client of TCP.
    Tcp,
    /// A process speaks `sd_notify`.
    Said,
    /// A client has written, can be written to, or has gone.
    Peer(u64, PollFlags),
    /// A main process has ended.
    Ended(usize),
    /// A new copy has become its program, or could not.
    Begun(usize),
    /// A cgroup has changed.
    Group(usize),
}

/// What the Re/Starter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// To keep.
    Keep,
    /// To stop all, and end.
    Close,
    /// To end, and leave all.
    Leave,
}

/// Everything that the loop holds.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) shared: Shared,
    pub(super) services: Vec<Service>,
    pub(super) peers: Vec<Peer>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) key: Option<Key>,
    pub(super) aim: Aim,
    signals: Signals,
    waited: Receiver<Waited>,
    bell: UnixStream,
    unix: UnixListener,
    tcp: Option<TcpListener>,
    speech: Speech,
    entered: u64,
    beat: Instant,
    orphans: Option<Instant>,
}

/// What the loop listens to.
#[derive(Debug)]
pub(super) struct Ears {
    pub(super) signals: Signals,
    pub(super) waited: Receiver<Waited>,
    pub(super) bell: UnixStream,
    pub(super) unix: UnixListener,
    pub(super) tcp: Option<TcpListener>,
    pub(super) speech: Speech,
}

impl Keeper {
    pub(super) fn new(shared: Shared, services: Vec<Service>, key: Option<Key>, ears: Ears) -> Self {
        let Ears { signals, waited, bell, unix, tcp, speech } = ears;
        Self {
            shared,
            services,
            peers: Vec::new(),
            waiters: Vec::new(),
            key,
            aim: Aim::Keep,
            signals,
            waited,
            bell,
            unix,
            tcp,
            speech,
            entered: 0,
            beat: Instant::now(),
            orphans: None,
        }
    }

    /// Runs until it is told to end.
    pub(super) fn run(&mut self) -> Result<()> {
        for service in &mut self.services {
            service.first(&self.shared);
        }
        self.launch();
        let _ = sd_notify::notify(&[NotifyState::Ready]);
        loop {
            for event in self.wait()? {
                self.handle(event);
            }
            self.look();
            self.launch();
            self.close();
            self.serve();
            let done = match self.aim {
                Aim::Keep => false,
                Aim::Close => self.services.iter().all(Service::is_down),
                Aim::Leave => true,
            };
            if done {
                return Ok(());
            }
        }
    }

    /// Waits for events, no longer than until something is due.
    fn wait(&self) -> Result<Vec<Event>> {
        let (mut events, mut fds) = (Vec::new(), Vec::new());
        let mut add = |event, fd, flags| {
            events.push(event);
            fds.push(PollFd::from_borrowed_fd(fd, flags));
        };
        add(Event::Stop, self.signals.stop.as_fd(), PollFlags::IN);
        add(Event::Child, self.signals.child.as_fd(), PollFlags::IN);
        add(Event::Waited, self.bell.as_fd(), PollFlags::IN);
        add(Event::Said, self.speech.socket().as_fd(), PollFlags::IN);
        if self.peers.len() < MOST_PEERS {
            add(Event::Unix, self.unix.as_fd(), PollFlags::IN);
            if let Some(tcp) = &self.tcp {
                add(Event::Tcp, tcp.as_fd(), PollFlags::IN);
            }
        }
        for peer in &self.peers {
            add(Event::Peer(peer.id, PollFlags::empty()), peer.stream().as_fd(), peer.interest());
        }
        for (i, service) in self.services.iter().enumerate() {
            if let Some(main) = service.main.as_ref().filter(|_| !service.over) {
                add(Event::Ended(i), main.handle(), PollFlags::IN);
            }
            if let Some(line) = service.line() {
                add(Event::Begun(i), line.as_fd(), PollFlags::IN);
            }
            // While the main process lives its group is not empty; and whatever changes in it would wake us for ever, as
            // nobody would read of it.
            if let Group::Cgroup(cgroup) = &service.group
                && service.main.is_none()
                && !service.is_down()
            {
                add(Event::Group(i), cgroup.events().as_fd(), PollFlags::PRI);
            }
        }
        let pause = self.pause();
        let timeout = Timespec {
            tv_sec: i64::try_from(pause.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(pause.subsec_nanos()),
        };
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("cannot wait for events"),
        }
        let with_flags = |event, found| match event {
            Event::Peer(id, _) => Event::Peer(id, found),
            other => other,
        };
        let found = events.into_iter().zip(&fds).filter(|(_, fd)| !fd.revents().is_empty());
        Ok(found.map(|(event, fd)| with_flags(event, fd.revents())).collect())
    }

    /// How long nothing need be done.
    fn pause(&self) -> Duration {
        let now = self.shared.now();
        let services = self.services.iter().filter_map(|service| service.next(now));
        let orders = self.waiters.iter().map(|waiter| waiter.until);
        let least = services.chain(orders).min().map_or(BEAT, |next| next.saturating_sub(now));
        let orphans = self.orphans.map_or(BEAT, |at| at.saturating_duration_since(Instant::now()));
        // A timer that ends a little early would be asked again and again.
        least.min(orphans).min(BEAT) + Duration::from_micros(100)
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Stop => {
                drain(&self.signals.stop);
                output::note("hebe: stops all processes, in the reverse order of their starts");
                let _ = sd_notify::notify(&[NotifyState::Stopping]);
                self.aim = Aim::Close;
            }
            Event::Child => {
                drain(&self.signals.child);
                self.orphans.get_or_insert_with(|| Instant::now() + ORPHANS);
            }
            Event::Waited => self.waited(),
            Event::Unix => {
                let entered = doors::enter_unix(&self.unix);
                self.enter(entered);
            }
            Event::Tcp => {
                let entered = self.tcp.as_ref().and_then(doors::enter_tcp);
                self.enter(entered);
            }
            Event::Said => self.said(),
            Event::Peer(id, flags) => self.moved(id, flags),
            Event::Ended(i) | Event::Group(i) => self.services[i].step(Input::Look, &self.shared),
            Event::Begun(i) => self.services[i].heard(&self.shared),
        }
    }

    fn waited(&mut self) {
        drain(&self.bell);
        while let Ok((node, copy, result)) = self.waited.try_recv() {
            if let Some(service) = self.services.iter_mut().find(|service| service.node.name == node) {
                service.probed(copy, result, &self.shared);
            }
        }
    }

    fn enter(&mut self, entered: Option<(Stream, super::peer::Origin)>) {
        if let Some((stream, origin)) = entered {
            self.entered += 1;
            self.peers.push(Peer::new(self.entered, stream, origin));
        }
    }

    /// Only a process of a group speaks for it.
    fn said(&mut self) {
        for _ in 0..AT_ONCE {
            let Some(said) = self.speech.next() else { return };
            let of = self.services.iter_mut().find(|it| it.command.notify && it.group.contains(said.pid));
            let Some(service) = of else {
                output::note(&format!("hebe: process {} speaks for none of ours; not heard", said.pid));
                continue;
            };
            for word in said.words {
                service.says(word, &self.shared);
            }
        }
    }

    fn moved(&mut self, id: u64, flags: PollFlags) {
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) else { return };
        if flags.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)
            && !flags.contains(PollFlags::IN)
        {
            return peer.end();
        }
        if flags.contains(PollFlags::OUT) {
            peer.write();
        }
        if flags.contains(PollFlags::IN) {
            peer.read();
        }
    }

    /// What is due by now.
    fn look(&mut self) {
        let now = self.shared.now();
        for service in &mut self.services {
            let is_due = service.supervision.next().is_some_and(|next| next <= now);
            if is_due || service.next(now).is_some_and(|next| next <= now + Duration::from_secs(1)) {
                service.step(Input::Look, &self.shared);
            }
        }
        if self.orphans.is_some_and(|at| at <= Instant::now()) {
            self.orphans = None;
            for pid in ended_orphans() {
                self.leave(pid);
            }
        }
        if BEAT <= self.beat.elapsed() {
            self.beat = Instant::now();
            for service in &self.services {
                service.rotate(self.shared.log_limit);
            }
            let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        }
    }

    /// Takes leave of an orphan, unless it is a main process: whose end is told by its handle.
    fn leave(&self, pid: u32) {
        let is_main = |service: &Service| service.main.as_ref().is_some_and(|main| main.pid() == pid);
        if self.services.iter().any(is_main) {
            return;
        }
        if let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::NOHANG);
        }
    }
}
