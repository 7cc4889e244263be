//! Open, append, look back.

use hebe_collectors::history::{Limit, Series};

use super::super::{Reading, StoreError, Tick, View};
use super::*;

#[test]
fn what_is_appended_is_in_memory_and_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 10);
    let a = store.find("a").unwrap();
    assert_eq!(store.window(a, START + 8 * STEP).1, [8.0, 9.0]);
    assert_eq!(store.last(a), Some((START + 9 * STEP, 9.0)));
    assert_eq!(values(&store, "b"), (0..10).map(|k| -f64::from(k)).collect::<Vec<_>>());
    let part = store.read(&[a], START + STEP..START + 3 * STEP).unwrap();
    assert_eq!(part.series[0].t_ms, [START + STEP, START + 2 * STEP]);
}

#[test]
fn a_series_comes_back_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let meta = Meta { scope: "/var".to_owned(), host: "h".to_owned(), ..meta("disk \"/var\"") };
    let id = store.register(&meta);
    let append = |store: &mut Store, t: i64, limit: Option<f64>| {
        let readings = [Reading { id, used: 1.0, limit }];
        store.append(&Tick { t_ms: START + t, readings: &readings }).unwrap();
    };
    for (t, limit) in [(0, None), (1, Some(5.0)), (2, Some(5.0)), (3, Some(7.0)), (4, None), (5, Some(7.0))] {
        append(&mut store, t, limit);
    }
    store.restarted(START + 6, &[id]);
    append(&mut store, 6, Some(7.0));
    let check = |store: &Store| {
        let read = store.read(&[id], i64::MIN..i64::MAX).unwrap().series.remove(0);
        assert_eq!(
            (read.name.as_str(), read.scope.as_str(), read.host.as_str()),
            ("disk \"/var\"", "/var", "h")
        );
        assert_eq!(Meta::of(&read), meta);
        let steps = vec![(START + 1, 5.0), (START + 3, 7.0)];
        assert_eq!(read.limit, Some(Limit { owner: "MemTotal".to_owned(), steps }));
        assert_eq!(read.restarts_ms, [START + 6]);
        assert_eq!(read.v.len(), 7);
    };
    check(&store);
    store.seal().unwrap();
    check(&store);
    drop(store);
    check(&open(folder.path()));
}

#[test]
fn bad_readings_are_counted_and_cost_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let (a, b) = (store.register(&meta("a")), store.register(&meta("b")));
    let gone = SeriesId(99);
    let values = [(gone, 1.0), (b, f64::NAN), (a, 1.0), (a, 2.0), (b, 3.0), (b, f64::INFINITY)];
    assert_eq!(tick(&mut store, START, &values), Appended { kept: 1, late: 0, rejected: 5 });
    assert_eq!(super::values(&store, "a"), [2.0]);
}

#[test]
fn a_second_writer_is_refused_with_the_owner() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let second = Store::open(folder.path(), Options { owner: 43, ..Options::default() });
    assert!(matches!(&second, Err(StoreError::Locked { owner, .. }) if owner == "42"), "{second:?}");
    drop(first);
    Store::open(folder.path(), Options { owner: 43, ..Options::default() }).unwrap();
}

#[test]
fn others_read_while_the_owner_writes() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 5);
    let view = View::open(folder.path()).unwrap();
    let (id, meta) = view.series().next().map(|(id, meta)| (id, meta.clone())).unwrap();
    assert_eq!(meta.name, "a");
    let read = |count: i64| {
        assert_eq!(view.read(&[id], &(i64::MIN..i64::MAX)).unwrap().series[0].v, numbers(0..count));
    };
    read(5);
    store.seal().unwrap();
    read(5);
    run(&mut store, 5, 8);
    read(8);
}

#[test]
fn an_imported_history_goes_on_with_ticks() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let history = |name: &str, from: i64, to: i64| Series {
        name: name.to_owned(),
        resource: name.to_owned(),
        scope: String::new(),
        host: String::new(),
        unit: Unit::Bytes,
        sense: hebe_collectors::history::Sense::Rises,
        t_ms: (from..to).map(|k| START + k * STEP).collect(),
        v: numbers(from..to),
        limit: Some(Limit {
            owner: "sar".to_owned(),
            steps: vec![(i64::MIN, 9.0), (START + 20 * STEP, 10.0)],
        }),
        restarts_ms: vec![START + 7 * STEP],
        rejected: 0,
        block: 1,
        source: "sa21".to_owned(),
        also: Vec::new(),
    };
    let imported = store.import(&[history("b", 0, 30), history("a", 0, 40)]).unwrap();
    assert_eq!((imported.kept, imported.late), (70, 0));
    // Days of it: four times what one segment wants would be slow here.
    let again = store.import(&[history("a", 0, 50)]).unwrap();
    assert_eq!((again.kept, again.late), (10, 40));
    run(&mut store, 49, 60);
    let a = store.find("a").unwrap();
    assert_eq!(values(&store, "a"), numbers(0..60));
    assert_eq!(store.window(a, START + 45 * STEP).1, numbers(45..60));
    let read = store.read(&[a], i64::MIN..START + 45 * STEP).unwrap().series.remove(0);
    assert_eq!(read.restarts_ms, [START + 7 * STEP]);
    assert_eq!(read.limit.unwrap().steps, [(START, 9.0), (START + 20 * STEP, 10.0)]);
    drop(store);
    assert_eq!(values(&open(folder.path()), "a"), numbers(0..60));
}
