//! The traps of names and limits: one test each; then what must hold for any columns.

mod properties;
mod systems;
mod users;

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

fn limits(limits: &[(&str, f64, Unit)]) -> Options {
    let limits = limits.iter().map(|&(pattern, value, unit)| (pattern.to_owned(), value, unit)).collect();
    Options { limits, ..Options::default() }
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
