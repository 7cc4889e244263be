//! What `hebe explain` adds to a finding: what happened when the growth began, the work it follows, signatures of
//! failures, and, on the host that is explained, a closer look at the suspect.

mod events;
mod host;
mod known;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use hebe::evidence::{Span, by_work, growth_began, signatures, since_event};
use hebe::finding::Finding;
use hebe_collectors::history::Series;

use crate::run::Run;

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
    let until = run.settings.until_ms;
    let epoch = finding.epochs.last().map(|(t_ms, _)| *t_ms);
    let suspect = suspect(finding, &history.series).unwrap_or(series);
    let own_epoch = if suspect.name == series.name { epoch } else { suspect.restarts_ms.last().copied() };
    if let Some(span) = growth_began(suspect, own_epoch, until) {
        let names = [finding.row.scope.as_str(), finding.row.resource.as_str(), suspect.scope.as_str()];
        finding.row.since = Some(span.at);
        finding.row.since_event = since_event(span, &events::all(suspect, paths, run.settings.zone), &names);
        finding.why.push(interval(span, run.settings.zone));
    }
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
    if host::is_this(finding, paths) {
        finding.why.extend(host::look(finding, suspect));
    }
    Ok(())
}

/// The series of the first culprit.
fn suspect<'s>(finding: &Finding, all: &'s [Series]) -> Option<&'s Series> {
    let culprit = finding.row.culprits.iter().find(|culprit| culprit.kind != "unattributed")?;
    let process = |series: &&Series| series.scope == culprit.name && series.resource.starts_with("process.");
    let same_unit = |series: &&Series| series.unit.to_string() == finding.row.unit;
    all.iter().filter(process).find(same_unit)
}

fn interval(span: Span, zone: chrono_tz::Tz) -> String {
    let date =
        |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%a %d %b %H:%M").to_string();
    format!(
        "the growth began at {}, and between {} and {} at 90 %",
        date(span.at),
        date(span.earliest),
        date(span.latest)
    )
}
