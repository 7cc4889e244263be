//! Units of systemd.

use std::thread;
use std::time::{Duration, Instant};

use hebe::restart::hold::{Code, Hold};
use hebe::restart::journal::{Ending, JournalError};

use super::{Announce, Deed, Standing, Task};
use crate::conditions;
use crate::systemd::{Cgroup, Systemd, SystemdError, UnitState, Verb};

/// Between two looks at a cgroup that empties.
const LOOK: Duration = Duration::from_millis(10);
/// What was stopped may take so long to be gone from its cgroup.
const PATIENCE: Duration = Duration::from_secs(2);
/// A unit that was taken down along may take so long to start.
const START: Duration = Duration::from_secs(90);

pub(super) fn look(systemd: &Systemd, unit: &str, bound: Duration) -> Standing {
    let state = if bound.is_zero() { systemd.unit(unit) } else { systemd.settled(unit, bound) };
    match state {
        Ok(state) => standing(state),
        Err(error) => super::unknown(&error.to_string()),
    }
}

pub(super) fn standing(state: UnitState) -> Standing {
    let queued = |job| Hold::new(Code::LockHeld, format!("job {job} on {} is queued", state.name));
    Standing {
        runs: Some(state.is_up()),
        failed: state.active == "failed",
        identity: state.invocation.clone(),
        since: state.active_since.filter(|_| state.is_up()),
        words: state.words(),
        hold: state.job.map(queued),
        unit: Some(Box::new(state)),
    }
}

/// Stops it, and sees that nothing of it is left.
pub(super) fn stop(systemd: &Systemd, unit: &str, job: &Task<'_>) -> Result<Deed, JournalError> {
    let state = match systemd.unit(unit) {
        Ok(state) => state,
        Err(error) => return Ok(failed(&error)),
    };
    if state.is_down() {
        return Ok(left_over(&state, job).unwrap_or_else(|| Deed::new(Ending::Needless, state.words())));
    }
    if let Err(deed) = thaw(systemd, &state, job.announce)? {
        return Ok(deed);
    }
    let cgroup = systemd.cgroup(unit);
    let words = match systemd.run(Verb::Stop, unit, job.within, &[]) {
        Ok(done) => format!("job {}", done.result),
        Err(error @ SystemdError::Late { .. }) => error.to_string(),
        Err(error) => return Ok(failed(&error)),
    };
    Ok(gone(systemd, unit, cgroup.as_ref(), job).unwrap_or_else(|| Deed::new(Ending::Made, words)))
}

/// Starts it, unless something of an earlier copy is there.
pub(super) fn start(systemd: &Systemd, unit: &str, job: &Task<'_>) -> Result<Deed, JournalError> {
    let state = match systemd.unit(unit) {
        Ok(state) => state,
        Err(error) => return Ok(failed(&error)),
    };
    if state.is_up() && state.job.is_none() {
        return Ok(Deed::new(Ending::Needless, state.words()));
    }
    if let Some(deed) = left_over(&state, job) {
        return Ok(deed);
    }
    if state.hit_start_limit() {
        reset(systemd, unit, job.announce)?;
    }
    let mut deed = queue_start(systemd, unit, job.within);
    let after = systemd.unit(unit);
    if deed.ending == Ending::Failed && after.is_ok_and(|state| state.hit_start_limit()) {
        reset(systemd, unit, job.announce)?;
        deed = queue_start(systemd, unit, job.within);
    }
    Ok(deed)
}

/// Restarts it in one job of systemd, which restarts along what depends on it.
pub(super) fn restart(
    systemd: &Systemd,
    unit: &str,
    job: &Task<'_>,
    now: &Standing,
) -> Result<Deed, JournalError> {
    let Some(state) = now.unit.as_deref() else { return Ok(Deed::new(Ending::Failed, &now.words)) };
    match state.active.as_str() {
        "failed" => return start(systemd, unit, job),
        "inactive" => return Ok(Deed::new(Ending::Needless, format!("{}; it is left alone", state.words()))),
        _ => {}
    }
    if let Err(deed) = thaw(systemd, state, job.announce)? {
        return Ok(deed);
    }
    let (along, cgroup) = match systemd.before_stop(state) {
        Ok(before) => before,
        Err(error) => return Ok(failed(&error)),
    };
    let done = match systemd.run(Verb::TryRestart, unit, job.within, &along) {
        Ok(done) => done,
        Err(error @ SystemdError::Late { .. }) => {
            // Its job was taken back. What it stands at now decides whether it was stopped.
            let stuck = gone(systemd, unit, cgroup.as_ref(), job);
            return Ok(stuck.unwrap_or_else(|| failed(&error)));
        }
        Err(error) => return Ok(failed(&error)),
    };
    if done.withdrawn {
        (job.announce)("systemd has to kill it: its job is taken back, and it is started once it is gone")?;
        if let Some(deed) = gone(systemd, unit, cgroup.as_ref(), job) {
            return Ok(deed);
        }
        return start(systemd, unit, job);
    }
    let after = match systemd.unit(unit) {
        Ok(after) => after,
        Err(error) => return Ok(failed(&error)),
    };
    if after.hit_start_limit() {
        return start(systemd, unit, job);
    }
    let made = done.is_done() && after.is_up() && after.invocation != state.invocation;
    let ending = if made { Ending::Made } else { Ending::Failed };
    let note = format!("job {}; {}", done.result, after.words());
    Ok(Deed { ending, note, after: Some(standing(after)) })
}

