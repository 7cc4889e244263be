//! `hebe audit`: the journal, readable; whether it is as it was written; and the word that it is taken as it is.

use anyhow::{Result, bail};
use chrono::SecondsFormat;
use clap::Args;
use hebe::restart::journal::{Entry, Journals, Record};
use serde_json::json;

use super::command::who;
use super::place::{Format, Place};

use crate::output;

/// `hebe audit`.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Only say whether the journal is as it was written
    #[arg(long, conflicts_with = "accept")]
    verify: bool,
    /// Take the journal as it is although it is not as it was written: restarts may go on
    #[arg(long)]
    accept: bool,
    /// Only the newest entries
    #[arg(long, value_name = "COUNT")]
    last: Option<usize>,
    /// Only what names this node
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Shows, verifies or accepts.
pub(crate) fn audit(args: &Audit) -> Result<()> {
    if args.accept {
        return accept(args);
    }
    let (_, state_dir) = args.place.load()?;
    let journal = Journals::read(&super::settings::folder(&state_dir))?;
    let entries = shown(args, &journal);
    // An empty line would be no line of JSON.
    if !args.verify && !entries.is_empty() {
        output::print(&entries)?;
    }
    for fault in &journal.faults {
        output::note(&format!("hebe: {fault}"));
    }
    if let Some(fault) = journal.faults.first() {
        bail!(
            "the journal is not as it was written ({fault}); nothing is restarted until: hebe audit --accept"
        );
    }
    if args.verify || args.place.format == Format::Table {
        let torn = if journal.torn.is_some() { "; its last line was cut by a crash" } else { "" };
        let note = format!(
            "{} entries in {} files, as they were written{torn}",
            journal.records.len(),
            journal.files.len()
        );
        return output::print(&note);
    }
    Ok(())
}

fn accept(args: &Audit) -> Result<()> {
    let count = args.place.executor()?.accept(&who())?;
    if count == 0 {
        return output::print("The journal is as it was written; there is nothing to accept.");
    }
    output::print(&format!("{count} files are taken as they are, and the journal says so\nNext: hebe audit"))
}

fn shown(args: &Audit, journal: &Journals) -> String {
    let wanted = |record: &&Record| args.node.as_ref().is_none_or(|node| names(&record.entry, node));
    let records: Vec<&Record> = journal.records.iter().filter(wanted).collect();
    let skip = args.last.map_or(0, |last| records.len().saturating_sub(last));
    let mut text = String::new();
    for record in &records[skip..] {
        match args.place.format {
            Format::Json => text += &json!(record).to_string(),
            Format::Table => text += &line(record),
        }
        text.push('\n');
    }
    text
}

/// Whether an entry is about a node: plans are named after their targets.
fn names(entry: &Entry, node: &str) -> bool {
    let of_plan = |plan: &str| plan.rsplit_once('@').is_some_and(|(target, _)| target == node);
    match entry {
        Entry::Began { plan, .. } | Entry::Planned { plan } => plan.nodes.iter().any(|name| name == node),
        Entry::Finished { past, .. } => past.nodes.iter().any(|name| name == node),
        Entry::Skipped { target, .. } => target == node,
        Entry::GaveUp { node: other, .. } | Entry::HoldLifted { node: other, .. } => other == node,
        Entry::HoldPlaced { hold } => hold.node == node,
        other => other.plan().is_some_and(of_plan),
    }
}

fn line(record: &Record) -> String {
    let at = record.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    format!("{:>6} {at} {}", record.seq, told(&record.entry))
}

fn told(entry: &Entry) -> String {
    match entry {
        Entry::Snapshot { state } => format!(
            "a new file: {} restarts, {} holds, {} open, {} waiting are known",
            state.past.len(),
            state.holds.len(),
            state.open.len(),
            state.waiting.len()
        ),
        Entry::Planned { plan } => format!("{}: planned, {}", plan.id, plan.nodes.join(", ")),
        Entry::Skipped { target, hold, .. } => format!("{target}: skipped: {}: {}", hold.code, hold.sentence),
        Entry::Approved { plan, who } => format!("{plan}: approved by {who}"),
        Entry::Declined { plan, who, reason } => format!("{plan}: declined by {who}: {reason}"),
        Entry::Began { plan, forced, .. } => {
            let forced = forced.as_ref().map_or(String::new(), |reason| format!(", forced: {reason}"));
            format!("{}: began, {}{forced}", plan.id, plan.nodes.join(", "))
        }
        Entry::Intent { plan, step, identity } => {
            format!("{plan}: step {step} is about to be made{}", identity_of(identity.as_deref()))
        }
        Entry::Aside { plan, step, note } => format!("{plan}: step {step}: {note}"),
        Entry::Done { plan, step, ending, note, identity } => {
            let ending = format!("{ending:?}").to_lowercase();
            format!("{plan}: step {step} {ending}: {note}{}", identity_of(identity.as_deref()))
        }
        Entry::Differs { plan, missing, extra } => {
            format!(
                "{plan}: not as shown: not restarted [{}], restarted beside it [{}]",
                missing.join(", "),
                extra.join(", ")
            )
        }
        Entry::Finished { past, note } => {
            format!("{}: finished, {}: {note}", past.plan, format!("{:?}", past.outcome).to_lowercase())
        }
        Entry::Measured { plan, gave_back } => {
            let back =
                gave_back.iter().map(|back| format!("{} {} to {}", back.series, back.before, back.after));
            format!("{plan}: gave back: {}", back.collect::<Vec<_>>().join(", "))
        }
        Entry::GaveUp { node, why } => format!("{node}: given up, a person is asked: {why}"),
        Entry::HoldPlaced { hold } => format!("{}: held by {}: {}", hold.node, hold.owner, hold.reason),
        Entry::HoldLifted { node, who } => format!("{node}: held no longer, by {who}"),
        Entry::Resumed { plan, found } => format!("{plan}: found open {found}"),
        Entry::Cut { bytes } => format!("{bytes} bytes of a line that a crash has cut were taken away"),
        Entry::Accepted { who, files } => {
            let files = files.iter().map(|file| file.fault.clone()).collect::<Vec<_>>().join("; ");
            format!("{who} takes the journal as it is: {files}")
        }
    }
}

fn identity_of(identity: Option<&str>) -> String {
    identity.map_or(String::new(), |identity| format!(" [{identity}]"))
}
