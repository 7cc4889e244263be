//! What is missing, bad or double.

use super::*;

// Cells.

#[test]
fn missing_values_are_counted_apart_from_bad_ones() {
    for marker in ["", "NA", "N/A", "NaN", "null", "None", "-", "?", " "] {
        let text = format!("time,a\n1795287704,1\n1795287705,{marker}\n1795287706,3\n");
        let found = check(&text, &["a @0=1 @2=3"]);
        assert!(found.notes.contains("null, -, ?): 1"), "{marker:?}: {}", found.notes);
    }
}

#[test]
fn infinite_and_malformed_values_cost_only_themselves() {
    let text = |cell| format!("time,a,b\n1795287704,1,2\n1795287705,{cell},2\n1795287706,3,2\n");
    check_rejected(&text("inf"), &["a @0=1 @2=3", "b @0=2 @1=2 @2=2"], 3, "`a`: not finite: `inf`");
    check_rejected(&text("1e999"), &["a @0=1 @2=3", "b @0=2 @1=2 @2=2"], 3, "not finite");
    check_rejected(&text("error"), &["a @0=1 @2=3", "b @0=2 @1=2 @2=2"], 3, "`a`: no number: `error`");
}

#[test]
fn a_column_of_missing_marks_is_there_without_samples() {
    let found = check("time,a,b\n1795287704,1,NaN\n1795287705,2,NaN\n", &["a @0=1 @1=2", "b"]);
    assert!(found.notes.contains("`b`: all values are marked as missing"), "{}", found.notes);
}

#[test]
fn columns_without_numbers_are_left_out_in_one_note() {
    let found = check("time,a,b,c\n1795287704,1,,\n1795287705,2,,\n", &["a @0=1 @1=2"]);
    assert!(found.notes.contains("left out `b`, `c`: no number"), "{}", found.notes);
    let found = check("time,a,note,ok,end\n1795287704,1,x,true,2026-11-22\n", &["a @0=1"]);
    let rows = "1795287704,1,\n".repeat(1001);
    let late = try_read(format!("time,a,b\n{rows}1795287705,2,x\n").as_bytes(), &options()).unwrap();
    assert!(late.notes.contains("left out `b`: text"), "{}", late.notes);
    let text = format!("time,a,b\n{rows}1795287705,2,5\n1795287706,2,x\n");
    check_rejected(&text, &["a @0=1 @1=2 @2=2", "b @1=5"], 1004, "`b`: no number: `x`");
    for left_out in ["`note`: prose", "`ok`: true or false", "`end`: further times"] {
        assert!(found.notes.contains(left_out), "{}", found.notes);
    }
}

// Lines.

#[test]
fn bad_lines_are_rejected_with_their_number() {
    let text = |line| format!("time,a,b\n1795287704,1,2\n{line}\n1795287706,3,4\n");
    let rest = ["a @0=1 @2=3", "b @0=2 @2=4"];
    check_rejected(&text("1795287705,9"), &rest, 3, "2 fields where there should be 3");
    check_rejected(&text("1795287705,9,9,9"), &rest, 3, "4 fields where there should be 3");
    check_rejected(&text("yesterday,9,9"), &rest, 3, "no time: `yesterday`");
    check_rejected(&text("0,9,9"), &rest, 3, "no time: `0`");
    check_rejected(&text(",9,9"), &rest, 3, "no time: ``");
    check_rejected(&text("1795287705,\"9,9"), &rest, 3, "a quote that is not closed");
    check_rejected(&text("1795287705,9,9\r1795287705,9,9"), &rest, 3, "5 fields");
}

#[test]
fn a_file_cut_in_the_middle_keeps_what_it_has() {
    check_rejected(
        "time,a,b\n1795287704,1,2\n1795287705,3,4\n17952",
        &["a @0=1 @1=3", "b @0=2 @1=4"],
        4,
        "1 fields",
    );
    check_rejected("time,a,b\n1795287704,1,2\n1795287705,3,\"4", &["a @0=1", "b @0=2"], 3, "a quote");
}

#[test]
fn comments_within_the_file_are_no_lines() {
    check("time,a\n1795287704,1\n# restarted here\n1795287705,2\n", &["a @0=1 @1=2"]);
    check("time,a\n# in bytes\n1795287704,1\n", &["a @0=1"]);
}

#[test]
fn unsorted_and_newest_first_files_are_sorted() {
    check("time,a\n1795287706,3\n1795287704,1\n1795287705,2\n", &["a @0=1 @1=2 @2=3"]);
    check("time,a\n2026-11-21 19:01:45,2\n2026-11-21 19:01:44,1\n", &["a @0=1 @1=2"]);
}

#[test]
fn duplicates_are_silent_if_exact_and_counted_if_not() {
    let found = check("time,a\n1795287704,1\n1795287704,1\n1795287704,5\n", &["a @0=5"]);
    assert_eq!(found.columns[0].rejected, 1);
}

#[test]
fn nothing_is_empty() {
    for text in ["", "\n\n", "\u{feff}", "time,a\n"] {
        check_error(&options(), text, "`t.csv` is empty");
    }
}
