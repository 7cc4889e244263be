//! What may be wrong with a history or a command line: the exit code, and a message that names the culprit.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::{self, Answer};
use crate::generated::{MINUTE, every, noise};
use crate::skipped::{has, skipped};

/// Rows were printed.
const DONE: i32 = 0;
/// Nothing could be read or written.
const FAILED: i32 = 1;
/// The command line is wrong.
const MISTYPED: i32 = 2;

/// A history of `content` under `name`, analysed with `words`.
fn analyzed(name: &str, content: &[u8], words: &str) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, content).unwrap();
    binary::analyze(&file, words)
}

/// The code is as expected, what was said holds `word`, and nothing panicked.
#[track_caller]
fn check(answer: &Answer, code: i32, word: &str) {
    let Answer { out, err, .. } = answer;
    assert!(!err.contains("panicked"), "{err}");
    assert_eq!(answer.code, Some(code), "{err}");
    assert!(err.contains(word), "`{word}` is not in: {err}");
    if code != DONE {
        assert!(out.is_empty(), "{out}");
    }
}

/// The rows that a history gives in spite of all; a message holds `word`.
#[track_caller]
fn check_rows(content: &str, words: &str, word: &str) -> Vec<Value> {
    let answer = analyzed("history.csv", content.as_bytes(), words);
    check(&answer, DONE, word);
    answer.rows()
}

/// The only row that a history gives in spite of all, in silence.
#[track_caller]
fn check_row(content: &str, words: &str) -> Value {
    let mut rows = check_rows(content, words, "");
    assert_eq!(rows.len(), 1, "{rows:#?}");
    rows.remove(0)
}

/// A table of `n` samples a minute apart: `value(i)`.
fn table(n: usize, value: impl Fn(usize) -> f64) -> String {
    let mut text = "time,value\n".to_owned();
    for (i, t) in every(MINUTE, n).into_iter().enumerate() {
        let _ = writeln!(text, "{t:.0},{:e}", value(i));
    }
    text
}

/// A leak from 100 on, one a minute.
fn leak(i: usize) -> f64 {
    100.0 + i as f64 + noise(i as f64)
}

#[test]
fn an_empty_file_is_named() {
    check(&analyzed("empty.csv", b"", ""), FAILED, "empty.csv` is empty");
    check(&analyzed("head.csv", b"time,value\n", ""), FAILED, "head.csv` is empty");
    check(&analyzed("blank.csv", b"\xef\xbb\xbf\r\n\r\n", ""), FAILED, "blank.csv");
}

#[test]
fn one_sample_is_collecting_and_no_number() {
    let row = check_row(&table(1, leak), "--limit value=500");
    assert_eq!(row["status"], "COLLECTING");
    assert_eq!(row["samples"], 1);
}

#[test]
fn a_column_without_a_number_is_left_out_and_named() {
    let text = table(300, leak).replace("e2\n", "e2,NaN\n").replace("time,value\n", "time,value,hollow\n");
    let rows = check_rows(&text, "", "`hollow`");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["series"], "value");
    let hollow = table(300, |_| f64::NAN);
    assert_eq!(check_rows(&hollow, "", "`value`"), Vec::<Value>::new());
}

#[test]
fn numbers_that_are_none_are_rejected_and_counted() {
    let text = table(300, |i| if i % 3 == 0 { f64::INFINITY } else { leak(i) });
    let row = check_row(&text, "--limit value=500");
    assert_eq!(row["samples"], 200);
}

#[test]
fn a_table_without_times_says_how_to_name_them() {
    let text = table(300, leak).replace("time,value\n", "a,b\n").replace("\n17000", "\nx17000");
    check(&analyzed("untimed.csv", text.as_bytes(), ""), FAILED, "untimed.csv`: no column holds times");
    check(&analyzed("prose.txt", b"hello world\nthis is prose\n", ""), FAILED, "--time-column");
    let named = analyzed("history.csv", table(300, leak).as_bytes(), "--time-column when");
    check(&named, FAILED, "history.csv`: there is no column `when`");
}

#[test]
fn a_table_without_numbers_names_its_columns() {
    let rows =
        (0..9).fold(String::from("time,state\n"), |text, i| text + &format!("{},up\n", 1_795_287_704 + i));
    let word = "states.csv`: no column holds numbers beside the times (columns: `time`, `state`)";
    check(&analyzed("states.csv", rows.as_bytes(), ""), FAILED, word);
    check(&analyzed("states.csv", b"time\n1795287704\n1795287764\n", ""), FAILED, "states.csv`: ");
}

