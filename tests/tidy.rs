//! The rules of the house: what each room may not say, and what nothing that is tracked may hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::skipped::{skipped, workspace};

/// The packages whose rooms have walls.
const PACKAGES: [&str; 4] = ["models", "collectors", "engine", "datasets"];

/// A word, and the room outside which it may not be said. A wall is a line.
const WALLS: [(&str, &[&str]); 16] = [
    ("polars::", &["engine/src/store"]),
    ("plotters::", &["engine/src/report"]),
    ("maud::", &["engine/src/report", "engine/app/web"]),
    ("linfa::", &["models/src"]),
    ("linfa_linear::", &["models/src"]),
    ("std::process", &["engine/app"]),
    ("std::net", &["engine/app"]),
    ("thread::", &["engine/app", "collectors/src/live/disk"]),
    ("println!", &["engine/app"]),
    ("eprintln!", &["engine/app"]),
    ("ureq::", &["engine/app"]),
    ("axum::", &["engine/app"]),
    ("tokio::", &["engine/app"]),
    ("clap::", &["engine/app"]),
    ("anyhow::", &["engine/app"]),
    ("hebe_collectors", &["engine"]),
];

/// The longest that ARCHITECTURE.md may grow.
const ARCHITECTURE_LINES: usize = 200;
/// The largest file that may be tracked, in bytes.
const TRACKED_BYTES: u64 = 1_000_000;
/// Paths of the machines that Hebe is written on, in halves, so that this file does not hold them.
const MACHINE: [(&str, &str); 2] = [("/wo", "rk/"), (".libr", "ary")];

/// A test that cannot run says so wherever it stands.
const EXCUSED: &str = "eprintln!(\"SKIPPED: ";

/// Every word of `text` that is not at home in `file`, as `file:line: word belongs to home`.
fn strays(file: &str, text: &str) -> Vec<String> {
    let mut strays = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.contains(EXCUSED)) {
        let at_home = |homes: &[&str]| homes.iter().any(|home| Path::new(file).starts_with(home));
        let away = WALLS.iter().filter(|(word, homes)| says(line, word) && !at_home(homes));
        strays.extend(
            away.map(|(word, homes)| format!("{file}:{number}: `{word}` belongs to {}", homes.join(" or "))),
        );
    }
    strays
}

/// Whether a line says `word`, and not a longer one that ends in it.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}

