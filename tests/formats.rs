//! One history in every format that is read: the same samples must give the same row.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use chrono::DateTime;
use polars::prelude::{DataFrame, DataType, NamedFrom, ParquetWriter, Series, TimeUnit, df};
use serde_json::{Value, json};

use crate::binary;
use crate::generated::{MINUTE, every, ms, noise};
use crate::skipped::skipped;

const MB: u64 = 1 << 20;
/// A file system that fills, in whole megabytes: `sadf` knows no smaller ones.
const SIZE_MB: u64 = 1024;
const SAMPLES: usize = 400;

/// `(unix seconds, used, size)`, sizes in bytes.
fn samples() -> Vec<(f64, u64, u64)> {
    let used_mb = |i: usize| 100 + i as u64 + if 0.0 < noise(i as f64) { 3 } else { 0 };
    let times = every(MINUTE, SAMPLES).into_iter().enumerate();
    times.map(|(i, t)| (t, used_mb(i) * MB, SIZE_MB * MB)).collect()
}

/// `2023-11-14T22:13:20Z`.
fn date(t: f64) -> String {
    DateTime::from_timestamp_millis(ms(t)).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn wide(delimiter: char, time: impl Fn(f64) -> String) -> String {
    let mut text = format!("time{delimiter}fs_used_bytes{delimiter}fs_size_bytes\n");
    for (t, used, size) in samples() {
        let _ = writeln!(text, "{}{delimiter}{used}{delimiter}{size}", time(t));
    }
    text
}

fn long() -> String {
    let mut text = "time,metric,value\n".to_owned();
    for (t, used, size) in samples() {
        let _ = writeln!(text, "{0},fs_used_bytes,{used}\n{0},fs_size_bytes,{size}", date(t));
    }
    text
}

/// The two series as an exporter has them: what is free, and the size.
fn exported() -> [(Value, Vec<(f64, u64)>); 2] {
    let metric = |name: &str| json!({"__name__": name, "instance": "web1", "mountpoint": "/var"});
    let free = samples().into_iter().map(|(t, used, size)| (t, size - used)).collect();
    let size = samples().into_iter().map(|(t, _, size)| (t, size)).collect();
    [(metric("node_filesystem_avail_bytes"), free), (metric("node_filesystem_size_bytes"), size)]
}

fn prometheus() -> String {
    let series = |(metric, samples): (Value, Vec<(f64, u64)>)| {
        let values: Vec<Value> = samples.iter().map(|(t, v)| json!([t, v.to_string()])).collect();
        json!({"metric": metric, "values": values})
    };
    let result: Vec<Value> = exported().into_iter().map(series).collect();
    json!({"status": "success", "data": {"resultType": "matrix", "result": result}}).to_string()
}

fn victoria() -> String {
    let line = |(metric, samples): (Value, Vec<(f64, u64)>)| {
        let (times, values): (Vec<i64>, Vec<u64>) = samples.iter().map(|(t, v)| (ms(*t), *v)).unzip();
        json!({"metric": metric, "values": values, "timestamps": times}).to_string() + "\n"
    };
    exported().into_iter().map(line).collect()
}

fn sadf() -> String {
    let statistic = |(t, used, size): (f64, u64, u64)| {
        let (used_mb, free_mb) = (used / MB, (size - used) / MB);
        let percent = 100.0 * used as f64 / size as f64;
        let when = date(t);
        json!({
            "timestamp": {"date": when[..10], "time": when[11..19], "utc": 1, "interval": 60},
            "filesystems": [{"filesystem": "/dev/vda1", "MBfsfree": free_mb, "MBfsused": used_mb,
                "%fsused": percent, "%ufsused": percent, "Ifree": 1000, "Iused": 10, "%Iused": 0.99}]
        })
    };
    let statistics: Vec<Value> = samples().into_iter().map(statistic).collect();
    json!({"sysstat": {"hosts": [{
        "nodename": "web1", "sysname": "Linux", "release": "6.1.0", "machine": "x86_64", "number-of-cpus": 2,
        "file-date": "2023-11-14", "file-utc-time": "22:13:20", "timezone": "UTC", "statistics": statistics
    }]}})
    .to_string()
}

/// A Parquet table of the samples, with `time` as its column of times.
fn parquet(path: &Path, time: Series) {
    let (used, size): (Vec<u64>, Vec<u64>) =
        samples().into_iter().map(|(_, used, size)| (used, size)).unzip();
    let mut frame: DataFrame = df!("time" => time, "fs_used_bytes" => used, "fs_size_bytes" => size).unwrap();
    ParquetWriter::new(File::create(path).unwrap()).finish(&mut frame).unwrap();
}

/// What a row says of the samples; names differ with what a format can tell.
fn said(mut row: Value) -> Value {
    let row = row.as_object_mut().unwrap();
    for name in ["series", "scope", "host", "limit_owner", "culprit_note"] {
        row.remove(name);
    }
    Value::from(row.clone())
}

/// The row of the file system in `file` is the one that the samples have as a wide table.
#[track_caller]
fn check(file: &Path) {
    let folder = file.parent().unwrap();
    let table = folder.join("expected.csv");
    fs::write(&table, wide(',', date)).unwrap();
    let expected = binary::row(&table, "");
    assert_eq!(expected["resource"], "disk.bytes");
    assert_eq!(expected["status"], "WATCH");
    assert_eq!(expected["samples"], SAMPLES);
    let rows = binary::rows(file, "");
    let row = rows.into_iter().find(|row| row["resource"] == "disk.bytes").expect("a file system");
    assert_eq!(said(row), said(expected));
}

#[track_caller]
fn check_text(name: &str, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    check(&file);
}

#[test]
fn a_wide_table_with_unix_seconds_gives_the_row() {
    check_text("a.csv", &wide(',', |t| format!("{t:.0}")));
}

#[test]
fn tabs_and_semicolons_give_the_row() {
    check_text("a.tsv", &wide('\t', date));
    check_text("a.csv", &wide(';', date));
}

#[test]
fn a_long_table_gives_the_row() {
    check_text("a.csv", &long());
}

#[test]
fn an_answer_of_prometheus_gives_the_row() {
    check_text("a.json", &prometheus());
}

#[test]
fn an_export_of_victoria_metrics_gives_the_row() {
    check_text("a.jsonl", &victoria());
}

#[test]
fn a_document_of_sadf_gives_the_row() {
    check_text("a.json", &sadf());
}

#[test]
fn parquet_gives_the_row_whatever_its_times_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.parquet");
    let times: Vec<i64> = samples().iter().map(|&(t, ..)| ms(t)).collect();
    let counted = Series::new("time".into(), times);
    let dates = counted.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap();
    for time in [counted, dates] {
        parquet(&file, time);
        check(&file);
    }
}

