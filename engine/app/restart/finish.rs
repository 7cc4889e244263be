//! The end of a restart: what changed against what was shown, and what it comes to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hebe::restart::history::{Outcome, Past};
use hebe::restart::journal::{Begun, Ending, Entry, JournalError};
use hebe::restart::map::{Kind, Map, Node};
use hebe::restart::plan::{Act, Plan};

use super::crash;
use super::hands::Hands;
use super::preview::{find, key, unit};
use super::run::{Run, Stuck};

/// Units of the map beside the plan that are watched for restarting unseen, at most.
const MOST_OTHERS: usize = 200;
/// What has just been started may be on its way for so long when it is looked at.
const SETTLE: Duration = Duration::from_secs(5);

/// How a restart ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ended {
    pub(crate) past: Past,
    pub(crate) note: String,
    /// Time from the request to the last entry, in seconds.
    pub(crate) took_s: f64,
    /// Shown before, and not restarted.
    pub(crate) missing: Vec<String>,
    /// Restarted, and not shown before.
    pub(crate) extra: Vec<String>,
}

/// The identities of the map's units that a plan does not touch.
pub(super) fn others(map: &Map, hands: &Hands, plan: &Plan) -> BTreeMap<String, Option<String>> {
    let apart = map.nodes.iter().filter(|node| unit(node).is_some() && !plan.nodes.contains(&node.name));
    let apart: Vec<&Node> = apart.take(MOST_OTHERS).collect();
    let stand = hands.look_all(&apart).into_iter();
    apart.iter().zip(stand).map(|(node, standing)| (node.name.clone(), standing.identity)).collect()
}

/// Compares, judges, and writes the end down.
pub(super) fn finish(
    run: &Run<'_>,
    began: DateTime<Utc>,
    stuck: Option<Stuck>,
    others: &BTreeMap<String, Option<String>>,
    asked: Instant,
) -> Result<Ended, JournalError> {
    let (missing, mut extra, down) = compare(run);
    let (nodes, before): (Vec<&Node>, Vec<&Option<String>>) =
        others.iter().filter_map(|(name, before)| Some((find(run.map, name)?, before))).unzip();
    let changed = nodes.iter().zip(run.hands.look_all(&nodes)).zip(before);
    let changed = changed.filter(|((_, now), before)| now.identity != **before);
    extra.extend(changed.map(|((node, _), _)| node.name.clone()));
    let (outcome, note) = judged(run, stuck, &down);
    // Where it went wrong on the way, what was not reached is no difference.
    let missing = if outcome == Outcome::Done { missing } else { Vec::new() };
    if !missing.is_empty() || !extra.is_empty() {
        let (plan, missing, extra) = (run.plan.id.clone(), missing.clone(), extra.clone());
        run.ledger.write(Entry::Differs { plan, missing, extra })?;
    }
    let begun = run.ledger.fold().open.remove(&run.plan.id);
    let past = Past {
        plan: run.plan.id.clone(),
        target: run.plan.target.clone(),
        nodes: run.plan.nodes.clone(),
        cause: run.plan.cause.clone(),
        began,
        ended: Utc::now(),
        outcome,
        downtime_s: begun.as_ref().and_then(downtime).filter(|_| outcome == Outcome::Done),
        gave_back: Vec::new(),
    };
    crash::point("before-finished", None);
    run.ledger.write(Entry::Finished { past: past.clone(), note: note.clone() })?;
    crash::point("after-finished", None);
    Ok(Ended { past, note, took_s: asked.elapsed().as_secs_f64(), missing, extra })
}

fn judged(run: &Run<'_>, stuck: Option<Stuck>, down: &[String]) -> (Outcome, String) {
    if let Some(Stuck { step, deed }) = stuck {
        let outcome = match deed.ending {
            Ending::NotStopped => Outcome::NotStopped,
            Ending::Unknown => Outcome::Broken,
            _ => Outcome::Failed,
        };
        let step = &run.plan.steps[step];
        let act = format!("{:?}", step.act).to_lowercase();
        return (outcome, format!("{act} {}: {}", step.node, deed.note));
    }
    if down.is_empty() {
        (Outcome::Done, format!("{} restarted", run.plan.nodes.join(", ")))
    } else {
        (Outcome::Failed, format!("it does not run after its restart: {}", down.join("; ")))
    }
}

/// What was to change and has not, what changed beside it, and what does not run any more.
fn compare(run: &Run<'_>) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (mut missing, mut extra, mut down) = (Vec::new(), Vec::new(), Vec::new());
    let units: Vec<(&str, &Option<String>)> =
        run.before.iter().filter_map(|(name, before)| Some((name.strip_prefix("unit ")?, before))).collect();
    let names: Vec<&str> = units.iter().map(|(unit, _)| *unit).collect();
    let (nodes, before): (Vec<&Node>, Vec<&Option<String>>) =
        run.before.iter().filter_map(|(name, before)| Some((find(run.map, name)?, before))).unzip();
    let (now, invocations) = run.hands.look_at_all(&nodes, &names);
    let same = units.iter().zip(invocations).filter(|((_, before), now)| now == *before);
    missing.extend(same.map(|((unit, _), _)| key(unit)));
    for ((&node, now), before) in nodes.iter().zip(now).zip(before) {
        let moves = now.unit.as_ref().is_some_and(|unit| unit.moves());
        let now = if moves { run.hands.look(node, SETTLE) } else { now };
        let told = matches!(node.kind, Kind::Unit { .. } | Kind::Process(_));
        match before {
            Some(before) if told && now.identity.as_ref() == Some(before) => missing.push(node.name.clone()),
            None if told && now.runs == Some(true) => extra.push(node.name.clone()),
            _ => {}
        }
        if before.is_some() && now.runs == Some(false) {
            down.push(now.words);
        }
    }
    (missing, extra, down)
}

/// Seconds from the first stop of the target to its readiness.
fn downtime(begun: &Begun) -> Option<f64> {
    let of_target = |acts: &[Act]| {
        let steps = begun.steps.iter().filter(|made| {
            let step = begun.plan.steps.get(made.step);
            step.is_some_and(|step| step.node == begun.plan.target && acts.contains(&step.act))
        });
        steps.collect::<Vec<_>>()
    };
    let from = of_target(&[Act::Stop, Act::Restart]).into_iter().map(|made| made.at).min()?;
    let up = of_target(&[Act::Start, Act::Restart, Act::Ready]);
    let to = up.into_iter().filter_map(|made| made.ended.map(|(at, _)| at)).max()?;
    Some((to - from).as_seconds_f64()).filter(|seconds| 0.0 <= *seconds)
}
