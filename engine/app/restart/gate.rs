//! What is looked at once more under the lock, right before a restart: whatever was decided earlier, this must hold.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hebe::restart::hold::{Code, Hold};
use hebe::restart::journal::Fold;
use hebe::restart::map::{Budget, Map};

use super::preview::Preview;

/// Why the restart is not made now, if it is not. `seen` is when its cause was seen: a restart since then has answered
/// it. `forced` overrides budgets, and nothing else.
pub(super) fn hold(
    map: &Map,
    fold: &Fold,
    preview: &Preview,
    seen: DateTime<Utc>,
    forced: bool,
    now: DateTime<Utc>,
) -> Option<Hold> {
    let plan = &preview.plan;
    under_way(map, fold)
        .or_else(|| answered(fold, &plan.target, seen))
        .or_else(|| held(map, fold, &plan.nodes, now))
        .or_else(|| if forced { None } else { spent(map, fold, &plan.target, now) })
        .or_else(|| stands(preview))
}

/// As many restarts as may be under way at once are.
fn under_way(map: &Map, fold: &Fold) -> Option<Hold> {
    let open: Vec<&str> = fold.open.keys().map(String::as_str).collect();
    let most = map.parallel.max(1);
    (most <= open.len()).then(|| {
        Hold::new(
            Code::LockHeld,
            format!("{} is under way, and the map allows {most} at once", open.join(", ")),
        )
    })
}

/// What was seen before a restart is no reason for another one.
fn answered(fold: &Fold, target: &str, seen: DateTime<Utc>) -> Option<Hold> {
    let since = fold
        .history
        .past
        .iter()
        .rev()
        .find(|past| past.nodes.iter().any(|node| node == target) && seen <= past.ended)?;
    Some(Hold::new(Code::LockHeld, format!("{target} has been restarted since, as {}", since.plan)))
}

/// A person holds one of the nodes, or one above it.
fn held(map: &Map, fold: &Fold, nodes: &[String], now: DateTime<Utc>) -> Option<Hold> {
    let covers = |held: &str, node: &str| {
        held == node || map.find(held).zip(map.find(node)).is_some_and(|(held, node)| map.holds(held, node))
    };
    let holds = fold.history.holds.iter().filter(|hold| hold.until.is_none_or(|until| now < until));
    let mut held = holds.filter_map(|hold| Some((hold, nodes.iter().find(|node| covers(&hold.node, node))?)));
    held.next().map(|(hold, node)| {
        let until = hold.until.map_or(String::new(), |until| format!(" until {}", until.format("%F %R UTC")));
        let sentence = format!("{} holds {node}{until}: {}", hold.owner, hold.reason);
        Hold::new(Code::OperatorHold, sentence)
    })
}

/// The budget of the target, or of the whole map, is spent.
fn spent(map: &Map, fold: &Fold, target: &str, now: DateTime<Utc>) -> Option<Hold> {
    let id = map.find(target)?;
    let of_target = fold.history.past.iter().filter(|past| past.nodes.iter().any(|node| node == target));
    let of_target = of_target.map(|past| past.began);
    let of_all = fold.history.past.iter().map(|past| past.began);
    over(target, map.node(id).budget, of_target, now).or_else(|| over("the map", map.budget, of_all, now))
}

fn over(
    who: &str,
    budget: Budget,
    began: impl Iterator<Item = DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<Hold> {
    let period = Duration::try_from_secs_f64(budget.period_s).unwrap_or(Duration::MAX);
    let since = TimeDelta::from_std(period).ok().and_then(|period| now.checked_sub_signed(period));
    let count = began.filter(|&began| since.is_none_or(|since| since < began)).count();
    (budget.intensity <= count).then(|| {
        let period = humantime::format_duration(Duration::from_secs(period.as_secs()));
        Hold::new(
            Code::BudgetSpent,
            format!("{who} has had {count} restarts within {period}, and may have {}", budget.intensity),
        )
    })
}

/// How the nodes stand forbids it: a job is queued, or the target was stopped on purpose.
fn stands(preview: &Preview) -> Option<Hold> {
    if let Some(hold) = preview.stands.values().find_map(|standing| standing.hold.clone()) {
        return Some(hold);
    }
    let target = preview.stands.get(&preview.plan.target)?;
    let at_rest = target.runs == Some(false) && !target.failed;
    at_rest.then(|| {
        Hold::new(Code::NotRunning, format!("{}; what was stopped on purpose is left alone", target.words))
    })
}
