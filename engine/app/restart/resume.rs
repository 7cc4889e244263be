//! A restart that an executor has left open: what of it has happened, told by identities; then the rest.
//!
//! A restart that happened is never made again, and none is lost. Hooks and probes are run again: they must bear that.

use std::time::Duration;

use hebe::restart::journal::{Begun, Ending, Entry, JournalError, Made};
use hebe::restart::map::{Kind, Node};
use hebe::restart::plan::Act;

use super::hands::{Deed, Standing};
use super::preview::find;
use super::run::{Run, Stuck};
use crate::probe;

/// What of a step has happened.
#[derive(Clone, Debug, PartialEq)]
enum Found {
    /// It is made again, or for the first time.
    Open,
    /// It was made, and so it ended.
    Happened(Deed),
}

/// Examines every step of which nobody knows how it ended, writes down what is found, and makes the rest.
pub(super) fn carry_on(run: &Run<'_>, begun: &Begun) -> Result<Option<Stuck>, JournalError> {
    let open: Vec<&Made> = begun.steps.iter().filter(|made| made.ended.is_none()).collect();
    let found =
        if open.is_empty() { "between two steps".to_owned() } else { format!("within {} steps", open.len()) };
    run.ledger.write(Entry::Resumed { plan: run.plan.id.clone(), found })?;
    let ill = |made: &&Made| {
        made.ended.is_some_and(|(_, ending)| !matches!(ending, Ending::Made | Ending::Needless))
    };
    if let Some(made) = begun.steps.iter().find(ill) {
        let ending = made.ended.map_or(Ending::Unknown, |(_, ending)| ending);
        return Ok(Some(Stuck {
            step: made.step,
            deed: Deed::new(ending, "it ended so before the executor did"),
        }));
    }
    for made in open {
        let Some((node, step)) =
            run.plan.steps.get(made.step).and_then(|step| Some((find(run.map, &step.node)?, step)))
        else {
            let deed = Deed::new(Ending::Unknown, "the map has changed");
            return Ok(Some(Stuck { step: made.step, deed }));
        };
        let standing = run.hands.look(node, probe::seconds(step.within_s).max(Duration::from_secs(1)));
        if let Found::Happened(deed) = examine(node, step.act, made, &standing) {
            let (ending, note) = (deed.ending, format!("found after a crash: {}", deed.note));
            let (plan, identity) = (run.plan.id.clone(), standing.identity);
            run.ledger.write(Entry::Done { plan, step: made.step, ending, note, identity })?;
            if !matches!(ending, Ending::Made | Ending::Needless) {
                return Ok(Some(Stuck { step: made.step, deed }));
            }
        }
    }
    run.steps()
}

fn examine(node: &Node, act: Act, made: &Made, now: &Standing) -> Found {
    let happened = |ending| Found::Happened(Deed::new(ending, now.words.clone()));
    let other = now.identity != made.identity && now.identity.is_some();
    match (&node.kind, act) {
        (_, Act::Drain | Act::Checkpoint | Act::Resume | Act::Ready | Act::Probe) | (Kind::Group, _) => {
            Found::Open
        }
        (Kind::Host { .. }, _) => {
            if other {
                happened(Ending::Made)
            } else {
                happened(Ending::Unknown)
            }
        }
        (Kind::Command { .. }, _) => command(act, now),
        (_, Act::Stop) => {
            if now.runs == Some(true) && !other {
                Found::Open
            } else {
                stopped(now)
            }
        }
        (_, Act::Start) => match now.runs {
            Some(true) => happened(Ending::Made),
            _ if other => happened(Ending::Failed),
            _ => Found::Open,
        },
        (_, Act::Restart) => match now.runs {
            Some(true) if other => happened(Ending::Made),
            Some(true) => Found::Open,
            _ if other => happened(Ending::Failed),
            // It was stopped and not started: by us where we said so, or because it failed to stop.
            _ if now.failed || !made.asides.is_empty() => Found::Open,
            // A person may have stopped it since.
            _ => happened(Ending::Unknown),
        },
    }
}

/// A stop is proven again by making it again: what is down needs none, and is looked at.
fn stopped(now: &Standing) -> Found {
    if now.runs == Some(true) {
        Found::Happened(Deed::new(Ending::Made, format!("another copy runs: {}", now.words)))
    } else {
        Found::Open
    }
}

/// A command has no identity: only its status can tell.
fn command(act: Act, now: &Standing) -> Found {
    let happened = |ending| Found::Happened(Deed::new(ending, now.words.clone()));
    match (act, now.runs) {
        (Act::Stop, Some(false)) | (Act::Start, Some(true)) => happened(Ending::Made),
        (Act::Stop, Some(true)) | (Act::Start, Some(false)) => Found::Open,
        _ => happened(Ending::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use hebe::restart::map::Budget;

    use super::*;

    fn node(kind: Kind) -> Node {
        Node { name: "a".to_owned(), kind, budget: Budget::default(), ..crate::restart::tests::plain_node() }
    }

    /// Identity before, then how it stands: `up` or `down` or `failed`, and its identity.
    #[track_caller]
    fn check(act: Act, before: &str, now: &str, asides: usize, expected: Option<Ending>) {
        let node = node(Kind::Unit { unit: "a.service".to_owned() });
        let made = Made {
            step: 0,
            at: Utc::now(),
            identity: Some(before.to_owned()),
            asides: vec![String::new(); asides],
            ended: None,
        };
        let (how, identity) = now.split_once(' ').unwrap();
        let standing = Standing {
            runs: Some(how == "up"),
            failed: how == "failed",
            identity: Some(identity.to_owned()),
            ..Standing::default()
        };
        let ending = match examine(&node, act, &made, &standing) {
            Found::Open => None,
            Found::Happened(deed) => Some(deed.ending),
        };
        assert_eq!(ending, expected, "{act:?} {before} -> {now}");
    }

    #[test]
    fn a_restart_that_happened_is_not_repeated_and_none_is_lost() {
        check(Act::Restart, "a", "up a", 0, None);
        check(Act::Restart, "a", "up b", 0, Some(Ending::Made));
        check(Act::Restart, "a", "failed b", 0, Some(Ending::Failed));
        check(Act::Restart, "a", "failed a", 0, None);
        check(Act::Restart, "a", "down a", 1, None);
        check(Act::Restart, "a", "down a", 0, Some(Ending::Unknown));
        check(Act::Stop, "a", "up a", 0, None);
        check(Act::Stop, "a", "down a", 0, None);
        check(Act::Stop, "a", "up b", 0, Some(Ending::Made));
        check(Act::Start, "a", "down a", 0, None);
        check(Act::Start, "a", "up b", 0, Some(Ending::Made));
        check(Act::Start, "a", "failed b", 0, Some(Ending::Failed));
        check(Act::Drain, "a", "up b", 0, None);
    }
}
