//! What clients ask, done; and the order in which processes start and stop.

use std::time::Duration;

use hebe::restart::map::NodeId;
use hebe::restart::protocol::{Phase, Refusal, Reply, Request};
use hebe::restart::supervision::{Input, State, Then, Why};

use super::keeper::{Aim, Keeper};
use super::peer::Origin;
use super::report::report;
use super::service::Service;
use super::{process, sink, vitals};
use crate::output;

/// Lines of output that are sent at most.
const MOST_LINES: usize = 10_000;

/// A client that waits for the end of what it asked.
#[derive(Debug)]
pub(super) struct Waiter {
    peer: u64,
    service: usize,
    goal: Goal,
    /// Whether its environment may be told.
    open: bool,
    pub(super) until: Duration,
}

/// What it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// A copy that is ready, this one or a later one.
    Up(u64),
    /// None that runs.
    Down,
}

impl Keeper {
    /// Answers every client that can be answered, and lets go of those that are done.
    pub(super) fn serve(&mut self) {
        self.settle();
        for i in 0..self.peers.len() {
            while let Some(request) = self.peers[i].request(self.key.as_ref()) {
                let (id, origin) = (self.peers[i].id, self.peers[i].origin());
                match self.obey(id, origin, request) {
                    Some(reply) => self.peers[i].answer(&reply, self.key.as_ref()),
                    None => self.peers[i].waits = true,
                }
                self.settle();
            }
        }
        self.peers.retain(|peer| !peer.is_over());
        let peers = &self.peers;
        self.waiters.retain(|waiter| peers.iter().any(|peer| peer.id == waiter.peer));
    }

    /// The answer; none where it comes later.
    fn obey(&mut self, peer: u64, origin: Origin, request: Request) -> Option<Reply> {
        let open = origin == Origin::Unix;
        match request {
            Request::Ping => Some(pong()),
            Request::List => {
                let nodes = self.services.iter().map(|service| report(service, open)).collect();
                Some(Reply::Nodes { nodes, pressure: if open { None } else { vitals::pressure() } })
            }
            Request::Get { node } => {
                Some(self.with(&node, |service| Reply::Node { node: Box::new(report(service, open)) }))
            }
            Request::Logs { node, lines } => Some(self.with(&node, |service| logs(service, lines))),
            Request::Start { node } => self.order((peer, open), &node, Input::Start),
            Request::Stop { node } => self.order((peer, open), &node, Input::Stop),
            Request::Restart { node } => self.order((peer, open), &node, Input::Restart),
            Request::Leave => {
                self.aim = Aim::Leave;
                Some(Reply::Leaving)
            }
            Request::Challenge { .. } | Request::Signed { .. } => None,
        }
    }

    fn find(&self, node: &str) -> Result<usize, Reply> {
        self.services.iter().position(|service| service.node.name == node).ok_or_else(|| {
            let names: Vec<&str> = self.services.iter().map(|service| service.node.name.as_str()).collect();
            let expected = format!("one of {}", names.join(", "));
            Reply::refused(Refusal::UnknownNode, format!("no process of ours is named `{node}`"), expected)
        })
    }

    fn with(&self, node: &str, answer: impl FnOnce(&Service) -> Reply) -> Reply {
        self.find(node).map_or_else(|refused| refused, |i| answer(&self.services[i]))
    }

    fn order(&mut self, (peer, open): (u64, bool), node: &str, input: Input) -> Option<Reply> {
        let i = match self.find(node) {
            Ok(i) => i,
            Err(refused) => return Some(refused),
        };
        if self.aim != Aim::Keep {
            return Some(Reply::refused(Refusal::Unable, "the Re/Starter ends", "a request to the next one"));
        }
        let service = &mut self.services[i];
        if input == Input::Restart
            && matches!(service.supervision.state(), State::Down(Why::Told | Why::Fresh))
        {
            let message = format!("`{node}` does not run, so it is not restarted");
            return Some(Reply::refused(Refusal::NotRunning, message, "start, if it shall run"));
        }
        let copies = service.supervision.copies();
        let fresh = matches!(service.supervision.state(), State::Starting { .. } | State::Running);
        service.order(input, &self.shared);
        let goal = match input {
            Input::Stop => Goal::Down,
            Input::Start if fresh => Goal::Up(copies),
            _ => Goal::Up(copies + 1),
        };
        let rules = service.supervision.rules();
        let until = self.shared.now().saturating_add(rules.longest());
        self.waiters.push(Waiter { peer, service: i, goal, open, until });
        None
    }

