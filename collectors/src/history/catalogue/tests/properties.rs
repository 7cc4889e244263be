//! What must hold for any columns.

use super::*;

#[test]
fn ten_thousand_columns() {
    let mut columns: Vec<Column> =
        (0..5000).map(|k| column(&format!("c{k}_used"), &[], &[1.0, 2.0])).collect();
    columns.extend((0..5000).map(|k| column(&format!("c{k}_limit"), &[], &[9.0, 9.0])));
    let host = |k: usize| format!("host{k}");
    columns.extend((0..10_000).map(|k| {
        let mut column = column("node_filefd_allocated", &[], &[1.0, 2.0]);
        column.key.host = host(k);
        column
    }));
    let (series, _) = resolved(columns, &Options::default());
    assert_eq!(series.len(), 15_000);
}

/// Names of columns made of words that mean something here.
fn names() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "used",
        "free",
        "total",
        "limit",
        "max",
        "memory",
        "Memory",
        "swap",
        "disk",
        "fds",
        "percent",
        "%",
        "cpu",
        "kb",
        "bytes",
        "available",
        "open",
        "files",
        "size",
        "avail",
        "",
        "x",
        "util",
    ]);
    let free = prop::collection::vec(word, 1..4).prop_map(|words| words.join("_"));
    let known: Vec<&str> = names::rules()
        .flat_map(|rule| std::iter::once(rule.column).chain(rule.also.iter().copied()))
        .chain([
            "node_memory_MemTotal_bytes",
            "memory.slab",
            "node_filefd_maximum",
            "node_memory_SwapTotal_bytes",
        ])
        .collect();
    prop_oneof![free, prop::sample::select(known).prop_map(str::to_owned), ".{0,12}"]
}

fn columns() -> impl Strategy<Value = Vec<Column>> {
    let value = prop_oneof![
        Just(0.0),
        Just(-1.0),
        Just(1e308),
        Just(-1e308),
        Just(9.3e18),
        0.0..100.0_f64,
        0.0..1e12_f64,
    ];
    let values = prop::collection::vec((any::<i16>(), value), 0..8);
    let label = prop::sample::select(vec!["", "/", "/var", "tmpfs"]);
    let one =
        (names(), label, values, any::<bool>(), 0..10u8).prop_map(|(metric, label, samples, host, kind)| {
            let mut labels = vec![];
            if !label.is_empty() {
                labels = vec![
                    ("device".to_owned(), "/dev/a".to_owned()),
                    ("mountpoint".to_owned(), label.to_owned()),
                ];
                labels.push(("fstype".to_owned(), label.to_owned()));
            }
            let samples: std::collections::BTreeMap<i64, f64> =
                samples.into_iter().map(|(t, value)| (i64::from(t), value)).collect();
            Column {
                key: ColumnKey { host: if host { "a".to_owned() } else { String::new() }, metric, labels },
                kind: if kind == 0 { Kind::Counter } else { Kind::Gauge },
                t_ms: samples.keys().copied().collect(),
                v: samples.values().copied().collect(),
                block: 1,
                ..Column::default()
            }
        });
    prop::collection::vec(one, 0..16)
}

proptest! {
    #[test]
    fn no_column_is_lost_and_every_series_is_sound(columns in columns(), pattern in "[a-z*]{0,4}") {
        let options = Options {
            limits: vec![(pattern.clone(), 5.0, Unit::Bytes)],
            units: vec![(pattern, 1e300, Unit::Bytes)],
            ..Options::default()
        };
        let input: Vec<ColumnKey> = columns.iter().map(|column| column.key.clone()).collect();
        let mut bench = Bench::new(columns.clone(), "file", &options);
        let _ = restarts_by_host(&mut bench, &[]);
        make(&mut bench);
        let mut times = vec![0; input.len()];
        bench.drafts.iter().flat_map(|draft| &draft.columns).for_each(|&column| times[column] += 1);
        for (column, fate) in bench.fates.iter().enumerate() {
            let once = usize::from(matches!(fate, Fate::Series | Fate::Also));
            prop_assert!(*fate != Fate::Free && times[column] == once, "{:?} {fate:?} {}", input[column], times[column]);
        }
        let (series, notes) = resolve(columns, &[("a".to_owned(), 3)], "file", &options);
        for (key, fate) in input.iter().zip(&bench.fates) {
            let told = notes.iter().any(|note| note.text.contains(&key.metric) || note.text.contains("file systems"));
            prop_assert!(*fate != Fate::Noted || told, "{key:?} {notes:?}");
        }
        let mut seen = std::collections::HashSet::new();
        for series in &series {
            prop_assert!(seen.insert(&series.name), "{}", series.name);
            prop_assert!(!series.v.is_empty() && series.v.len() == series.t_ms.len());
            prop_assert!(series.v.iter().all(|value| value.is_finite()), "{series:?}");
            prop_assert!(series.t_ms.windows(2).all(|pair| pair[0] < pair[1]));
            if let Some(limit) = &series.limit {
                prop_assert!(!limit.steps.is_empty() && limit.steps.windows(2).all(|pair| pair[0].0 < pair[1].0));
                prop_assert!(limit.steps.iter().all(|step| step.1.is_finite()));
            }
        }
    }
}
