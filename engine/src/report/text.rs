//! Findings on a terminal: the verdict, the ranked table, and the notes under it.

pub(super) mod cells;
pub(super) mod fold;
mod layout;
pub(super) mod paint;

use std::fmt::Write as _;

use chrono_tz::Tz;

use super::{
    clean,
    verdict::{several_hosts, verdict},
    when::When,
};
use crate::finding::Findings;

use layout::Layout;

/// Notes shown before the others are counted.
const NOTES_SHOWN: usize = 6;

/// How to write for the terminal at hand.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether colour may be used; no meaning hangs on it.
    pub color: bool,
    /// Whether only ASCII may be used.
    pub ascii: bool,
    /// The zone of the reader.
    pub zone: Tz,
}

impl Style {
    /// The width used, which is never too small to hold a row.
    pub(super) fn columns(&self) -> usize {
        self.width.clamp(40, 240)
    }

    /// Last step of every output: ASCII where that is asked for.
    pub(super) fn finish(&self, text: String) -> String {
        if self.ascii { clean::ascii(&text) } else { text }
    }
}

/// Writes the verdict and one entry a finding, worst first; the quiet ones share a line.
#[must_use]
pub fn table(findings: &Findings, style: &Style) -> String {
    let when = When::new(style.zone, findings.made_at);
    let mut out = String::new();
    for line in clean::wrap(&verdict(findings, style.zone), style.columns()) {
        out += &paint::bold(&line, style);
        out.push('\n');
    }
    let several = several_hosts(findings);
    let (shown, folded) = fold::split(findings);
    if !shown.is_empty() {
        let rows: Vec<_> = shown.iter().map(|row| cells::Cells::of(row, several, &when, style)).collect();
        out.push('\n');
        out += &Layout::new(&rows, style).write(&rows, style, &when.zone_name(findings.made_at));
    }
    if !folded.is_empty() {
        out.push('\n');
        out += &fold::write(&folded, !shown.is_empty(), style);
    }
    style.finish(out)
}

/// Writes what was assumed, left out or rejected: one line a sentence, the sources that share it joined.
#[must_use]
pub fn notes(findings: &Findings, style: &Style) -> String {
    let grouped = group(&findings.notes);
    let mut out = String::new();
    for (sentence, sources) in grouped.iter().take(NOTES_SHOWN) {
        let note = format!("{}: {sentence}", sources_in_words(sources));
        for (i, line) in clean::wrap(&note, style.columns() - 2).iter().enumerate() {
            out += if i == 0 { "- " } else { "  " };
            out += line;
            out.push('\n');
        }
    }
    if grouped.len() > NOTES_SHOWN {
        let _ = writeln!(out, "- and {} more notes", grouped.len() - NOTES_SHOWN);
    }
    style.finish(out)
}

/// Sentences in order of appearance, each with its sources.
pub(super) fn group(notes: &[(String, String)]) -> Vec<(String, Vec<String>)> {
    let mut grouped: Vec<(String, Vec<String>)> = Vec::new();
    for (source, sentence) in notes {
        let (source, sentence) = (clean::line(source), clean::line(sentence));
        match grouped.iter_mut().find(|(known, _)| *known == sentence) {
            Some((_, sources)) if sources.contains(&source) => {}
            Some((_, sources)) => sources.push(source),
            None => grouped.push((sentence, vec![source])),
        }
    }
    grouped
}

/// The first two sources and how many more there are.
pub(super) fn sources_in_words(sources: &[String]) -> String {
    let named: Vec<String> = sources.iter().take(2).map(|source| clean::cut_middle(source, 60)).collect();
    match sources.len() {
        0..=2 => named.join(", "),
        n => format!("{} and {} more", named.join(", "), n - 2),
    }
}

#[cfg(test)]
mod tests;
