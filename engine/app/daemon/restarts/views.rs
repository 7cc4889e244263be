//! The journal as the page shows it: one action a plan, as it stands now.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use hebe::restart::cause::Cause;
use hebe::restart::history::Outcome;
use hebe::restart::hold::Code;
use hebe::restart::journal::{Entry, Record};
use hebe::restart::plan::Plan;
use hebe::restart::world::Mode;

use super::stamp;
use crate::web::{Action, Standing};

/// Actions that are shown, at most.
const MOST: usize = 300;

/// Everything that was planned, made or not made, newest first.
pub(super) fn actions(records: &[Record], mode: Mode) -> Vec<Action> {
    let mut all: Vec<Action> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for record in records {
        if let Some(new) = begun(record, mode) {
            if let Some(&place) = places.get(&new.id) {
                all[place] = new;
            } else {
                places.insert(new.id.clone(), all.len());
                all.push(new);
            }
        } else if let Some(place) = record.entry.plan().and_then(|plan| places.get(plan)) {
            go_on(&mut all[*place], record);
        }
    }
    all.sort_by_key(|action| std::cmp::Reverse(action.at));
    all.truncate(MOST);
    all
}

/// The action that an entry begins, or lays out anew.
fn begun(record: &Record, mode: Mode) -> Option<Action> {
    let at = record.at;
    Some(match &record.entry {
        Entry::Planned { plan } => {
            let standing = if mode == Mode::Act { Standing::Planned } else { Standing::Waiting };
            Action { at: plan.at.unwrap_or(at), ..laid_out(plan, standing, at) }
        }
        Entry::Began { plan, .. } => laid_out(plan, Standing::Started, at),
        Entry::Skipped { target, cause, hold, plan } => {
            let dry = plan.is_some() && hold.code == Code::ObserveMode;
            let standing = if dry { Standing::DryRun } else { Standing::Skipped };
            let action = match plan {
                Some(plan) => laid_out(plan, standing, at),
                None => bare(target, Some(cause), standing, at),
            };
            Action { code: Some(hold.code), reason: Some(hold.sentence.clone()), ..action }
        }
        Entry::GaveUp { node, why } => {
            Action { reason: Some(why.clone()), ..bare(node, None, Standing::GaveUp, at) }
        }
        _ => return None,
    })
}

/// What a later entry says of an action.
fn go_on(action: &mut Action, record: &Record) {
    match &record.entry {
        Entry::Approved { who, .. } => {
            action.standing = Standing::Planned;
            action.why.push(format!("approved by {who} at {}", stamp(record.at)));
        }
        Entry::Declined { who, reason, .. } => {
            action.standing = Standing::Skipped;
            action.at = record.at;
            action.reason = Some(format!("{who}: {reason}"));
        }
        Entry::Finished { past, note } => {
            let well = past.outcome == Outcome::Done;
            action.standing = if well { Standing::Finished } else { Standing::Failed };
            action.at = past.ended;
            action.reason = Some(note.clone());
        }
        Entry::Measured { gave_back, .. } => {
            let back: Vec<String> = gave_back
                .iter()
                .filter(|back| back.after < back.before)
                .map(|back| format!("{}: {:.0} → {:.0}", back.series, back.before, back.after))
                .collect();
            if !back.is_empty() {
                action.why.push(format!("gave back {}", back.join(", ")));
            }
        }
        _ => {}
    }
}

fn laid_out(plan: &Plan, standing: Standing, at: DateTime<Utc>) -> Action {
    let why = if plan.why.is_empty() { words(&plan.cause) } else { plan.why.clone() };
    Action {
        id: plan.id.clone(),
        node: plan.target.clone(),
        nodes: plan.nodes.clone(),
        standing,
        at,
        deadline: plan.deadline,
        why,
        code: None,
        reason: None,
        steps: plan.steps.clone(),
    }
}

fn bare(node: &str, cause: Option<&Cause>, standing: Standing, at: DateTime<Utc>) -> Action {
    Action {
        id: format!("{node}@{}", at.timestamp_millis()),
        node: node.to_owned(),
        nodes: Vec::new(),
        standing,
        at,
        deadline: None,
        why: cause.map(words).unwrap_or_default(),
        code: None,
        reason: None,
        steps: Vec::new(),
    }
}

fn words(cause: &Cause) -> Vec<String> {
    vec![match cause {
        Cause::Failure { seen } => seen.clone(),
        Cause::Forecast { series, mid, .. } => format!("{series} is forecast to run out at {}", stamp(*mid)),
        Cause::Timed { entry } => format!("the calendar places it here ({entry})"),
        Cause::Hand { who } => format!("{who} asks for it"),
    }]
}
