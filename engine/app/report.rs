//! `hebe report`: the findings in a file.

use anyhow::{Result, bail};
use hebe::evidence::Mark;
use hebe::picture::picture;
use hebe::report;

use crate::cli::Report;
use crate::run::{Run, run};
use crate::{evidence, output};

/// Charts in a report, at most: what keeps it under a megabyte.
const CHARTS: usize = 50;

/// Writes the report, and prints the ranked table and the report's path.
pub(crate) fn report(args: &Report) -> Result<()> {
    let extension =
        args.output.extension().and_then(|extension| extension.to_str()).unwrap_or("").to_lowercase();
    if !matches!(extension.as_str(), "html" | "htm" | "md" | "json" | "csv") {
        bail!("`{}`: expected a file that ends in .html, .md, .json or .csv", args.output.display());
    }
    let run = run(&args.input, &args.judging)?;
    let text = match extension.as_str() {
        "md" => report::markdown(&run.findings, run.settings.zone),
        "json" => report::json(&run.findings),
        "csv" => report::csv(&run.findings),
        _ => html(&run, &evidence::marks(&args.input.paths)),
    };
    output::write(&args.output, &text)?;
    let style = output::style(&args.look, run.settings.zone);
    output::note(&report::notes(&run.findings, &style));
    let table = report::table(&run.findings, &style);
    output::print(&format!(
        "{}\n{}\n\nReport: {}",
        table.trim_end(),
        run.findings.horizon_note,
        args.output.display()
    ))
}

fn html(run: &Run, marks: &[Mark]) -> String {
    let pictures: Vec<_> = run
        .findings
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.row.used.is_some())
        .take(CHARTS)
        .filter_map(|(place, finding)| {
            let series = run.history.series.iter().find(|series| series.name == finding.row.series)?;
            Some((place, picture(series, finding, &run.settings).marked(marks, &finding.row)))
        })
        .collect();
    report::html(&run.findings, &pictures, run.settings.zone)
}
