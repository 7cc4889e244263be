//! The report: one file that needs no network, holds the rows, and stays small.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::binary;
use crate::generated::{MINUTE, every, noise};

/// Findings in a report that must stay small.
const FINDINGS: usize = 50;
const MEGABYTE: usize = 1_000_000;

/// A report on many leaks, and the rows of `analyze` on the same file.
fn report() -> (String, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let (history, page) = (folder.path().join("leaks.csv"), folder.path().join("report.html"));
    fs::write(&history, leaks()).unwrap();
    let limit = "--limit pool*=1000";
    let words = ["report", "-o", page.to_str().unwrap(), "--limit", "pool*=1000", history.to_str().unwrap()];
    let answer = binary::run(&words);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(answer.out.contains(page.to_str().unwrap()), "{}", answer.out);
    (fs::read_to_string(page).unwrap(), binary::rows(&history, limit))
}

/// A table of leaking pools, a few of them named to break a page.
fn leaks() -> String {
    let mut text = "time".to_owned();
    for pool in 0..FINDINGS {
        let name = if pool == 7 { "</script><script>alert(1)</script>".to_owned() } else { pool.to_string() };
        let _ = write!(text, ",pool{name}");
    }
    for (i, t) in every(MINUTE, 1500).into_iter().enumerate() {
        let _ = write!(text, "\n{t}");
        for pool in 0..FINDINGS {
            let level = 100.0 + i as f64 * (0.3 + 0.005 * pool as f64) + 5.0 * noise(t + pool as f64);
            let _ = write!(text, ",{level:.3}");
        }
    }
    text
}

#[test]
fn a_report_is_one_small_file_with_the_rows_in_it() {
    let (page, rows) = report();
    assert!(page.len() < MEGABYTE, "{} bytes", page.len());
    assert_eq!(rows.len(), FINDINGS);
    assert!(rows.iter().all(binary::is_alarm), "every pool leaks");
    assert_eq!(embedded(&page), rows);
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    assert!(FINDINGS <= page.matches("<svg").count(), "a chart a finding");
    stands_alone(&page);
}

/// The rows inside the page.
#[track_caller]
fn embedded(page: &str) -> Vec<Value> {
    let mark = "<script type=\"application/json\" id=\"hebe-rows\">";
    let (_, rest) = page.split_once(mark).expect("the page holds the rows");
    let (json, _) = rest.split_once("</script>").expect("the rows end");
    serde_json::from_str(json).expect("the rows are JSON")
}

/// Nothing in the page is fetched from elsewhere.
#[track_caller]
fn stands_alone(page: &str) {
    let lower = page.to_lowercase();
    for fetched in ["src=", "href=\"http", "href=http", "<script src", "<link", "<iframe", "@import", "url("]
    {
        assert!(!lower.contains(fetched), "the page says {fetched}");
    }
    assert_eq!(lower.matches("<script").count(), 1, "the rows are the only script");
}
