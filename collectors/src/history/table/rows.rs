//! The rows of a table to samples: the loop that every line goes through.

use std::collections::HashMap;
use std::io::BufRead;

use super::super::number::{self, Cell, Decimal};
use super::super::time::Order;
use super::super::{Builder, HistoryError, Note, Options, Unit};
use super::dialect::{Row, rows};
use super::layout::{Layout, Value, is_among, no_column};
use super::lines::{Lines, Next};
use super::names;

/// Reads the rows of one table, block by block.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    pub(super) options: &'a Options,
    pub(super) out: &'a mut Builder,
    pub(super) delimiter: u8,
    pub(super) decimal: Decimal,
    layouts: Vec<Layout>,
    /// The layouts by their header line.
    by_header: HashMap<Vec<u8>, usize>,
    /// The layout of the rows that come next; none after a header that could not be understood.
    current: Option<usize>,
    too_many: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        source: &'a str,
        options: &'a Options,
        out: &'a mut Builder,
        delimiter: u8,
        decimal: Decimal,
    ) -> Self {
        Self {
            source,
            options,
            out,
            delimiter,
            decimal,
            layouts: Vec::new(),
            by_header: HashMap::new(),
            current: None,
            too_many: 0,
        }
    }

    /// Begins a block whose header is `cells`, and `raw` as it stands in the file.
    pub(super) fn enter<R: BufRead>(
        &mut self,
        raw: &[u8],
        cells: &[String],
        lines: &mut Lines<R>,
    ) -> Result<(), HistoryError> {
        self.current = self.by_header.get(raw).copied();
        if self.current.is_some() {
            return Ok(());
        }
        let source = self.source;
        let head = super::dialect::peek(lines).map_err(|error| super::cannot_read(source, error))?;
        let comment = |row: &Row| row.fields[0].starts_with('#');
        let next_header = |row: &Row| comment(row) && row.fields.iter().any(|name| names::is_time(name));
        let block: Vec<Row> = rows(head, self.delimiter)
            .into_iter()
            .take_while(|row| row.fields == cells || !next_header(row))
            .filter(|row| row.fields != cells && !comment(row))
            .collect();
        let layout = Layout::judge(cells, &block, self.decimal, self.options, source)?;
        self.current = Some(self.layouts.len());
        self.by_header.insert(raw.to_vec(), self.layouts.len());
        self.layouts.push(layout);
        Ok(())
    }

    /// Fails if a column that was asked for is in no block so far.
    pub(super) fn check_columns(&self) -> Result<(), HistoryError> {
        let asked =
            self.options.values.iter().chain(&self.options.series).chain(self.options.limit_column.as_ref());
        for column in asked {
            let asked = std::slice::from_ref(column);
            let has = |layout: &Layout| layout.names.iter().any(|name| is_among(asked, name));
            if !self.layouts.iter().any(has) {
                let names = self.layouts.first().map_or(&[][..], |layout| &layout.names);
                return Err(no_column(names, column, self.source));
            }
        }
        Ok(())
    }

    /// Fails if all columns held text, or were those of times.
    pub(super) fn check_numbers(&self) -> Result<(), HistoryError> {
        let is_text = |value: &Value| value.numbers == 0 && 0 < value.texts;
        if self.layouts.iter().all(|layout| layout.values.iter().all(is_text)) {
            let names = self.layouts.first().map_or(&[][..], |layout| &layout.names);
            let (path, columns) = (self.source.to_owned(), names::shortened(names));
            return Err(HistoryError::NoNumbers { path, columns });
        }
        Ok(())
    }

    /// Reads all rows that are left.
    pub(super) fn run<R: BufRead>(&mut self, lines: &mut Lines<R>) -> Result<(), HistoryError> {
        loop {
            match lines.advance().map_err(|error| super::cannot_read(self.source, error))? {
                Next::End => break,
                Next::Blank => {}
                Next::Broken(why) => self.out.reject(lines.line(), || why.to_owned()),
                Next::Row if lines.raw().starts_with(b"#") => self.comment(lines),
                Next::Row => self.row(lines),
            }
        }
        self.keep_marked();
        Ok(())
    }

    /// Makes the columns of a wide table whose values are all marked as missing: they are there, without samples.
    fn keep_marked(&mut self) {
        for layout in self.layouts.iter_mut().filter(|layout| layout.labels.is_empty()) {
            let Layout { values, groups, merge, .. } = layout;
            for (k, value) in values.iter().enumerate() {
                if value.numbers == 0 && value.texts == 0 && value.marked != 0 {
                    groups.id(0, k, value, *merge, self.out);
                }
            }
        }
    }

    /// Takes a comment for the header of a new block if one of its fields names times.
    fn comment<R: BufRead>(&mut self, lines: &mut Lines<R>) {
        if 1 < lines.len() && (0..lines.len()).any(|k| names::is_time(&lines.text(k))) {
            self.enter_here(lines);
        }
    }

    /// Begins the block whose header is the row. A comment that is not understood costs the rows under it, for
    /// only headers stand in comments that name times; another line costs only itself.
    fn enter_here<R: BufRead>(&mut self, lines: &mut Lines<R>) {
        let cells: Vec<String> = (0..lines.len()).map(|k| lines.text(k)).collect();
        let (raw, line, before) = (lines.raw().to_vec(), lines.line(), self.current);
        if let Err(error) = self.enter(&raw, &cells, lines) {
            self.current = if raw.starts_with(b"#") { None } else { before };
            self.out.reject(line, || error.to_string());
        }
    }

    /// Reads one row.
    fn row<R: BufRead>(&mut self, lines: &mut Lines<R>) {
        let line = lines.line();
        let Some(current) = self.current else {
            return self.out.reject(line, || "a row under a header that was not understood".to_owned());
        };
        if self.layouts[current].sadf && lines.len() == 4 && self.mark(lines, current) {
            return;
        }
        let layout = &mut self.layouts[current];
        if !fits(lines, layout.width) {
            let (found, width) = (lines.len(), layout.width);
            return self.out.reject(line, || format!("{found} fields where there should be {width}"));
        }
        let Some(group) = layout.groups.of(lines, &layout.labels, layout.values.len()) else {
            self.too_many += 1;
            return self.out.reject(line, || "a series too many".to_owned());
        };
        let Some(t_ms) = time(layout, group, lines) else {
            return self.no_time(lines, current);
        };
        self.cells(lines, current, group, t_ms);
    }

    /// Reads the values of one row.
    fn cells<R: BufRead>(&mut self, lines: &Lines<R>, current: usize, group: usize, t_ms: i64) {
        let Layout { values, labels, groups, merge, .. } = &mut self.layouts[current];
        for (k, value) in values.iter_mut().enumerate() {
            let field = lines.field(value.at);
            let number = match number::read(field, self.decimal) {
                Cell::Number(number) => Ok(Some(number)),
                Cell::Missing => {
                    value.marked += u64::from(!field.trim_ascii().is_empty());
                    // Rows of another kind have no cell in this column, and miss nothing.
                    value.missing += u64::from(labels.is_empty() || groups.has(group, k));
                    Ok(None)
                }
                cell => other(cell, value),
            };
            match number {
                Ok(None) => {}
                Ok(Some(number)) => {
                    value.open = false;
                    value.numbers += 1;
                    if let Some(id) = groups.id(group, k, value, *merge, self.out) {
                        self.out.push(id, t_ms, number);
                    } else {
                        self.too_many += 1;
                        self.out.reject(lines.line(), || "a series too many".to_owned());
                    }
                }
                Err(why) => {
                    let (name, text) = (&value.name, String::from_utf8_lossy(field));
                    self.out.reject(lines.line(), || format!("`{name}`: {why}: `{}`", names::cut(&text)));
                }
            }
        }
    }

    /// Takes a line that sadf puts between the rows: a restart, or a comment.
    fn mark<R: BufRead>(&mut self, lines: &Lines<R>, current: usize) -> bool {
        if lines.field(3).starts_with(b"LINUX-RESTART") {
            let clock = &mut self.layouts[current].clock;
            match clock.read(lines.field(2), &mut Order::default()) {
                Some(t_ms) => self.out.restart(&lines.text(0), t_ms),
                None => self.out.reject(lines.line(), || "a restart without a time".to_owned()),
            }
            return true;
        }
        lines.field(3).starts_with(b"COM ")
    }

    /// A row whose time cannot be read: a header within the file, or broken.
    fn no_time<R: BufRead>(&mut self, lines: &mut Lines<R>, current: usize) {
        let names_times = (0..lines.len()).any(|k| names::is_time(&lines.text(k)));
        if self.by_header.contains_key(lines.raw()) || names_times {
            return self.enter_here(lines);
        }
        let field = lines.text(self.layouts[current].time);
        self.out.reject(lines.line(), || format!("no time: `{}`", names::cut(&field)));
    }

    /// What was assumed, left out and missing, one sentence each.
    pub(super) fn notes(&self, sentences: Vec<String>) -> Vec<Note> {
        let mut all = sentences;
        for layout in &self.layouts {
            all.extend(layout.assumed.iter().cloned());
            all.extend(layout.clock.assumptions());
        }
        let values = || self.layouts.iter().flat_map(|layout| &layout.values);
        let named = |keep: fn(&Value) -> bool| -> Vec<&str> {
            values().filter(|value| keep(value)).map(|value| value.name.as_str()).collect()
        };
        let late = named(|value| value.numbers == 0 && value.texts != 0);
        if !late.is_empty() {
            all.push(format!("left out {}: text, and none in the first lines", names::shortened(&late)));
        }
        let empty = named(|value| value.numbers == 0 && value.marked == 0 && value.texts == 0);
        if !empty.is_empty() {
            all.push(format!("left out {}: no number", names::shortened(&empty)));
        }
        let marked = named(|value| value.numbers == 0 && value.marked != 0);
        if !marked.is_empty() {
            all.push(format!("{}: all values are marked as missing", names::shortened(&marked)));
        }
        let missing: u64 = values().filter(|value| value.numbers != 0).map(|value| value.missing).sum();
        if missing != 0 {
            all.push(format!("values are missing (empty, NA, NaN, null, -, ?): {missing}"));
        }
        if self.too_many != 0 {
            all.push(
                "more series than can be told apart (200,000): choose the labels with --series".to_owned(),
            );
        }
        let mut notes: Vec<Note> = Vec::new();
        for text in all {
            let note = Note { source: self.source.to_owned(), text };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        notes
    }
}

