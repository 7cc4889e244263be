//! Nodes with commands of their own.

use hebe::restart::journal::Ending;
use hebe::restart::map::{Hook, Node};

use super::super::hook;
use super::{Deed, Standing, Task};
use crate::conditions;

/// Whether it runs, by its own command; not known without one.
pub(super) fn look(node: &Node, status: Option<&Hook>) -> Standing {
    let Some(status) = status else { return super::unknown("no command tells whether it runs") };
    let ran = hook::run(status, &[("HEBE_NODE", &node.name)]);
    Standing { runs: Some(ran.well), words: ran.note, ..Standing::default() }
}

pub(super) fn stop(job: &Task<'_>, stop: Option<&Hook>, status: Option<&Hook>) -> Deed {
    let Some(stop) = stop else { return Deed::new(Ending::Needless, "its start restarts it in one go") };
    let ran = hook::run(stop, &job.about());
    if !ran.well {
        return Deed::new(Ending::NotStopped, ran.note);
    }
    if look(job.node, status).runs == Some(true) {
        return Deed::new(Ending::NotStopped, format!("{}; but its status says that it runs", ran.note));
    }
    match conditions::broken(&job.node.conditions, job.within) {
        Some(broken) => Deed::new(Ending::NotStopped, broken),
        None => Deed::new(Ending::Made, ran.note),
    }
}

pub(super) fn start(job: &Task<'_>, start: &Hook) -> Deed {
    let ran = hook::run(start, &job.about());
    Deed::new(if ran.well { Ending::Made } else { Ending::Failed }, ran.note)
}

pub(super) fn restart(
    job: &Task<'_>,
    stop_it: Option<&Hook>,
    start_it: &Hook,
    status: Option<&Hook>,
) -> Deed {
    let stopped = stop(job, stop_it, status);
    match stopped.ending {
        Ending::Made | Ending::Needless => start(job, start_it),
        _ => stopped,
    }
}
