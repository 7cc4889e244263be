//! One process of ours: what the supervision decides, done; what the system shows, told to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use hebe::restart::map::{Command, Node, NodeId};
use hebe::restart::supervision::{Crashes, Effect, Input, Rules, Stage, State, Supervision, View, Why};
use rustix::process::Signal;

use super::cgroup::Place;
use super::group::{Group, Held};
use super::process::{self, Process};
use super::records::{Record, Records, file_name};
use super::session::MARK;
use super::spawn::{Begun, Line, Start};
use super::{readiness, sink};
use crate::conditions;
use crate::output;

/// Between looks at what nothing tells us of.
const QUICK: Duration = Duration::from_millis(20);
/// Between looks at what could not be stopped.
const SLOW: Duration = Duration::from_secs(1);

/// What all processes of a Re/Starter share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Tells this Re/Starter's processes from another's.
    pub(super) token: String,
    /// Where cgroups are made; none: sessions.
    pub(super) place: Option<Place>,
    pub(super) records: Records,
    /// The socket for `sd_notify`.
    pub(super) notify: PathBuf,
    pub(super) readiness: readiness::Waits,
    pub(super) log_limit: u64,
    pub(super) abort: Option<Duration>,
    /// Time since the boot when the Re/Starter began.
    pub(super) booted: Duration,
    pub(super) began: Instant,
}

impl Shared {
    /// Time since the boot.
    pub(super) fn now(&self) -> Duration {
        self.booted.saturating_add(self.began.elapsed())
    }

    fn held(&self, node: &str) -> Held {
        match &self.place {
            Some(place) => Held::Cgroup(place.of(&file_name(node))),
            None => Held::Session { mark: format!("{}/{node}", self.token) },
        }
    }
}

/// One process of ours.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) id: NodeId,
    pub(super) node: Node,
    /// Processes of ours that must run before it is started.
    pub(super) needs: Vec<NodeId>,
    /// Processes of ours that it only comes after.
    pub(super) after: Vec<NodeId>,
    pub(super) command: Command,
    pub(super) supervision: Supervision,
    held: Held,
    pub(super) group: Group,
    pub(super) main: Option<Process>,
    /// The main process has ended, and is still held: nobody need wait for its end.
    pub(super) over: bool,
    line: Option<Line>,
    waits: Option<readiness::Wait>,
    pub(super) status: Option<String>,
    pub(super) ended: Option<String>,
    pub(super) heartbeats: u64,
    pub(super) heartbeat: Option<Instant>,
    /// Why it rested when it was last asked to, by somebody other than the end of the Re/Starter.
    rests: Option<Why>,
    written: Option<Record>,
}

impl Service {
    /// Takes up a node: as its record says, where its main process still lives.
    pub(super) fn new(id: NodeId, node: &Node, command: &Command, shared: &Shared) -> Result<Self> {
        let record = shared.records.read(&node.name).unwrap_or_else(|error| {
            output::note(&format!("hebe: {error:#}; taken for absent"));
            None
        });
        let record = record.filter(|record| process::here().is_ok_and(|(_, boot)| *boot == record.boot));
        let held = record.as_ref().map_or_else(|| shared.held(&node.name), |record| record.held.clone());
        let mut group = Group::open(&held)?;
        let main = record.as_ref().and_then(|record| group.adopt(record.pid.as_ref()?));
        group.lead(main.as_ref().map(Process::pid));
        let rules = Rules::of(node, shared.abort);
        let crashes = record.as_ref().map_or_else(Crashes::default, |record| record.crashes.clone());
        let rests = record.as_ref().and_then(|record| record.rests);
        let supervision = match (&main, rests) {
            (_, Some(why)) => Supervision::resting(rules, crashes, why),
            (Some(_), None) => {
                let ready = record.as_ref().is_some_and(|record| record.ready);
                Supervision::adopted(rules, crashes, ready, shared.now())
            }
            (None, None) => Supervision::new(rules, crashes),
        };
        Ok(Self {
            id,
            node: node.clone(),
            needs: Vec::new(),
            after: Vec::new(),
            command: command.clone(),
            supervision,
            held,
            group,
            main,
            over: false,
            line: None,
            waits: None,
            status: None,
            ended: None,
            heartbeats: 0,
            heartbeat: None,
            rests,
            written: record,
        })
    }

