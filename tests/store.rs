//! The store against what the system does to it: killed writers, full disks, and stores of earlier versions.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hebe::store::{Meta, Options, Reading, SeriesId, Store, StoreError, Tick, View};
use hebe_collectors::history::Unit;

use crate::skipped::{skipped, workspace};

/// Tells this binary that it is a writer, and of which store.
const WRITER: &str = "HEBE_TEST_STORE";
/// A time to begin at.
const START: i64 = 1_789_948_800_000;
/// Milliseconds between ticks.
const STEP: i64 = 15_000;

/// Milliseconds between ticks of the writer that is killed: a day of twelve ticks, so that all that a store does happens
/// all the time.
const STRIDE: i64 = 7_200_000;

/// Segments of two such ticks.
fn options() -> Options {
    Options { owner: std::process::id(), segment_ms: 2 * STRIDE, ..Options::default() }
}

fn series(store: &mut Store) -> [SeriesId; 3] {
    ["a", "b", "c"].map(|name| {
        let (name, resource) = (name.to_owned(), "memory.available".to_owned());
        store.register(&Meta { name, resource, unit: Unit::Bytes, ..Meta::default() })
    })
}

fn append(store: &mut Store, k: i64) -> Result<usize, StoreError> {
    append_at(store, k, START + k * STEP)
}

fn append_at(store: &mut Store, k: i64, t_ms: i64) -> Result<usize, StoreError> {
    let readings =
        series(store).map(|id| Reading { id, used: k as f64, limit: Some(if k < 50 { 1e6 } else { 2e6 }) });
    store.append(&Tick { t_ms, readings: &readings }).map(|appended| appended.kept)
}

/// The values of every series in a store; of all as many, or of each but the last tick.
fn kept(dir: &Path) -> Vec<Vec<f64>> {
    let view = View::open(dir).unwrap();
    let ids: Vec<SeriesId> = view.series().map(|(id, _)| id).collect();
    let read = view.read(&ids, &(i64::MIN..i64::MAX)).unwrap();
    assert!(read.notes.is_empty(), "{:?}", read.notes);
    read.series.into_iter().map(|series| series.v).collect()
}

