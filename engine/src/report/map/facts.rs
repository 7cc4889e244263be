//! What there is to say about a node, a few words each.

use crate::report::{clean, units};
use crate::restart::budget::Ledger;
use crate::restart::cause::Cause;
use crate::restart::history::{Outcome, Past};
use crate::restart::map::{Budget, Hook, Kind, Map, Node, NodeId};

use super::Drawing;

/// What a node is.
pub(super) fn kind(map: &Map, id: NodeId) -> String {
    let node = map.node(id);
    let what = match &node.kind {
        Kind::Host { takeover, restart } => host(takeover.as_ref(), restart.as_ref()),
        Kind::Group => "group".to_owned(),
        Kind::Unit { unit } => unit.clone(),
        Kind::Process(command) => format!("process: {}", command.argv.join(" ")),
        Kind::Command { start, .. } => format!("command: {}", start.argv.join(" ")),
    };
    let what = clean::line(&what);
    match node.keep {
        Some(keep) => format!("{what}, keeps {keep} of {} up", map.children(id).count()),
        None => what,
    }
}

fn host(takeover: Option<&Hook>, restart: Option<&Hook>) -> String {
    match (takeover, restart) {
        (_, None) => "host".to_owned(),
        (None, Some(restart)) => format!("host, restarts by {}", restart.argv.join(" ")),
        (Some(takeover), Some(restart)) => {
            format!("host, restarts by {} if {} agrees", restart.argv.join(" "), takeover.argv.join(" "))
        }
    }
}

/// `3 in 1 h`.
pub(super) fn budget(budget: Budget) -> String {
    format!("{} in {}", budget.intensity, units::duration(budget.period_s))
}

/// All that is worth a word beside what it is.
pub(super) fn facts(drawing: &Drawing<'_>, id: NodeId) -> Vec<String> {
    let (map, node) = (drawing.map, drawing.map.node(id));
    let names =
        |ids: &[NodeId]| ids.iter().map(|&id| map.node(id).name.as_str()).collect::<Vec<_>>().join(", ");
    let mut facts = Vec::new();
    if !node.needs.is_empty() {
        facts.push(format!("needs {}", names(&node.needs)));
    }
    if !node.after.is_empty() {
        facts.push(format!("after {}", names(&node.after)));
    }
    facts.extend(hooks(node));
    facts.extend(node.heartbeat_s.map(|every| format!("heartbeat every {} ms", (1000.0 * every).round())));
    if !node.is_container() || node.budget != Budget::default() {
        facts.push(budget(node.budget));
    }
    let above = node.parent.and_then(|parent| map.node(parent).schedule.as_ref());
    facts.extend(
        node.schedule.as_ref().filter(|own| Some(*own) != above).map(|own| format!("schedule {own}")),
    );
    facts.extend(past(drawing, node));
    facts.iter().map(|fact| clean::line(fact)).collect()
}

/// Hooks and tests.
fn hooks(node: &Node) -> Vec<String> {
    let hooks = [("drain", &node.drain), ("checkpoint", &node.checkpoint), ("resume", &node.resume)];
    let hooks: Vec<&str> = hooks.iter().filter(|(_, hook)| hook.is_some()).map(|(name, _)| *name).collect();
    let tests = |name: &str, count: usize| {
        (0 < count).then(|| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
    };
    let hooks = (!hooks.is_empty()).then(|| hooks.join(", "));
    hooks.into_iter().chain(tests("probe", node.ready.len() + node.probes.len())).collect()
}

/// What became of it.
fn past(drawing: &Drawing<'_>, node: &Node) -> Vec<String> {
    let Drawing { history, now, .. } = *drawing;
    let own = history.past.iter().filter(|past| past.target == node.name);
    let ledger = Ledger::new(node.budget, own.map(|past| past.began), now);
    let spent =
        (0 < ledger.count()).then(|| format!("{} of {} spent", ledger.count(), node.budget.intensity));
    let last = history.past.iter().rev().find(|past| past.nodes.contains(&node.name)).map(|last| {
        let ago = units::duration((now - last.ended).as_seconds_f64());
        format!("restarted {ago} ago ({})", word(last))
    });
    let hold = history
        .holds
        .iter()
        .find(|hold| hold.node == node.name && hold.until.is_none_or(|until| now < until));
    let hold = hold.map(|hold| format!("HELD by {}: {}", hold.owner, hold.reason));
    let given_up = history.given_up.iter().any(|(given_up, _)| *given_up == node.name);
    let given_up = given_up.then(|| "GIVEN UP: a person must look".to_owned());
    spent.into_iter().chain(last).chain(hold).chain(given_up).collect()
}

fn word(past: &Past) -> &'static str {
    match (past.outcome, &past.cause) {
        (Outcome::Failed, _) => "failed",
        (Outcome::NotStopped, _) => "could not be stopped",
        (Outcome::Broken, _) => "cut off",
        (Outcome::Done, Cause::Failure { .. }) => "after a failure",
        (Outcome::Done, Cause::Forecast { .. }) => "by forecast",
        (Outcome::Done, Cause::Timed { .. }) => "by the calendar",
        (Outcome::Done, Cause::Hand { .. }) => "by hand",
    }
}
