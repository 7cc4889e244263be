//! The store as a whole: what is appended comes back, whatever happens in between.
#![allow(clippy::float_cmp, reason = "what is kept is kept exactly")]

mod clock;
mod damage;
mod keep;
mod life;

use std::path::Path;

use hebe_collectors::history::Unit;
use proptest::prelude::*;

use super::{Appended, Meta, Options, Reading, SeriesId, Store, Tick};

/// A time to begin at, on a boundary of days: 2026-09-21.
pub(super) const START: i64 = 1_789_948_800_000;
/// Milliseconds between ticks.
pub(super) const STEP: i64 = 60_000;

pub(super) fn open(dir: &Path) -> Store {
    open_with(dir, &Options::default())
}

pub(super) fn open_with(dir: &Path, options: &Options) -> Store {
    Store::open(dir, Options { owner: 42, ..options.clone() }).unwrap()
}

pub(super) fn meta(name: &str) -> Meta {
    let (name, resource) = (name.to_owned(), "memory.available".to_owned());
    Meta { name, resource, unit: Unit::Bytes, limit_owner: "MemTotal".to_owned(), ..Meta::default() }
}

/// Appends one value of each series.
pub(super) fn tick(store: &mut Store, t_ms: i64, values: &[(SeriesId, f64)]) -> Appended {
    let readings: Vec<Reading> =
        values.iter().map(|&(id, used)| Reading { id, used, limit: Some(1000.0) }).collect();
    store.append(&Tick { t_ms, readings: &readings }).unwrap()
}

/// Two series, and ticks `from..to` of them.
pub(super) fn run(store: &mut Store, from: i64, to: i64) {
    let (a, b) = (store.register(&meta("a")), store.register(&meta("b")));
    for k in from..to {
        tick(store, START + k * STEP, &[(a, k as f64), (b, -k as f64)]);
    }
}

/// The values of one series on the disk.
pub(super) fn values(store: &Store, name: &str) -> Vec<f64> {
    let id = store.find(name).unwrap();
    let recalled = store.read(&[id], i64::MIN..i64::MAX).unwrap();
    assert!(recalled.notes.is_empty(), "{:?}", recalled.notes);
    recalled.series.into_iter().next().map(|series| series.v).unwrap_or_default()
}

pub(super) fn numbers(range: std::ops::Range<i64>) -> Vec<f64> {
    range.map(|k| k as f64).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Ticks(i64),
    Seal,
    Maintain,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_i64..40).prop_map(Step::Ticks),
        1 => Just(Step::Seal),
        1 => Just(Step::Maintain),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_is_done_what_was_appended_comes_back(steps in prop::collection::vec(step(), 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        // Segments of ten minutes and of a few hundred bytes, so that much happens in little time.
        let options = Options { segment_ms: 600_000, wal_bytes: 4_000, hot_samples: 20, ..Options::default() };
        let mut store = open_with(folder.path(), &options);
        let mut done = 0;
        run(&mut store, 0, 1);
        for step in steps {
            match step {
                Step::Ticks(count) => {
                    run(&mut store, done + 1, done + 1 + count);
                    done += count;
                }
                Step::Seal => store.seal().unwrap(),
                Step::Maintain => store.maintain().unwrap(),
                Step::Reopen => {
                    drop(store);
                    store = open_with(folder.path(), &options);
                }
            }
            prop_assert_eq!(values(&store, "a"), numbers(0..done + 1));
            let hot = store.window(store.find("a").unwrap(), i64::MIN);
            prop_assert_eq!(hot.1, numbers((done - 19).max(0)..done + 1));
        }
    }
}
