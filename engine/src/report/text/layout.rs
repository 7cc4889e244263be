//! Which columns fit, how wide they are, and where the rest goes.

use std::fmt::Write as _;

use crate::report::{clean, units};

use super::{Style, cells::Cells, paint};

const GAP: usize = 2;
const RESOURCE: usize = 1;
const TITLES: [&str; 6] = ["STATE", "RESOURCE", "LEFT (90 %)", "FULL", "NOW / LIMIT", "GROWTH"];
/// Columns leave in this order when the terminal is narrow.
const LEAVE: [usize; 4] = [5, 4, 3, 2];
const RESOURCE_MIN: usize = 16;
const RESOURCE_MAX: usize = 44;
/// A sentence gets a column of its own from this width on.
const SENTENCE_MIN: usize = 56;

/// The columns of one table.
#[derive(Debug)]
pub(super) struct Layout {
    /// Columns shown, with their widths.
    shown: Vec<(usize, usize)>,
    dropped: Vec<usize>,
    /// Width of the sentence's column, where it has one.
    sentence: Option<usize>,
}

impl Layout {
    pub(super) fn new(rows: &[Cells], style: &Style) -> Self {
        let mut shown: Vec<(usize, usize)> = (0..TITLES.len())
            .filter(|column| wanted(*column, rows))
            .map(|column| (column, natural(column, rows)))
            .collect();
        let mut dropped = Vec::new();
        for leaving in LEAVE {
            if spare(&shown, style).is_none() && shown.iter().any(|(column, _)| *column == leaving) {
                shown.retain(|(column, _)| *column != leaving);
                dropped.insert(0, leaving);
            }
        }
        let resource = spare(&shown, style).unwrap_or(RESOURCE_MIN);
        for (column, width) in &mut shown {
            *width = if *column == RESOURCE { (*width).min(resource) } else { *width };
        }
        let left = style.columns().saturating_sub(total(&shown) + GAP);
        Self { shown, dropped, sentence: Some(left).filter(|left| *left >= SENTENCE_MIN) }
    }

    pub(super) fn write(&self, rows: &[Cells], style: &Style, zone: &str) -> String {
        let mut out = paint::dim(&self.head(zone), style);
        out.push('\n');
        for row in rows {
            out += &self.row(row, style);
        }
        out
    }

    fn head(&self, zone: &str) -> String {
        let mut titles: Vec<String> = TITLES.map(str::to_owned).to_vec();
        titles[3] = format!("{} ({zone})", TITLES[3]);
        let mut line = self.cells(|column| titles[column].clone());
        if self.sentence.is_some() {
            line += "  WHY";
        }
        line.trim_end().to_owned()
    }

    fn row(&self, row: &Cells, style: &Style) -> String {
        let line = self.cells(|column| row.columns[column].clone());
        let state = clean::columns(&row.columns[0]);
        let (head, tail) = line.split_at(line.char_indices().nth(state).map_or(line.len(), |(at, _)| at));
        let line = paint::by_state(head, row.status, style) + tail;
        match self.sentence {
            Some(width) => beside(&line, &row.below(&self.dropped, true), total(&self.shown), width),
            None => under(&line, &row.below(&self.dropped, false), style),
        }
    }

    fn cells(&self, text: impl Fn(usize) -> String) -> String {
        let mut line = String::new();
        for (place, (column, width)) in self.shown.iter().enumerate() {
            if place > 0 {
                line += &" ".repeat(GAP);
            }
            let cell =
                if *column == RESOURCE { clean::cut_middle(&text(*column), *width) } else { text(*column) };
            let pad = width.saturating_sub(clean::columns(&cell));
            line += &cell;
            line += &" ".repeat(pad);
        }
        line
    }
}

/// The sentence in its own column, wrapped.
fn beside(line: &str, paragraphs: &[String], indent: usize, width: usize) -> String {
    let mut lines = paragraphs.iter().flat_map(|paragraph| clean::wrap(paragraph, width));
    let mut out = format!("{line}  {}", lines.next().unwrap_or_default()).trim_end().to_owned() + "\n";
    for more in lines {
        let _ = writeln!(out, "{}{more}", " ".repeat(indent + GAP));
    }
    out
}

/// The sentence under the row, indented.
fn under(line: &str, paragraphs: &[String], style: &Style) -> String {
    let mut out = line.trim_end().to_owned() + "\n";
    for more in paragraphs.iter().flat_map(|paragraph| clean::wrap(paragraph, style.columns() - 4)) {
        let _ = writeln!(out, "    {more}");
    }
    out
}

/// A column that is empty in every row is not shown.
fn wanted(column: usize, rows: &[Cells]) -> bool {
    rows.iter().any(|row| row.columns[column] != units::NOTHING)
}

fn natural(column: usize, rows: &[Cells]) -> usize {
    let cells = rows.iter().map(|row| clean::columns(&row.columns[column])).max().unwrap_or(0);
    // The date's title carries the zone.
    let title = TITLES[column].len() + if column == 3 { 6 } else { 0 };
    let width = cells.max(title);
    if column == RESOURCE { width.min(RESOURCE_MAX) } else { width }
}

fn total(shown: &[(usize, usize)]) -> usize {
    shown.iter().map(|(_, width)| width + GAP).sum::<usize>().saturating_sub(GAP)
}

/// The room for the resource's name, where there is enough.
fn spare(shown: &[(usize, usize)], style: &Style) -> Option<usize> {
    let others: usize =
        shown.iter().filter(|(column, _)| *column != RESOURCE).map(|(_, width)| width + GAP).sum();
    let natural = shown.iter().find(|(column, _)| *column == RESOURCE).map_or(0, |(_, width)| *width);
    style.columns().checked_sub(others).filter(|room| *room >= natural.min(RESOURCE_MIN))
}
