//! The traps of names and limits: one test each; then what must hold for any columns.

use proptest::prelude::*;

use super::super::{ColumnKey, Kind, Sense, Unit};
use super::*;

/// A column with one value a second.
fn column(metric: &str, labels: &[(&str, &str)], v: &[f64]) -> Column {
    let labels = labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let key = ColumnKey { metric: metric.to_owned(), labels, ..ColumnKey::default() };
    let t_ms = (0..v.len()).map(|k| 1000 * i64::try_from(k).unwrap()).collect();
    Column { key, t_ms, v: v.to_vec(), block: 1, ..Column::default() }
}

fn table(columns: &[(&str, &[f64])]) -> Vec<Column> {
    columns.iter().map(|(metric, v)| column(metric, &[], v)).collect()
}

fn resolved(columns: Vec<Column>, options: &Options) -> (Vec<Series>, String) {
    let (series, notes) = resolve(columns, &[], "file", options);
    let texts: Vec<String> = notes.into_iter().map(|note| note.text).collect();
    (series, texts.join("\n"))
}

/// A series in one line: name, last value, limit and its owner, what was folded.
fn line(series: &Series) -> String {
    let limit = series.limit.as_ref().map_or("none".to_owned(), |limit| {
        let (_, value) = limit.steps[limit.steps.len() - 1];
        format!("{value} ({})", limit.owner)
    });
    let falls = if series.sense == Sense::Falls { " falls" } else { "" };
    let also =
        if series.also.is_empty() { String::new() } else { format!(" also {}", series.also.join(", ")) };
    format!("{} = {}{falls} of {limit}{also}", series.name, series.v[series.v.len() - 1])
}

#[track_caller]
fn check(columns: Vec<Column>, expected: &[&str]) -> String {
    check_with(columns, &Options::default(), expected)
}

#[track_caller]
fn check_with(columns: Vec<Column>, options: &Options, expected: &[&str]) -> String {
    let (series, notes) = resolved(columns, options);
    let lines: Vec<String> = series.iter().map(line).collect();
    assert_eq!(lines, expected, "\n{notes}");
    notes
}

#[test]
fn memory_that_is_available_becomes_memory_that_is_used() {
    check(
        vec![
            column("node_memory_MemAvailable_bytes", &[("job", "node")], &[70.0, 60.0]),
            column("node_memory_MemTotal_bytes", &[("job", "node")], &[100.0, 100.0]),
            column("node_memory_MemFree_bytes", &[("job", "node")], &[1.0, 1.0]),
        ],
        &["memory.available = 40 of 100 (MemTotal) also node_memory_MemFree_bytes"],
    );
}

#[test]
fn a_limit_that_comes_before_and_moves_is_kept_as_steps() {
    let mut total = column("node_memory_MemTotal_bytes", &[], &[100.0, 100.0, 200.0]);
    total.t_ms = vec![-500, 500, 1500];
    let columns = vec![column("node_memory_MemAvailable_bytes", &[], &[70.0, 60.0, 60.0]), total];
    let (series, _) = resolved(columns, &Options::default());
    assert_eq!(series[0].v, [30.0, 40.0, 140.0]);
    assert_eq!(series[0].limit.as_ref().unwrap().steps, [(-500, 100.0), (1500, 200.0)]);
}

fn mount(device: &str, mountpoint: &str, kind: &str, avail: f64) -> Vec<Column> {
    let labels = [("device", device), ("fstype", kind), ("mountpoint", mountpoint)];
    vec![
        column("node_filesystem_avail_bytes", &labels, &[avail, avail]),
        column("node_filesystem_size_bytes", &labels, &[100.0, 100.0]),
    ]
}

#[test]
fn a_device_mounted_twice_is_one_row_and_pseudo_file_systems_are_none() {
    let mut columns = mount("/dev/sda1", "/var/lib/docker", "ext4", 30.0);
    columns.extend(mount("/dev/sda1", "/var", "ext4", 30.0));
    columns.extend(mount("tmpfs", "/run", "tmpfs", 1.0));
    columns.extend(mount("/dev/sdb1", "/home", "xfs", 90.0));
    let docker =
        "node_filesystem_avail_bytes{device=\"/dev/sda1\",fstype=\"ext4\",mountpoint=\"/var/lib/docker\"}";
    let notes = check(
        columns,
        &[
            &format!("disk.bytes:/var = 70 of 100 (file system) also {docker}"),
            "disk.bytes:/home = 10 of 100 (file system)",
        ],
    );
    assert!(notes.contains("/run (tmpfs)"), "{notes}");
}

