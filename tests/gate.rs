//! `hebe gate` on soak runs of known shape: the word, the exit code and the numbers.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::{self, Answer};
use crate::generated::{HOUR, START_S, noise};

const MIB: f64 = 1_048_576.0;
const PASS: i32 = 0;
const INCONCLUSIVE: i32 = 1;
const FAIL: i32 = 2;
const UNKNOWN: i32 = 3;

/// A folder with the run `name`: so many hours, a sample every half minute, MiB by a law of the hour, each off by up
/// to 3 MiB.
fn soak(folder: &TempDir, name: &str, hours: f64, law: impl Fn(f64) -> f64) -> PathBuf {
    let mut text = "time,heap_used_bytes,open_fds\n".to_owned();
    for i in 0..1_000_000 {
        let s = f64::from(i) * 30.0;
        if hours * HOUR <= s {
            break;
        }
        let bytes = MIB * (law(s / HOUR) + 3.0 * noise(s));
        let _ = writeln!(text, "{:.0},{bytes:.0},57", START_S + s);
    }
    written(folder, name, text.as_bytes())
}

fn written(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    file
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// `hebe gate PATHS… WORDS…`, where the words are split at blanks.
fn gate(paths: &[&Path], words: &str) -> Answer {
    let paths = paths.iter().map(|path| path.as_os_str());
    let words = words.split_whitespace().map(std::ffi::OsStr::new);
    let all: Vec<_> = std::iter::once(std::ffi::OsStr::new("gate")).chain(paths).chain(words).collect();
    binary::run(&all)
}

/// The ruling on the heap, which has that verdict and exit code.
#[track_caller]
fn check(file: &Path, words: &str, code: i32, verdict: &str) -> Value {
    let answer = gate(&[file], &format!("--value heap_used_bytes --format json {words}"));
    assert_eq!(answer.code, Some(code), "{}{}", answer.out, answer.err);
    let rulings: Vec<Value> = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((rulings.len(), &rulings[0]["verdict"]), (1, &Value::from(verdict)), "{rulings:#?}");
    rulings[0].clone()
}

/// A number of a ruling.
#[track_caller]
fn number(ruling: &Value, key: &str) -> f64 {
    ruling[key].as_f64().unwrap_or_else(|| panic!("{key} in {ruling:#}"))
}

/// The true growth is in the interval, and the interval narrow; both in MiB an hour.
#[track_caller]
fn check_growth(ruling: &Value, hourly: f64, width: f64) {
    let (low, high) = (number(ruling, "growth_lo_per_h") / MIB, number(ruling, "growth_hi_per_h") / MIB);
    assert!(low <= hourly && hourly <= high, "{hourly} is not in {low} to {high}");
    assert!(high - low < 2.0 * width, "{low} to {high}");
    let least = number(ruling, "smallest_leak_per_h") / MIB;
    assert!(high - low < 2.0 * least && least < 3.0 * width, "smallest leak {least}");
}

#[track_caller]
fn check_says(ruling: &Value, words: &[&str]) {
    let sentence = ruling["sentence"].as_str().unwrap();
    for word in words {
        assert!(sentence.contains(word), "`{word}` is not in: {sentence}");
    }
}

#[test]
fn a_warm_up_then_flat_passes() {
    let folder = folder();
    let file = soak(&folder, "warm.csv", 12.0, |h| 400.0 - 300.0 * (1.0 - h / 0.7).max(0.0));
    let ruling = check(&file, "", PASS, "PASS");
    assert!((number(&ruling, "warm_up_s") / 60.0 - 42.0).abs() < 3.0, "{ruling:#}");
    check_growth(&ruling, 0.0, 0.2);
    check_says(
        &ruling,
        &["no growth: ", "after a warm-up of 4", "12 h of samples", "could not have seen less than"],
    );
}

#[test]
fn a_leak_under_a_sawtooth_fails() {
    let folder = folder();
    for (hours, period) in [(8.0, 0.5), (12.0, 0.6), (24.0, 2.0)] {
        let law = |h: f64| 400.0 * (1.0 + 0.005 * h) + 80.0 * (h / period).fract();
        let ruling = check(&soak(&folder, "leak.csv", hours, law), "", FAIL, "FAIL");
        check_growth(&ruling, 2.0, 0.5);
        check_says(&ruling, &["grows ", "MiB/h", "95 %", "troughs", "would have seen"]);
        assert!((number(&ruling, "tooth_period_s") / HOUR - period).abs() < 0.05 * period);
        let flat = soak(&folder, "flat.csv", hours, |h| law(h) - 2.0 * h);
        check_growth(&check(&flat, "", PASS, "PASS"), 0.0, 0.5);
    }
}

#[test]
fn a_plateau_passes() {
    let folder = folder();
    let file = soak(&folder, "plateau.csv", 16.0, |h| 300.0 + 20.0 * h.min(8.0));
    let ruling = check(&file, "", PASS, "PASS");
    check_growth(&ruling, 0.0, 0.3);
    assert!((number(&ruling, "warm_up_s") / HOUR - 8.0).abs() < 0.2, "{ruling:#}");
    check_says(&ruling, &["no growth: ", "levelled off after "]);
    assert_eq!(ruling["onset"], "levelled_off");
}

#[test]
fn a_run_too_short_is_inconclusive() {
    let folder = folder();
    let short = check(&soak(&folder, "short.csv", 0.5, |_| 400.0), "", INCONCLUSIVE, "INCONCLUSIVE");
    check_says(&short, &["too short: ", "1 h are needed", "run for about"]);
    // Of a leak too, and of a run that is long enough by the clock and too short for what matters.
    check(&soak(&folder, "leak.csv", 0.5, |h| 400.0 + 50.0 * h), "", INCONCLUSIVE, "INCONCLUSIVE");
    let file = soak(&folder, "blunt.csv", 2.0, |_| 400.0);
    let blunt = check(&file, "--sensitivity 10KiB/h", INCONCLUSIVE, "INCONCLUSIVE");
    check_says(&blunt, &["could not have seen less than", "run for about"]);
    assert!(4.0 * HOUR < number(&blunt, "run_for_s"), "{blunt:#}");
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let folder = folder();
    let good = soak(&folder, "good.csv", 12.0, |_| 400.0);
    let broken: Vec<u8> = (0..5_000_u32).map(|i| (i * i % 251) as u8).collect();
    let files = [
        (written(&folder, "broken.csv", &broken), "broken.csv"),
        (written(&folder, "empty.csv", b""), "empty"),
        (written(&folder, "prose.csv", b"hello world\nthis is prose\n"), "prose.csv"),
        (written(&folder, "hollow.csv", b"time,rss\n1,-\n2,-\n3,-\n"), "hollow.csv"),
        (folder.path().join("missing.csv"), "missing.csv"),
    ];
    for (file, word) in &files {
        for paths in [&[file.as_path()][..], &[&good, file], &[file, &good]] {
            let answer = gate(paths, "");
            assert_eq!(answer.code, Some(UNKNOWN), "{file:?}: {}{}", answer.out, answer.err);
            assert!(answer.out.starts_with("UNKNOWN: "), "{}", answer.out);
            let said = format!("{}{}", answer.out, answer.err);
            assert!(said.contains(word) && !said.contains("panicked"), "{said}");
        }
    }
    for words in ["--baseline /nowhere/old.csv", "--value absent"] {
        let answer = gate(&[&good], words);
        assert_eq!(answer.code, Some(UNKNOWN), "{words}: {}{}", answer.out, answer.err);
    }
    assert_eq!(gate(&[], "").code, Some(UNKNOWN));
}

#[test]
fn a_leak_found_outranks_what_was_not_read() {
    let folder = folder();
    let leak = soak(&folder, "leak.csv", 12.0, |h| 400.0 + 4.0 * h);
    let answer = gate(&[&leak, &written(&folder, "empty.csv", b"")], "");
    assert_eq!(answer.code, Some(FAIL), "{}", answer.out);
    assert!(answer.out.contains("UNKNOWN") && answer.out.contains("PASS open_fds"), "{}", answer.out);
}

#[test]
fn a_file_of_which_most_was_rejected_is_unknown() {
    let folder = folder();
    // The beginning is whole: it tells the format.
    let text = fs::read_to_string(soak(&folder, "good.csv", 60.0, |_| 400.0)).unwrap();
    let torn: Vec<&str> =
        text.lines().enumerate().map(|(i, line)| if i < 3_000 { line } else { "torn" }).collect();
    let answer = gate(&[&written(&folder, "torn.csv", torn.join("\n").as_bytes())], "");
    assert_eq!(answer.code, Some(UNKNOWN), "{}{}", answer.out, answer.err);
    assert!(answer.out.contains("more lines rejected ("), "{}", answer.out);
}

#[test]
fn a_wrong_command_line_is_no_leak() {
    for words in
        ["--bogus", "--allow fast", "--allow -1MiB/h", "--confidence 2", "--min-run 0s", "--format pdf"]
    {
        let answer = gate(&[Path::new("x.csv")], words);
        assert_eq!((answer.code, answer.out.as_str()), (Some(UNKNOWN), ""), "{words}");
        assert!(!answer.err.is_empty());
    }
    assert_eq!(gate(&[], "--help").code, Some(0));
    // Of other commands clap's own code stays.
    assert_eq!(binary::run(&["analyze", "--bogus"]).code, Some(2));
}

#[test]
fn two_runs_are_compared() {
    let folder = folder();
    let leak = |name: &str, hourly: f64| soak(&folder, name, 12.0, move |h| 400.0 + hourly * h);
    let (old, same, worse) = (leak("old.csv", 2.0), leak("same.csv", 2.0), leak("worse.csv", 4.0));
    let against = format!("--baseline {}", old.display());
    check_growth(&check(&same, &against, PASS, "PASS"), 0.0, 0.3);
    let ruling = check(&worse, &against, FAIL, "FAIL");
    check_growth(&ruling, 2.0, 0.3);
    assert!((number(&ruling, "run_growth_per_h") / MIB - 4.0).abs() < 0.2);
    assert!((number(&ruling, "baseline_growth_per_h") / MIB - 2.0).abs() < 0.2);
    check_says(&ruling, &["MiB/h more", "against", "of the baseline"]);
    check(&worse, &format!("{against} --allow 3MiB/h"), PASS, "PASS");
}

#[test]
fn every_format_says_the_same() {
    let folder = folder();
    let leak = soak(&folder, "leak.csv", 12.0, |h| 400.0 + 4.0 * h);
    for (format, words) in [
        ("table", ["FAIL: 1 of 2 series", "PASS open_fds"]),
        ("json", ["\"verdict\": \"FAIL\"", "\"verdict\": \"PASS\""]),
        ("junit", ["<failure type=\"leak\" message=\"grows ", "tests=\"2\" failures=\"1\""]),
        ("markdown", ["## Hebe gate: FAIL", "| **PASS** | open\\_fds |"]),
        ("nagios", ["HEBE GATE FAIL - 1 of 2 series", "| 'heap_used_bytes growth per hour'="]),
    ] {
        let answer = gate(&[&leak], &format!("--format {format}"));
        assert_eq!(answer.code, Some(FAIL), "{}", answer.err);
        for word in words {
            assert!(answer.out.contains(word), "`{word}` is not in {}", answer.out);
        }
    }
}
