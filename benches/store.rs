//! The store under the load of 5,000 series every 15 seconds for a day, beside `SQLite` and `DuckDB` on the same work.
//!
//! `HEBE_PYTHON` names a Python that has duckdb and pandas; without it `python3` is asked, and what it lacks is left
//! out.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts programs")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod support;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hebe::store::{Meta, Options, Reading, SeriesId, Store, Tick};
use hebe_collectors::history::{Limit, Sense, Series, Unit};

use support::Random;

/// Midnight, UTC.
const START: i64 = 1_789_948_800_000;
/// Milliseconds between ticks.
const STEP: i64 = 15_000;
const DAY: usize = 5760;

fn main() {
    let quick = std::env::args().any(|arg| arg == "--test");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-store");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the stores");
    let (series, ticks) = if quick { (20, DAY) } else { (5000, DAY) };
    let tick = ticked(&folder.join("ticked"), series, ticks);
    imported(&folder.join("imported"), series, ticks);
    references(&folder, series, if quick { 5 } else { 60 }, tick);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

/// What a series does: the mix of a busy host.
struct Course {
    random: Random,
    kind: usize,
    level: f64,
    limit: f64,
}

impl Course {
    fn new(k: usize) -> Self {
        let mut random = Random::seeded(k as u64 + 1);
        let kind = k % 10;
        let (level, limit) = match kind {
            0..=3 => ((random.uniform() * 200.0).floor(), 1024.0),
            4..=6 => ((random.uniform() * 50_000.0).floor() * 4096.0, 8_589_934_592.0),
            _ => ((random.uniform() * 4e6).floor() * 1024.0, 16_384.0 * 1_048_576.0),
        };
        Self { random, kind, level, limit }
    }

    /// Four in ten are counts (descriptors, threads) that change once in a hundred samples; three in ten are resident
    /// memory, which moves by pages in one sample of four; three in ten are system levels that move by kibibytes in
    /// two samples of three, as /proc/meminfo of a host that compiles did.
    fn next(&mut self) -> f64 {
        let chance = self.random.uniform();
        match self.kind {
            0..=3 if chance < 0.01 => self.level += if chance < 0.005 { 1.0 } else { -1.0 },
            4..=6 if chance < 0.25 => self.level += (self.random.normal() * 20.0).round() * 4096.0,
            7..=9 if chance < 0.67 => self.level += (self.random.normal() * 500.0).round() * 1024.0,
            _ => {}
        }
        self.level = self.level.max(0.0);
        self.level
    }
}

fn name(k: usize) -> String {
    format!("process.rss{{unit=\"service-{k:04}.service\"}}")
}

/// A day tick by tick, then everything that is asked of it; gives the median of a durable tick.
fn ticked(dir: &Path, series: usize, ticks: usize) -> Duration {
    let options = Options { size_limit: 4 << 30, ..Options::default() };
    let mut store = Store::open(dir, options.clone()).expect("a store");
    let mut courses: Vec<Course> = (0..series).map(Course::new).collect();
    let ids: Vec<SeriesId> = (0..series)
        .map(|k| store.register(&Meta { name: name(k), unit: Unit::Bytes, ..Meta::default() }))
        .collect();
    let mut probe = File::create(dir.with_extension("probe")).expect("a file");
    let bytes = vec![7; series * 9];
    let (mut appends, mut probes, mut seals, mut merges) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for i in 0..=ticks {
        let readings: Vec<Reading> = ids
            .iter()
            .zip(&mut courses)
            .map(|(&id, course)| Reading { id, used: course.next(), limit: Some(course.limit) })
            .collect();
        let begun = Instant::now();
        store.append(&Tick { t_ms: time(i), readings: &readings }).expect("a durable tick");
        appends.push(begun.elapsed());
        if i % 10 == 0 {
            let begun = Instant::now();
            probe.write_all(&bytes).and_then(|()| probe.sync_data()).expect("a durable write");
            probes.push(begun.elapsed());
        }
        while let Some(chore) = store.chore() {
            let took = if chore.name() == "seal" { &mut seals } else { &mut merges };
            let begun = Instant::now();
            let done = chore.run().expect("a chore");
            took.push(begun.elapsed());
            store.adopt(done).expect("adopted");
        }
    }
    let samples = (series * ticks) as f64;
    println!("{series} series x {ticks} ticks = {:.1} M samples", samples / 1e6);
    println!("  durable tick            {}", told(&mut appends));
    println!("  writing as much plainly {}", told(&mut probes));
    println!("  sealing one file        {}", told(&mut seals));
    println!("  merging a day           {merges:.1?} (samples, blocks)");
    let size = |folder: &str| folder_bytes(&dir.join(folder)) as f64;
    println!(
        "  bytes a sample          {:.2} raw, {:.2} tier, {:.2} the rest",
        size("raw") / samples,
        size("tier") / samples,
        (size("wal") + size("series")) / samples
    );
    println!("  memory                  {}", memory());
    drop(store);
    let begun = Instant::now();
    let store = Store::open(dir, options).expect("the store");
    println!("  open and fill memory    {:.2?}", begun.elapsed());
    looked(&store, &ids, ticks);
    appends[appends.len() / 2]
}

