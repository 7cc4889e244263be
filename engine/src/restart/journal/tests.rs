//! The journal as a whole: crashes, changes, turning over, folding.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::check::path;
use super::*;
use crate::restart::cause::Cause;
use crate::restart::history::{GaveBack, OperatorHold, Outcome, Past};
use crate::restart::hold::{Code, Hold};
use crate::restart::plan::{Act, Plan, Step};

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_700_000_000 + second)
}

fn hand() -> Cause {
    Cause::Hand { who: "ann".to_owned() }
}

fn plan(id: &str, target: &str) -> Box<Plan> {
    let step = |stage, act| Step { stage, node: target.to_owned(), act, within_s: 1.5 };
    Box::new(Plan {
        id: id.to_owned(),
        cause: hand(),
        target: target.to_owned(),
        nodes: vec![target.to_owned()],
        depth: 1,
        steps: vec![step(0, Act::Stop), step(1, Act::Start)],
        at: None,
        deadline: None,
        downtime_s: None,
        why: vec!["because".to_owned()],
    })
}

/// A restart that gave something back: `before` bytes less 10.
pub(super) fn past(plan: &str, target: &str, before: f64) -> Past {
    let gave_back = vec![GaveBack { series: "memory".to_owned(), before, after: before - 10.0 }];
    Past {
        plan: plan.to_owned(),
        target: target.to_owned(),
        nodes: vec![target.to_owned()],
        cause: hand(),
        began: at(1),
        ended: at(2),
        outcome: Outcome::Done,
        downtime_s: Some(0.25),
        gave_back,
    }
}

/// One entry of each kind that a restart writes, and a few around it.
fn story() -> Vec<Entry> {
    let id = || "web@1".to_owned();
    let done = |step| Entry::Done {
        plan: id(),
        step,
        ending: Ending::Made,
        note: "inactive, \"cgroup\" empty\n".to_owned(),
        identity: None,
    };
    let hold = OperatorHold {
        node: "db".to_owned(),
        owner: "ann".to_owned(),
        reason: "move".to_owned(),
        until: None,
    };
    vec![
        Entry::HoldPlaced { hold },
        Entry::Planned { plan: plan("web@1", "web") },
        Entry::Approved { plan: id(), who: "ann".to_owned() },
        Entry::Began {
            plan: plan("web@1", "web"),
            forced: None,
            before: BTreeMap::from([("web".to_owned(), None)]),
        },
        Entry::Intent { plan: id(), step: 0, identity: Some("a".to_owned()) },
        done(0),
        Entry::Intent { plan: id(), step: 1, identity: None },
        Entry::Aside { plan: id(), step: 1, note: "start limit reset".to_owned() },
        done(1),
        Entry::Differs { plan: id(), missing: vec![], extra: vec!["unit x.service".to_owned()] },
        Entry::Finished { past: past("web@1", "web", 20.0), note: "done".to_owned() },
        Entry::Measured { plan: id(), gave_back: past("web@1", "web", 30.0).gave_back },
        Entry::Skipped {
            target: "db".to_owned(),
            cause: hand(),
            hold: Hold::new(Code::OperatorHold, "held"),
            plan: None,
        },
        Entry::GaveUp { node: "db".to_owned(), why: "in vain".to_owned() },
        Entry::Began { plan: plan("db@2", "db"), forced: Some("now".to_owned()), before: BTreeMap::new() },
        Entry::Intent { plan: "db@2".to_owned(), step: 0, identity: None },
    ]
}

fn open(dir: &Path) -> Journal {
    Journal::open(dir, Limits::default(), 1, at(0)).unwrap()
}

/// Writes the story, and returns the bytes of its one file.
fn written(dir: &Path) -> Vec<u8> {
    let mut journal = open(dir);
    for entry in story() {
        journal.append(entry, at(5)).unwrap();
    }
    fs::read(path(dir, 1)).unwrap()
}

fn check(bytes: &[u8]) -> Journals {
    Journals::check(&[(1, bytes.to_vec())])
}

#[test]
fn a_story_is_folded_to_what_is_made_and_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path());
    let fold = open(folder.path()).fold().clone();
    assert_eq!(fold.history.past, [past("web@1", "web", 30.0)], "what it gave back was measured later");
    assert_eq!(fold.history.holds.len(), 1);
    assert_eq!(fold.history.given_up, [("db".to_owned(), at(5))]);
    assert!(fold.waiting.is_empty(), "it began");
    assert_eq!(fold.open.keys().collect::<Vec<_>>(), ["db@2"]);
    assert_eq!(fold.open["db@2"].step(0).unwrap().ended, None);
    assert_eq!(fold.open["db@2"].step(1), None);
}

#[test]
fn one_process_writes_and_the_other_hears_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let first = Journal::open(folder.path(), Limits::default(), 4711, at(0)).unwrap();
    let second = Journal::open(folder.path(), Limits::default(), 2, at(0)).unwrap_err();
    assert!(second.to_string().ends_with("in use by process 4711"), "{second}");
    drop(first);
    open(folder.path());
}

#[test]
fn every_prefix_folds_and_a_half_line_is_taken_away_and_noted() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = written(folder.path());
    for end in 0..=bytes.len() {
        let read = check(&bytes[..end]);
        assert_eq!(read.faults, [], "{end} bytes");
        let whole = bytes[..end].split(|&byte| byte == b'\n').count() - 1;
        assert_eq!(read.records.len(), whole);
        assert_eq!(
            read.torn.is_some(),
            bytes[..end].last().is_some_and(|&byte| byte != b'\n'),
            "{end} bytes"
        );
    }
    for end in [0, 1, 700, bytes.len() - 1] {
        fs::write(path(folder.path(), 1), &bytes[..end]).unwrap();
        let mut journal = open(folder.path());
        journal.append(Entry::Planned { plan: plan("x@1", "x") }, at(9)).unwrap();
        let read = Journals::read(folder.path()).unwrap();
        assert_eq!((read.faults.len(), read.torn), (0, None), "{end} bytes");
        let cut = read.records.iter().any(|record| matches!(record.entry, Entry::Cut { .. }));
        assert_eq!(cut, 0 < end);
        assert!(read.fold.waiting.contains_key("x@1"));
    }
}