    /// Tells those who wait for what has come to its end.
    fn settle(&mut self) {
        let now = self.shared.now();
        let mut waiters = std::mem::take(&mut self.waiters);
        waiters.retain(|waiter| {
            let Some(reply) = outcome(&self.services[waiter.service], waiter, now) else { return true };
            if let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == waiter.peer) {
                peer.answer(&reply, self.key.as_ref());
            }
            false
        });
        self.waiters.append(&mut waiters);
    }

    /// Starts what has not been started and whose turn it is.
    pub(super) fn launch(&mut self) {
        if self.aim != Aim::Keep {
            return;
        }
        for i in 0..self.services.len() {
            if self.services[i].is_fresh() && self.may_start(i) {
                self.services[i].step(Input::Start, &self.shared);
            }
        }
    }

    /// Whether all that it needs runs, and all that it only comes after runs or will not.
    fn may_start(&self, i: usize) -> bool {
        let service = &self.services[i];
        let of = |id: &NodeId| self.services.iter().find(|service| service.id == *id);
        let runs = |service: &Service| service.supervision.state() == State::Running;
        let rests = |service: &Service| service.is_down() && !service.is_fresh();
        service.needs.iter().filter_map(of).all(runs)
            && service.after.iter().filter_map(of).all(|service| runs(service) || rests(service))
    }

    /// Stops what still runs and nobody needs any more.
    pub(super) fn close(&mut self) {
        if self.aim != Aim::Close {
            return;
        }
        for i in 0..self.services.len() {
            let (id, state) = (self.services[i].id, self.services[i].supervision.state());
            let follows = |other: &Service| other.needs.contains(&id) || other.after.contains(&id);
            let is_needed = self.services.iter().any(|other| follows(other) && !other.is_down());
            let is_asked = matches!(state, State::Stopping { then: Then::Rest(_), .. });
            if !self.services[i].is_down() && !is_needed && !is_asked {
                self.services[i].step(Input::Stop, &self.shared);
            }
        }
    }
}

fn pong() -> Reply {
    match process::Process::open(std::process::id()) {
        Ok(Some(own)) => {
            Reply::Pong { version: env!("CARGO_PKG_VERSION").to_owned(), restarter: own.identity().clone() }
        }
        Ok(None) => Reply::refused(Refusal::Unable, "/proc does not show this process", "a mounted /proc"),
        Err(error) => Reply::refused(Refusal::Unable, format!("{error:#}"), "a mounted /proc"),
    }
}

fn logs(service: &Service, lines: usize) -> Reply {
    let Some(log) = &service.command.log else {
        let message = format!("the output of `{}` is not kept in a file", service.node.name);
        return Reply::refused(Refusal::NoLog, message, "a node with `log`, or the journal");
    };
    match sink::tail(log, lines.min(MOST_LINES)) {
        Ok(lines) => Reply::Lines { lines },
        Err(error) => Reply::refused(Refusal::NoLog, format!("{error:#}"), "a file that can be read"),
    }
}

/// What became of it; none as long as it is open.
fn outcome(service: &Service, waiter: &Waiter, now: Duration) -> Option<Reply> {
    let node = || Box::new(report(service, waiter.open));
    let failed = |why: &str| Some(Reply::Failed { node: node(), why: why.to_owned() });
    let phase = node().phase;
    match (waiter.goal, service.supervision.state()) {
        (Goal::Up(copy), State::Running) if copy <= service.supervision.copies() => {
            Some(Reply::Done { node: node() })
        }
        (Goal::Down, State::Down(_)) => Some(Reply::Done { node: node() }),
        (_, State::NotStopped) => Some(Reply::NotStopped { node: node() }),
        (Goal::Up(_), State::Down(Why::GivenUp)) => failed("it crashed, and is left to the oracle"),
        (Goal::Up(_), State::Down(Why::Told)) => failed("it was told to stop meanwhile"),
        _ if waiter.until <= now && phase == Phase::Starting => failed("it is not ready in time"),
        _ if waiter.until <= now => {
            output::note(&format!("hebe: {}: an order was not done in time", service.node.name));
            failed("it was not done in time")
        }
        _ => None,
    }
}
