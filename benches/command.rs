//! Whole commands on large histories: wall time and peak memory of the binary, beside merely reading the same file.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts the command")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod program;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use polars::prelude::{Column, DataFrame, ParquetReader, ParquetWriter, SerReader};

/// Seconds between samples.
const PERIOD_S: i64 = 300;
/// Time of the first sample.
const START_S: i64 = 1_790_000_000;
/// Runs of each command; the fastest counts, as the machine's other work only adds.
const RUNS: usize = 3;

fn main() {
    let quick = std::env::args().any(|arg| arg == "--test");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-command");
    fs::create_dir_all(&folder).expect("a folder for the histories");
    let (series, rows, megabytes) = if quick { (50, 300, 1) } else { (10_000, 3_000, 1_000) };
    parquet(&folder.join("wide.parquet"), series, rows);
    csv(&folder.join("wide.csv"), megabytes);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

/// A value of series `k` at row `i`: levels, leaks and daily cycles with a little noise.
fn value(k: usize, i: usize) -> f64 {
    let noise = ((i * 7919 + k * 104_729) % 1009) as f64 / 1009.0;
    let leak = if k.is_multiple_of(10) { i as f64 * 0.02 } else { 0.0 };
    let cycle =
        if k.is_multiple_of(3) { 5.0 * (i as f64 / 288.0 * std::f64::consts::TAU).sin() } else { 0.0 };
    30.0 + (k % 17) as f64 + leak + cycle + noise
}

fn time(i: usize) -> i64 {
    START_S + i64::try_from(i).expect("few rows") * PERIOD_S
}

fn parquet(path: &Path, series: usize, rows: usize) {
    let mut columns = vec![Column::new("time".into(), (0..rows).map(time).collect::<Vec<_>>())];
    for k in 0..series {
        let name = format!("node{k}_used_percent");
        columns.push(Column::new(name.into(), (0..rows).map(|i| value(k, i)).collect::<Vec<_>>()));
    }
    let mut frame = DataFrame::new(rows, columns).expect("columns of one length");
    ParquetWriter::new(File::create(path).expect("a file")).finish(&mut frame).expect("a Parquet file");
    drop(frame);
    let read = fastest(|| {
        let frame = ParquetReader::new(File::open(path).expect("the file")).finish().expect("a frame");
        assert_eq!(frame.width(), series + 1);
    });
    report(&format!("{series} series x {rows} points, Parquet"), path, "reading it with polars alone", read);
}

fn csv(path: &Path, megabytes: usize) {
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    let (columns, mut written, mut i) = (100, 0, 0);
    let header: Vec<String> = (0..columns).map(|k| format!("node{k}_used_percent")).collect();
    writeln!(out, "time,{}", header.join(",")).expect("a header");
    while written < megabytes * 1_000_000 {
        let mut line = time(i).to_string();
        for k in 0..columns {
            write!(line, ",{:.4}", value(k, i)).expect("a String takes all");
        }
        writeln!(out, "{line}").expect("a line");
        written += line.len() + 1;
        i += 1;
    }
    out.into_inner().expect("all is written");
    let read = fastest(|| {
        let mut lines = 0;
        for line in BufReader::with_capacity(1 << 20, File::open(path).expect("the file")).split(b'\n') {
            lines += line.expect("a line").len().min(1);
        }
        assert_eq!(lines, i + 1);
    });
    report(
        &format!("{megabytes} MB of CSV, {columns} columns x {i} rows"),
        path,
        "splitting it into lines",
        read,
    );
}

/// Times `hebe analyze` on the file, and prints the figures with the ratio to the reference.
fn report(what: &str, path: &Path, reference: &str, reference_s: f64) {
    let mut best = (f64::INFINITY, 0);
    for _ in 0..RUNS {
        let start = Instant::now();
        let child = Command::new(program::hebe())
            .args(["analyze", "--format", "json"])
            .arg(path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        let peak_kib = peak_of(child);
        let seconds = start.elapsed().as_secs_f64();
        best = (best.0.min(seconds), best.1.max(peak_kib));
    }
    let size = fs::metadata(path).map_or(0, |meta| meta.len()) as f64 / 1e6;
    println!(
        "{what} ({size:.0} MB): {:.2} s, peak {} MiB; {reference}: {reference_s:.2} s; ratio {:.1}",
        best.0,
        best.1 / 1024,
        best.0 / reference_s
    );
}

/// Waits for the child and gives its highest resident memory in KiB, as the kernel counts it.
fn peak_of(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("the child can be waited for").is_none() {
        let now = fs::read_to_string(&status).unwrap_or_default();
        let line = now.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line
            .and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
            .map_or(peak, |kib: u64| kib.max(peak));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().expect("the child has ended").success(), "the command failed");
    peak
}

fn fastest(work: impl Fn()) -> f64 {
    (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}