fn looked(store: &Store, ids: &[SeriesId], ticks: usize) {
    let from = time(ticks.saturating_sub(299));
    let mut windows = timed(1000, |k| assert!(!store.window(ids[k * 7919 % ids.len()], from).0.is_empty()));
    println!("  300 samples from memory {}", told(&mut windows));
    let (from, to) = (time(ticks.saturating_sub(500)), time(ticks.saturating_sub(200)));
    let mut windows = timed(200, |k| {
        let read = store.read(&[ids[k * 7919 % ids.len()]], from..to).expect("read");
        assert_eq!(read.series[0].v.len(), 300);
    });
    println!("  300 samples from disk   {}", told(&mut windows));
    let mut days = timed(20, |k| {
        let read = store.read(&[ids[k * 7919 % ids.len()]], START..time(ticks)).expect("read");
        assert_eq!(read.series[0].v.len(), ticks);
    });
    println!("  a day of one series     {}", told(&mut days));
    let mut scans = timed(3, |_| {
        let read = store.read(ids, START..time(ticks)).expect("read");
        assert_eq!(read.series.iter().map(|series| series.v.len()).sum::<usize>(), ids.len() * ticks);
    });
    println!("  a day of all series     {}", told(&mut scans));
    println!("  memory, with that day   {}", memory());
}

fn imported(dir: &Path, series: usize, ticks: usize) {
    let histories: Vec<Series> = (0..series).map(|k| history(k, ticks)).collect();
    let mut store = Store::open(dir, Options { size_limit: 4 << 30, ..Options::default() }).expect("a store");
    let begun = Instant::now();
    let imported = store.import(&histories).expect("imported");
    let took = begun.elapsed();
    assert_eq!(imported.kept, series * ticks);
    println!(
        "  import                  {:.1} M samples/s ({took:.2?})",
        imported.kept as f64 / took.as_secs_f64() / 1e6
    );
    println!(
        "  bytes a sample          {:.2} raw",
        folder_bytes(&dir.join("raw")) as f64 / imported.kept as f64
    );
}

fn history(k: usize, ticks: usize) -> Series {
    let mut course = Course::new(k);
    Series {
        name: name(k),
        resource: "process.rss".to_owned(),
        scope: format!("service-{k:04}.service"),
        host: String::new(),
        unit: Unit::Bytes,
        sense: Sense::Rises,
        t_ms: (0..ticks).map(time).collect(),
        v: (0..ticks).map(|_| course.next()).collect(),
        limit: Some(Limit::fixed(course.limit, "cgroup")),
        restarts_ms: Vec::new(),
        rejected: 0,
        block: 1,
        source: "bench".to_owned(),
        also: Vec::new(),
    }
}

/// `SQLite` and `DuckDB` on the same machine in the same minute, by the script beside the notebooks.
fn references(folder: &Path, series: usize, ticks: usize, tick: Duration) {
    let python = std::env::var("HEBE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebooks/store_references.py");
    let mut command = Command::new(&python);
    command.arg(script).arg(folder).args([series.to_string(), ticks.to_string()]);
    command.arg(format!("{}", tick.as_secs_f64() * 1e3));
    match command.status() {
        Ok(status) if status.success() => {}
        other => println!("  the references did not run: {python}: {other:?}"),
    }
}

fn time(i: usize) -> i64 {
    START + i64::try_from(i).expect("few ticks") * STEP
}

fn timed(times: usize, mut each: impl FnMut(usize)) -> Vec<Duration> {
    let mut took = Vec::with_capacity(times);
    for k in 0..times {
        let begun = Instant::now();
        each(k);
        took.push(begun.elapsed());
    }
    took
}

/// Sorts them; median, the fastest, and what 99 of 100 stay within.
fn told(times: &mut [Duration]) -> String {
    times.sort();
    let Some(last) = times.len().checked_sub(1) else { return "none".to_owned() };
    let (median, most) = (times[last / 2], times[last * 99 / 100]);
    format!("median {median:.2?}, fastest {:.2?}, 99 of 100 within {most:.2?}, of {}", times[0], times.len())
}

fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("the folder");
    entries.map(|entry| entry.and_then(|entry| entry.metadata()).map_or(0, |meta| meta.len())).sum()
}

/// Resident memory of this process, now and at most.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    lines
        .map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}
