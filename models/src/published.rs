//! Published and certified numbers to test against. They are other people's, so they are read from beside the
//! workspace and never committed; a test says loudly that it was skipped where they are absent.
#![allow(clippy::disallowed_methods, reason = "a test may be told where the data sets are")]
#![allow(clippy::print_stderr, reason = "a skipped test must be heard")]

use std::path::PathBuf;

use serde_json::Value;

/// The text of a file of the data sets, if they are there.
pub(crate) fn read(file: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/datasets");
    let path =
        std::env::var("HEBE_DATASETS").map_or_else(|_| PathBuf::from(beside), PathBuf::from).join(file);
    let text = std::fs::read_to_string(&path);
    if let Err(error) = &text {
        eprintln!("SKIPPED: cannot read `{}`: {error}", path.display());
    }
    text.ok()
}

/// The answers under one name of `expected.json`.
pub(crate) fn answers(name: &str) -> Option<Value> {
    let all: Value = serde_json::from_str(&read("reference/expected.json")?).unwrap();
    Some(all[name].clone())
}

/// Named columns of a file with a heading, as text.
pub(crate) fn columns<const K: usize>(file: &str, names: [&str; K]) -> Option<[Vec<String>; K]> {
    let text = read(file)?;
    let cells =
        |line: &str| -> Vec<String> { line.split(',').map(|cell| cell.trim_matches('"').into()).collect() };
    let heading = cells(text.lines().next()?);
    let rows: Vec<Vec<String>> = text.lines().skip(1).map(cells).collect();
    Some(names.map(|name| {
        let place = heading.iter().position(|cell| cell == name).expect("the column exists");
        rows.iter().map(|row| row[place].clone()).collect()
    }))
}

/// The same as numbers.
pub(crate) fn numbers<const K: usize>(file: &str, names: [&str; K]) -> Option<[Vec<f64>; K]> {
    columns(file, names).map(|columns| columns.map(|c| c.iter().map(|cell| cell.parse().unwrap()).collect()))
}

/// A published number.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// Fails where `got` is further from `expected` than `tolerance`, as a share of it.
#[track_caller]
pub(crate) fn close(got: f64, expected: f64, tolerance: f64) {
    let scale = expected.abs().max(f64::MIN_POSITIVE);
    assert!((got - expected).abs() <= tolerance * scale, "{got} is not {expected}");
}