#[test]
fn a_limit_that_cannot_bind_is_none_and_said() {
    let columns =
        table(&[("node_filefd_allocated", &[10.0, 20.0]), ("node_filefd_maximum", &[9.2e18, 9.2e18])]);
    let notes = check(columns, &["files.open = 20 of none"]);
    assert!(notes.contains("too large"), "{notes}");
}

#[test]
fn a_java_pool_without_a_maximum_has_no_limit() {
    let columns = vec![
        column("jvm_memory_used_bytes", &[("area", "nonheap"), ("id", "Metaspace")], &[10.0, 20.0]),
        column("jvm_memory_max_bytes", &[("area", "nonheap"), ("id", "Metaspace")], &[-1.0, -1.0]),
    ];
    check(columns, &["jvm.memory:Metaspace = 20 of none"]);
}

#[test]
fn swap_that_is_not_there_says_nothing() {
    let none: &[f64] = &[0.0, 0.0];
    let notes =
        check(table(&[("node_memory_SwapFree_bytes", none), ("node_memory_SwapTotal_bytes", none)]), &[]);
    assert_eq!(notes, "");
    check(
        table(&[("memory.swpfree", none), ("memory.swpused", none), ("memory.swpused-percent", none)]),
        &[],
    );
}

#[test]
fn the_commit_limit_of_linux_is_not_taken() {
    let columns = table(&[
        ("node_memory_Committed_AS_bytes", &[10.0, 20.0]),
        ("node_memory_CommitLimit_bytes", &[15.0, 15.0]),
    ]);
    let notes = check(columns, &["memory.committed = 20 of none"]);
    assert!(notes.contains("overcommit_memory"), "{notes}");
}

/// free, used, buffers, cached, slab; used is 10 % of 1000.
fn sysstat(used: f64, slab: bool) -> Vec<Column> {
    let twice = |value: f64| [value, value];
    let mut columns = table(&[
        ("memory.memfree", &twice(600.0)),
        ("memory.avail", &twice(750.0)),
        ("memory.memused", &twice(used)),
        ("memory.memused-percent", &twice(used / 10.0)),
        ("memory.buffers", &twice(50.0)),
        ("memory.cached", &twice(200.0)),
    ]);
    if slab {
        columns.push(column("memory.slab", &[], &twice(50.0)));
    }
    columns
}

#[test]
fn the_total_of_sysstat_12_is_the_sum_of_five() {
    let also = "also memory.memfree, memory.memused, memory.memused-percent, memory.buffers, memory.cached";
    let expected = format!("memory.available = 250 of 1000 (MemTotal) {also}");
    check(sysstat(100.0, true), &[&expected, "memory.slab = 50 of none"]);
}

#[test]
fn the_total_of_older_sysstat_is_free_and_used() {
    let (series, _) = resolved(sysstat(400.0, true), &Options::default());
    assert_eq!(series[0].limit.as_ref().unwrap().steps, [(0, 1000.0)]);
}

#[test]
fn without_slab_the_total_is_worked_out_of_the_percentage_and_said() {
    let (series, notes) = resolved(sysstat(100.0, false), &Options::default());
    let total = series[0].limit.as_ref().unwrap().steps[0].1;
    assert!((total - 1000.0).abs() < 0.5, "{total}");
    assert!(notes.contains("worked out"), "{notes}");
}

#[test]
fn blocks_kept_back_for_root_are_not_free() {
    // 1000 MB, 100 used, 200 kept back: ordinary users cannot use 30 %.
    let label = &[("filesystem", "/dev/vda")];
    let notes = check(
        vec![
            column("filesystems.MBfsfree", label, &[900.0, 900.0]),
            column("filesystems.MBfsused", label, &[100.0, 100.0]),
            column("filesystems.%fsused", label, &[10.0, 10.0]),
            column("filesystems.%ufsused", label, &[30.0, 30.0]),
        ],
        &["disk.bytes:/dev/vda = 100 of 800 (file system) also filesystems.MBfsfree, filesystems.%fsused, \
           filesystems.%ufsused"],
    );
    assert!(notes.contains("kept back"), "{notes}");
}

