//! `hebe hold`: hands off a node, who says so, why and for how long.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::{Args, Subcommand};
use hebe::restart::history::{History, OperatorHold};
use hebe::restart::journal::{Entry, JournalError};
use serde_json::json;

use super::command::who;
use super::executor::Executor;
use super::place::{Format, Place};
use crate::output;

/// A restart under way is waited for so long: the journal has one writer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two attempts.
const LOOK: Duration = Duration::from_millis(100);

/// `hebe hold`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct HoldCommand {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    place_it: PlaceIt,
    #[command(flatten)]
    place: Place,
}

/// A hold to be placed.
#[derive(Debug, Args)]
struct PlaceIt {
    /// The node; all below it is held with it
    #[arg(required = true)]
    node: Option<String>,
    /// For how long; until it is lifted if not given
    #[arg(long = "for", value_name = "DURATION", value_parser = crate::cli::seconds)]
    for_: Option<f64>,
    /// Who asks for it [default: you]
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", required = true)]
    reason: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what is held, and what was given up
    List(Place),
    /// Take a hold back; or say that a node that was given up has been looked at
    Lift {
        /// The node
        node: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Places, lists or lifts.
pub(crate) fn hold(command: &HoldCommand) -> Result<()> {
    let now = Utc::now();
    match &command.verb {
        Some(Verb::List(place)) => list(place, now),
        Some(Verb::Lift { node, place }) => lift(place, node),
        None => place_it(&command.place, &command.place_it, now),
    }
}

fn place_it(place: &Place, args: &PlaceIt, now: DateTime<Utc>) -> Result<()> {
    let (Some(node), Some(reason)) = (args.node.clone(), args.reason.clone()) else {
        bail!("expected a node and --reason TEXT");
    };
    let executor = place.executor()?;
    if executor.map().find(&node).is_none() {
        bail!("not_in_map: the map has no `{node}`");
    }
    #[allow(clippy::cast_possible_truncation, reason = "saturates")]
    let until = args.for_.map(|seconds| {
        now + TimeDelta::try_milliseconds((1000.0 * seconds) as i64).unwrap_or(TimeDelta::MAX)
    });
    let owner = args.owner.clone().unwrap_or_else(who);
    let hold = OperatorHold { node: node.clone(), owner, reason, until };
    patiently(&executor, &Entry::HoldPlaced { hold })?;
    output::print(&format!("{node} is held\nNext: hebe hold lift {node}"))
}

fn lift(place: &Place, node: &str) -> Result<()> {
    let executor = place.executor()?;
    let history = executor.read()?.fold.history;
    let held = history.holds.iter().any(|hold| hold.node == node);
    if !held && !history.given_up.iter().any(|(given_up, _)| given_up == node) {
        bail!("`{node}` is neither held nor given up; hebe hold list shows what is");
    }
    patiently(&executor, &Entry::HoldLifted { node: node.to_owned(), who: who() })?;
    output::print(&format!("{node} is held no longer"))
}

fn list(place: &Place, now: DateTime<Utc>) -> Result<()> {
    let History { holds, given_up, .. } = place.executor()?.read()?.fold.history;
    let holds: Vec<&OperatorHold> =
        holds.iter().filter(|hold| hold.until.is_none_or(|until| now < until)).collect();
    if place.format == Format::Json {
        return output::print(&json!({ "holds": holds, "given_up": given_up }).to_string());
    }
    if holds.is_empty() && given_up.is_empty() {
        return output::print("Nothing is held.");
    }
    let date = |date: DateTime<Utc>| date.to_rfc3339_opts(SecondsFormat::Secs, true);
    let held = holds.into_iter().map(|hold| {
        let until = hold.until.map_or_else(|| "it is lifted".to_owned(), date);
        format!("{}  held until {until}  by {}: {}\n", hold.node, hold.owner, hold.reason)
    });
    let given_up = given_up.iter().map(|(node, since)| format!("{node}  given up since {}\n", date(*since)));
    output::print(&held.chain(given_up).collect::<String>())
}

/// Writes as soon as the journal is free.
fn patiently(executor: &Executor, entry: &Entry) -> Result<()> {
    let began = Instant::now();
    loop {
        match executor.open_write(entry.clone()) {
            Err(JournalError::Locked { .. }) if began.elapsed() < PATIENCE => thread::sleep(LOOK),
            written => return Ok(written?),
        }
    }
}
