//! Clocks that jump.

use super::*;

const HOUR: i64 = 3_600_000;

#[test]
fn samples_that_are_not_newer_are_dropped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let a = store.register(&meta("a"));
    for (t, kept) in [(0, 1), (HOUR, 1), (HOUR, 0), (HOUR / 2, 0), (HOUR + 1, 1)] {
        let appended = tick(&mut store, START + t, &[(a, t as f64)]);
        assert_eq!((appended.kept, appended.late), (kept, 1 - kept), "{t}");
    }
    let check = |store: &Store| assert_eq!(values(store, "a"), [0.0, HOUR as f64, HOUR as f64 + 1.0]);
    check(&store);
    store.seal().unwrap();
    check(&store);
    assert_eq!(tick(&mut store, START + HOUR, &[(a, 1.0)]).late, 1);
    drop(store);
    let mut store = open(folder.path());
    assert_eq!(tick(&mut store, START + HOUR, &[(a, 1.0)]).late, 1);
}

#[test]
fn a_leap_ahead_that_is_taken_back_leaves_nothing_behind() {
    for reopen in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        run(&mut store, 0, 5);
        let (a, far) = (store.find("a").unwrap(), START + 3000 * 24 * HOUR);
        assert_eq!(tick(&mut store, far, &[(a, 1.0)]).kept, 1);
        let new = store.register(&meta("new"));
        tick(&mut store, far + STEP, &[(a, 2.0), (new, 2.0)]);
        if reopen {
            drop(store);
            store = open(folder.path());
        }
        run(&mut store, 5, 8);
        assert_eq!(values(&store, "a"), numbers(0..8));
        assert_eq!(store.window(a, START).1, numbers(0..8));
        assert_eq!(store.set_aside().len(), 1, "{:?}", store.set_aside());
        let new = store.find("new").unwrap();
        tick(&mut store, START + 8 * STEP, &[(new, 8.0)]);
        drop(store);
        let store = open(folder.path());
        assert_eq!(values(&store, "new"), [8.0]);
    }
}

#[test]
fn a_pause_of_days_is_only_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 3);
    let a = store.find("a").unwrap();
    tick(&mut store, START + 72 * HOUR, &[(a, 3.0)]);
    tick(&mut store, START + 73 * HOUR, &[(a, 4.0)]);
    store.maintain().unwrap();
    assert_eq!(values(&store, "a"), numbers(0..5));
    assert!(store.set_aside().is_empty());
}
