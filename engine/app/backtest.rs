//! `hebe backtest`: what would have been said, when, and what came.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use hebe::backtest::{Replayed, Summary, answers, backtest, summary, tasks};
use hebe::report::units::{duration, percent};

use crate::cli::{Backtest, Format};
use crate::output;
use crate::run;

/// Replays, and prints the comparison.
pub(crate) fn backtest_command(args: &Backtest) -> Result<()> {
    if let (true, Some(input), Some(meta), Some(evals), Some(out)) =
        (args.protocol, &args.input_table, &args.meta, &args.evals, &args.output)
    {
        return protocol(args, input, meta, evals, out);
    }
    let (read, settings) = run::read(&args.input, &args.judging)?;
    let progress = output::progress("replaying", read.history.series.len() as u64, 200);
    let (replayed, left_out) = backtest(&read.history.series, &settings);
    progress.finish_and_clear();
    let summary = summary(&replayed);
    if !left_out.is_empty() {
        let names = left_out.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let more =
            if 5 < left_out.len() { format!(" and {} more", left_out.len() - 5) } else { String::new() };
        output::note(&format!("- without a limit, or too short to replay: {names}{more}"));
    }
    match args.format {
        Format::Json | Format::Jsonl => output::print(&serde_json::to_string_pretty(&summary)?),
        Format::Markdown => output::print(&format!("{}\n\n{}", summary.sentence, table(&summary, true))),
        Format::Csv | Format::Table => {
            let text = format!(
                "{}\n\n{}\n{}horizon {}, {} series\n\nNext: hebe explain NAME PATH --until TIME shows what stood then",
                summary.sentence,
                table(&summary, false),
                warnings(&replayed, settings.zone),
                duration(summary.horizon_s),
                summary.series,
            );
            output::print(&text)
        }
    }
}

/// One line a method.
fn table(summary: &Summary, markdown: bool) -> String {
    let head = ["method", "warned", "followed", "unclear", "false", "missed", "median lead", "in alarm"];
    let rows = summary.tallies.iter().map(|tally| {
        [
            tally.method.clone(),
            tally.warned.to_string(),
            tally.followed.to_string(),
            tally.unclear.to_string(),
            tally.false_alarms.to_string(),
            tally.missed.to_string(),
            tally.lead_s.map_or("-".to_owned(), duration),
            percent(tally.alarmed),
        ]
    });
    let rows: Vec<[String; 8]> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().enumerate().map(|(k, cell)| format!("{cell:<0$}", width(k))).collect();
        if markdown {
            let _ = writeln!(text, "| {} |", cells.join(" | "));
            if place == 0 {
                let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
            }
        } else {
            text += cells.join("  ").trim_end();
            text.push('\n');
        }
    }
    text
}

/// Every warning of the default method with what came of it, the newest ones.
fn warnings(replayed: &[Replayed], zone: chrono_tz::Tz) -> String {
    use hebe::backtest::{Came, Rival};
    /// Warnings listed, at most.
    const LISTED: usize = 20;
    let date = |ms: i64| {
        chrono::DateTime::from_timestamp_millis(ms)
            .map_or(String::new(), |date| date.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string())
    };
    let mut lines: Vec<(i64, String)> = Vec::new();
    for one in replayed {
        for episode in &one.records[Rival::Default.place()].episodes {
            let said = episode
                .left_s
                .map_or(String::new(), |left| format!(", said to have {} left", duration(left)));
            let came = match episode.came {
                Came::Followed { at_ms, lead_s } => {
                    format!("over 95 % on {} ({} later)", date(at_ms), duration(lead_s))
                }
                Came::Unclear => "unclear: taken back, or the history ends".to_owned(),
                Came::Nothing => "nothing came".to_owned(),
            };
            lines.push((
                episode.raised_ms,
                format!("{}  {}{said}: {came}\n", date(episode.raised_ms), one.name),
            ));
        }
    }
    lines.sort();
    let skipped = lines.len().saturating_sub(LISTED);
    let earlier = if 0 < skipped { format!("{skipped} earlier ones\n") } else { String::new() };
    let listed: String = lines.into_iter().skip(skipped).map(|(_, line)| line).collect();
    if listed.is_empty() { String::new() } else { format!("{earlier}{listed}\n") }
}

/// Speaks the replay protocol of benches.
fn protocol(args: &Backtest, input: &Path, meta: &Path, evals: &Path, out: &Path) -> Result<()> {
    let read =
        |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()));
    let tasks = tasks(&read(input)?, &read(meta)?, &read(evals)?)?;
    let mut text = String::new();
    for answer in answers(&tasks, args.judging.method) {
        text += &serde_json::to_string(&answer)?;
        text.push('\n');
    }
    output::write(out, &text)
}
