//! Merging, dropping and the tier.

use std::fs;

use super::super::View;
use super::*;

/// An hour's ticks.
const HOUR: i64 = 3_600_000 / STEP;

fn files(dir: &Path, folder: &str) -> usize {
    fs::read_dir(dir.join(folder)).unwrap().count()
}

#[test]
fn a_day_becomes_one_segment() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 30 * HOUR);
    store.maintain().unwrap();
    // One of the day before, and the whole segments of today.
    assert_eq!(files(folder.path(), "raw"), 1 + 2);
    assert_eq!(files(folder.path(), "tier"), 1 + 2);
    assert_eq!(files(folder.path(), "wal"), 1);
    assert_eq!(values(&store, "a"), numbers(0..30 * HOUR));
    drop(store);
    let store = open(folder.path());
    assert_eq!(values(&store, "a"), numbers(0..30 * HOUR));
    assert_eq!(store.window(store.find("a").unwrap(), 0).1, numbers(30 * HOUR - 300..30 * HOUR));
}

#[test]
fn the_oldest_goes_its_blocks_stay_and_the_newest_is_never_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 50 * HOUR);
    store.maintain().unwrap();
    let whole = store.bytes();
    drop(store);
    let mut store = open_with(folder.path(), &Options { size_limit: whole - 2000, ..Options::default() });
    store.maintain().unwrap();
    assert!(store.bytes() <= whole - 2000);
    let a = store.find("a").unwrap();
    let read = store.read(&[a], i64::MIN..i64::MAX).unwrap().series.remove(0);
    assert!(read.t_ms.is_sorted_by(|a, b| a < b));
    // The first block: 10 samples, 0 to 9, told by the middle one's time and the median.
    assert_eq!((read.t_ms[0], read.v[0], read.block), (START + 5 * STEP, 4.5, 10));
    assert_eq!(read.v[1], 14.5);
    let last = read.v.len() - 1;
    assert_eq!(read.v[last - 100..], numbers(50 * HOUR - 101..50 * HOUR));

    drop(store);
    let mut store = open_with(folder.path(), &Options { size_limit: 1, ..Options::default() });
    store.maintain().unwrap();
    let left = values(&store, "a");
    assert_eq!(left[left.len() - 100..], numbers(50 * HOUR - 100..50 * HOUR));
    let left = ["raw", "tier", "wal"].map(|name| files(folder.path(), name));
    assert_eq!(left, [1, 1, 1]);
    run(&mut store, 50 * HOUR, 51 * HOUR);
    assert_eq!(*values(&store, "a").last().unwrap(), 51.0 * HOUR as f64 - 1.0);
}

#[test]
fn what_would_be_too_much_is_told_by_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 6 * HOUR);
    store.seal().unwrap();
    let a = store.find("a").unwrap();
    let view = View::open(folder.path()).unwrap();
    for (most, samples) in [(6 * HOUR, 6), (5 * HOUR, 4), (0, 2)] {
        let most = usize::try_from(most).unwrap();
        let read = view.read_within(&[a], &(0..i64::MAX), most).unwrap().series.remove(0);
        let blocks = usize::try_from((6 - samples) * HOUR / 10).unwrap();
        assert_eq!(read.v[blocks..], numbers((6 - samples) * HOUR..6 * HOUR));
        assert_eq!(read.v[..blocks].len(), blocks);
        assert!(read.v[..blocks].iter().zip(0..).all(|(&v, k)| v == 4.5 + 10.0 * f64::from(k)));
    }
}

#[test]
fn series_of_which_nothing_is_left_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { size_limit: 1, ..Options::default() };
    let mut store = open_with(folder.path(), &options);
    let old = store.register(&meta("old"));
    tick(&mut store, START, &[(old, 1.0)]);
    run(&mut store, HOUR, 6 * HOUR);
    store.maintain().unwrap();
    let names = |store: &Store| store.series().map(|(_, meta)| meta.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&store), ["a", "b"]);
    assert_eq!(tick(&mut store, START + 7 * HOUR * STEP, &[(old, 2.0)]).rejected, 1);
    let old = store.register(&meta("old"));
    assert_eq!(tick(&mut store, START + 7 * HOUR * STEP, &[(old, 2.0)]).kept, 1);
    drop(store);
    assert_eq!(names(&open_with(folder.path(), &options)), ["a", "b", "old"]);
}

#[test]
fn what_a_process_did_not_do_is_offered_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 26 * HOUR);
    let chore = store.chore().unwrap();
    let order = |chore: &crate::store::Chore| {
        serde_json::from_str::<serde_json::Value>(&chore.order().unwrap()).unwrap()
    };
    let first = order(&chore);
    assert!(store.chore().is_none(), "one at a time");
    let error = chore.obeyed("killed").unwrap_err();
    assert!(error.to_string().contains("could not be tidied"), "{error}");
    let again = store.chore().unwrap();
    assert_eq!(order(&again), first);
    assert!(crate::store::obey("{}").is_err());
    store.adopt(again.run().unwrap()).unwrap();
    assert_eq!(values(&store, "a"), numbers(0..26 * HOUR));
}

#[test]
fn work_may_be_done_while_ticks_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 26 * HOUR);
    let view = View::open(folder.path()).unwrap();
    let a = store.find("a").unwrap();
    let mut next = 26 * HOUR;
    while let Some(chore) = store.chore() {
        run(&mut store, next, next + 3 * HOUR);
        // Every other one as another process would do it.
        let done = if next % (8 * HOUR) == 0 {
            chore.run()
        } else {
            let told = crate::store::obey(&chore.order().unwrap()).unwrap();
            chore.obeyed(&told)
        };
        let done = done.unwrap();
        run(&mut store, next + 3 * HOUR, next + 4 * HOUR);
        next += 4 * HOUR;
        assert_eq!(view.read(&[a], &(0..i64::MAX)).unwrap().series[0].v, numbers(0..next));
        store.adopt(done).unwrap();
        if 100 * HOUR < next {
            break;
        }
    }
    assert_eq!(values(&store, "a"), numbers(0..next));
}