#[test]
fn order_and_repetition_of_lines_change_nothing() {
    let sorted = table(300, leak);
    let lines: Vec<&str> = sorted.lines().skip(1).collect();
    let expected = check_row(&sorted, "--limit value=500");
    assert!(binary::is_alarm(&expected), "{expected:#}");
    // 7 and 300 have no common divisor: every line once, in another order.
    let mixed: Vec<&str> = (0..300).map(|i| lines[7 * i % 300]).collect();
    let twice: Vec<&str> = lines.iter().flat_map(|line| [*line, *line]).collect();
    for lines in [mixed, twice] {
        let text = format!("time,value\n{}\n", lines.join("\n"));
        assert_eq!(check_row(&text, "--limit value=500"), expected);
    }
}

#[test]
fn of_two_values_at_one_time_the_later_line_counts_and_the_other_is_rejected() {
    let text = table(300, leak);
    let (_, samples) = text.split_once('\n').unwrap();
    let early: String =
        samples.lines().fold(String::new(), |text, line| text + line.split_once(',').unwrap().0 + ",1e9\n");
    let row = check_row(&format!("time,value\n{early}{samples}"), "--limit value=500");
    assert_eq!((&row["samples"], &row["rejected"]), (&300.into(), &300.into()));
    assert_eq!(row["used"], check_row(&text, "--limit value=500")["used"]);
}

#[test]
fn a_table_that_breaks_off_gives_what_is_whole() {
    let text = table(300, leak);
    let in_a_time = &text[..text.rfind('\n').unwrap()];
    let in_a_time = &in_a_time[..in_a_time.rfind('\n').unwrap() + 5];
    let row = check_row(in_a_time, "--limit value=500");
    assert_eq!(row["samples"], 299);
}

#[test]
fn an_answer_that_breaks_off_gives_what_came_and_says_so() {
    let values: Vec<String> =
        every(MINUTE, 300).iter().enumerate().map(|(i, t)| format!("[{t},\"{}\"]", leak(i))).collect();
    let text = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{"__name__":"files"}},"values":[{}]}}]}}}}"#,
        values.join(",")
    );
    let answer = analyzed("cut.json", &text.as_bytes()[..text.len() / 2], "");
    check(&answer, DONE, "cut.json");
    let samples = answer.rows()[0]["samples"].as_u64().unwrap();
    assert!((140..160).contains(&samples), "{samples}");
    check(&analyzed("cut.json", &text.as_bytes()[..40], ""), FAILED, "cut.json");
}

#[test]
fn garbage_is_named_and_what_is_understood_is_told() {
    let noise: Vec<u8> = (0..20_000).map(|i| noise(f64::from(i)).to_bits().to_le_bytes()[2]).collect();
    check(&analyzed("garbage.csv", &noise, ""), FAILED, "garbage.csv` is in no format that is known here");
    check(&analyzed("garbage.csv", &noise, ""), FAILED, "Parquet");
    let cut = [b"PAR1".as_slice(), &noise].concat();
    check(&analyzed("cut.parquet", &cut, ""), FAILED, "cut.parquet` as Parquet");
    let sa = [b"\x96\xd5\x75\x21".as_slice(), &noise].concat();
    check(&analyzed("sa21", &sa, ""), FAILED, "sa21`");
    check(&analyzed("log.csv.gz", b"\x1f\x8b\x08\0\0\0", ""), FAILED, "gzip -d");
}

#[test]
fn ten_thousand_columns_are_ten_thousand_rows() {
    let cells = |mark: &str| (0..10_000).map(|cell| format!("{mark}{cell}")).collect::<Vec<_>>().join(",");
    let mut text = format!("time,{}", cells("c"));
    for t in every(MINUTE, 3) {
        let _ = write!(text, "\n{t},{}", cells(""));
    }
    let answer = analyzed("wide.csv", text.as_bytes(), "");
    check(&answer, DONE, "");
    assert_eq!(answer.rows().len(), 10_000);
}

#[test]
fn a_limit_below_all_values_is_exhausted() {
    let row = check_row(&table(300, leak), "--limit value=50");
    assert_eq!(row["status"], "EXHAUSTED");
    assert_eq!(row["limit"], 50.0);
    let few = check_row(&table(2, leak), "--limit value=50");
    assert_eq!(few["status"], "EXHAUSTED");
}

