//! `hebe plan`: what would be restarted, when and why; what waits, what is open, what is held.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use chrono::{SecondsFormat, Utc};
use clap::Args;
use hebe::restart::cause::Cause;
use hebe::restart::journal::Fold;
use hebe::restart::world::Mode;
use serde_json::{Value, json};

use super::command::who;
use super::executor::Executor;
use super::place::{Format, Place};
use super::show;
use crate::output;

/// `hebe plan`.
#[derive(Debug, Args)]
pub(crate) struct Plans {
    /// Nodes whose restart is laid out [default: what waits and what is open]
    nodes: Vec<String>,
    #[command(flatten)]
    place: Place,
}

/// Shows; nothing is done.
pub(crate) fn plans(args: &Plans) -> Result<()> {
    let executor = args.place.executor()?;
    let journal = executor.read()?;
    let now = Utc::now();
    let cause = Cause::Hand { who: who() };
    let mut previews = Vec::new();
    for node in &args.nodes {
        match executor.preview(node, &cause, now) {
            Ok(preview) => previews.push(preview),
            Err(hold) => bail!("{}: {}", hold.code, hold.sentence),
        }
    }
    if args.place.format == Format::Json {
        let laid_out = previews.iter().map(|preview| {
            show::preview_json(preview, executor.would_hold(preview, &journal.fold, now).as_ref())
        });
        return output::print(&json(&executor, &journal.fold, &laid_out.collect::<Vec<_>>()).to_string());
    }
    let mut text = String::new();
    for preview in &previews {
        let hold = executor.would_hold(preview, &journal.fold, now);
        text += &show::preview(executor.map(), preview, hold.as_ref(), &journal.fold);
    }
    if previews.is_empty() {
        text = standing(&executor, &journal.fold);
    }
    output::print(&text)
}

fn json(executor: &Executor, fold: &Fold, laid_out: &[Value]) -> Value {
    json!({
        "mode": executor.mode,
        "plans": laid_out,
        "waiting": fold.waiting.values().collect::<Vec<_>>(),
        "open": fold.open.values().collect::<Vec<_>>(),
        "holds": fold.history.holds,
        "given_up": fold.history.given_up,
    })
}

fn standing(executor: &Executor, fold: &Fold) -> String {
    let mode = match executor.mode {
        Mode::Observe => "observe: nothing is restarted but by hand",
        Mode::Plan => "plan: what is planned waits for a person",
        Mode::Act => "act: what is planned is done when its time comes",
    };
    let mut text = format!("Mode is {mode}.\n");
    for waiting in fold.waiting.values() {
        let plan = &waiting.plan;
        let at =
            plan.at.map_or_else(|| "at once".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let by = match &waiting.approved {
            Some(who) => format!("approved by {who}"),
            None if executor.mode == Mode::Act => "by itself".to_owned(),
            None => "not approved".to_owned(),
        };
        let _ = writeln!(text, "{}  {at}  {by}  {}", plan.id, plan.nodes.join(", "));
        for why in &plan.why {
            let _ = writeln!(text, "    {why}");
        }
    }
    for begun in fold.open.values() {
        let _ = writeln!(text, "{}  under way, or left open by a crash", begun.plan.id);
    }
    if fold.waiting.is_empty() && fold.open.is_empty() {
        text.push_str("No restart is planned.\n");
    }
    let names: Vec<&str> = executor.map().nodes.iter().map(|node| node.name.as_str()).collect();
    let _ = writeln!(text, "Next: hebe plan NODE, of {}", names.join(", "));
    text
}
