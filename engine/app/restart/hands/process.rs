//! Processes of the Re/Starter, which may be on another machine.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use hebe::restart::journal::Ending;
use hebe::restart::map::Node;
use hebe::restart::protocol::{Phase, Report};

use super::{Deed, Standing, Task};
use crate::conditions;
use crate::restarter::{Acted, Client, ClientError};

/// The Re/Starter keeps the times of the map itself: it is given a little more than they are.
const MARGIN: Duration = Duration::from_secs(5);

pub(super) fn look(client: &Client, node: &Node) -> Standing {
    let report = match client.state(&node.name) {
        Ok(report) => report,
        Err(error) => return super::unknown(&error.to_string()),
    };
    let runs = matches!(report.phase, Phase::Starting | Phase::Running | Phase::Stopping | Phase::NotStopped);
    let up = report.up_s.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    Standing {
        runs: Some(runs),
        // It is down because it crashed, not because somebody stopped it.
        failed: matches!(report.phase, Phase::GivenUp | Phase::Waiting),
        identity: report.pid.as_ref().map(ToString::to_string),
        since: up
            .and_then(|up| TimeDelta::from_std(up).ok())
            .and_then(|up| Utc::now().checked_sub_signed(up)),
        words: words(&report),
        hold: None,
        unit: None,
    }
}

pub(super) fn stop(client: &Client, job: &Task<'_>) -> Deed {
    let deed = told(client.stop(&job.node.name, job.within.saturating_add(MARGIN)), Ending::NotStopped);
    // Ports and files of another machine are the Re/Starter's to see, and it has seen them.
    if !client.is_here() {
        return deed;
    }
    match conditions::broken(&job.node.conditions, job.within) {
        Some(broken) if deed.ending == Ending::Made => Deed::new(Ending::NotStopped, broken),
        _ => deed,
    }
}

pub(super) fn start(client: &Client, job: &Task<'_>) -> Deed {
    told(client.start(&job.node.name, job.within.saturating_add(MARGIN)), Ending::Failed)
}

pub(super) fn restart(client: &Client, job: &Task<'_>) -> Deed {
    told(client.restart(&job.node.name, job.within.saturating_add(MARGIN)), Ending::Failed)
}

/// What an answer means; `otherwise` is how it ended where there is none.
fn told(answer: Result<Acted, ClientError>, otherwise: Ending) -> Deed {
    match answer {
        Ok(Acted::Done(report)) => Deed::new(Ending::Made, words(&report)),
        Ok(Acted::NotStopped(report)) => {
            Deed::new(Ending::NotStopped, format!("{}; left: {}", words(&report), report.remains.join(", ")))
        }
        Ok(Acted::Failed(report, why)) => Deed::new(otherwise, format!("{why}; {}", words(&report))),
        Err(error) => Deed::new(otherwise, error.to_string()),
    }
}

fn words(report: &Report) -> String {
    let phase = match report.phase {
        Phase::Stopped => "does not run",
        Phase::GivenUp => "crashed, and is left to the oracle",
        Phase::Waiting => "has crashed, and its start is put off",
        Phase::Starting => "runs, and is not ready",
        Phase::Running => "runs",
        Phase::Stopping => "is being stopped",
        Phase::NotStopped => "could not be stopped",
    };
    let pid = report.pid.as_ref().map_or_else(String::new, |pid| format!(" as process {}", pid.pid));
    let ended = report.ended.as_ref().filter(|_| report.pid.is_none());
    let ended = ended.map_or_else(String::new, |ended| format!(", its last copy {ended}"));
    let status = report.status.as_ref().map_or_else(String::new, |status| format!(": {status}"));
    format!("{} {phase}{pid}{ended}{status}", report.node)
}
