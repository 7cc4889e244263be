//! The small tables of an explanation: curves, surges, culprits.

use std::fmt::Write as _;

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

/// Who uses it: the table, the shares in one sentence, what was corrected.
pub(super) fn culprits(finding: &Finding, when: &When, style: &Style) -> String {
    const TITLE: &str = "Who uses it";
    let row = &finding.row;
    let cells = |culprit| facts::culprit_cells(culprit, &row.unit, when).to_vec();
    let rows: Vec<Vec<String>> = row.culprits.iter().map(cells).collect();
    let mut out = match &row.culprit_note {
        Some(note) if rows.is_empty() => {
            format!("\n{}\n", paint::bold(TITLE, style)) + &indented(note, style)
        }
        _ => folding(TITLE, &facts::CULPRIT, &rows, style),
    };
    let Some(diagnosis) = &finding.diagnosis else { return out };
    for sentence in [&diagnosis.sentence].into_iter().chain(&diagnosis.notes).chain(&diagnosis.evidence) {
        out += &indented(sentence, style);
    }
    out
}

/// A sentence under a table.
fn indented(sentence: &str, style: &Style) -> String {
    let lines = clean::wrap(&clean::line(sentence), style.columns() - 2);
    let mut out = String::new();
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
    out
}

/// A table whose columns from the back stand under their row where the terminal is too narrow for them; columns
/// without a cell are left out.
fn folding(title: &str, head: &[&str], rows: &[Vec<String>], style: &Style) -> String {
    let mut shown: Vec<usize> =
        (0..head.len()).filter(|&c| rows.iter().any(|row| !row[c].is_empty())).collect();
    let width =
        |c: usize| rows.iter().map(|row| clean::columns(&row[c])).max().unwrap_or(0).max(head[c].len());
    let mut under = Vec::new();
    // The unit goes last: it tells groups of one name apart.
    for c in [7, 6, 1] {
        let total: usize = shown.iter().map(|&c| width(c) + 2).sum();
        if style.columns() < total && shown.contains(&c) {
            shown.retain(|&kept| kept != c);
            under.insert(0, c);
        }
    }
    let pick = |row: &Vec<String>| shown.iter().map(|&c| row[c].clone()).collect::<Vec<_>>();
    let picked: Vec<Vec<String>> = rows.iter().map(pick).collect();
    let heads: Vec<&str> = shown.iter().map(|&c| head[c]).collect();
    let text = table(title, &heads, &picked, style);
    // A blank line, the title, the head; then a line a row.
    let mut rows = rows.iter();
    let mut out = String::new();
    for (place, line) in text.lines().enumerate() {
        let _ = writeln!(out, "{line}");
        let Some(row) = (3 <= place).then(|| rows.next()).flatten() else { continue };
        let more: Vec<String> = under
            .iter()
            .filter(|&&c| !row[c].is_empty())
            .map(|&c| format!("{} {}", head[c], row[c]))
            .collect();
        if !more.is_empty() {
            let _ = writeln!(out, "    {}", clean::cut(&more.join(" · "), style.columns() - 4));
        }
    }
    out
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
