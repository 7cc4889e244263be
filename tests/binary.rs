//! The binary: what is typed, and what comes out.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::contract;

/// What the binary answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The binary, cut off from this machine's terminal, zone and settings.
pub(crate) fn hebe() -> Command {
    at_home(Command::new(env!("CARGO_BIN_EXE_hebe")))
}

/// Gives `command` the same surroundings everywhere.
pub(crate) fn at_home(mut command: Command) -> Command {
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HEBE_ZONE", "UTC").env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    command
}

/// Runs `hebe WORDS…`.
pub(crate) fn run<S: AsRef<OsStr>>(words: &[S]) -> Answer {
    Answer::of(hebe().args(words))
}

/// The rows of `hebe analyze --format json PATH WORDS…`, where the words are split at blanks.
#[track_caller]
pub(crate) fn rows(path: &Path, words: &str) -> Vec<Value> {
    analyze(path, words).rows()
}

/// The only row of `hebe analyze --format json PATH WORDS…`.
#[track_caller]
pub(crate) fn row(path: &Path, words: &str) -> Value {
    let mut rows = rows(path, words);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    rows.remove(0)
}

/// `hebe analyze --format json PATH WORDS…`.
pub(crate) fn analyze(path: &Path, words: &str) -> Answer {
    let mut all: Vec<OsString> = ["analyze", "--format", "json"].map(OsString::from).to_vec();
    all.push(path.into());
    all.extend(words.split_whitespace().map(OsString::from));
    run(&all)
}

impl Answer {
    /// Runs `command` to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the binary starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the binary writes UTF-8");
        Self { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// The rows, each one as the contract wants it.
    #[track_caller]
    pub(crate) fn rows(&self) -> Vec<Value> {
        assert_eq!(self.code, Some(0), "{}", self.err);
        let rows: Vec<Value> = serde_json::from_str(&self.out).expect("standard output is one array");
        rows.iter().for_each(contract::check);
        rows
    }
}

/// Whether the row says that something runs out, or has.
pub(crate) fn is_alarm(row: &Value) -> bool {
    matches!(row["status"].as_str(), Some("WATCH" | "WARNING" | "CRITICAL" | "EXHAUSTED"))
}
