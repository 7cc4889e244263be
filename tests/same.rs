//! The same history gives the same answer, and the future of a history none at all.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use hebe_datasets::{Recording, recordings};
use tempfile::TempDir;

use crate::{binary, skipped};

#[test]
fn the_same_history_gives_the_same_rows_byte_by_byte() {
    let folder = recordings().remove(0).path.parent().unwrap().to_path_buf();
    let first = binary::analyze(&folder, "");
    let second = binary::analyze(&folder, "");
    assert_eq!(first.rows().len(), recordings().len());
    assert_eq!(first.out, second.out);
}

#[test]
fn what_comes_later_changes_nothing_about_what_was_said_before() {
    let folder = tempfile::tempdir().unwrap();
    for run in recordings() {
        for share in [0.2, 0.45, 0.7, 0.95] {
            let then = run.moment(share);
            let cut = cut(&run.path, then, &folder, &run);
            let until = then.to_rfc3339_opts(SecondsFormat::Millis, true);
            let (whole, part) = (binary::row(&run.path, &format!("--until {until}")), binary::row(&cut, ""));
            assert_eq!(whole, part, "{} at {share}", run.name);
        }
    }
}

#[test]
fn a_history_of_others_is_judged_without_its_future_too() {
    let Some(shared) = skipped::shared("causality on ibm-cloud") else { return };
    let file = shared.join("ibm-cloud/varlog.csv");
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let folder = tempfile::tempdir().unwrap();
    for n in [250, 700, 1300] {
        let cut = folder.path().join("cut.csv");
        fs::write(&cut, lines[..=n].join("\n")).unwrap();
        let until = lines[n].split(',').next().unwrap();
        let whole = binary::row(&file, &format!("--limit usage=100 --until {until}"));
        assert_eq!(whole, binary::row(&cut, "--limit usage=100"), "{n} samples");
    }
}

/// The recording as it stood `then`.
fn cut(path: &Path, then: DateTime<Utc>, folder: &TempDir, run: &Recording) -> PathBuf {
    let text = fs::read_to_string(path).unwrap();
    let (head, samples) = text.split_once('\n').unwrap();
    let before = |line: &&str| line.split(',').next().unwrap().parse::<DateTime<Utc>>().unwrap() <= then;
    let kept: Vec<&str> = samples.lines().take_while(before).collect();
    assert!(!kept.is_empty() && kept.len() < samples.lines().count());
    let cut = folder.path().join(&run.truth.file);
    fs::write(&cut, format!("{head}\n{}\n", kept.join("\n"))).unwrap();
    cut
}