/// Whether a row has as many fields as there are columns; an empty one more may follow a trailing delimiter.
#[inline]
fn fits<R: BufRead>(lines: &Lines<R>, width: usize) -> bool {
    lines.len() == width || (lines.len() == width + 1 && lines.field(width).trim_ascii().is_empty())
}

/// The time of a row.
#[inline]
fn time<R: BufRead>(layout: &mut Layout, group: usize, lines: &Lines<R>) -> Option<i64> {
    let order = layout.groups.order(group);
    match layout.time_of_day {
        None => layout.clock.read(lines.field(layout.time), order),
        Some(time_of_day) => {
            let joined = [lines.field(layout.time), b" ", lines.field(time_of_day)].concat();
            layout.clock.read(&joined, order)
        }
    }
}

/// What to do with a cell that is no plain number: a number in base units, nothing, or why it is rejected.
#[cold]
fn other(cell: Cell, value: &mut Value) -> Result<Option<f64>, &'static str> {
    match cell {
        Cell::Sized(number, unit) if value.open || unit == value.unit => {
            value.unit = unit;
            Ok(Some(number))
        }
        Cell::Sized(_, _) if value.unit == Unit::Unknown => Err("a unit that the first lines do not have"),
        Cell::Sized(_, _) => Err("another unit than that of the first lines"),
        Cell::Infinite => Err("not finite"),
        // A column that was empty so far turns out to hold text.
        Cell::Malformed if value.open => {
            value.texts += 1;
            Ok(None)
        }
        _ => Err("no number"),
    }
}