/// `hebe __chore` for a daemon of that number.
fn chore_of(daemon: u32, order: &str) -> std::process::Output {
    let mut command = crate::binary::hebe();
    command.args(["__chore", &daemon.to_string()]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A stranger's is not read.
    let _ = child.stdin.take().unwrap().write_all(order.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn long_work_is_done_by_a_process_of_its_own_for_the_daemon_that_started_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let mut store = Store::open(&dir, options()).unwrap();
    for k in 0..40 {
        append_at(&mut store, k, START + k * STRIDE).unwrap();
    }
    let mut done = Vec::new();
    while let Some(chore) = store.chore() {
        let order = chore.order().unwrap();
        let stranger = chore_of(1, &order);
        let said = String::from_utf8_lossy(&stranger.stderr).into_owned();
        assert!(!stranger.status.success() && said.contains("the daemon is gone"), "{said}");
        let told = chore_of(std::process::id(), &order);
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        done.push(chore.name());
        store.adopt(chore.obeyed(&String::from_utf8(told.stdout).unwrap()).unwrap()).unwrap();
    }
    assert!(done.contains(&"seal") && done.contains(&"merge"), "{done:?}");
    let numbers: Vec<f64> = (0..40_u8).map(f64::from).collect();
    assert_eq!(kept(&dir), vec![numbers; 3]);
}

/// Not a test of its own: what `a_killed_writer_loses_no_tick_that_was_acknowledged` starts, and kills.
#[test]
fn writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(WRITER) else { return };
    let mut store = Store::open(PathBuf::from(dir), options()).unwrap();
    let begun =
        series(&mut store).map(|id| store.last(id).map_or(0, |(t_ms, _)| (t_ms - START) / STRIDE + 1));
    assert!(begun.iter().all(|&k| k == begun[0]), "{begun:?}");
    let mut out = std::io::stdout();
    for k in begun[0].. {
        assert_eq!(append_at(&mut store, k, START + k * STRIDE).unwrap(), 3);
        writeln!(out, "kept {k}").unwrap();
        store.maintain().unwrap();
    }
}

fn writer(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(WRITER, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_writer_loses_no_tick_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = -1;
    for round in 0..12_usize {
        let mut writer = writer(folder.path());
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        // A number of ticks that differs from round to round; what the writer does at that moment differs by itself.
        let ticks = 5 + round * 37 % 61;
        let mut told_lines =
            lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("kept ").map(str::to_owned));
        for line in told_lines.by_ref().take(ticks) {
            told = line.parse().unwrap();
        }
        // In the middle of whatever is being written just then: a tick, the table, a segment.
        if let Some(sign) =
            [None, Some("raw/raw.tmp"), Some("tier/tier.tmp"), Some("series/series.tmp")][round % 4]
        {
            let sign = folder.path().join(sign);
            while !sign.exists() {
                assert!(
                    writer.try_wait().unwrap().is_none(),
                    "round {round}: the writer has ended by itself"
                );
                std::hint::spin_loop();
            }
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        // A line that is cut off tells of an earlier tick, if of any.
        told = told_lines.filter_map(|line| line.parse().ok()).fold(told, i64::max);
        let check = |when: &str| {
            for values in kept(folder.path()) {
                let expected: Vec<f64> = (0..values.len()).map(|k| k as f64).collect();
                assert_eq!(values, expected, "round {round}, {when}");
                assert!(
                    told < i64::try_from(values.len()).unwrap(),
                    "round {round}, {when}: {told} was told"
                );
            }
        };
        check("as it was left");
        let store = Store::open(folder.path(), options()).unwrap();
        assert!(store.set_aside().is_empty(), "{:?}", store.set_aside());
        drop(store);
        check("as it was opened");
    }
    assert!(200 < told, "{told}");
}

/// A disk of its own, taken away when the test ends.
pub(crate) struct Disk(PathBuf);

impl Disk {
    pub(crate) fn mount(at: &Path, size: &str) -> Option<Self> {
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success()).then(|| Self(at.to_path_buf()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_writing_says_so_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = Disk::mount(folder.path(), "1m") else {
        return skipped("a_full_disk_stops_writing_says_so_and_recovers", "the right to mount a tmpfs");
    };
    let dir = folder.path().join("store");
    let mut store = Store::open(&dir, Options::default()).unwrap();
    for k in 0..10 {
        append(&mut store, k).unwrap();
    }
    let ballast = folder.path().join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    while file.write_all(&[7; 512]).is_ok() {}
    drop(file);

    // Ticks fail sooner or later: the last page of the file has room for some.
    let mut failed = Vec::new();
    for k in 10..300 {
        if let Err(error) = append(&mut store, k) {
            assert!(error.is_full(), "{error}");
            assert!(error.to_string().starts_with("no space left to"), "{error}");
            failed.push(k);
        }
    }
    assert!(failed.contains(&299));
    let lost: Vec<f64> = failed.iter().map(|&k| k as f64).collect();
    let a = store.find("a").unwrap();
    // Memory went on, and what cannot be done now says so.
    assert_eq!(store.window(a, START).1, (0..300).map(f64::from).collect::<Vec<_>>());
    assert!(store.seal().unwrap_err().is_full());
    assert_eq!(kept(&dir)[0].len(), 300 - failed.len());

    fs::remove_file(&ballast).unwrap();
    for k in 300..320 {
        append(&mut store, k).unwrap();
    }
    store.seal().unwrap();
    drop(store);
    let store = Store::open(&dir, Options::default()).unwrap();
    assert!(store.set_aside().is_empty());
    let expected: Vec<f64> = (0..320).map(f64::from).filter(|k| !lost.contains(k)).collect();
    assert!(kept(&dir).iter().all(|values| *values == expected));
}

/// The store that version 1 of the layout has left: 300 ticks, of which 100 are in one segment and 100 in another.
fn fixture() -> PathBuf {
    workspace().join("tests/fixtures/store-1")
}

/// Makes the fixture. Run it once for a new version of the layout, into a new folder, and keep the old ones:
/// `HEBE_MAKE_FIXTURE=tests/fixtures/store-N cargo test -p hebe --test hebe makes_a_fixture`
#[test]
fn makes_a_fixture() {
    let Some(dir) = std::env::var_os("HEBE_MAKE_FIXTURE") else { return };
    let mut store = Store::open(workspace().join(dir), Options::default()).unwrap();
    for k in 0..300 {
        append(&mut store, k).unwrap();
        if k == 40 {
            let ids = series(&mut store);
            store.restarted(START + k * STEP, &ids[..1]);
        }
        if k == 99 || k == 199 {
            store.seal().unwrap();
        }
    }
}

#[test]
fn a_store_of_an_earlier_version_opens_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture(), folder.path());
    for round in 0..2 {
        let mut store = Store::open(folder.path(), Options::default()).unwrap();
        let ids = series(&mut store);
        let read = store.read(&ids, i64::MIN..i64::MAX).unwrap().series;
        assert_eq!(read.len(), 3);
        for (series, name) in read.iter().zip(["a", "b", "c"]) {
            assert_eq!((series.name.as_str(), series.unit), (name, Unit::Bytes));
            assert_eq!(series.v, (0..300 + round).map(f64::from).collect::<Vec<_>>());
            let limit = series.limit.as_ref().unwrap();
            assert_eq!(limit.steps, [(START, 1e6), (START + 50 * STEP, 2e6)]);
        }
        // A restart is written with the next tick.
        assert_eq!(read[0].restarts_ms, [START + 40 * STEP]);
        assert_eq!(store.window(ids[2], START).1.len(), 300);
        append(&mut store, i64::from(300 + round)).unwrap();
        store.seal().unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &there) } else { fs::copy(&path, &there).map(drop).unwrap() }
    }
}
