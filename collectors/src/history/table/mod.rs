//! Tables of text: CSV, TSV and their relatives, wide (a column a series) and long (labels beside the values).
//!
//! `dialect` finds delimiter, header and decimal sign, `layout` what the columns are for (`times` which of them holds
//! the times), `rows` turns one line after the other into samples. Nothing but the head is held. What was assumed
//! comes back as notes; what a column means and where its limit is, is not decided here.

mod dialect;
mod groups;
mod layout;
mod lines;
pub mod names;
mod rows;
mod times;

use std::io::{self, BufRead};

use dialect::Dialect;
use lines::{Lines, Next};
use rows::Reader;

use super::number::Decimal;
use super::{Builder, HistoryError, Note, Options};

/// Reads a table of text into `out`; `source` is its name in messages.
///
/// Lines that cannot be used are counted in `out`, with the reason and the line of the first one; the rest is kept.
///
/// # Errors
///
/// [`HistoryError::Read`] where the input fails, [`HistoryError::Empty`] where there is no line of data,
/// [`HistoryError::NoTime`], [`HistoryError::NoNumbers`] and [`HistoryError::NoColumn`] where a column that is needed is
/// not there.
pub fn read(
    input: &mut dyn BufRead,
    source: &str,
    options: &Options,
    out: &mut Builder,
) -> Result<Vec<Note>, HistoryError> {
    let mut lines = Lines::new(input, b',');
    let head = dialect::peek(&mut lines).map_err(|error| cannot_read(source, error))?;
    let mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let head = &head[mark..];
    let dialect = Dialect::judge(head);
    let first = dialect::rows(head, dialect.delimiter).len();
    if first <= usize::from(dialect.header) {
        return Err(HistoryError::Empty { path: source.to_owned() });
    }
    lines.skip_bytes(mark);
    lines.set_delimiter(dialect.delimiter);
    let mut reader = Reader::new(source, options, out, dialect.delimiter, dialect.decimal);
    let commented = begin(&mut reader, &dialect, &mut lines)?;
    if !commented {
        reader.check_columns()?;
    }
    reader.run(&mut lines)?;
    reader.check_columns()?;
    reader.check_numbers()?;
    Ok(reader.notes(assumed(&dialect)))
}

/// Reads up to the first row of data. Says whether the header is a comment, of which more may follow.
fn begin(
    reader: &mut Reader<'_>,
    dialect: &Dialect,
    lines: &mut Lines<&mut dyn BufRead>,
) -> Result<bool, HistoryError> {
    let failed = |error| cannot_read(reader.source, error);
    for _ in 0..dialect.skip {
        lines.skip_line().map_err(failed)?;
    }
    if !dialect.header {
        let head = dialect::peek(lines).map_err(failed)?;
        let width = dialect::rows(head, dialect.delimiter).first().map_or(0, |row| row.fields.len());
        reader.enter(b"", &vec![String::new(); width], lines)?;
        return Ok(false);
    }
    while lines.advance().map_err(failed)? == Next::Blank {}
    let cells: Vec<String> = (0..lines.len()).map(|k| lines.text(k)).collect();
    let raw = lines.raw().to_vec();
    reader.enter(&raw, &cells, lines)?;
    Ok(raw.starts_with(b"#"))
}

/// What the dialect had to assume.
fn assumed(dialect: &Dialect) -> Vec<String> {
    let mut all = Vec::new();
    if dialect.skipped_text != 0 {
        all.push(format!("lines before the header were passed over: {}", dialect.skipped_text));
    }
    if !dialect.header {
        all.push("no header: columns are called column_1, column_2 and so on".to_owned());
    }
    if dialect.decimal == Decimal::Comma {
        all.push("numbers have a decimal comma".to_owned());
    }
    all
}

fn cannot_read(source: &str, error: io::Error) -> HistoryError {
    HistoryError::Read { path: source.to_owned(), source: error }
}

#[cfg(test)]
mod tests;
