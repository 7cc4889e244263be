//! How a table is written: what separates its fields, where its header is, which decimal sign it uses.

use std::io::BufRead;

use super::super::number::{self, Cell, Decimal};
use super::lines::{Lines, Next};
use super::names::is_time;

/// How many lines of a file are looked at before it is read.
const HEAD_LINES: usize = 1000;

/// What may separate fields; at equal standing the earlier one does.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// A line of the head, split.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// The line, counted from one within the head.
    pub(super) line: u64,
    /// Its fields.
    pub(super) fields: Vec<String>,
}

/// How a table is written.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    /// What separates the fields.
    pub(super) delimiter: u8,
    /// The sign before the fraction.
    pub(super) decimal: Decimal,
    /// How many lines stand before the header, or before the data where there is none.
    pub(super) skip: u64,
    /// How many of these say something: they are neither comments nor blank.
    pub(super) skipped_text: u64,
    /// Whether the line after the skipped ones holds names.
    pub(super) header: bool,
}

impl Dialect {
    /// Judges the first lines of a file.
    pub(super) fn judge(head: &[u8]) -> Self {
        let said = head.strip_prefix(b"sep=").and_then(|rest| rest.first().copied());
        let delimiter = said.filter(|byte| DELIMITERS.contains(byte)).unwrap_or_else(|| delimiter(head));
        let rows = rows(head, delimiter);
        let width = usual_width(&rows);
        let start = start(&rows, width);
        let skip = rows.get(start).map_or(0, |row| row.line - 1);
        let skipped_text = rows[..start].iter().filter(|row| !is_comment(row)).count() as u64;
        let header = rows.get(start).is_some_and(is_header);
        let data = &rows[(start + usize::from(header)).min(rows.len())..];
        Self { delimiter, decimal: decimal(data, delimiter), skip, skipped_text, header }
    }
}

/// Splits the first lines; what cannot be split is left out.
pub(super) fn rows(head: &[u8], delimiter: u8) -> Vec<Row> {
    let mut lines = Lines::new(head, delimiter);
    let mut rows = Vec::new();
    while rows.len() < HEAD_LINES {
        match lines.advance() {
            Ok(Next::Row) => {
                let fields = (0..lines.len()).map(|k| lines.text(k)).collect();
                rows.push(Row { line: lines.line(), fields });
            }
            Ok(Next::Blank | Next::Broken(_)) => {}
            Ok(Next::End) | Err(_) => break,
        }
    }
    rows
}

/// The byte that splits the most lines into the same number of fields; of several, the one that splits into more.
fn delimiter(head: &[u8]) -> u8 {
    let mut best = (0, 0, b',');
    for delimiter in DELIMITERS {
        let (lines, count) = usual_count(head, delimiter);
        if count != 0 && (best.0, best.1) < (lines, count) {
            best = (lines, count, delimiter);
        }
    }
    best.2
}

/// How often `delimiter` stands outside quotes in most lines, and in how many lines that is.
fn usual_count(head: &[u8], delimiter: u8) -> (usize, usize) {
    let counts: Vec<usize> = head
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .take(HEAD_LINES)
        .map(|line| count_outside_quotes(line, delimiter))
        .filter(|&count| count != 0)
        .collect();
    most_frequent(&counts)
}

fn count_outside_quotes(line: &[u8], delimiter: u8) -> usize {
    let mut quoted = false;
    let mut count = 0;
    for &byte in line {
        quoted ^= byte == b'"';
        count += usize::from(byte == delimiter && !quoted);
    }
    count
}

/// How many fields most rows have.
fn usual_width(rows: &[Row]) -> usize {
    let widths: Vec<usize> = rows.iter().map(|row| row.fields.len()).collect();
    most_frequent(&widths).1
}

/// The most frequent number, the largest of several, and how frequent it is: `(times, number)`.
fn most_frequent(numbers: &[usize]) -> (usize, usize) {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).max().unwrap_or((0, 0))
}

/// Where the table starts: at the first row that is as wide as most, or one trailing delimiter wider or narrower, or
/// at a comment that holds names.
fn start(rows: &[Row], width: usize) -> usize {
    let begins = |k: usize| {
        let row = &rows[k];
        let next = rows[k + 1..].iter().find(|row| !is_comment(row));
        if is_comment(row) {
            let named = row.fields.iter().any(|name| is_time(name));
            let as_wide = next.is_some_and(|next| next.fields.len() == row.fields.len());
            let last = rows.get(k + 1).is_some_and(|next| !is_comment(next));
            1 < row.fields.len() && (named || (as_wide && last && !next.is_some_and(is_header)))
        } else {
            row.fields.len() == width
                || is_header(row) && row.fields.len().abs_diff(width) == 1 && 1 < row.fields.len()
        }
    };
    (0..rows.len()).find(|&k| begins(k)).unwrap_or(0)
}

/// Whether a row is a comment, a header that is written as one, or the line that tells Excel the delimiter.
fn is_comment(row: &Row) -> bool {
    row.fields.first().is_some_and(|first| first.starts_with('#') || first == "sep=")
}

/// Whether a row holds names: it is a comment, or one of its fields is a name that times have, or none is a number.
fn is_header(row: &Row) -> bool {
    let is_value = |text: &String| {
        let number =
            matches!(number::read(text.as_bytes(), Decimal::Point), Cell::Number(_) | Cell::Sized(..));
        number || super::super::time::judge(&[text], super::super::time::Trust::Stranger).is_some()
    };
    is_comment(row) || row.fields.iter().any(|name| is_time(name)) || !row.fields.iter().any(is_value)
}

/// The sign before the fraction: a comma where it separates no fields and stands in a number.
fn decimal(rows: &[Row], delimiter: u8) -> Decimal {
    if delimiter == b',' {
        return Decimal::Point;
    }
    let fields = || rows.iter().flat_map(|row| &row.fields);
    let three = |text: &&String| {
        matches!(number::read(text.as_bytes(), Decimal::Comma), Cell::Number(_))
            && text.matches(',').count() == 1
    };
    if fields().any(|text| number::shows_decimal_comma(text)) || fields().any(|text| three(&text)) {
        Decimal::Comma
    } else {
        Decimal::Point
    }
}

/// Reads on until enough of a file is at hand to judge it.
pub(super) fn peek<R: BufRead>(lines: &mut Lines<R>) -> std::io::Result<&[u8]> {
    lines.peek(256 << 10, 20)
}
