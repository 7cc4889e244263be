//! `hebe explain`: one finding in depth.

use anyhow::{Result, bail};
use hebe::finding::Finding;
use hebe::picture::picture;
use hebe::report;

use crate::cli::{Explain, Format};
use crate::run::{Run, run};
use crate::{evidence, output};

/// Names that are listed when none fits, at most.
const LISTED: usize = 12;

/// Prints the finding that `resource` names.
pub(crate) fn explain(args: &Explain) -> Result<()> {
    let mut run = run(&args.input, &args.judging)?;
    let style = output::style(&args.look, run.settings.zone);
    let mut finding = find(&run, &args.resource)?.clone();
    evidence::add(&mut finding, &run, &args.input.paths, &args.evidence)?;
    let series = run.history.series.iter().find(|series| series.name == finding.row.series);
    let picture = series.map(|series| picture(series, &finding, &run.settings)).unwrap_or_default();
    let picture = picture.marked(&evidence::marks(&args.input.paths), &finding.row);
    run.findings.findings = vec![finding];
    let text = match args.format {
        Format::Table => report::explain(&run.findings.findings[0], &picture, &style),
        Format::Json => report::json(&run.findings),
        Format::Jsonl => report::jsonl(&run.findings),
        Format::Csv => report::csv(&run.findings),
        Format::Markdown => report::markdown(&run.findings, run.settings.zone),
    };
    output::print(&text)
}

/// The finding of that name; or the worst one whose name holds it.
fn find<'a>(run: &'a Run, name: &str) -> Result<&'a Finding> {
    let findings = &run.findings.findings;
    let exact = |finding: &&Finding| {
        let row = &finding.row;
        row.series == name
            || row.scope == name
            || row.resource == name
            || format!("{} {}", row.resource, row.scope) == name
    };
    let found =
        findings.iter().find(|finding| finding.row.series == name).or_else(|| findings.iter().find(exact));
    let lower = name.to_lowercase();
    let found =
        found.or_else(|| findings.iter().find(|finding| finding.row.series.to_lowercase().contains(&lower)));
    let Some(found) = found else {
        let names: Vec<&str> =
            findings.iter().take(LISTED).map(|finding| finding.row.series.as_str()).collect();
        let more = findings.len().saturating_sub(LISTED);
        let more = if 0 < more { format!(" and {more} more") } else { String::new() };
        bail!("nothing is called `{name}`; there is {}{more}", names.join(", "));
    };
    Ok(found)
}
