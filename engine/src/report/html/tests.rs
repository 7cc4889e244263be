//! The page as a whole.

use chrono_tz::Tz;

use super::*;
use crate::report::sample;

fn page(findings: &Findings, days: i64) -> String {
    let pictures: Vec<(usize, Picture)> = findings
        .findings
        .iter()
        .enumerate()
        .map(|(i, finding)| (i, sample::picture(finding, days)))
        .collect();
    html(findings, &pictures, Tz::UTC)
}

#[test]
fn it_fetches_nothing() {
    let page = page(&sample::host(), 14);
    for fetch in ["src=", "@import", "url(http", "<link", "javascript:", "href=\"http"] {
        assert!(!page.contains(fetch), "{fetch}");
    }
}

#[test]
fn fifty_findings_stay_below_a_megabyte() {
    let size = page(&sample::fifty(), 30).len();
    assert!(size < 1_000_000, "{size}");
}

#[test]
fn every_link_has_its_place() {
    let page = page(&sample::host(), 14);
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
    }
}

#[test]
fn an_empty_page_is_honest() {
    let page = page(&sample::empty(), 1);
    assert!(page.contains("Nothing to judge"));
    assert!(!page.contains("Would a restart help?"));
}

#[test]
fn a_name_stays_text() {
    let mut findings = sample::host();
    let evil = "</script><script>alert(1)</script><b onload='x'>\"&\u{1b}[2J";
    findings.findings[1].row.scope = evil.to_owned();
    findings.findings[1].row.limit_owner = Some(evil.to_owned());
    let page = page(&findings, 14);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<b onload") && !page.contains('\u{1b}'));
}