#[test]
fn the_columns_of_sadf_d_are_kb() {
    let columns =
        table(&[("kbswpfree", &[3.0, 2.0]), ("kbswpused", &[1.0, 2.0]), ("%swpused", &[25.0, 50.0])]);
    check(columns, &["swap = 2048 of 4096 (SwapTotal) also kbswpfree, %swpused"]);
}

#[test]
fn windows_commit_has_its_limit_and_a_disk_without_a_size_falls_to_nothing() {
    let disk = column("LogicalDisk\\Free Megabytes", &[("instance", "C:")], &[3.0, 2.0]);
    let mut columns =
        table(&[("Memory\\Committed Bytes", &[10.0, 20.0]), ("Memory\\Commit Limit", &[30.0, 30.0])]);
    columns.push(disk);
    columns.extend(table(&[("Memory\\Pool Nonpaged Bytes", &[1.0, 2.0])]));
    check(
        columns,
        &[
            "memory.committed = 20 of 30 (Commit Limit)",
            "pool.nonpaged = 2 of none",
            "disk.bytes:C: = 2097152 falls of 0 (nothing left)",
        ],
    );
}

#[test]
fn used_and_limit_of_our_own_recordings() {
    check(
        table(&[
            ("fds_used", &[1.0, 2.0]),
            ("fds_limit", &[10.0, 10.0]),
            ("fs_used_bytes", &[3.0, 4.0]),
            ("fs_size_bytes", &[20.0, 20.0]),
            ("inodes_used", &[5.0, 6.0]),
            ("inodes_limit", &[30.0, 30.0]),
            ("processes_used", &[7.0, 8.0]),
            ("processes_limit", &[40.0, 40.0]),
            ("vm_used_bytes", &[9.0, 10.0]),
            ("vm_limit_bytes", &[50.0, 50.0]),
        ]),
        &[
            "files.open = 2 of 10 (fds_limit)",
            "disk.bytes = 4 of 20 (fs_size_bytes)",
            "disk.inodes = 6 of 30 (inodes_limit)",
            "processes = 8 of 40 (processes_limit)",
            "vm_used_bytes = 10 of 50 (vm_limit_bytes)",
        ],
    );
}

#[test]
fn six_columns_about_memory_are_one_row() {
    check(
        table(&[
            ("totalCpuUsage(%)", &[10.0, 90.0]),
            ("totalMemory", &[100.0, 100.0]),
            ("availableMemory", &[80.0, 70.0]),
            ("usedMemory", &[15.0, 25.0]),
            ("percentageMemory(%)", &[20.0, 30.0]),
            ("buffersMemory", &[1.0, 2.0]),
            ("totalPartition", &[1000.0, 1000.0]),
            ("usedPartition", &[100.0, 200.0]),
            ("freePartition", &[850.0, 750.0]),
            ("percentagePartition(%)", &[10.5, 21.0]),
            ("total_IO_read", &[1.0, 2.0]),
        ]),
        &[
            "totalCpuUsage(%) = 90 of none",
            "memory.available = 30 of 100 (totalMemory) also usedMemory, percentageMemory(%)",
            "buffersMemory = 2 of none",
            "disk.bytes = 200 of 950 (usedPartition + freePartition) also totalPartition, freePartition, \
             percentagePartition(%)",
            "total_IO_read = 2 of none",
        ],
    );
}

#[test]
fn a_percentage_of_a_stock_ends_at_hundred_and_one_of_a_load_does_not() {
    check(
        table(&[("disk_used_percent", &[1.0, 2.0]), ("cpu_percent", &[3.0, 4.0]), ("gpu_util", &[5.0, 6.0])]),
        &["disk.bytes = 2 of 100 (percent)", "cpu_percent = 4 of none", "gpu_util = 6 of none"],
    );
    check(table(&[("mem_free_pct", &[9.0, 8.0])]), &["memory = 8 falls of 0 (nothing left)"]);
    check(
        table(&[("cpu_used", &[1.0, 2.0]), ("cpu_limit", &[4.0, 4.0])]),
        &["cpu_used = 2 of none", "cpu_limit = 4 of none"],
    );
}

