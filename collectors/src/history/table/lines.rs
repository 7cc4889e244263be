//! Lines of bytes to fields, one line at a time, with a look ahead. What the fields mean is not known here.
//!
//! Lines with quotes are split by csv-core. The lines are found first, so that a stray quote costs its own line and
//! not the remainder of the file, and that the numbers of lines are those of the file.

use std::io::{self, BufRead, Read};

/// The longest line that is read; the header of ten thousand columns takes a tenth of it.
const LINE_BYTES: u64 = 16 << 20;

/// How many lines a quoted field may run over before its quote is taken for a stray one.
const LINES_IN_A_FIELD: usize = 8;

/// Splits an input into lines; one at a time is held.
pub(super) struct Lines<R> {
    input: R,
    /// Bytes that were looked at before their turn; those before `at` have had it.
    ahead: Vec<u8>,
    at: usize,
    /// The lines of the row, ending with a line feed.
    line: Vec<u8>,
    /// How many lines have been taken.
    number: u64,
    /// The line on which the row begins.
    begin: u64,
    delimiter: u8,
    core: csv_core::Reader,
    /// The fields of a row with quotes, without them, one after the other.
    unquoted: Vec<u8>,
    /// Whether the row has quotes.
    quoted: bool,
    /// Where the fields end: in `unquoted`, or else in `line`, with a delimiter between them.
    ends: Vec<usize>,
    count: usize,
}

/// What was found on the next line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Fields; those of [`Lines::field`].
    Row,
    /// Nothing but blanks.
    Blank,
    /// A line that cannot be split, and why.
    Broken(&'static str),
    /// No line is left.
    End,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R, delimiter: u8) -> Self {
        Self {
            input,
            ahead: Vec::new(),
            at: 0,
            line: Vec::new(),
            number: 0,
            begin: 0,
            delimiter,
            core: core(delimiter),
            unquoted: Vec::new(),
            quoted: false,
            ends: Vec::new(),
            count: 0,
        }
    }

    pub(super) fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
        self.core = core(delimiter);
    }

    /// The line on which the row begins, counted from one.
    pub(super) fn line(&self) -> u64 {
        self.begin
    }

    /// How many fields the row has.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The bytes of the row, as they stand in the file.
    pub(super) fn raw(&self) -> &[u8] {
        self.line.trim_ascii_end()
    }

    /// A field of the row, without its quotes.
    #[inline]
    pub(super) fn field(&self, k: usize) -> &[u8] {
        let bytes = if self.quoted { &self.unquoted } else { &self.line };
        let begin = if k == 0 { 0 } else { self.ends[k - 1] + usize::from(!self.quoted) };
        &bytes[begin..self.ends[k]]
    }

    /// The field as text, for names and messages.
    pub(super) fn text(&self, k: usize) -> String {
        String::from_utf8_lossy(self.field(k)).trim().to_owned()
    }

    /// Reads on until `bytes` and `lines` are at hand, or the input ends; returns what is at hand, whole lines only.
    pub(super) fn peek(&mut self, bytes: usize, lines: usize) -> io::Result<&[u8]> {
        let longest = usize::try_from(LINE_BYTES).unwrap_or(usize::MAX);
        self.ahead.drain(..self.at);
        self.at = 0;
        let mut seen = line_ends(&self.ahead);
        let mut ended = false;
        while !ended && self.ahead.len() < longest && (self.ahead.len() < bytes || seen < lines) {
            let from = self.ahead.len();
            let chunk = 1 << 16;
            ended = (&mut self.input).take(chunk).read_to_end(&mut self.ahead)? == 0;
            seen += line_ends(&self.ahead[from..]);
        }
        let whole = self.ahead.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let length = if ended || whole == 0 { self.ahead.len() } else { whole };
        Ok(&self.ahead[..length])
    }

    /// Drops the first bytes that are at hand: those of a byte order mark.
    pub(super) fn skip_bytes(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.ahead.len());
    }

    /// Drops the next line.
    pub(super) fn skip_line(&mut self) -> io::Result<()> {
        self.line.clear();
        self.take_line().map(|_| ())
    }

    /// Goes on to the next row.
    pub(super) fn advance(&mut self) -> io::Result<Next> {
        self.line.clear();
        self.begin = self.number + 1;
        if !self.take_line()? {
            return Ok(Next::End);
        }
        if LINE_BYTES <= self.line.len() as u64 {
            self.skip_rest_of_line()?;
            return Ok(Next::Broken("a line of more than 16 MiB"));
        }
        if self.raw().is_empty() {
            return Ok(Next::Blank);
        }
        if self.split() {
            return Ok(Next::Row);
        }
        self.join()
    }

    /// Takes further lines into the row until its quotes are closed; gives them back if they never are.
    fn join(&mut self) -> io::Result<Next> {
        let first = self.line.len();
        for _ in 1..LINES_IN_A_FIELD {
            if !self.take_line()? || LINE_BYTES <= self.line.len() as u64 {
                break;
            }
            if self.split() {
                return Ok(Next::Row);
            }
        }
        let back = self.line.split_off(first);
        self.number = self.begin;
        self.ahead.splice(..self.at, back);
        self.at = 0;
        Ok(Next::Broken("a quote that is not closed"))
    }

    /// Appends the next line to the row; false at the end.
    fn take_line(&mut self) -> io::Result<bool> {
        let from = self.line.len();
        let waiting = &self.ahead[self.at..];
        if let Some(end) = waiting.iter().position(|&byte| byte == b'\n') {
            self.line.extend_from_slice(&waiting[..=end]);
            self.at += end + 1;
        } else {
            self.line.extend_from_slice(waiting);
            self.ahead.clear();
            self.at = 0;
            (&mut self.input).take(LINE_BYTES).read_until(b'\n', &mut self.line)?;
        }
        if self.line.len() == from {
            return Ok(false);
        }
        // What ends a line becomes one line feed, and so does the end of the file.
        if self.line.ends_with(b"\r\n") {
            self.line.truncate(self.line.len() - 2);
        }
        if self.line.last() != Some(&b'\n') {
            self.line.push(b'\n');
        }
        self.number += 1;
        Ok(true)
    }

    /// Drops what is left of a line that was too long; it counts as one.
    fn skip_rest_of_line(&mut self) -> io::Result<()> {
        loop {
            self.line.clear();
            let taken = (&mut self.input).take(LINE_BYTES).read_until(b'\n', &mut self.line)?;
            if taken == 0 || self.line.last() == Some(&b'\n') {
                self.line.clear();
                return Ok(());
            }
        }
    }

    /// Splits the lines of the row; false if a quote is left open.
    fn split(&mut self) -> bool {
        // Room for the worst, so that the splitter never asks for more.
        if self.ends.len() <= self.line.len() {
            self.ends.resize(self.line.len() + 1, 0);
        }
        self.quoted = self.line.contains(&b'"');
        if self.quoted { self.split_quoted() } else { self.split_plain() }
    }

    fn split_quoted(&mut self) -> bool {
        self.unquoted.resize(self.line.len().max(self.unquoted.len()), 0);
        self.core.reset();
        let (result, _, _, count) = self.core.read_record(&self.line, &mut self.unquoted, &mut self.ends);
        self.count = count;
        matches!(result, csv_core::ReadRecordResult::Record)
    }

    /// Without quotes every delimiter separates; three times as fast.
    fn split_plain(&mut self) -> bool {
        let mut count = 0;
        for (at, &byte) in self.line.iter().enumerate() {
            // A write that may be overwritten costs less than a branch that is guessed wrong.
            self.ends[count] = at;
            count += usize::from(byte == self.delimiter || byte == b'\n');
        }
        self.count = count;
        true
    }
}

