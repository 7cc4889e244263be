//! Restarts as people read them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hebe::restart::history::Outcome;
use hebe::restart::hold::Hold;
use hebe::restart::journal::Fold;
use hebe::restart::map::{Map, Node};
use hebe::restart::plan::{Act, Step};
use serde_json::{Value, json};

use super::finish::Ended;
use super::preview::{Preview, find};

/// Columns of names and acts.
const NAME: usize = 22;

/// The name of this machine.
pub(super) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A restart before it is made: closure, order, commands, what it takes, and why it would not be made now.
pub(super) fn preview(map: &Map, preview: &Preview, hold: Option<&Hold>, fold: &Fold) -> String {
    let plan = &preview.plan;
    let mut text = format!("Restart of {} would touch {}:\n", plan.target, counted(plan.nodes.len()));
    for name in &plan.nodes {
        let standing = preview.stands.get(name);
        let words = standing.map_or_else(|| "not known".to_owned(), |standing| standing.words.clone());
        let _ = writeln!(text, "  {name:NAME$} {words}");
    }
    for along in &preview.along {
        let what = if along.follower.restarts { "restarts" } else { "starts" };
        let _ = writeln!(
            text,
            "  {:NAME$} {what} along with {}, by systemd's own rules",
            along.follower.unit, along.node
        );
    }
    text.push_str("Step by step (a line is a stage; what stands in it goes together):\n");
    for (number, steps) in stages(&plan.steps) {
        let steps: Vec<String> = steps.iter().map(|step| shown(map, step)).collect();
        let _ = writeln!(text, "  {:>2}  {}", number + 1, steps.join(", "));
    }
    let _ = writeln!(text, "{}", away(preview, fold));
    for blind in &preview.blind {
        let _ = writeln!(text, "Cannot be seen: {blind}");
    }
    match hold {
        Some(hold) => drop(writeln!(text, "Would not be made now: {}: {}", hold.code, hold.sentence)),
        None => drop(writeln!(text, "Next: hebe restart {} --yes", plan.target)),
    }
    text
}

fn stages(steps: &[Step]) -> BTreeMap<usize, Vec<&Step>> {
    let mut stages: BTreeMap<usize, Vec<&Step>> = BTreeMap::new();
    for step in steps {
        stages.entry(step.stage).or_default().push(step);
    }
    stages
}

fn shown(map: &Map, step: &Step) -> String {
    let hook = |node: &Node| match step.act {
        Act::Drain => node.drain.clone(),
        Act::Checkpoint => node.checkpoint.clone(),
        Act::Resume => node.resume.clone(),
        _ => None,
    };
    let command = find(map, &step.node)
        .and_then(hook)
        .map_or_else(String::new, |hook| format!(" by `{}`", hook.argv.join(" ")));
    format!("{} {}{command} (within {} s)", word(step.act), step.node, step.within_s)
}

/// An act, in a word.
pub(super) fn word(act: Act) -> &'static str {
    match act {
        Act::Drain => "drain",
        Act::Checkpoint => "checkpoint",
        Act::Stop => "stop",
        Act::Start => "start",
        Act::Restart => "restart",
        Act::Ready => "wait for",
        Act::Probe => "test",
        Act::Resume => "resume",
    }
}

/// How long it will be away: learnt, or nothing.
fn away(preview: &Preview, fold: &Fold) -> String {
    let target = &preview.plan.target;
    let mut known: Vec<f64> = fold
        .history
        .past
        .iter()
        .filter(|past| past.target == *target && past.outcome == Outcome::Done)
        .filter_map(|past| past.downtime_s)
        .collect();
    known.sort_by(f64::total_cmp);
    match known.get(known.len() / 2) {
        Some(middle) => format!("Away: about {middle:.2} s, the middle of {} earlier restarts", known.len()),
        None => "Away: not known; it has not been restarted here before".to_owned(),
    }
}

/// The same for programs.
pub(super) fn preview_json(preview: &Preview, hold: Option<&Hold>) -> Value {
    let stands = preview.stands.iter().map(|(name, standing)| {
        let standing = json!({ "runs": standing.runs, "failed": standing.failed, "identity": standing.identity, "since": standing.since, "words": standing.words });
        (name.clone(), standing)
    });
    let along = preview.along.iter().map(|along| {
        json!({ "unit": along.follower.unit, "with": along.node, "restarts": along.follower.restarts })
    });
    json!({
        "plan": preview.plan,
        "nodes": stands.collect::<serde_json::Map<_, _>>(),
        "along": along.collect::<Vec<_>>(),
        "hold": hold,
    })
}

/// A restart that was made.
pub(super) fn ended(ended: &Ended) -> String {
    let how = match ended.past.outcome {
        Outcome::Done => "DONE",
        Outcome::Failed => "FAILED",
        Outcome::NotStopped => "NOT STOPPED, no second copy was started",
        Outcome::Broken => "BROKEN, nobody can tell what was done",
    };
    let away = ended.past.downtime_s.map_or_else(String::new, |seconds| format!(", away {seconds:.2} s"));
    let mut text = format!("{how}{away}: {}\n", ended.note);
    if !ended.missing.is_empty() {
        let _ = writeln!(text, "Shown and not restarted: {}", ended.missing.join(", "));
    }
    if !ended.extra.is_empty() {
        let _ = writeln!(text, "Restarted and not shown: {}", ended.extra.join(", "));
    }
    text.push_str("Next: hebe audit\n");
    text
}

/// The same for programs.
pub(super) fn ended_json(ended: &Ended) -> Value {
    let Ended { past, note, took_s, missing, extra } = ended;
    json!({ "past": past, "note": note, "took_s": took_s, "missing": missing, "extra": extra })
}

fn counted(nodes: usize) -> String {
    if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") }
}
