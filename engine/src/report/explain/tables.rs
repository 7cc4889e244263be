//! The small tables of an explanation: curves, surges, culprits.

use crate::{
    finding::Finding,
    report::{
        clean, facts,
        text::{Style, paint},
        units,
        when::When,
    },
};

const SURGES_SHOWN: usize = 8;

pub(super) fn candidates(finding: &Finding, style: &Style) -> String {
    let rows: Vec<Vec<String>> =
        finding.candidates.iter().map(|row| facts::candidate(row, &finding.row.unit).to_vec()).collect();
    table("Curves tried, best first", &["curve", "score", "residual", "time left", ""], &rows, style)
}

pub(super) fn surges(finding: &Finding, when: &When, style: &Style) -> String {
    let row = |surge: &crate::finding::Surge| {
        let lasted = (surge.to - surge.from).num_seconds() as f64;
        let peak = units::quantity(surge.peak, &finding.row.unit);
        vec![when.moment(surge.from), units::duration(lasted), peak, clean::line(&surge.reason)]
    };
    let rows: Vec<Vec<String>> = finding.surges.iter().rev().take(SURGES_SHOWN).map(row).collect();
    let title = match finding.surges.len() {
        n if n > SURGES_SHOWN => format!("Surges held, the newest {SURGES_SHOWN} of {n}"),
        _ => "Surges held, newest first".to_owned(),
    };
    table(&title, &["from", "lasted", "peak", "why nothing was said"], &rows, style)
}

pub(super) fn culprits(finding: &Finding, style: &Style) -> String {
    let unit = &finding.row.unit;
    let row = |culprit: &crate::finding::Culprit| {
        vec![
            clean::cut_middle(&clean::line(&culprit.name), 32),
            units::quantity(culprit.used, unit),
            units::percent(culprit.used_share),
            units::growth(culprit.growth_per_day, unit),
            units::percent(culprit.growth_share),
        ]
    };
    let rows: Vec<Vec<String>> = finding.row.culprits.iter().map(row).collect();
    if let (true, Some(note)) = (rows.is_empty(), &finding.row.culprit_note) {
        return format!("\n{}\n  {}\n", paint::bold("Who uses it", style), clean::line(note));
    }
    table("Who uses it", &["name", "uses", "share", "growth", "share of growth"], &rows, style)
}

/// A table with a title; empty where it has no rows. The last column is cut at the edge.
fn table(title: &str, head: &[&str], rows: &[Vec<String>], style: &Style) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| clean::columns(&row[column])).max().unwrap_or(0);
        cells.max(head[column].len())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let write = |cells: Vec<&str>| {
        let mut line = " ".to_owned();
        for (cell, width) in cells.iter().zip(&widths) {
            line += " ";
            line += cell;
            line += &" ".repeat(width.saturating_sub(clean::columns(cell)) + 1);
        }
        clean::cut(line.trim_end(), style.columns())
    };
    let mut out = format!("\n{}\n{}\n", paint::bold(title, style), paint::dim(&write(head.to_vec()), style));
    for row in rows {
        out += &write(row.iter().map(String::as_str).collect());
        out.push('\n');
    }
    out
}