/// Starts what our stop has taken down along. The error, in words.
pub(super) fn bring_back(
    systemd: &Systemd,
    unit: &str,
    announce: Announce<'_>,
) -> Result<Option<String>, JournalError> {
    match systemd.settled(unit, START) {
        Ok(state) if state.is_down() => {
            announce(&format!("{unit} was stopped along by systemd, and is started again"))?;
            let deed = queue_start(systemd, unit, START);
            Ok((deed.ending != Ending::Made).then_some(deed.note))
        }
        Ok(_) => Ok(None),
        Err(error) => Ok(Some(error.to_string())),
    }
}

fn queue_start(systemd: &Systemd, unit: &str, within: Duration) -> Deed {
    let done = match systemd.run(Verb::Start, unit, within, &[]) {
        Ok(done) => done,
        Err(error) => return failed(&error),
    };
    match systemd.unit(unit) {
        Ok(after) => {
            // A unit that runs once and ends has run when its job is done.
            let up =
                after.is_up() || (done.is_done() && after.active == "inactive" && after.result == "success");
            let ending = if done.is_done() && up { Ending::Made } else { Ending::Failed };
            Deed::new(ending, format!("job {}; {}", done.result, after.words()))
        }
        Err(error) => failed(&error),
    }
}

/// Lets a frozen unit run, so that it can end.
fn thaw(
    systemd: &Systemd,
    state: &UnitState,
    announce: Announce<'_>,
) -> Result<Result<(), Deed>, JournalError> {
    if !state.is_frozen() {
        return Ok(Ok(()));
    }
    announce(&format!("{} is {}: it is thawed, so that it can end", state.name, state.freezer))?;
    Ok(systemd.thaw(&state.name).map_err(|error| Deed::new(Ending::NotStopped, error.to_string())))
}

fn reset(systemd: &Systemd, unit: &str, announce: Announce<'_>) -> Result<(), JournalError> {
    announce(&format!("{unit} was started more often than its start limit allows: the limit is reset"))?;
    // Where it is refused, the start is refused as well, and says why.
    let _ = systemd.reset_failed(unit);
    Ok(())
}

/// Why it is not gone, if it is not: its state, its cgroup, its ports and files.
fn gone(systemd: &Systemd, unit: &str, cgroup: Option<&Cgroup>, job: &Task<'_>) -> Option<Deed> {
    let state = match systemd.settled(unit, job.within) {
        Ok(state) => state,
        Err(error) => return Some(Deed::new(Ending::NotStopped, error.to_string())),
    };
    if !state.is_down() {
        return Some(Deed::new(Ending::NotStopped, state.words()));
    }
    if let Some(why) = cgroup.and_then(populated) {
        return Some(Deed::new(Ending::NotStopped, format!("{}; {why}", state.words())));
    }
    left_over(&state, job)
}

/// What is left of a unit that is down.
fn left_over(state: &UnitState, job: &Task<'_>) -> Option<Deed> {
    let left = Cgroup::of(&state.cgroup).as_ref().and_then(populated);
    let left = left.or_else(|| conditions::broken(&job.node.conditions, job.within));
    left.map(|why| Deed::new(Ending::NotStopped, format!("{}; {why}", state.words())))
}

/// Why a cgroup is not empty, after some patience.
fn populated(cgroup: &Cgroup) -> Option<String> {
    let began = Instant::now();
    loop {
        match cgroup.is_populated() {
            Ok(false) => return None,
            Ok(true) if began.elapsed() < PATIENCE => thread::sleep(LOOK),
            Ok(true) => return Some("processes of it are still there".to_owned()),
            Err(error) => return Some(format!("its cgroup cannot be looked at: {error}")),
        }
    }
}

fn failed(error: &SystemdError) -> Deed {
    Deed::new(Ending::Failed, error.to_string())
}
