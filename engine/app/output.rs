//! Standard output and standard error: colour, width, progress, files that are written whole or not at all.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::{env, fs};

use anyhow::{Context, Result};
use chrono_tz::Tz;
use hebe::report::Style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::{Color, Look};

/// Columns where there is no terminal to ask.
const WIDTH: usize = 100;

/// How to print for this terminal.
pub(crate) fn style(look: &Look, zone: Tz) -> Style {
    let terminal = io::stdout().is_terminal();
    let color = match look.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    let width = look.width.or_else(|| env::var("COLUMNS").ok()?.parse().ok()).unwrap_or_else(|| {
        terminal_size::terminal_size().filter(|_| terminal).map_or(WIDTH, |(width, _)| usize::from(width.0))
    });
    Style { width: width.clamp(40, 400), color, ascii: look.ascii || !speaks_utf8(), zone }
}

/// Whether the locale can show more than ASCII; without a word on it, yes.
fn speaks_utf8() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env::var(name).ok().filter(|v| !v.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8") || !matches!(locale.as_str(), "c" | "posix")
    })
}

/// Prints to standard output.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// Prints to standard error.
pub(crate) fn note(text: &str) {
    if !text.is_empty() {
        eprint!("{text}");
        if !text.ends_with('\n') {
            eprintln!();
        }
    }
}

/// A bar on standard error; only on a terminal, and only for work of at least `least`.
pub(crate) fn progress(what: &'static str, total: u64, least: u64) -> ProgressBar {
    if total < least || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{prefix} {bar:30} {percent} % {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_prefix(what)
}

/// Writes a file whole: beside it first, then in its place.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let shown = path.display();
    let name = path.file_name().with_context(|| format!("`{shown}` names no file"))?.to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.with_context(|| format!("cannot write `{shown}`"))
}

/// Whether an error only says that the reader of our output has gone.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The command line, quoted where a shell needs it.
pub(crate) fn command_line() -> String {
    let words = env::args().skip(1).map(|word| quote(&word));
    std::iter::once("hebe".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A word as a shell reads it.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The path of this program.
pub(crate) fn program() -> String {
    env::current_exe().map_or_else(|_| "/usr/local/bin/hebe".to_owned(), |path| path.display().to_string())
}