#[test]
fn free_memory_alone_has_no_limit_but_available_memory_has() {
    let notes = check(table(&[("free_memory", &[9.0, 8.0])]), &["memory = 8 falls of none"]);
    assert!(notes.contains("page cache"), "{notes}");
    check(table(&[("available_mem", &[9.0, 8.0])]), &["memory.available = 8 falls of 0 (nothing left)"]);
    check(table(&[("swap_free", &[9.0, 8.0])]), &["swap = 8 falls of 0 (nothing left)"]);
    check(table(&[("sugar_free", &[9.0, 8.0])]), &["sugar_free = 8 of none"]);
}

#[test]
fn a_maximum_that_moves_with_its_column_is_a_statistic() {
    let v: Vec<f64> = (0..40).map(f64::from).collect();
    let above: Vec<f64> = v.iter().map(|value| value + 1.0).collect();
    check(
        table(&[("sessions", &v), ("sessions_max", &above)]),
        &["sessions = 39 of none", "sessions_max = 40 of none"],
    );
    check(table(&[("sessions", &v), ("max_sessions", &[99.0; 40])]), &["sessions = 39 of 99 (max_sessions)"]);
}

#[test]
fn what_is_mostly_exceeded_is_no_limit() {
    let notes = check(
        table(&[("queue_used", &[5.0, 6.0]), ("queue_size", &[1.0, 1.0])]),
        &["queue_used = 6 of none", "queue_size = 1 of none"],
    );
    assert!(notes.contains("more is used"), "{notes}");
}

#[test]
fn kb_beside_a_name_without_a_unit_is_kb_there_too() {
    check(
        table(&[("mem_used_kb", &[1.0, 2.0]), ("mem_total", &[4.0, 4.0])]),
        &["memory = 2048 of 4096 (mem_total)"],
    );
}

#[test]
fn numbers_that_can_only_be_bytes_are_bytes() {
    let unit = |used: f64, total: f64| {
        let columns = table(&[("usedMemory", &[used, used]), ("totalMemory", &[total, total])]);
        let (series, notes) = resolved(columns, &Options::default());
        assert_eq!(series[0].unit == Unit::Bytes, notes.contains("can only be bytes"), "{notes}");
        series[0].unit
    };
    assert_eq!(unit(1_031_884_800.0, 16_698_888_192.0), Unit::Bytes);
    assert_eq!(unit(1_007_700.0, 16_307_508.0), Unit::Unknown);
    assert_eq!(unit(1_031_884_800.5, 16_698_888_192.0), Unit::Unknown);
}

#[test]
fn a_lone_limit_belongs_to_the_only_other_column() {
    check(table(&[("rss", &[1.0, 2.0]), ("limit", &[4.0, 4.0])]), &["rss = 2 of 4 (limit)"]);
    check(table(&[("used", &[1.0, 2.0]), ("limit", &[4.0, 4.0])]), &["used = 2 of 4 (limit)"]);
}

#[test]
fn open_files_and_their_maximum() {
    check(
        table(&[("open_files", &[1.0, 2.0]), ("max_open_files", &[9.0, 9.0])]),
        &["files.open = 2 of 9 (max_open_files)"],
    );
}

#[test]
fn counters_are_no_resources() {
    let mut column = column("http_requests_total", &[], &[1.0, 2.0]);
    column.kind = Kind::Counter;
    let notes = check(vec![column], &[]);
    assert!(notes.contains("`http_requests_total`"), "{notes}");
}

#[test]
fn a_column_that_is_named_and_rises_like_a_counter_is_none_either() {
    let rising: &[f64] = &[10.0, 12.0, 15.0, 2.0, 4.0];
    let notes = check(table(&[("requests_total", rising), ("rss", rising)]), &["rss = 4 of none"]);
    assert!(notes.contains("`requests_total`; say --value"), "{notes}");
    // What falls a little, does not move or only grew by a step is a level; so is what the user names.
    check(table(&[("open_total", &[10.0, 12.0, 11.0, 13.0, 14.0])]), &["open_total = 14 of none"]);
    check(table(&[("size_total", &[4.0, 4.0, 4.0, 8.0, 8.0])]), &["size_total = 8 of none"]);
    let named = Options { values: vec!["requests_total".to_owned()], ..Options::default() };
    check_with(table(&[("requests_total", rising)]), &named, &["requests_total = 4 of none"]);
    let limited = limits(&[("requests_total", 50.0, Unit::Unknown)]);
    check_with(table(&[("requests_total", rising)]), &limited, &["requests_total = 4 of 50 (--limit)"]);
}

