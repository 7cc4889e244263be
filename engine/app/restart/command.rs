//! `hebe restart NODE`: what would be done, and with `--yes` done.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use chrono::Utc;
use clap::{Args, ValueEnum};
use hebe::restart::cause::Cause;
use hebe::restart::history::Outcome;
use hebe::restart::map::Map;

use super::executor::{Answer, Executor};
use super::finish::Ended;
use super::{show, stays};
use crate::config::{Loaded, usual_places};
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

/// Where map, configuration and state are.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// The restart map [default: as configured]
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Configuration file [default: ~/.config/hebe/hebe.toml, /etc/hebe/hebe.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the state [default: /var/lib/hebe, or the user's state folder]
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

impl Place {
    /// The executor of the configured map.
    pub(super) fn executor(&self) -> Result<Executor> {
        let (loaded, _) = self.load()?;
        let settings = &loaded.config.restart;
        let usual = || usual_places("map.toml").into_iter().find(|path| path.is_file());
        let path = self.map.clone().or_else(|| settings.map.clone()).or_else(usual);
        let Some(path) = path else {
            bail!(
                "no restart map: name one with --map FILE, or in the configuration as [restart] map = \"FILE\""
            );
        };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the restart map `{name}`"))?;
        let map = Map::parse(&text, &name).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow!("{}", faults.join("\n"))
        })?;
        Executor::new(map, &loaded.config, &show::host(), Box::new(|_| {}))
    }

    /// The configuration, and the folder of the state.
    pub(super) fn load(&self) -> Result<(Loaded, PathBuf)> {
        let overrides = self.store.iter().map(|dir| ("store.dir", dir.display().to_string())).collect();
        let loaded = Loaded::read(self.config.as_deref(), &overrides)?;
        let state_dir = loaded.config.state_dir();
        Ok((loaded, state_dir))
    }
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
