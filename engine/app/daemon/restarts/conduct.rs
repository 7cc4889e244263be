//! The thread that decides: takes in what was seen, asks the oracle, hands its answer to the executor.

mod decide;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use hebe::event::action::{ActionEvent, Kind as Acted};
use hebe::finding::Row;
use hebe::restart::cause::Cause;
use hebe::restart::decision::Event;
use hebe::restart::map::{Kind, Map};
use hebe::restart::meant;
use hebe::restart::oracle::Settings;
use hebe::restart::protocol::Phase;
use hebe::restart::suspicion::Word;

use super::desk::Desk;
use super::ended::{Ended, Now};
use super::giveback::Levels;
use super::load::Loaded;
use super::processes::Processes;
use super::said::Said;
use super::{Ask, Common, Tell};
use crate::config::Config;
use crate::output;
use crate::restart::{Executor, Standing};
use crate::restarter::Client;
use crate::shelf::Shelf;
use crate::watchdog::{Found, Suspicion, Watchdog};

/// The calendar, what waits and the map's file are looked at this often; units as well.
const ROUND: TimeDelta = TimeDelta::seconds(1);
/// What still fails is decided about again after so long.
const AGAIN: TimeDelta = TimeDelta::seconds(5);
/// Forecasts are decided about this often: by then, what held a restart back may have changed.
const FORECASTS: TimeDelta = TimeDelta::seconds(5);

/// Everything that the thread holds.
pub(super) struct Conduct {
    shelf: Arc<Shelf>,
    map: Map,
    settings: Settings,
    executor: Arc<Executor>,
    watchdog: Watchdog,
    processes: Processes,
    levels: Levels,
    said: Said,
    ended: Ended,
    desk: Arc<Desk>,
    common: Common,
    alarms: Vec<Row>,
    /// Nodes that fail, and when they were decided about last.
    failing: BTreeMap<String, (Suspicion, DateTime<Utc>)>,
    /// When rounds were made last: of the calendar, and of forecasts.
    round: DateTime<Utc>,
    forecasts: DateTime<Utc>,
    acted: Receiver<ActionEvent>,
}

impl Conduct {
    pub(super) fn start(
        loaded: Loaded,
        config: &Config,
        host: &str,
        tell: Tell,
        inbox: &Sender<Ask>,
        common: Common,
    ) -> Result<Self> {
        let map = loaded.map;
        let (noted, acted) = std::sync::mpsc::channel();
        let told = {
            let inbox = inbox.clone();
            Box::new(move |event: &ActionEvent| {
                let _ = noted.send(event.clone());
                let _ = inbox.send(Ask::Look);
                tell(event);
            })
        };
        let executor = Arc::new(Executor::new(map.clone(), config, host, told)?);
        let suspected = {
            let inbox = inbox.clone();
            move |suspicion: Suspicion| {
                let _ = inbox.send(Ask::Suspected(Box::new(suspicion)));
            }
        };
        let watchdog = Watchdog::start(&map, &config.watchdog, suspected).context("the watchdog")?;
        if let Some(port) = watchdog.port() {
            output::note(&format!("hebe: heartbeats are heard on {}:{port}", config.watchdog.group));
        }
        let mut processes = Processes::new(&map, Client::of(&config.restarter, &config.state_dir())?);
        // Before the first sample, or it would have them under the names of their programs.
        if let Some(named) = processes.look(&watchdog) {
            *common.named.lock().unwrap_or_else(PoisonError::into_inner) = named;
        }
        let shelf = Arc::new(loaded.shelf);
        let look = {
            let inbox = inbox.clone();
            move || {
                let _ = inbox.send(Ask::Look);
            }
        };
        let desk = Arc::new(Desk::new(
            Arc::clone(&executor),
            Arc::clone(&shelf),
            config.restart.mode,
            Box::new(look),
        ));
        let mut settings = Settings::default();
        settings.recurrence_s = config.restart.recurrence.unwrap_or(settings.recurrence_s);
        let now = Utc::now();
        Ok(Self {
            shelf,
            map,
            settings,
            executor,
            watchdog,
            processes,
            levels: Levels::default(),
            said: Said::default(),
            ended: Ended::default(),
            desk,
            common,
            alarms: Vec::new(),
            failing: BTreeMap::new(),
            round: now,
            forecasts: now,
            acted,
        })
    }