    /// Whether it shall be started, or its stop be finished, when the Re/Starter begins.
    pub(super) fn first(&mut self, shared: &Shared) {
        match self.supervision.state() {
            State::Down(Why::Told | Why::GivenUp) if self.main.is_some() || self.group.is_populated() => {
                self.step(Input::Stop, shared);
            }
            State::Starting { .. } => self.begun(shared),
            _ => {}
        }
    }

    /// When to look at it again if nothing happens, as far as nothing tells us.
    pub(super) fn next(&self, now: Duration) -> Option<Duration> {
        let soon = |pause: Duration| Some(now.saturating_add(pause));
        match self.supervision.state() {
            State::Stopping { stage: Stage::Killed, .. } => soon(QUICK),
            // Nothing tells when a session is empty.
            State::Stopping { until, .. } if matches!(self.group, Group::Session(_)) => {
                soon(QUICK).map(|soon| soon.min(until))
            }
            // The conditions do not hold yet.
            State::Waiting { until, .. } if until <= now => soon(QUICK),
            State::NotStopped => soon(SLOW),
            _ => self.supervision.next(),
        }
    }

    /// Whether it could not be stopped.
    pub(super) fn holds(&self) -> bool {
        self.supervision.state() == State::NotStopped
    }

    /// Whether it neither runs nor is about to.
    pub(super) fn is_down(&self) -> bool {
        matches!(self.supervision.state(), State::Down(_) | State::NotStopped)
    }

    /// Whether it waits for its first start.
    pub(super) fn is_fresh(&self) -> bool {
        self.supervision.state() == State::Down(Why::Fresh)
    }

