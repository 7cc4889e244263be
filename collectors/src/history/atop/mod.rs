//! `atop -P`: lines of labels and fields, one a process and sample, with `SEP` behind each sample.
//!
//! Levels are read: memory, swap, and of every process its sizes and threads. What is counted in an interval is not,
//! so that the first sample, whose counts are since boot, is as good as any other. Threads have lines of their own,
//! which tell nothing that their process does not.

mod json;
mod levels;

use std::io::BufRead;

use super::lines::next_line;
use super::{Builder, HistoryError, Note, Options};
use levels::{File, Levels, Process};

pub use json::read as read_json;

/// Reads the output of `atop -P`.
///
/// # Errors
///
/// When the bytes cannot be read, when there are none, or when not one line is atop's.
pub fn read(
    input: &mut dyn BufRead,
    source: &str,
    _options: &Options,
    out: &mut Builder,
) -> Result<Vec<Note>, HistoryError> {
    let mut file = File::default();
    let (mut number, mut bytes) = (0, Vec::new());
    loop {
        match next_line(input, &mut bytes) {
            Ok(true) => number += 1,
            Ok(false) => break,
            Err(error) if file.good == 0 => {
                return Err(HistoryError::Read { path: source.to_owned(), source: error });
            }
            Err(error) => {
                out.reject(number + 1, || format!("the file breaks off: {error}"));
                break;
            }
        }
        let line = String::from_utf8_lossy(bytes.trim_ascii());
        match line.as_ref() {
            "" => {}
            "SEP" => file.close(out),
            "RESET" => file.reset(),
            text => match parse(text) {
                Ok(parsed) => file.take(parsed, out),
                Err(reason) => file.refuse(number, reason, out),
            },
        }
    }
    file.close(out);
    file.ended(source, "a line of atop -P")
}

/// One line that is atop's.
#[derive(Debug)]
struct Line<'t> {
    host: &'t str,
    t_s: i64,
    interval_s: i64,
    part: Part,
}

/// What a line tells.
#[derive(Debug)]
enum Part {
    Levels(Levels),
    Process(Process),
    Other,
}

/// Reads `LABEL host epoch YYYY/MM/DD HH:MM:SS interval fields…`.
fn parse(text: &str) -> Result<Line<'_>, String> {
    let head =
        || format!("expected `LABEL host epoch date time interval`, found `{}`", super::lines::short(text));
    let mut parts = text.splitn(7, ' ');
    let mut next = || parts.next().ok_or_else(head);
    let (label, host, epoch, date, clock, interval) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let rest = parts.next().unwrap_or_default();
    let plausible = is_label(label) && is_date(date) && clock.len() == 8;
    let (Ok(t_s), Ok(interval_s), true) = (epoch.parse(), interval.parse(), plausible) else {
        return Err(head());
    };
    let fields = || format!("a line of {label} with too few fields, or with words for numbers");
    let part = match label {
        "MEM" => Part::Levels(memory(rest).ok_or_else(fields)?),
        "SWP" => Part::Levels(swap(rest).ok_or_else(fields)?),
        "PRG" => Part::Process(general(rest).ok_or_else(fields)?),
        "PRM" => Part::Process(sizes(rest).ok_or_else(fields)?),
        _ => Part::Other,
    };
    Ok(Line { host, t_s, interval_s, part })
}

/// Whether bytes may be the beginning of a file of `atop -P`.
pub(super) fn is_output(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().map(str::trim).filter(|line| !matches!(*line, "" | "RESET" | "SEP"));
    lines.next().is_some_and(|line| {
        let fields: Vec<&str> = line.splitn(7, ' ').collect();
        matches!(fields.as_slice(), [label, _, epoch, date, clock, ..]
            if is_label(label) && epoch.parse::<i64>().is_ok() && is_date(date) && clock.len() == 8)
    })
}

fn is_label(text: &str) -> bool {
    2 <= text.len() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// `2026/11/28`
fn is_date(text: &str) -> bool {
    let digits =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'/' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(digits)
}

/// The numbers of a line without names; a word is no number and ends them.
fn numbers(rest: &str) -> Vec<f64> {
    rest.split(' ').map_while(number).collect()
}

fn number(field: &str) -> Option<f64> {
    field.parse().ok().filter(|number: &f64| number.is_finite())
}

fn memory(rest: &str) -> Option<Levels> {
    let fields = numbers(rest);
    let &[page, total, free, cache, buffers, slab, ..] = fields.as_slice() else { return None };
    let later = |at: usize| fields.get(at).map(|pages| pages * page);
    Some(Levels {
        memory: Some(total * page),
        free: Some(free * page),
        cache: Some(cache * page),
        buffers: Some(buffers * page),
        slab: Some(slab * page),
        slab_reclaimable: later(7),
        shared: later(9),
        page_tables: later(20),
        ..Levels::default()
    })
}

fn swap(rest: &str) -> Option<Levels> {
    let fields = numbers(rest);
    let &[page, total, free, _, committed, ..] = fields.as_slice() else { return None };
    let (swap, swap_free) = (Some(total * page), Some(free * page));
    Some(Levels { swap, swap_free, committed: Some(committed * page), ..Levels::default() })
}

/// `PID (name) state uid gid TGID threads exit start (command line) …`; of a command line that may hold anything
/// nothing is read.
fn general(rest: &str) -> Option<Process> {
    let (pid, name, fields) = named(rest)?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    let mut numbers = fields.skip(2).map_while(|field| field.parse::<i64>().ok());
    let (group, threads, _exit, start) = (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?);
    Some(Process {
        pid,
        is_thread: u64::try_from(group).ok()? != pid,
        has_ended: state == "E",
        program: Some(name.to_owned()),
        threads: Some(threads as f64),
        start_s: Some(start),
        ..Process::default()
    })
}

/// `PID (name) state page virtual resident text growth growth faults faults libraries data stack swap TGID process …`,
/// sizes in KiB.
fn sizes(rest: &str) -> Option<Process> {
    let (pid, name, fields) = named(rest)?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let kib = |at: usize| Some(number(fields.get(at)?)? * 1024.0);
    let is_process = fields.get(14).is_none_or(|&word| word != "n");
    Some(Process {
        pid,
        is_thread: !is_process,
        has_ended: fields.first() == Some(&"E"),
        program: Some(name.to_owned()),
        mapped: Some(kib(2)?),
        memory: Some(kib(3)?),
        swap: kib(12),
        ..Process::default()
    })
}

/// Splits `PID (name) S …`, where the name may hold blanks and parentheses, or `PID name S …` (option `-Z`).
fn named(rest: &str) -> Option<(u64, &str, &str)> {
    let (pid, rest) = rest.split_once(' ')?;
    let pid = pid.parse().ok()?;
    let Some(inside) = rest.strip_prefix('(') else {
        let (name, fields) = rest.split_once(' ')?;
        return Some((pid, name, fields));
    };
    let ends = |at: &usize| {
        let behind = inside.as_bytes().get(at + 1..at + 4);
        matches!(behind, Some([b' ', state, b' ']) if state.is_ascii_alphabetic())
    };
    let most = inside.char_indices().nth(NAME).map_or(inside.len(), |(at, _)| at);
    let end = inside.match_indices(')').map(|(at, _)| at).rfind(|at| *at <= most && ends(at))?;
    Some((pid, &inside[..end], &inside[end + 2..]))
}

/// The longest name of a process: the kernel cuts them, so that no later parenthesis can be the name's.
const NAME: usize = 15;

#[cfg(test)]
mod tests;
