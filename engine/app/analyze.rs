//! `hebe analyze`: ranked findings, and what to type next.

use anyhow::Result;
use hebe::report;

use crate::cli::{Analyze, Format};
use crate::output::{self, quote};
use crate::run::{Run, run};

/// Prints the ranked findings.
pub(crate) fn analyze(args: &Analyze) -> Result<()> {
    let run = run(&args.input, &args.judging)?;
    let style = output::style(&args.look, run.settings.zone);
    output::note(&report::notes(&run.findings, &style));
    let text = match args.format {
        Format::Table => {
            let next = next(&run, &args.input.paths);
            format!(
                "{}\n{}\n\n{next}",
                report::table(&run.findings, &style).trim_end(),
                run.findings.horizon_note
            )
        }
        Format::Json => report::json(&run.findings),
        Format::Jsonl => report::jsonl(&run.findings),
        Format::Csv => report::csv(&run.findings),
        Format::Markdown => report::markdown(&run.findings, run.settings.zone),
    };
    output::print(&text)
}

/// The next useful commands.
fn next(run: &Run, paths: &[String]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| quote(path)).collect();
    let paths = paths.join(" ");
    let first = run.findings.findings.first().map_or_else(String::new, |finding| {
        format!("Next: hebe explain {} {paths}\n", quote(&finding.row.series))
    });
    format!("{first}      hebe report {paths} -o report.html").replace("  -o", " -o")
}
