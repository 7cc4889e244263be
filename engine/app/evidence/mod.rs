//! What is found out about where a growth comes from: what happened when it began, the work it follows, signatures of
//! failures, and, on the host that it is about, a closer look at the suspect. `hebe explain` asks it of a history, the
//! daemon of what alarms or is shown.

mod events;
mod host;
mod known;
mod origin;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use hebe::evidence::{Mark, by_work, signatures, suspect};
use hebe::finding::Finding;
use hebe_collectors::history::Series;
use hebe_collectors::live::Named;

use crate::config::Config;
use crate::run::Run;

pub(crate) use origin::{Question, origin};

/// Time for a look at this host.
const TIME: Duration = Duration::from_secs(2);

/// What `hebe explain` may be told about evidence.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    /// The running count of work that growth is held against, such as `http_requests_total`
    #[arg(long, value_name = "COLUMN", help_heading = "What speaks for it")]
    pub(crate) work: Option<String>,
    /// Keep what moved before failures in this file, and hold the present against it
    #[arg(long, value_name = "FILE", help_heading = "What speaks for it")]
    pub(crate) signatures: Option<PathBuf>,
}

/// Adds what can be found out to the finding.
pub(crate) fn add(finding: &mut Finding, run: &Run, paths: &[String], asked: &Asked) -> Result<()> {
    let history = &run.history;
    let Some(series) = history.series.iter().find(|series| series.name == finding.row.series) else {
        return Ok(());
    };
    let suspect = suspect_of(finding, &history.series).unwrap_or(series);
    let folders = folders(paths);
    let question = Question {
        finding,
        history: series,
        suspect,
        until_ms: run.settings.until_ms,
        zone: run.settings.zone,
        folders: folders.iter().map(PathBuf::as_path).collect(),
        is_here: events::is_of_this_host(paths),
        is_now: host::is_this(finding, paths),
        named: &Named::default(),
        time: TIME,
    };
    origin(&question).put_into(finding);
    add_work(finding, series, run, asked)?;
    add_signatures(finding, series, run, asked)
}

/// The marks that lie about histories, oldest first.
pub(crate) fn marks(paths: &[String]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = folders(paths).iter().flat_map(|folder| events::marks_in(folder)).collect();
    marks.sort_by_key(|mark| mark.at);
    marks.dedup();
    marks
}

/// Where marks may lie: beside a file, in a folder, or in the daemon's folder about its store.
fn folders(paths: &[String]) -> Vec<PathBuf> {
    let beside = paths.iter().map(Path::new).flat_map(|path| [Some(path), path.parent()]).flatten();
    let own = events::is_of_this_host(paths).then(|| Config::default().state_dir());
    beside.map(Path::to_path_buf).chain(own).collect()
}

/// Adds which running count the growth follows.
fn add_work(finding: &mut Finding, series: &Series, run: &Run, asked: &Asked) -> Result<()> {
    let history = &run.history;
    let (until, epoch) = (run.settings.until_ms, finding.epochs.last().map(|(t_ms, _)| *t_ms));
    let counts: Vec<&Series> = history.series.iter().chain(&history.counts).collect();
    if let Some(name) = &asked.work
        && !counts.iter().any(|count| count.name == *name || count.resource == *name || count.scope == *name)
    {
        bail!("--work {name}: the history has no such column");
    }
    match (by_work(series, epoch, until, &counts, asked.work.as_deref()), &asked.work) {
        (Some(work), _) => finding.why.push(work.sentence()),
        (None, Some(name)) => {
            finding.why.push(format!("it does not follow {name} clearly better than the clock on the wall"));
        }
        (None, None) => {}
    }
    Ok(())
}

/// Adds what moved before failures.
fn add_signatures(finding: &mut Finding, series: &Series, run: &Run, asked: &Asked) -> Result<()> {
    let history = &run.history;
    let found = signatures(&history.series);
    let all = match &asked.signatures {
        Some(path) => known::kept(path, found)?,
        None => found,
    };
    for signature in all.iter().filter(|signature| signature.series == series.name) {
        finding.why.push(signature.sentence());
        let (seen, of) = signature.seen_in(&history.series);
        if signature.matches(&history.series) {
            finding.why.push(format!("{seen} of these {of} have moved so by now"));
        }
    }
    Ok(())
}

/// The series of the first culprit.
fn suspect_of<'s>(finding: &Finding, all: &'s [Series]) -> Option<&'s Series> {
    let culprit = suspect(&finding.row);
    let process = |series: &&Series| series.scope == culprit && series.resource.starts_with("process.");
    let same_unit = |series: &&Series| series.unit.to_string() == finding.row.unit;
    all.iter().filter(process).find(same_unit)
}
