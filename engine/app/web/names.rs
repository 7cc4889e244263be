//! Names of series in paths and queries, and back.

use std::fmt::Write as _;

use hebe::finding::Finding;
use hebe::snapshot::Snapshot;
use ring::digest::{SHA256, digest};

use super::secret::hex;

/// Longer names are given by their digest, so that a page stays small.
const LONGEST: usize = 160;

/// The path of the page that explains a series.
pub(crate) fn explain_path(series: &str) -> String {
    format!("/explain/{}", segment(series))
}

/// A name as one segment of a path or one value of a query.
///
/// Everything but letters, digits, `-`, `_` and `.` is escaped, so that it can stand in markup as well. A name that is long,
/// or that browsers take for a place (`.`, `..`), is given as `~` and the first half of its SHA-256.
pub(super) fn segment(series: &str) -> String {
    if series.len() > LONGEST || matches!(series, "" | "." | "..") {
        return handle(series);
    }
    query(series)
}

/// A text as one value of a query.
pub(super) fn query(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len() + 16), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn handle(series: &str) -> String {
    format!("~{}", &hex(digest(&SHA256, series.as_bytes()).as_ref())[..32])
}

/// The finding of a name as it came back, by the name itself or by its digest.
pub(super) fn find<'a>(snapshot: &'a Snapshot, name: &str) -> Option<&'a Finding> {
    let mut findings = snapshot.findings.iter().map(AsRef::as_ref);
    findings.clone().find(|finding| finding.row.series == name).or_else(|| {
        let by_digest = name.starts_with('~');
        findings.find(|finding| by_digest && handle(&finding.row.series) == name)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_one_segment() {
        assert_eq!(
            explain_path("disk.bytes{mount=\"/var\"}"),
            "/explain/disk.bytes%7Bmount%3D%22%2Fvar%22%7D"
        );
        assert_eq!(segment("é ?#&"), "%C3%A9%20%3F%23%26");
        assert!(segment("..").starts_with('~'));
        assert_eq!(segment(&"x".repeat(5_000)).len(), 33);
    }

    proptest! {
        #[test]
        fn a_segment_is_plain(name in any::<String>()) {
            let segment = segment(&name);
            prop_assert!(segment.len() <= 3 * LONGEST);
            prop_assert!(segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.%~".contains(&b)), "{}", segment);
        }
    }
}
