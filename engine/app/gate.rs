//! `hebe gate`: a verdict on soak runs, as text and as exit code.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use hebe::gate::{self, Ruling, Terms, Verdict};
use hebe_collectors::history::{History, Note};

use crate::cli::{Gate, GateFormat, Input};
use crate::output;
use crate::read;
use crate::run::{local_zone, options};

/// How notes on what could not be read begin.
const LEFT_OUT: &str = "left out: ";

/// Judges, prints, and says the verdict as exit code. Whatever goes wrong is UNKNOWN: a gate fails closed.
pub(crate) fn gate(args: &Gate) -> ExitCode {
    let terms = terms(args);
    let (rulings, notes) = match rulings(args, &terms) {
        Ok(judged) => judged,
        Err(error) => {
            let what =
                if args.input.paths.is_empty() { "nothing".to_owned() } else { args.input.paths.join(", ") };
            (vec![Ruling::unknown(&what, &what, &format!("{error:#}"))], Vec::new())
        }
    };
    for note in notes {
        output::note(&format!("- {}: {}", note.source, note.text));
    }
    for ruling in rulings.iter().filter(|ruling| ruling.verdict == Verdict::Unknown) {
        output::note(&format!("hebe: {}: {}", ruling.series, ruling.sentence));
    }
    let verdict = gate::verdict(&rulings);
    match print(args, &terms, &rulings) {
        Err(error) if !output::is_broken_pipe(&error) => {
            output::note(&format!("hebe: {error:#}"));
            Verdict::Unknown.code().into()
        }
        _ => verdict.code().into(),
    }
}

fn terms(args: &Gate) -> Terms {
    let default = Terms::default();
    Terms {
        allow: args.allow.unwrap_or(default.allow),
        sensitivity: args.sensitivity.unwrap_or(default.sensitivity),
        confidence: args.confidence,
        least_s: args.min_run,
    }
}

fn rulings(args: &Gate, terms: &Terms) -> Result<(Vec<Ruling>, Vec<Note>)> {
    if args.input.paths.is_empty() {
        bail!("no run was named; say hebe gate FILE");
    }
    let (run, mut unread) = history(&args.input, &args.input.paths)?;
    let baseline = args.baseline.as_ref().map(|path| history(&args.input, std::slice::from_ref(path)));
    let baseline = baseline.transpose().context("the baseline")?;
    if let Some((_, more)) = &baseline {
        unread.extend(more.iter().cloned());
    }
    let old = baseline.as_ref().map(|(history, _)| history.series.as_slice());
    let mut rulings = gate::gate(&run.series, old, terms);
    rulings.extend(unread);
    gate::rank(&mut rulings);
    Ok((rulings, run.notes))
}

/// Reads paths. What could not be read, or holds nothing, is a ruling of its own: it must not pass unseen.
fn history(input: &Input, paths: &[String]) -> Result<(History, Vec<Ruling>)> {
    let reading = read::read(paths, &options(input), input.last, None)?;
    let mut history = reading.history;
    let (unread, notes): (Vec<Note>, Vec<Note>) =
        history.notes.into_iter().partition(|note| note.text.starts_with(LEFT_OUT));
    history.notes = notes;
    let unread = unread.iter().map(|note| Ruling::unknown(&note.source, &note.source, &note.text));
    let hollow = reading.sources.iter().filter_map(|(source, accepted, rejected)| {
        let why = hollow(&history, source, *accepted, *rejected)?;
        Some(Ruling::unknown(source, source, &why))
    });
    let rulings = unread.chain(hollow).collect();
    Ok((history, rulings))
}

/// Why a file that could be read holds too little to be judged, if it does.
fn hollow(history: &History, source: &str, accepted: u64, rejected: u64) -> Option<String> {
    // Files of one host may have become one series, which goes by the name of the first of them.
    let joined = history.series.iter().any(|series| !series.host.is_empty());
    let own = || history.series.iter().filter(|series| series.source == source);
    if accepted == 0 || (!joined && own().next().is_none()) {
        return Some("there is no series to judge in it".to_owned());
    }
    // A rejected line costs every series a sample.
    let lines = rejected.saturating_sub(own().map(|series| series.rejected).sum());
    let longest = own().map(|series| series.v.len() as u64 * u64::from(series.block)).max()?;
    (longest < lines).then(|| format!("more lines rejected ({lines}) than read ({longest})"))
}

fn print(args: &Gate, terms: &Terms, rulings: &[Ruling]) -> Result<()> {
    let zone = args.input.zone.unwrap_or_else(local_zone);
    output::print(&match args.format {
        GateFormat::Table => gate::table(rulings, terms, &output::style(&args.look, zone)),
        GateFormat::Json => gate::json(rulings),
        GateFormat::Junit => gate::junit(rulings),
        GateFormat::Markdown => gate::markdown(rulings, terms),
        GateFormat::Nagios => gate::nagios(rulings),
    })
}

/// A wrong command line: clap's message, and UNKNOWN rather than clap's 2, which would mean a leak.
pub(crate) fn mistyped(error: &clap::Error) -> Option<ExitCode> {
    let answers_by_code = std::env::args_os().nth(1).is_some_and(|word| word == "gate" || word == "check");
    if !answers_by_code || !error.use_stderr() {
        return None;
    }
    let _ = error.print();
    Some(Verdict::Unknown.code().into())
}
