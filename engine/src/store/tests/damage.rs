//! Crashes and damaged bytes.

use std::fs;
use std::path::PathBuf;

use super::super::View;
use super::*;

const HOUR: i64 = 3_600_000 / STEP;

/// All files of a store that hold data.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = ["wal", "raw", "tier", "series"]
        .iter()
        .flat_map(|folder| fs::read_dir(dir.join(folder)).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    for folder in ["wal", "raw", "tier", "series"] {
        fs::create_dir_all(to.join(folder)).unwrap();
    }
    for file in files(from) {
        fs::copy(&file, to.join(file.strip_prefix(from).unwrap())).unwrap();
    }
}

fn is_part(part: &[f64], whole: &[f64]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|value| rest.any(|other| other == value))
}

#[test]
fn a_write_ahead_file_that_was_sealed_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 100);
    drop(store);
    let wal = files(folder.path()).into_iter().find(|file| file.extension().unwrap() == "wal").unwrap();
    let bytes = fs::read(&wal).unwrap();
    let mut store = open(folder.path());
    store.seal().unwrap();
    drop(store);
    fs::write(&wal, bytes).unwrap();
    assert_eq!(
        View::open(folder.path()).unwrap().read(&[SeriesId(0)], &(0..i64::MAX)).unwrap().series[0].v,
        numbers(0..100)
    );
    let mut store = open(folder.path());
    assert!(!wal.exists());
    run(&mut store, 100, 120);
    assert_eq!(values(&store, "a"), numbers(0..120));
}

#[test]
fn segments_that_were_merged_count_once() {
    let folder = tempfile::tempdir().unwrap();
    let before = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 8 * HOUR);
    store.maintain().unwrap();
    copy(folder.path(), before.path());
    run(&mut store, 8 * HOUR, 30 * HOUR);
    store.maintain().unwrap();
    drop(store);
    let merged = files(folder.path()).len();
    for file in files(before.path()).into_iter().filter(|file| file.extension().unwrap() == "parquet") {
        let there = folder.path().join(file.strip_prefix(before.path()).unwrap());
        if !there.to_string_lossy().contains("series-") {
            fs::copy(file, there).unwrap();
        }
    }
    let store = open(folder.path());
    assert_eq!(files(folder.path()).len(), merged);
    assert_eq!(values(&store, "a"), numbers(0..30 * HOUR));
}

#[test]
fn what_is_half_written_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 10);
    drop(store);
    for path in ["raw/raw.tmp", "tier/tier.tmp", "series/series.tmp"] {
        fs::write(folder.path().join(path), b"PAR1 half").unwrap();
    }
    let store = open(folder.path());
    assert_eq!(values(&store, "a"), numbers(0..10));
    assert!(files(folder.path()).iter().all(|file| file.extension().unwrap() != "tmp"));
}

#[test]
fn a_lost_series_table_costs_names_not_samples() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    run(&mut store, 0, 10);
    store.seal().unwrap();
    drop(store);
    for file in files(folder.path()).into_iter().filter(|file| file.to_string_lossy().contains("series-")) {
        fs::write(file, b"gone").unwrap();
    }
    let mut store = open(folder.path());
    assert_eq!(store.set_aside().len(), 1);
    assert_eq!(values(&store, "unknown_0"), numbers(0..10));
    // Under its name it begins anew, under another number.
    run(&mut store, 10, 20);
    assert_eq!(values(&store, "a"), numbers(10..20));
}

#[test]
fn a_damaged_footer_is_set_aside_wherever_it_is_damaged() {
    let (folder, _) = sound();
    let here = tempfile::tempdir().unwrap();
    copy(folder, here.path());
    let file = files(here.path()).into_iter().find(|file| file.to_string_lossy().contains("raw-")).unwrap();
    let whole = fs::read(&file).unwrap();
    let size = usize::try_from(u32::from_le_bytes(*whole[whole.len() - 8..].first_chunk().unwrap())).unwrap();
    for at in (whole.len() - 8 - size..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&file, bytes).unwrap();
        let view = View::open(here.path()).unwrap();
        assert_eq!(view.set_aside().len(), 1, "byte {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn damage_costs_no_more_than_what_was_damaged(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<bool>()
    ) {
        let (folder, count) = sound();
        let here = tempfile::tempdir().unwrap();
        copy(folder, here.path());
        let files = files(here.path());
        let file = &files[which.index(files.len())];
        let mut bytes = fs::read(file).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if cut {
            bytes.truncate(at);
        }
        fs::write(file, bytes).unwrap();
        let whole = numbers(0..count);
        let wal_version = file.extension().unwrap() == "wal" && at == 7 && !cut;
        if let Ok(view) = View::open(here.path()) {
            for id in [SeriesId(0), SeriesId(1)] {
                let read = view.read(&[id], &(0..i64::MAX)).unwrap();
                let read: Vec<f64> = read.series.into_iter().flat_map(|series| series.v).map(f64::abs).collect();
                // Blocks may stand in for what is lost, so only what has no blocks is compared.
                prop_assert!(is_part(&read.into_iter().filter(|v| v.fract() == 0.0).collect::<Vec<_>>(), &whole));
            }
        } else {
            prop_assert!(wal_version);
        }
        if wal_version {
            // It reads as a later version, which is refused and left alone.
            return Ok(());
        }
        let mut store = open(here.path());
        run(&mut store, count, count + 10);
        store.seal().unwrap();
        store.maintain().unwrap();
        let read = store.read(&[store.find("a").unwrap()], 0..i64::MAX).unwrap().series.remove(0);
        prop_assert_eq!(&read.v[read.v.len() - 10..], &numbers(count..count + 10)[..]);
        prop_assert!(read.t_ms.is_sorted_by(|a, b| a < b));
    }
}

/// A store with two raw segments, their tiers, a table and a write-ahead file; and how many ticks it has.
fn sound() -> (&'static Path, i64) {
    static STORE: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let folder = STORE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        run(&mut store, 0, 600);
        store.seal().unwrap();
        run(&mut store, 600, 900);
        store.maintain().unwrap();
        run(&mut store, 900, 1000);
        folder
    });
    (folder.path(), 1000)
}