fn limits(limits: &[(&str, f64, Unit)]) -> Options {
    let limits = limits.iter().map(|&(pattern, value, unit)| (pattern.to_owned(), value, unit)).collect();
    Options { limits, ..Options::default() }
}

#[test]
fn the_users_limit_wins_by_any_of_the_names() {
    for pattern in
        ["disk.bytes:/var", "disk.bytes", "disk.bytes//var", "node_filesystem_avail_bytes", "d*/v*r"]
    {
        let options = limits(&[(pattern, 50.0, Unit::Unknown)]);
        check_with(
            mount("/dev/sda", "/var", "xfs", 30.0),
            &options,
            &["disk.bytes:/var = 70 of 50 (--limit)"],
        );
    }
}

#[test]
fn a_limit_for_nothing_is_said() {
    let notes =
        check_with(table(&[("x", &[1.0, 2.0])]), &limits(&[("y*", 5.0, Unit::Unknown)]), &["x = 2 of none"]);
    assert!(notes.contains("--limit y*"), "{notes}");
}

#[test]
fn a_size_limits_bytes_and_what_may_be_bytes_but_no_percentage() {
    let options = limits(&[("usage", 9.0, Unit::Bytes)]);
    let notes = check_with(table(&[("usage", &[1.0, 2.0])]), &options, &["usage = 2 of 9 (--limit)"]);
    assert!(notes.contains("--unit usage=kB"), "{notes}");
    let options = limits(&[("disk_percent", 9.0, Unit::Bytes)]);
    let columns = table(&[("disk_percent", &[1.0, 2.0])]);
    let notes = check_with(columns, &options, &["disk.bytes = 2 of 100 (percent)"]);
    assert!(notes.contains("not applied"), "{notes}");
}

#[test]
fn the_users_unit_scales() {
    let options = Options { units: vec![("us*".to_owned(), 1024.0, Unit::Bytes)], ..Options::default() };
    check_with(table(&[("usage", &[1.0, 2.0])]), &options, &["usage = 2048 of none"]);
}

#[test]
fn the_users_limit_column_limits_every_other_one() {
    let options = Options { limit_column: Some("Cap".to_owned()), ..Options::default() };
    let columns = table(&[("a", &[1.0, 2.0, 3.0]), ("cap", &[5.0, 5.0, 6.0]), ("b", &[2.0, 2.0, 2.0])]);
    let (series, _) = resolved(columns, &options);
    assert_eq!(series.len(), 2);
    for series in series {
        assert_eq!(series.limit.unwrap().steps, [(0, 5.0), (2000, 6.0)], "{}", series.name);
    }
}

#[test]
fn hosts_are_named_where_there_are_several_and_restarts_stay_with_theirs() {
    let mut columns = table(&[("files", &[1.0, 2.0]), ("files", &[3.0, 4.0])]);
    columns[0].key.host = "web1".to_owned();
    columns[1].key.host = "web2".to_owned();
    let restarts = [("web2".to_owned(), 7)];
    let (series, _) = resolve(columns, &restarts, "file", &Options::default());
    assert_eq!(
        series.iter().map(|series| series.name.as_str()).collect::<Vec<_>>(),
        ["files@web1", "files@web2"]
    );
    assert_eq!(series.iter().map(|series| series.restarts_ms.len()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_start_time_that_moves_is_a_restart() {
    let columns = table(&[
        ("node_boot_time_seconds", &[1000.0, 1001.0, 5000.0]),
        ("node_filefd_allocated", &[1.0, 2.0, 3.0]),
    ]);
    let (series, _) = resolved(columns, &Options::default());
    assert_eq!(series[0].restarts_ms, [5_000_000]);
}

#[test]
fn equal_names_are_told_apart() {
    let columns =
        table(&[("memory_used", &[1.0, 2.0]), ("memory_usage", &[3.0, 4.0]), ("memory_max", &[9.0, 9.0])]);
    check(columns, &["memory = 2 of 9 (memory_max)", "memory_usage = 4 of none"]);
    let columns = vec![column("x", &[("a", "1")], &[1.0]), column("x", &[("a", "1")], &[2.0])];
    check(columns, &["x{a=\"1\"} = 1 of none", "x{a=\"1\"}#2 = 2 of none"]);
}

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
