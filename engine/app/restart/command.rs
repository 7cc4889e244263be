//! `hebe restart NODE`: what would be done, and with `--yes` done.

use std::time::Duration;

use anyhow::{Result, bail};
use chrono::Utc;
use clap::Args;
use hebe::restart::cause::Cause;
use hebe::restart::history::Outcome;

use super::executor::{Answer, Executor};
use super::finish::Ended;
use super::place::{Format, Place};
use super::{show, stays};
use crate::output;

/// `hebe restart`.
#[derive(Debug, Args)]
pub(crate) struct Restart {
    /// The node of the restart map whose button is pushed
    #[arg(required_unless_present = "resume")]
    node: Option<String>,
    /// Finish what a crash has left open, and nothing else
    #[arg(long, conflicts_with_all = ["node", "yes", "force"])]
    resume: bool,
    /// Do it; without this, it is only shown
    #[arg(long)]
    yes: bool,
    /// Restart although the budget is spent, and why (locks and holds are kept)
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    /// Then watch for so long whether what has no test of its own stays up
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "1s")]
    watch: Duration,
    #[command(flatten)]
    place: Place,
}

/// Shows a restart, and makes it if told to.
pub(crate) fn restart(args: &Restart) -> Result<()> {
    let now = Utc::now();
    let executor = args.place.executor()?;
    let Some(node) = &args.node else { return resume(&executor, args.place.format) };
    let cause = Cause::Hand { who: who() };
    let preview = match executor.preview(node, &cause, now) {
        Ok(preview) => preview,
        Err(hold) => bail!("{}: {}", hold.code, hold.sentence),
    };
    let journal = executor.read()?;
    if let Some(fault) = journal.faults.first() {
        bail!("the journal is not as it was written: {fault}; hebe audit shows it");
    }
    let table = args.place.format == Format::Table;
    if !args.yes {
        let hold = executor.would_hold(&preview, &journal.fold, now);
        let shown = if table {
            show::preview(executor.map(), &preview, hold.as_ref(), &journal.fold)
        } else {
            show::preview_json(&preview, hold.as_ref()).to_string()
        };
        return output::print(&shown);
    }
    if table {
        output::print(&show::preview(executor.map(), &preview, None, &journal.fold))?;
    }
    match executor.make(preview.plan, now, args.force.clone())? {
        Answer::Ended(ended) => {
            told(&ended, args.place.format)?;
            stays::watch(&executor, &ended, args.watch).map_or(Ok(()), |sentence| bail!(sentence))
        }
        Answer::Held(hold) => bail!("{}: {}", hold.code, hold.sentence),
        Answer::Waits(_) | Answer::UnderWay(_) => Ok(()),
    }
}

/// Finishes what a crash has left open.
fn resume(executor: &Executor, format: Format) -> Result<()> {
    let all = executor.recover()?;
    if all.is_empty() && format == Format::Table {
        return output::print("No restart was left open.");
    }
    all.iter().try_for_each(|ended| told(ended, format))
}

/// Says how a restart ended; an error unless it ended well.
fn told(ended: &Ended, format: Format) -> Result<()> {
    let shown = match format {
        Format::Table => show::ended(ended),
        Format::Json => show::ended_json(ended).to_string(),
    };
    output::print(&shown)?;
    if ended.past.outcome != Outcome::Done {
        bail!("{}: {}", ended.past.target, ended.note);
    }
    Ok(())
}

/// Who types.
pub(super) fn who() -> String {
    let name = |variable| std::env::var(variable).ok().filter(|name| !name.is_empty());
    let number = || format!("uid {}", rustix::process::getuid().as_raw());
    name("SUDO_USER").or_else(|| name("USER")).or_else(|| name("LOGNAME")).unwrap_or_else(number)
}
