//! Opens what the user named: files, folders, URLs, and binary sa files through the installed `sadf`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use hebe::store::{View, read_parquet};
use hebe_collectors::history::{
    Builder, Format, History, Note, Options, atop, catalogue, join, pidstat, prometheus, sadf, sniff, table,
    victoria,
};

use crate::{ask, output};

/// Bytes of a file that tell its format.
const HEAD: usize = 64 * 1024;
/// Samples held in memory at once, over all files (see `Builder`).
const BUDGET: usize = 45_000_000;
/// However many files came before, one may hold this many samples.
const LEAST: usize = 1_000_000;
/// Folders are entered this deep.
const DEPTH: usize = 8;
/// Where sysstat keeps its histories.
const SYSSTAT: [&str; 2] = ["/var/log/sysstat", "/var/log/sa"];

/// What was read.
#[derive(Debug)]
pub(crate) struct Reading {
    /// All series.
    pub(crate) history: History,
    /// `(source, samples accepted, rejected)`.
    pub(crate) sources: Vec<(String, u64, u64)>,
}

/// The histories that this host keeps.
pub(crate) fn found() -> Result<Vec<String>> {
    let found: Vec<String> = SYSSTAT
        .iter()
        .filter(|folder| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()))
        .map(ToString::to_string)
        .collect();
    if found.is_empty() {
        bail!(
            "no history was named and none found on this host (looked in {}); say hebe analyze FILE, FOLDER or URL",
            SYSSTAT.join(" and ")
        );
    }
    Ok(found)
}

/// Reads every path. What a folder holds and cannot be read is a note; what was named and cannot be read is an error
/// unless something else could.
pub(crate) fn read(
    paths: &[String],
    options: &Options,
    last_s: f64,
    until_ms: Option<i64>,
) -> Result<Reading> {
    let mut histories = Vec::new();
    let mut sources = Vec::new();
    let mut notes = Vec::new();
    let mut first_error = None;
    let mut held = 0;
    let files = files(paths, &mut notes);
    let bytes = files.iter().map(|file| fs::metadata(&file.path).map_or(0, |meta| meta.len())).sum();
    let progress = output::progress("reading", bytes, 50_000_000);
    for file in files {
        let budget = BUDGET.saturating_sub(held).max(LEAST);
        let history = if let Some(folder) = store_in(&file.path) {
            store(&folder, &file.name, last_s, until_ms, budget)
        } else if ask::is_url(&file.name) {
            ask::history(&file.name, options, last_s, until_ms, budget)
        } else {
            history(&file.path, &file.name, options, budget, &progress)
        };
        match history {
            Ok(history) => {
                held += history.series.iter().map(|series| series.v.len()).sum::<usize>();
                sources.push((file.name, history.accepted, history.rejected));
                histories.push(history);
            }
            Err(error) => {
                // The note names its source already.
                let reason = format!("{error:#}")
                    .replace(&format!("`{}`: ", file.name), "")
                    .replace(&format!("`{}`", file.name), "it");
                notes.push(Note { source: file.name, text: format!("left out: {reason}") });
                first_error.get_or_insert(error);
            }
        }
    }
    progress.finish_and_clear();
    if histories.is_empty() {
        return Err(match first_error {
            Some(error) if notes.len() == 1 => error,
            Some(error) => error.context(format!("none of {} files could be read; the first", notes.len())),
            None => anyhow::anyhow!("there is nothing to read in {}", paths.join(", ")),
        });
    }
    let mut history = join(histories);
    history.notes.splice(0..0, notes);
    Ok(Reading { history, sources })
}

/// The daemon's store in a folder: it, or the one that the daemon keeps in its state folder.
pub(crate) fn store_in(folder: &Path) -> Option<PathBuf> {
    [folder.to_path_buf(), folder.join("store")].into_iter().find(|folder| View::is_store(folder))
}

/// The history in a store that a daemon may be writing.
fn store(folder: &Path, name: &str, last_s: f64, until_ms: Option<i64>, budget: usize) -> Result<History> {
    let view = View::open(folder)?;
    let ids: Vec<_> = view.series().map(|(id, _)| id).collect();
    let until = until_ms.map_or(i64::MAX, |until| until.saturating_add(1));
    let mut recalled = view.read_within(&ids, &(i64::MIN..until), budget)?;
    let newest = recalled.series.iter().filter_map(|series| series.t_ms.last()).max().copied().unwrap_or(0);
    #[allow(clippy::cast_possible_truncation, reason = "saturates")]
    let from = newest.saturating_sub((1000.0 * last_s) as i64);
    for series in &mut recalled.series {
        let old = series.t_ms.partition_point(|&t| t < from);
        series.t_ms.drain(..old);
        series.v.drain(..old);
        name.clone_into(&mut series.source);
    }
    recalled.series.retain(|series| !series.t_ms.is_empty());
    let accepted = recalled.series.iter().map(|series| series.t_ms.len() as u64).sum();
    Ok(History { series: recalled.series, notes: recalled.notes, accepted, ..History::default() })
}