#[test]
fn a_change_stops_everything_until_a_person_accepts_it_and_the_next_change_again() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = written(folder.path());
    let changed = String::from_utf8(bytes).unwrap().replace("\"ann\"", "\"bob\"");
    fs::write(path(folder.path(), 1), &changed).unwrap();
    let mut journal = open(folder.path());
    let first = journal.faults()[0].to_string();
    assert_eq!(first, "00000001.jsonl:2: does not match its seal");
    let refused = journal.append(Entry::Cut { bytes: 0 }, at(6)).unwrap_err();
    assert!(refused.to_string().starts_with(&first), "{refused}");
    assert_eq!(journal.accept("ann", at(7)).unwrap(), 1);
    journal.append(Entry::Cut { bytes: 0 }, at(8)).unwrap();
    drop(journal);
    assert_eq!(open(folder.path()).faults(), []);
    fs::write(path(folder.path(), 1), changed.replace("\"bob\"", "\"eve\"")).unwrap();
    assert!(!open(folder.path()).faults().is_empty());
}

#[test]
fn a_missing_line_a_missing_file_and_another_order_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let text = String::from_utf8(written(folder.path())).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let without = [&lines[..3], &lines[4..]].concat().concat();
    assert_eq!(
        check(without.as_bytes()).faults[0].to_string(),
        "00000001.jsonl:4: does not continue the line before"
    );
    let swapped = [&lines[..3], &[lines[4], lines[3]], &lines[5..]].concat().concat();
    assert_eq!(check(swapped.as_bytes()).faults.len(), 3);
    let tail = lines[3..].concat().into_bytes();
    assert!(check(&tail).faults[0].what.contains("no snapshot"));
    let parts =
        Journals::check(&[(1, lines[..3].concat().into_bytes()), (3, lines[5..].concat().into_bytes())]);
    assert!(!parts.faults.is_empty());
}

#[test]
fn it_never_outgrows_its_limit_and_forgets_neither_holds_nor_budgets_nor_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { bytes: 64 << 10, restarts_of_a_node: 3, restarts: 5 };
    let mut journal = Journal::open(folder.path(), limits, 1, at(0)).unwrap();
    for entry in story() {
        journal.append(entry, at(5)).unwrap();
    }
    for i in 0..400 {
        let past = past(&format!("n{}@{i}", i % 4), &format!("n{}", i % 4), 50.0);
        journal.append(Entry::Finished { past, note: "x".repeat(100) }, at(i)).unwrap();
        let size: u64 =
            fs::read_dir(&folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
        assert!(size <= limits.bytes, "{size} bytes after {i}");
    }
    let expected = journal.fold().clone();
    drop(journal);
    let read = Journals::read(folder.path()).unwrap();
    assert_eq!(read.faults, []);
    assert!(1 < read.files[0].0, "the oldest is gone");
    assert_eq!(read.fold, expected);
    assert!(read.fold.open.contains_key("db@2"));
    assert_eq!((read.fold.history.holds.len(), read.fold.history.given_up.len()), (1, 1));
    for target in ["n0", "n1", "n2", "n3", "web"] {
        let count = read.fold.history.past.iter().filter(|past| past.target == target).count();
        assert!(if target == "web" { count == 1 } else { 3 <= count }, "{count} of {target}");
    }
}

#[test]
fn a_state_larger_than_a_file_should_be_does_not_turn_over_with_every_entry() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { bytes: 4096, restarts_of_a_node: 100, restarts: 100 };
    let mut journal = Journal::open(folder.path(), limits, 1, at(0)).unwrap();
    for i in 0..200 {
        let entry = Entry::Finished { past: past(&format!("n@{i}"), "n", 1.0), note: String::new() };
        journal.append(entry, at(i)).unwrap();
    }
    assert_eq!(journal.fold().history.past.len().min(100), 100);
    let newest = Journals::read(folder.path()).unwrap().files.last().unwrap().0;
    assert!(newest < 30, "{newest} files");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_without_panic(
        files in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..400), 0..3),
    ) {
        let files: Vec<(u64, Vec<u8>)> = (1..).zip(files).collect();
        let _ = Journals::check(&files).fold.snapshot(&Limits::default());
    }

    #[test]
    fn entries_in_any_order_fold(picks in proptest::collection::vec(0..16_usize, 0..40)) {
        let story = story();
        let mut fold = Fold::default();
        for (seq, pick) in (1..).zip(picks) {
            let entry = story[pick].clone();
            fold.take(&Record { seq, at: at(5), before: String::new(), entry });
        }
        let again = Fold::from(fold.snapshot(&Limits { restarts: 100, ..Limits::default() }));
        prop_assert_eq!(fold, again);
    }

    #[test]
    fn any_changed_bit_is_found(place in 0.0..1.0, bit in 0..8_u8) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = written(folder.path());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short file")]
        let place = (place * bytes.len() as f64) as usize;
        bytes[place] ^= 1 << bit;
        let read = check(&bytes);
        prop_assert!(!read.faults.is_empty() || read.torn.is_some());
    }
}