/// What is wrong with a tracked file, if anything.
fn fault(file: &str, bytes: &[u8]) -> Option<String> {
    if TRACKED_BYTES < bytes.len() as u64 {
        return Some(format!("{file}: {} bytes", bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes);
    let machine = MACHINE.iter().map(|(a, b)| format!("{a}{b}")).find(|path| text.contains(path.as_str()));
    machine.map(|path| format!("{file}: names `{path}`"))
}

/// The Rust files of the packages, relative to the workspace, with their text.
fn rooms() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for package in PACKAGES {
        walk(&workspace().join(package), "rs", &mut files);
    }
    let relative = |path: &Path| path.strip_prefix(workspace()).unwrap().display().to_string();
    files.into_iter().map(|path| (relative(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// All files under `folder` with that extension.
fn walk(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, extension, files);
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
}

#[test]
fn every_file_says_at_its_door_what_lives_there() {
    let mut files = rooms();
    assert!(50 < files.len(), "{} files", files.len());
    walk_tests(&mut files);
    let silent: Vec<String> =
        files.into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(file, _)| file).collect();
    assert!(silent.is_empty(), "these do not begin with `//! `: {silent:#?}");
}

fn walk_tests(files: &mut Vec<(String, String)>) {
    let mut paths = Vec::new();
    for folder in ["tests", "benches"] {
        walk(&workspace().join(folder), "rs", &mut paths);
    }
    files.extend(
        paths.into_iter().map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())),
    );
}

#[test]
fn every_word_is_said_at_home() {
    // An example is a program of its own: it speaks and ends as one.
    let rooms = rooms().into_iter().filter(|(file, _)| !file.contains("/examples/"));
    let strays: Vec<String> = rooms.flat_map(|(file, text)| strays(&file, &text)).collect();
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn a_stray_word_is_found() {
    let stray = strays("models/src/line.rs", "//! Lines.\nuse polars::prelude::*;\n");
    assert_eq!(stray, ["models/src/line.rs:2: `polars::` belongs to engine/src/store"]);
    assert_eq!(strays("engine/src/store/parquet.rs", "use polars::prelude::*;"), Vec::<String>::new());
    assert_eq!(strays("engine/src/report/mod.rs", "println!(\"\")").len(), 1);
    assert_eq!(strays("engine/src/x.rs", "eprintln!(\"\")").len(), 1);
    assert_eq!(strays("models/src/x.rs", "eprintln!(\"SKIPPED: {file}\")").len(), 0);
    assert_eq!(strays("models/src/x.rs", "use hebe_collectors::history;").len(), 1);
    assert_eq!(strays("engine/source/x.rs", "rayon::thread::x").len(), 1);
}

#[test]
fn nothing_tracked_is_large_or_names_the_machine_it_was_written_on() {
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(workspace());
    let Some(listed) = list.output().ok().filter(|listed| listed.status.success()) else {
        return skipped("tracked files", "git and a clone");
    };
    let names = String::from_utf8(listed.stdout).unwrap();
    let read = |name| Some((name, fs::read(workspace().join(name)).ok()?));
    let tracked: Vec<(&str, Vec<u8>)> = names.split_terminator('\0').filter_map(read).collect();
    assert!(100 < tracked.len(), "{} files", tracked.len());
    let faults: Vec<String> = tracked.iter().filter_map(|(name, bytes)| fault(name, bytes)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_faulty_file_is_found() {
    assert_eq!(fault("a.bin", &vec![0; 1_000_001]), Some("a.bin: 1000001 bytes".to_owned()));
    let (a, b) = MACHINE[0];
    assert_eq!(fault("a.md", format!("see {a}{b}x").as_bytes()), Some(format!("a.md: names `{a}{b}`")));
    assert_eq!(fault("a.md", b"see ../shared/datasets"), None);
}

#[test]
fn notebooks_are_kept_without_their_outputs() {
    let mut notebooks = Vec::new();
    walk(&workspace().join("notebooks"), "ipynb", &mut notebooks);
    let full: Vec<PathBuf> =
        notebooks.into_iter().filter(|path| !is_stripped(&fs::read_to_string(path).unwrap())).collect();
    assert!(full.is_empty(), "strip the outputs of {full:?}");
}

/// Whether no cell of a notebook keeps what it printed when it ran.
fn is_stripped(notebook: &str) -> bool {
    let notebook: Value = serde_json::from_str(notebook).unwrap();
    let cells = notebook["cells"].as_array().unwrap();
    assert!(!cells.is_empty());
    let mut code = cells.iter().filter(|cell| cell["cell_type"] == "code");
    code.all(|cell| cell["outputs"] == json!([]) && cell["execution_count"].is_null())
}

#[test]
fn a_notebook_with_outputs_is_found() {
    let cell = json!({"cell_type": "code", "outputs": [], "execution_count": 3});
    assert!(!is_stripped(&json!({"cells": [cell]}).to_string()));
    let cell = json!({"cell_type": "code", "outputs": ["1"], "execution_count": null});
    assert!(!is_stripped(&json!({"cells": [cell]}).to_string()));
}

#[test]
fn the_architecture_is_told_in_two_hundred_lines() {
    let Ok(text) = fs::read_to_string(workspace().join("ARCHITECTURE.md")) else {
        return skipped("the length of ARCHITECTURE.md", "ARCHITECTURE.md, which is not written yet");
    };
    assert!(text.lines().count() <= ARCHITECTURE_LINES, "{} lines", text.lines().count());
}