    pub(super) fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }

    /// Looks, decides, does.
    pub(super) fn step(&mut self, input: Input, shared: &Shared) {
        let mut input = Some(input);
        let before = self.supervision.state();
        while let Some(next) = input.take() {
            let view = self.view();
            for effect in self.supervision.step(shared.now(), next, view) {
                if let Err(error) = self.act(effect, shared) {
                    let words = format!("{error:#}");
                    output::note(&format!("hebe: {}: {words}", self.node.name));
                    self.ended = Some(words);
                    input = Some(Input::NotBegun);
                }
            }
        }
        self.changed(before, shared);
    }

    /// An order of a person or of the executor.
    pub(super) fn order(&mut self, input: Input, shared: &Shared) {
        self.rests = (input == Input::Stop).then_some(Why::Told);
        self.step(input, shared);
    }

    fn changed(&mut self, before: State, shared: &Shared) {
        let after = self.supervision.state();
        if std::mem::discriminant(&before) != std::mem::discriminant(&after) {
            let copies = self.supervision.copies();
            output::note(&format!(
                "hebe: {}: {} (copy {copies})",
                self.node.name,
                super::report::said(after)
            ));
        }
        if after == State::Down(Why::GivenUp) {
            self.rests = Some(Why::GivenUp);
        } else if matches!(after, State::Starting { .. } | State::Running) {
            self.rests = None;
        }
        if !matches!(after, State::Starting { .. }) {
            self.waits = None;
        }
        if !matches!(after, State::Stopping { .. }) {
            self.write(shared);
        }
    }

    /// How it stands now. What has ended is taken leave of.
    pub(super) fn view(&mut self) -> View {
        if self.main.as_ref().is_some_and(Process::lives) {
            self.over = false;
            return View { main: true, group: true, clear: false };
        }
        // The number of the main process stays its own until its group is empty: nobody takes leave of it before.
        self.over = true;
        if self.main.as_ref().is_some_and(|main| !main.is_ours_to_reap()) {
            self.group.lead(None);
        }
        let group = self.group.is_populated();
        let cgroup = matches!(self.group, Group::Cgroup(_));
        if let Some(main) = self.main.take_if(|main| !group || cgroup || !main.is_ours_to_reap()) {
            let ended = main.reap().unwrap_or_else(|| "ended; nobody saw how".to_owned());
            let line = self.line.take().map(|mut line| line.read());
            self.ended = Some(if let Some(Begun::No(why)) = line { why } else { ended });
            self.group.lead(None);
        }
        let clear = !group && conditions::all_broken(&self.node.conditions).is_empty();
        View { main: false, group, clear }
    }

    fn act(&mut self, effect: Effect, shared: &Shared) -> Result<()> {
        match effect {
            Effect::Spawn => self.spawn(shared)?,
            Effect::Terminate => self.group.terminate(),
            Effect::Abort => {
                self.main.as_ref().map(|main| main.signal(Signal::ABORT));
            }
            Effect::Kill => self.group.kill(),
        }
        Ok(())
    }

    fn spawn(&mut self, shared: &Shared) -> Result<()> {
        self.held = shared.held(&self.node.name);
        self.group = Group::open(&self.held)?;
        let (out, errors) = sink::open(self.command.log.as_ref(), &self.node.name)?;
        let cgroup = match &self.held {
            Held::Cgroup(place) => Some(place.folder.clone()),
            Held::Session { .. } => None,
        };
        let start = Start {
            argv: &self.command.argv,
            dir: self.command.dir.as_ref(),
            env: self.environment(shared),
            cgroup,
            output: out,
            errors,
        };
        let (process, line) = start.held()?;
        self.group.lead(Some(process.pid()));
        (self.status, self.heartbeats, self.heartbeat) = (None, 0, None);
        let record = self.record(Some(&process), false);
        if let Err(error) = shared.records.write(&record) {
            // Its cgroup or its mark will tell of it: a full disk keeps nothing from being restarted.
            output::note(&format!("hebe: {}: {error:#}; started all the same", self.node.name));
        }
        self.written = Some(record);
        (self.main, self.over) = (Some(process), false);
        self.line = Some(line);
        Ok(())
    }

    fn environment(&self, shared: &Shared) -> BTreeMap<String, String> {
        let mut env = self.command.env.clone();
        env.insert(MARK.to_owned(), format!("{}/{}", shared.token, self.node.name));
        if self.command.notify {
            env.insert("NOTIFY_SOCKET".to_owned(), shared.notify.display().to_string());
            if let Some(every) = self.node.heartbeat_s.and_then(|s| Duration::try_from_secs_f64(s).ok()) {
                env.insert("WATCHDOG_USEC".to_owned(), every.as_micros().to_string());
            }
        }
        env
    }

    fn record(&self, main: Option<&Process>, ready: bool) -> Record {
        Record {
            node: self.node.name.clone(),
            argv: self.command.argv.clone(),
            dir: self.command.dir.clone(),
            env: self.command.env.clone(),
            log: self.command.log.clone(),
            pid: main.map(|main| main.identity().clone()),
            held: self.held.clone(),
            ready,
            rests: self.rests,
            crashes: self.supervision.crashes().clone(),
            boot: process::here().map(|(_, boot)| boot.clone()).unwrap_or_default(),
        }
    }

    /// Writes down what has changed.
    pub(super) fn write(&mut self, shared: &Shared) {
        let ready = self.supervision.state() == State::Running;
        let record = self.record(self.main.as_ref(), ready);
        if self.written.as_ref() == Some(&record) {
            return;
        }
        if let Err(error) = shared.records.write(&record) {
            output::note(&format!("hebe: {}: {error:#}", self.node.name));
        }
        self.written = Some(record);
    }

    /// The line to the new copy has something to say, or was closed.
    pub(super) fn heard(&mut self, shared: &Shared) {
        let Some(line) = &mut self.line else { return };
        match line.read() {
            Begun::NotYet => {}
            Begun::Yes => {
                self.line = None;
                self.begun(shared);
            }
            // It ends now, and the line is read again then.
            Begun::No(_) => self.step(Input::Look, shared),
        }
    }

    fn begun(&mut self, shared: &Shared) {
        let ready = !self.command.notify && self.node.ready.is_empty();
        if !self.command.notify {
            self.probe(shared);
        }
        self.step(Input::Begun { ready }, shared);
    }

    /// Waits for its probes of readiness, where there are any.
    pub(super) fn probe(&mut self, shared: &Shared) {
        if !self.node.ready.is_empty() && self.waits.is_none() {
            let copy = self.supervision.copies();
            self.waits = Some(shared.readiness.wait(&self.node, copy, self.supervision.rules().start));
        }
    }

    /// Its probes have passed, or will not.
    pub(super) fn probed(&mut self, copy: u64, result: Result<(), String>, shared: &Shared) {
        if copy != self.supervision.copies() || self.waits.take().is_none() {
            return;
        }
        match result {
            Ok(()) => self.step(Input::Ready, shared),
            // The time for the start decides.
            Err(why) => self.status = Some(why),
        }
    }

    /// Keeps its file of output within its bound.
    pub(super) fn rotate(&self, limit: u64) {
        if let Some(Err(error)) = self.command.log.as_deref().map(|log: &Path| sink::rotate(log, limit)) {
            output::note(&format!("hebe: {}: {error:#}", self.node.name));
        }
    }
}