    pub(super) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    /// Runs until it is told to stop.
    pub(super) fn run(mut self, asked: &Receiver<Ask>) {
        if let Err(error) = self.executor.recover() {
            output::note(&format!("hebe: restarts: {error}"));
        }
        loop {
            match asked.recv_timeout(self.pause()) {
                Ok(Ask::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(ask) => self.take(ask, Utc::now()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.turn(Utc::now());
        }
    }

    fn pause(&self) -> Duration {
        let most = match (self.ended.is_fresh(Utc::now()), self.ended.is_empty()) {
            (true, _) => Duration::from_millis(20),
            (false, false) => Duration::from_millis(100),
            (false, true) => Duration::from_secs(1),
        };
        self.processes.pause().map_or(most, |pause| pause.min(most))
    }

    fn take(&mut self, ask: Ask, now: DateTime<Utc>) {
        match ask {
            Ask::Alarms(rows) => self.alarms = rows,
            Ask::Levels(levels) => {
                for (plan, gave_back) in self.levels.round(levels, now) {
                    keep(self.executor.measured(&plan, gave_back));
                }
            }
            Ask::Suspected(suspicion) => self.suspected(*suspicion),
            Ask::Look | Ask::Stop => {}
        }
    }

    /// What is due by now.
    fn turn(&mut self, now: DateTime<Utc>) {
        while let Ok(event) = self.acted.try_recv() {
            self.acted(&event);
        }
        if self.ended.is_fresh(now) {
            self.processes.soon();
        }
        if let Some(named) = self.processes.look(&self.watchdog) {
            *self.common.named.lock().unwrap_or_else(PoisonError::into_inner) = named;
        }
        self.lying(now);
        self.fail_on(now);
        if self.forecasts + FORECASTS <= now {
            self.forecasts = now;
            self.forecast(now);
        }
        if self.round + ROUND <= now {
            self.calendar(now);
            self.round = now;
            self.look_at_units();
            self.ask_people();
        }
        if let Err(error) = self.executor.due(now) {
            output::note(&format!("hebe: restarts: {error}"));
        }
    }

    /// A restart has begun or ended: nodes are not judged meanwhile, and what it gives back is measured.
    fn acted(&mut self, event: &ActionEvent) {
        let Some(plan) = &event.data.plan else { return };
        match event.kind {
            Acted::Started => {
                let nodes = event.data.nodes.clone();
                for node in &nodes {
                    self.watchdog.process(node, Found::Away);
                }
                let map = &self.map;
                self.levels.began(plan, |series| {
                    nodes.iter().filter_map(|name| map.find(name)).any(|id| meant::uses(map.node(id), series))
                });
            }
            Acted::Succeeded | Acted::Failed => {
                self.levels.ended(plan, event.kind == Acted::Succeeded, event.time);
                for node in &event.data.nodes {
                    self.failing.remove(node);
                    self.found_after(node);
                }
                self.processes.soon();
                // What had to wait for this restart waits no longer.
                self.failing.values_mut().for_each(|(_, decided)| *decided = DateTime::<Utc>::MIN_UTC);
            }
            _ => {}
        }
    }

    /// After a restart a node is judged anew; who knows its process says so.
    fn found_after(&self, name: &str) {
        let Some(id) = self.map.find(name) else { return };
        match self.map.node(id).kind {
            // Its keeper says within a moment whether it runs or lies.
            Kind::Process(_) => self.watchdog.process(name, Found::Away),
            Kind::Unit { .. } => self.watchdog.process(name, self.unit(name)),
            _ => self.watchdog.process(name, Found::Anew),
        }
    }

    fn unit(&self, name: &str) -> Found {
        self.executor.main_pid(name).map_or(Found::Away, |pid| Found::Runs { pid })
    }

    fn look_at_units(&self) {
        for node in &self.map.nodes {
            let watched = node.heartbeat_s.is_some() || !node.probes.is_empty();
            if matches!(node.kind, Kind::Unit { .. }) && watched && !self.is_under_way(&node.name) {
                self.watchdog.process(&node.name, self.unit(&node.name));
            }
        }
    }

    fn is_under_way(&self, node: &str) -> bool {
        self.executor.under_way().iter().any(|plan| plan.nodes.iter().any(|other| other == node))
    }

    fn suspected(&mut self, suspicion: Suspicion) {
        if suspicion.to != Word::Failed {
            self.failing.remove(&suspicion.node);
            return;
        }
        if suspicion.ended {
            self.ended.add(suspicion);
        } else {
            self.failing.insert(suspicion.node.clone(), (suspicion, DateTime::<Utc>::MIN_UTC));
        }
    }

    /// Of the nodes that have ended, those that nobody takes care of.
    fn lying(&mut self, now: DateTime<Utc>) {
        let mut ended = std::mem::take(&mut self.ended);
        for suspicion in ended.lying(now, |suspicion| self.stands(suspicion)) {
            self.failing.insert(suspicion.node.clone(), (suspicion, DateTime::<Utc>::MIN_UTC));
        }
        self.ended = ended;
    }

    /// How a node that has ended is found now.
    fn stands(&self, suspicion: &Suspicion) -> Now {
        if self.is_under_way(&suspicion.node) {
            return Now::Settled;
        }
        if let Some(report) = self.processes.of(&suspicion.node) {
            let same = report.pid.as_ref().map(|pid| pid.pid) == suspicion.process.map(|process| process.pid);
            return match report.phase {
                Phase::Running if !same => Now::Settled,
                Phase::Running | Phase::Starting | Phase::Waiting | Phase::Stopping => Now::Coming,
                Phase::Stopped => Now::Settled,
                Phase::GivenUp | Phase::NotStopped => Now::Left,
            };
        }
        match self.executor.stands(&suspicion.node) {
            Standing { hold: Some(_), .. } => Now::Coming,
            Standing { runs: Some(false), failed: false, .. } | Standing { runs: Some(true), .. } => {
                Now::Settled
            }
            _ => Now::Lies,
        }
    }

    /// Decides about what fails, and again while it goes on failing.
    fn fail_on(&mut self, now: DateTime<Utc>) {
        let due: Vec<String> = self
            .failing
            .iter()
            .filter(|(_, (_, decided))| *decided == DateTime::<Utc>::MIN_UTC || *decided + AGAIN <= now)
            .map(|(node, _)| node.clone())
            .collect();
        for node in due {
            if self.is_under_way(&node) {
                continue;
            }
            let Some((suspicion, decided)) = self.failing.get_mut(&node) else { continue };
            // The first time it is as old as the watchdog says; later it is seen anew.
            let seen = if *decided == DateTime::<Utc>::MIN_UTC { suspicion.at } else { now };
            *decided = now;
            let cause = Cause::Failure { seen: suspicion.sentence.clone() };
            self.decide(&Event { node, cause, seen }, now);
        }
    }

    /// Timed restarts since the last round.
    fn calendar(&mut self, now: DateTime<Utc>) {
        let due = self.shelf.due(self.round, now);
        for occurrence in due {
            let cause = Cause::Timed { entry: occurrence.entry };
            self.decide(&Event { node: occurrence.node, cause, seen: now }, now);
        }
    }

    /// Nodes that were given up, until a person has looked at them.
    fn ask_people(&self) {
        let given_up = self.executor.read().map(|journal| journal.fold.history.given_up).unwrap_or_default();
        *self.common.asking.lock().unwrap_or_else(PoisonError::into_inner) = given_up;
    }
}

fn keep(done: std::result::Result<(), hebe::restart::journal::JournalError>) {
    if let Err(error) = done {
        output::note(&format!("hebe: the journal of restarts: {error}"));
    }
}
