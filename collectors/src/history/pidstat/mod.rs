//! The output of pidstat: tables of processes, with a head line before each round.
//!
//! Sizes, threads and descriptors are read; rates are not, they only tell whether a process was at work. Without
//! `-p ALL` pidstat lists only those that were: an idle one keeps its size, and is held for ten rounds.

mod clock;
mod rows;

use std::collections::BTreeMap;
use std::io::BufRead;

use super::lines::{next_line, short};
use super::programs::{Member, Programs};
use super::{Builder, HistoryError, Note, Options};
use clock::{Clock, time_of};
use rows::{Head, Row};

/// Rounds for which a process that is not listed is taken as idle. Longer would count what has ended.
const HELD: u32 = 10;

/// Reads the output of pidstat.
///
/// # Errors
///
/// When the bytes cannot be read, when there are none, or when not one line is a process in a table of pidstat.
pub fn read(
    input: &mut dyn BufRead,
    source: &str,
    options: &Options,
    out: &mut Builder,
) -> Result<Vec<Note>, HistoryError> {
    let mut file = File::new(options);
    let (mut number, mut bytes, mut first) = (0, Vec::new(), None);
    loop {
        match next_line(input, &mut bytes) {
            Ok(true) => number += 1,
            Ok(false) => break,
            Err(error) if file.rows == 0 => {
                return Err(HistoryError::Read { path: source.to_owned(), source: error });
            }
            Err(error) => {
                out.reject(number + 1, || format!("the file breaks off: {error}"));
                break;
            }
        }
        let line = String::from_utf8_lossy(bytes.trim_ascii());
        if let Err(reason) = file.line(&line, out) {
            out.reject(number, || reason.clone());
            first.get_or_insert((number, reason));
        }
    }
    file.close(out);
    let path = source.to_owned();
    match first {
        _ if 0 < file.rows => Ok(file.said(source)),
        None => Err(HistoryError::Empty { path }),
        Some((line, found)) => {
            Err(HistoryError::Parse { path, line, expected: "a table of pidstat".to_owned(), found })
        }
    }
}

/// Whether bytes may be the beginning of a file of pidstat: sar begins alike, and has no commands.
pub(super) fn is_output(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(3)
        .any(|line| Head::parse(line).is_some())
}

/// A process that was listed, and the rounds since.
#[derive(Debug)]
struct Known {
    member: Member,
    unlisted: u32,
}

#[derive(Debug)]
struct File {
    clock: Clock,
    head: Option<Head>,
    programs: Programs,
    /// The time of the round that is being read.
    open: Option<i64>,
    known: BTreeMap<u64, Known>,
    /// Processes in the round, and those of them that did nothing.
    listed: u64,
    idle: u64,
    /// Idle processes are listed as well, so what is not listed has ended.
    is_whole: bool,
    held: u64,
    sized: bool,
    rows: u64,
}

impl File {
    fn new(options: &Options) -> Self {
        Self {
            clock: Clock::new(options.zone),
            head: None,
            programs: Programs::default(),
            open: None,
            known: BTreeMap::new(),
            listed: 0,
            idle: 0,
            is_whole: false,
            held: 0,
            sized: false,
            rows: 0,
        }
    }

    fn line(&mut self, line: &str, out: &mut Builder) -> Result<(), String> {
        if line.is_empty() {
            return Ok(());
        }
        if let Some((host, date)) = clock::banner(line) {
            self.close(out);
            self.programs = Programs::of(host);
            self.known.clear();
            return self.clock.start(date);
        }
        if let Some(head) = Head::parse(line) {
            self.sized |= head.is_sized();
            self.head = Some(head);
            return Ok(());
        }
        if is_average(line) {
            return Ok(());
        }
        let Some(head) = &self.head else {
            return Err(format!("expected a head line with PID and Command, found `{}`", short(line)));
        };
        let (time, rest) = time_of(line).ok_or_else(|| format!("`{}` begins with no time", short(line)))?;
        let row =
            head.row(rest).ok_or_else(|| format!("a row that does not fit its head: `{}`", short(line)))?;
        let t_ms = self.clock.read(time)?;
        if self.open.is_some_and(|open| open != t_ms) {
            self.close(out);
        }
        self.open = Some(t_ms);
        self.rows += 1;
        self.take(row);
        Ok(())
    }

    fn take(&mut self, row: Row) {
        let Some(pid) = row.pid else { return };
        self.listed += 1;
        self.idle += u64::from(row.is_idle);
        if row.is_gone {
            self.known.remove(&pid);
            return;
        }
        let known = self.known.entry(pid).or_insert_with(|| Known { member: Member::default(), unlisted: 0 });
        if known.member.program != row.member.program {
            known.member = Member::default();
        }
        known.unlisted = 0;
        let (member, new) = (&mut known.member, row.member);
        member.program = new.program;
        member.memory = new.memory.or(member.memory);
        member.mapped = new.mapped.or(member.mapped);
        member.threads = new.threads.or(member.threads);
        member.fds = new.fds.or(member.fds);
    }

    /// Ends a round.
    fn close(&mut self, out: &mut Builder) {
        let (listed, idle) = (std::mem::take(&mut self.listed), std::mem::take(&mut self.idle));
        let Some(t_ms) = self.open.take() else { return };
        // A row of a process at work may be all zeros when its threads changed; most of them are not.
        self.is_whole |= 2 <= idle && listed <= 2 * idle;
        let held = if self.is_whole { 0 } else { HELD };
        self.known.retain(|_, known| known.unlisted <= held);
        self.held += self.known.values().filter(|known| 0 < known.unlisted).count() as u64;
        let members = self.known.iter().map(|(&pid, known)| (pid, known.member.clone())).collect();
        self.programs.close(t_ms, &members, self.is_whole, out);
        for known in self.known.values_mut() {
            known.unlisted += 1;
        }
    }

    fn said(&self, source: &str) -> Vec<Note> {
        let mut texts = self.clock.assumptions();
        if 0 < self.held {
            texts.push(format!(
                "pidstat without -p ALL lists only processes that were at work: the others are taken to keep their \
                 size, for {HELD} rounds at most"
            ));
        }
        if !self.sized {
            texts.push("no size of a process in it: run pidstat -r -v -h -p ALL".to_owned());
        }
        texts.into_iter().map(|text| Note { source: source.to_owned(), text }).collect()
    }
}

/// `Average:` in any language: the only lines that begin with a word and a colon.
fn is_average(line: &str) -> bool {
    let first = line.split_whitespace().take(2).find(|word| word.ends_with(':'));
    first.is_some_and(|word| !word.starts_with(|letter: char| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