#[test]
fn very_large_and_very_small_values_are_judged_like_others() {
    let middle = check_row(&table(300, leak), "--limit value=500");
    for scale in [1e18, 1e-9] {
        let row = check_row(&table(300, |i| scale * leak(i)), &format!("--limit value={:e}", 500.0 * scale));
        assert_eq!(row["status"], middle["status"], "{scale}");
        let (left, expected) = (row["left_s"].as_f64().unwrap(), middle["left_s"].as_f64().unwrap());
        assert!((left / expected - 1.0).abs() < 1e-6, "{scale}: {left} for {expected}");
    }
    let wild = check_row(&table(300, |i| if i % 2 == 0 { 1e18 } else { 1e-9 }), "--limit value=2e18");
    assert!(!binary::is_alarm(&wild), "{wild:#}");
    let ends =
        check_row(&table(300, |i| if i % 2 == 0 { f64::MAX } else { f64::MIN }), "--limit value=1e300");
    assert_eq!(ends["samples"], 300);
}

#[test]
fn a_missing_file_is_named_and_spoils_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    check(&binary::analyze(&folder.path().join("absent.csv"), ""), FAILED, "absent.csv`: No such file");
    let file = folder.path().join("history.csv");
    fs::write(&file, table(300, leak)).unwrap();
    let answer = binary::analyze(&file, folder.path().join("absent.csv").to_str().unwrap());
    check(&answer, DONE, "absent.csv");
    assert_eq!(answer.rows().len(), 1);
}

#[test]
fn an_empty_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    check(&binary::analyze(folder.path(), ""), FAILED, folder.path().to_str().unwrap());
}

#[test]
fn what_a_folder_holds_beside_histories_is_a_note() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("history.csv"), table(300, leak)).unwrap();
    fs::write(folder.path().join("README"), "nothing to see").unwrap();
    let answer = binary::analyze(folder.path(), "");
    check(&answer, DONE, "README");
    assert_eq!(answer.rows().len(), 1);
}

#[test]
fn a_folder_without_rights_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    let Some(mut powerless) = powerless(&closed) else { return };
    powerless.args(["analyze", "--format", "json"]).arg(&closed);
    let answer = Answer::of(&mut powerless);
    check(&answer, FAILED, "closed`: Permission denied");
}

/// The binary without the power to pass over file permissions, which root has to lay down first.
fn powerless(closed: &Path) -> Option<Command> {
    if fs::read_dir(closed).is_err() {
        return Some(binary::hebe());
    }
    if !has("setpriv") {
        skipped("folders without rights", "setpriv (util-linux) where root runs it");
        return None;
    }
    let mut command = Command::new("setpriv");
    command.args(["--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]);
    command.arg(env!("CARGO_BIN_EXE_hebe"));
    Some(binary::at_home(command))
}

#[test]
fn a_server_that_does_not_answer_is_named() {
    let answer = binary::run(&["analyze", "--format", "json", "http://127.0.0.1:1"]);
    check(&answer, FAILED, "no answer from http://127.0.0.1:1");
}

#[test]
fn what_is_mistyped_is_shown() {
    let run = hebe_datasets::recordings().remove(0);
    for (words, shown) in [
        ("--horizon soon", "soon"),
        ("--horizon 0s", "0s"),
        ("--horizon=-5d", "-5d"),
        ("--lead-time soon", "soon"),
        ("--method guess", "guess"),
        ("--risk none", "none"),
        ("--limit value", "value"),
        ("--limit value=NaN", "value=NaN"),
        ("--unit value=parsec", "parsec"),
        ("--until yesterday", "yesterday"),
        ("--zone Mars/Olympus", "Mars/Olympus"),
        ("--nope", "--nope"),
    ] {
        check(&binary::analyze(&run.path, words), MISTYPED, shown);
    }
    check(&binary::run(&["analyze", "--format", "xml"]), MISTYPED, "xml");
    check(&binary::run(&["forecast"]), MISTYPED, "forecast");
}

#[test]
fn a_report_that_cannot_be_written_is_named_and_leaves_nothing_behind() {
    let run = hebe_datasets::recordings().remove(0);
    let folder = tempfile::tempdir().unwrap();
    let path = run.path.to_str().unwrap();
    let report = |name: &str| {
        let file = folder.path().join(name);
        binary::run(&["report", "-o", file.to_str().unwrap(), path])
    };
    check(&report("absent/r.html"), FAILED, "absent/r.html");
    check(&report("r.docx"), FAILED, "r.docx`: expected a file that ends in");
    assert_eq!(names(&folder), Vec::<String>::new());
}

#[test]
fn a_resource_that_is_not_there_is_answered_with_those_that_are() {
    let run = hebe_datasets::recordings().remove(0);
    let answer = binary::run(&["explain", "unheard_of", run.path.to_str().unwrap()]);
    check(&answer, FAILED, "nothing is called `unheard_of`; there is files.open");
}

/// The names in a folder.
fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}
