//! `hebe map`: the restart map, checked and drawn.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use chrono::Utc;
use chrono_tz::Tz;
use clap::Args;
use hebe::report::map::{Drawing, json, svg, text};
use hebe::restart::history::History;
use hebe::restart::journal::Journals;
use hebe::restart::learn::{Proposal, propose};
use hebe::restart::map::{Kind, Map, Node, OnCrash};
use hebe::restart::oracle::Settings;
use hebe::restart::world::Mode;

use crate::cli::Look;
use crate::restart::{Format, Place};
use crate::{output, restart};

/// What to type for a map to begin with.
const NONE: &str = "no restart map: name one by --map FILE or [restart] map in the configuration, or write one, such as\n\n[[node]]\nname = \"web\"\nunit = \"nginx.service\"\n";

/// `hebe map`.
#[derive(Debug, Args)]
pub(crate) struct MapCommand {
    /// The map [default: as configured, ~/.config/hebe/map.toml, /etc/hebe/map.toml]
    #[arg(value_name = "FILE", conflicts_with = "map")]
    pub(crate) file: Option<PathBuf>,
    /// Draw it into a file instead
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Propose changes that the journal of restarts speaks for, with their evidence; nothing is changed
    #[arg(long, value_name = "JOURNAL", num_args = 0..=1)]
    #[allow(clippy::option_option, reason = "absent, there without a value, there with one")]
    pub(crate) propose: Option<Option<PathBuf>>,
    /// Folder of the journal of restarts [default: where the daemon keeps it]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) journal: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) look: Look,
}

/// Checks and draws.
pub(crate) fn map(command: &MapCommand) -> Result<()> {
    let (loaded, state_dir) = command.place.load()?;
    let named = command.file.as_deref().or(command.place.map());
    let file = place(named, &loaded.config.restart)?;
    let (_, map) = read(&file)?;
    let journal = command.propose.as_ref().and_then(Option::as_deref).or(command.journal.as_deref());
    let history = history(journal, &restart::folder(&state_dir))?;
    if command.propose.is_some() {
        return output::print(&proposals(&map, &history));
    }
    let drawing = Drawing { map: &map, history: &history, now: Utc::now() };
    if let Some(picture) = &command.svg {
        output::write(picture, &svg(&drawing))?;
        return output::print(&format!("{}: drawn into {}", file.display(), picture.display()));
    }
    match command.place.format() {
        Format::Json => output::print(&json(&map)),
        Format::Table => {
            let style = output::style(&command.look, map.zone.unwrap_or(Tz::UTC));
            let left = left_down(&map, loaded.config.restart.mode);
            output::print(&format!("{}\n{left}{}", text(&drawing, &style), next(&file, &map)))
        }
    }
}

/// The map's file, where there is one.
pub(crate) fn place(named: Option<&Path>, settings: &restart::Settings) -> Result<PathBuf> {
    found(named, settings).with_context(|| NONE)
}

/// The file that is named, else that of the configuration, else the first where one is looked for.
pub(crate) fn found(named: Option<&Path>, settings: &restart::Settings) -> Option<PathBuf> {
    let usual = || crate::config::usual_places("map.toml").into_iter().find(|path| path.exists());
    named.map(Path::to_owned).or_else(|| settings.map.clone()).or_else(usual)
}

/// Reads a map, and its text; all that is wrong with it is one error, a line each.
pub(crate) fn read(file: &Path) -> Result<(String, Map)> {
    let shown = file.display().to_string();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read the restart map `{shown}`"))?;
    match Map::parse(&text, &shown) {
        Ok(map) => Ok((text, map)),
        Err(errors) => {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            bail!("{} in the map\n{}", count(errors.len()), lines.join("\n"))
        }
    }
}

fn count(errors: usize) -> String {
    if errors == 1 { "an error".to_owned() } else { format!("{errors} errors") }
}

/// What was done before; nothing where nothing was, an error where a folder was named and cannot be read.
fn history(journal: Option<&Path>, usual: &Path) -> Result<History> {
    let dir = match journal {
        Some(dir) if dir.is_dir() => dir,
        Some(dir) => bail!("there is no folder `{}` with a journal of restarts", dir.display()),
        None if usual.is_dir() => usual,
        None => return Ok(History::default()),
    };
    let read =
        Journals::read(dir).with_context(|| format!("cannot read the journal in `{}`", dir.display()))?;
    Ok(read.fold.history)
}

/// What nobody would start after a crash.
fn left_down(map: &Map, mode: Mode) -> String {
    let asks =
        |node: &&Node| matches!(&node.kind, Kind::Process(command) if command.on_crash == OnCrash::Ask);
    let asking: Vec<&str> = map.nodes.iter().filter(asks).map(|node| node.name.as_str()).collect();
    if asking.is_empty() || mode == Mode::Act {
        return String::new();
    }
    format!(
        "Note: after a crash of {} the oracle is asked (on_crash), and it restarts nothing unless [restart] mode = \"act\"\n",
        asking.join(", ")
    )
}

/// What the journal speaks for, as lines that go and lines that come.
fn proposals(map: &Map, history: &History) -> String {
    let failures = history.past.iter().filter(|past| !past.cause.is_planned()).count();
    let found = propose(map, history, Settings::default().recurrence_s, Utc::now());
    if found.is_empty() {
        return format!("Nothing to propose: {failures} restarts after failures speak for no change.");
    }
    let one = |proposal: &Proposal| format!("# {}\n{}\n", proposal.evidence, proposal.diff);
    let all: String = found.iter().map(one).collect();
    format!(
        "{all}# From {failures} restarts after failures. Nothing was changed: what convinces you goes into the map by hand."
    )
}

fn next(file: &Path, map: &Map) -> String {
    let node = map.nodes.last().map_or("NODE", |node| node.name.as_str());
    format!(
        "Next: hebe restart {}    shows what would restart with it\n      hebe map {} --svg map.svg",
        output::quote(node),
        output::quote(&file.display().to_string())
    )
}