#[test]
fn the_format_is_told_by_what_a_file_holds_and_not_by_its_name() {
    check_text("a.log", &prometheus());
    check_text("history", &wide('\t', date));
}

/// Where packagers put the program that writes binary sa files.
const SADC: [&str; 3] = ["/usr/lib/sysstat/sadc", "/usr/lib64/sa/sadc", "/usr/lib/sa/sadc"];

#[test]
fn a_binary_sa_file_gives_the_rows_of_its_own_json() {
    let Some(sadc) = SADC.into_iter().find(|path| Path::new(path).exists()) else {
        return skipped("binary sa files", "sysstat's sadc");
    };
    let folder = tempfile::tempdir().unwrap();
    let (binary_file, document) = (folder.path().join("sa21"), folder.path().join("sa21.json"));
    let mut record = Command::new(sadc);
    record.args(["-S", "XALL", "1", "3"]).arg(&binary_file);
    assert!(record.stdout(Stdio::null()).status().unwrap().success());
    let mut print = Command::new("sadf");
    print.arg("-j").arg(&binary_file).args(["--", "-A"]).stdout(File::create(&document).unwrap());
    assert!(print.status().unwrap().success());
    let rows = binary::rows(&binary_file, "");
    assert_eq!(rows, binary::rows(&document, ""));
    let memory = rows.iter().find(|row| row["resource"] == "memory.available").expect("memory");
    assert_eq!(memory["status"], "COLLECTING");
    assert!(memory["samples"].as_u64().is_some_and(|samples| 2 <= samples), "{memory:#}");
}