fn line_ends(bytes: &[u8]) -> usize {
    bytes.split(|&byte| byte == b'\n').count() - 1
}

fn core(delimiter: u8) -> csv_core::Reader {
    csv_core::ReaderBuilder::new().delimiter(delimiter).terminator(csv_core::Terminator::Any(b'\n')).build()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes what was found, one line of the file a line: `number: a|b`.
    fn all(text: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(text, b',');
        let mut found = Vec::new();
        loop {
            match lines.advance().unwrap() {
                Next::End => return found,
                Next::Blank => {}
                Next::Broken(why) => found.push(format!("{}: {why}", lines.line())),
                Next::Row => {
                    let fields: Vec<String> = (0..lines.len()).map(|k| lines.text(k)).collect();
                    found.push(format!("{}: {}", lines.line(), fields.join("|")));
                }
            }
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(all(text.as_bytes()), expected);
    }

    #[test]
    fn lines_keep_the_numbers_of_the_file() {
        check("a,b\n\n1,2\r\n  \n3,4", &["1: a|b", "3: 1|2", "5: 3|4"]);
    }

    #[test]
    fn a_carriage_return_is_no_part_of_the_last_field() {
        let mut lines = Lines::new(&b"a,b\r\n"[..], b',');
        assert_eq!(lines.advance().unwrap(), Next::Row);
        assert_eq!(lines.field(1), b"b");
    }

    #[test]
    fn quotes_hide_delimiters_quotes_and_line_ends() {
        check("\"a,b\",\"say \"\"x\"\"\"\n1,2\n", &["1: a,b|say \"x\"", "2: 1|2"]);
        check("\"a\nb\",c\nd,e\n", &["1: a\nb|c", "3: d|e"]);
        check("5\" disk,1\n2,3\n", &["1: 5\" disk|1", "2: 2|3"]);
    }

    #[test]
    fn a_stray_quote_costs_its_own_line() {
        let rows = ["7,8\n"; 20].concat();
        let found = all(format!("a,b\n1,\"2\n{rows}").as_bytes());
        assert_eq!(found[1], "2: a quote that is not closed");
        assert_eq!((found[2].as_str(), found[21].as_str()), ("3: 7|8", "22: 7|8"));
        assert_eq!(found.len(), 22);
    }

    #[test]
    fn a_quote_open_at_the_end_gives_the_lines_back() {
        check("a,b\n1,\"2\n3,4\n5,6", &["1: a|b", "2: a quote that is not closed", "3: 3|4", "4: 5|6"]);
    }

    #[test]
    fn looking_ahead_takes_nothing() {
        let mut lines = Lines::new(&b"a,b\n1,2\n3,"[..], b',');
        assert_eq!(lines.peek(99, 1).unwrap(), b"a,b\n1,2\n3,");
        assert_eq!(lines.advance().unwrap(), Next::Row);
        assert_eq!(lines.peek(99, 1).unwrap(), b"1,2\n3,");
        assert_eq!(lines.advance().unwrap(), Next::Row);
        assert_eq!((lines.line(), lines.text(1)), (2, "2".to_owned()));
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let mut text = vec![b'x'; 40 << 20];
        text.extend_from_slice(b"\n1,2\n");
        assert_eq!(all(&text), ["1: a line of more than 16 MiB", "2: 1|2"]);
    }

    proptest! {
        #[test]
        fn any_bytes_end(text in prop::collection::vec(prop::sample::select(b"a1,\"\n\r #".to_vec()), 0..80)) {
            let lines = line_ends(&text) + 1;
            prop_assert!(all(&text).len() <= lines);
        }
    }
}