/// A file to read, and the name it goes by in messages.
#[derive(Debug)]
struct Named {
    path: PathBuf,
    name: String,
}

/// The files behind the paths: folders are walked, in order of name.
fn files(paths: &[String], notes: &mut Vec<Note>) -> Vec<Named> {
    let mut files = Vec::new();
    for path in paths {
        if ask::is_url(path) {
            files.push(Named { path: PathBuf::new(), name: path.clone() });
            continue;
        }
        let folder = Path::new(path);
        if store_in(folder).is_some() {
            files.push(Named { path: folder.to_path_buf(), name: path.clone() });
            continue;
        }
        // A folder that cannot be entered is opened like a file, so that its failure is told with those of files.
        if !folder.is_dir() || walk(folder, DEPTH, &mut files, notes).is_err() {
            files.push(Named { path: folder.to_path_buf(), name: path.clone() });
        }
    }
    files
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<Named>, notes: &mut Vec<Note>) -> Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        let name = path.display().to_string();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let meta = match fs::metadata(&path) {
            Ok(meta) => meta,
            Err(error) => {
                notes.push(Note { source: name, text: format!("left out: {error}") });
                continue;
            }
        };
        if hidden {
            continue;
        }
        if meta.is_file() {
            files.push(Named { path, name });
        } else if meta.is_dir() && 0 < depth {
            if let Err(error) = walk(&path, depth - 1, files, notes) {
                notes.push(Note { source: name, text: format!("left out: {error:#}") });
            }
        } else {
            notes.push(Note { source: name, text: "left out: no file, or too deep a folder".to_owned() });
        }
    }
    Ok(())
}

/// Reads one file.
fn history(
    path: &Path,
    name: &str,
    options: &Options,
    budget: usize,
    progress: &indicatif::ProgressBar,
) -> Result<History> {
    let mut file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
    let mut head = Vec::with_capacity(HEAD);
    (&mut file).take(HEAD as u64).read_to_end(&mut head).with_context(|| format!("cannot read `{name}`"))?;
    let format = sniff(&head, name)?;
    let mut out = Builder::with_budget(budget);
    let notes = match format {
        Format::Parquet => read_parquet(path, options, &mut out)?,
        Format::SaBinary => sa(path, name, options, &mut out)?,
        text => {
            let mut input =
                BufReader::with_capacity(1 << 20, progress.wrap_read(Cursor::new(head).chain(file)));
            read_text(text, &mut input, name, options, &mut out)?
        }
    };
    Ok(resolve(out, notes, name, options))
}

/// Reads a text format.
pub(crate) fn read_text(
    format: Format,
    input: &mut dyn BufRead,
    name: &str,
    options: &Options,
    out: &mut Builder,
) -> Result<Vec<Note>> {
    Ok(match format {
        Format::SadfJson => sadf::read(input, name, options, out)?,
        Format::PrometheusJson => prometheus::read(input, name, options, out)?,
        Format::Atop => atop::read(input, name, options, out)?,
        Format::AtopJson => atop::read_json(input, name, options, out)?,
        Format::Pidstat => pidstat::read(input, name, options, out)?,
        Format::VictoriaMetrics => victoria::read(input, name, options, out)?,
        _ => table::read(input, name, options, out)?,
    })
}

/// Columns become series, and what was rejected a note.
pub(crate) fn resolve(out: Builder, mut notes: Vec<Note>, name: &str, options: &Options) -> History {
    let (columns, restarts, rejected) = out.finish();
    let accepted = columns.iter().map(|column| column.v.len() as u64 * u64::from(column.block)).sum();
    let thinned = columns.iter().map(|column| column.block).max().unwrap_or(1);
    let dropped: u64 = columns.iter().map(|column| column.rejected).sum();
    let note = |text: String| Note { source: name.to_owned(), text };
    if let Some((line, reason)) = &rejected.first {
        notes.push(note(format!("{} lines rejected; the first, line {line}: {reason}", rejected.count)));
    }
    if 1 < thinned {
        notes.push(note(format!("too long for memory: thinned to block medians of up to {thinned} samples")));
    }
    let counts = catalogue::counts(&columns, name);
    let (series, more) = catalogue::resolve(columns, &restarts, name, options);
    notes.extend(more);
    History { series, counts, notes, accepted, rejected: rejected.count + dropped }
}

/// Reads a binary sa file through the installed `sadf`, the only program that knows every version of it.
fn sa(path: &Path, name: &str, options: &Options, out: &mut Builder) -> Result<Vec<Note>> {
    let mut child = Command::new("sadf")
        .args(["-j", "--"].iter().take(1))
        .arg(path)
        .args(["--", "-A"])
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| {
            format!("`{name}` is a binary sa file, which needs the program sadf (package sysstat)")
        })?;
    let stdout = child.stdout.take().context("sadf has no output")?;
    let notes = sadf::read(&mut BufReader::new(stdout), name, options, out);
    let ended = child.wait_with_output().context("cannot wait for sadf")?;
    if !ended.status.success() {
        bail!("sadf cannot read `{name}`: {}", String::from_utf8_lossy(&ended.stderr).trim());
    }
    Ok(notes?)
}
