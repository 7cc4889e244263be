//! A process of ours as it is told to those who ask.

use std::time::Duration;

use hebe::restart::map::Condition;
use hebe::restart::protocol::{Phase, Report};
use hebe::restart::supervision::{State, Why};

use super::process::Process;
use super::service::Service;
use super::vitals;
use crate::conditions;

/// Processes that are named as being in the way.
const NAMED: usize = 20;

/// What is known of it; its environment only to those on this machine, who can look at the rest themselves.
pub(super) fn report(service: &Service, with_environment: bool) -> Report {
    let phase = phase(service.supervision.state());
    let command = &service.command;
    let main = service.main.as_ref().filter(|main| main.lives());
    Report {
        node: service.node.name.clone(),
        phase,
        pid: main.map(|main| main.identity().clone()),
        argv: command.argv.clone(),
        dir: command.dir.clone(),
        env: with_environment.then(|| command.env.clone()),
        log: command.log.clone(),
        group: service.group.shown(),
        copies: service.supervision.copies(),
        crashes: service.supervision.crashes().count(),
        up_s: main.and_then(Process::up).map(|up| up.as_secs_f64()),
        status: service.status.clone(),
        ended: service.ended.clone(),
        heartbeats: service.heartbeats,
        heartbeat_s: service.heartbeat.map(|then| then.elapsed()).as_ref().map(Duration::as_secs_f64),
        remains: if phase == Phase::NotStopped {
            remains(service, &service.node.conditions)
        } else {
            Vec::new()
        },
        vitals: main.filter(|_| !with_environment).and_then(|main| vitals::of(main.pid())),
    }
}

fn remains(service: &Service, conditions: &[Condition]) -> Vec<String> {
    let members = service.group.members();
    let mut remains: Vec<String> = members.iter().take(NAMED).map(|pid| format!("process {pid}")).collect();
    if NAMED < members.len() {
        remains.push(format!("{} more processes", members.len() - NAMED));
    }
    remains.extend(conditions::all_broken(conditions));
    remains
}

fn phase(state: State) -> Phase {
    match state {
        State::Down(Why::GivenUp) => Phase::GivenUp,
        State::Down(Why::Fresh | Why::Told) => Phase::Stopped,
        State::Waiting { .. } => Phase::Waiting,
        State::Starting { .. } => Phase::Starting,
        State::Running => Phase::Running,
        State::Stopping { .. } => Phase::Stopping,
        State::NotStopped => Phase::NotStopped,
    }
}

/// How it stands, for people.
pub(super) fn said(state: State) -> &'static str {
    word(phase(state))
}

/// The word for it.
pub(super) fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Stopped => "stopped",
        Phase::GivenUp => "crashed, and is left to the oracle (on_crash, or no budget left)",
        Phase::Waiting => "waits to be started",
        Phase::Starting => "starting",
        Phase::Running => "running",
        Phase::Stopping => "stopping",
        Phase::NotStopped => "NOT STOPPED: no second copy is started",
    }
}
