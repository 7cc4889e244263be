//! The rows as one JSON array: the contract of `docs` and of every other program.

use std::fmt::Write as _;

use serde::Serialize;

use super::clean;
use crate::finding::{Findings, Row};

/// Writes the rows as a JSON array.
///
/// A number that is none becomes `null`. Characters that would steer a terminal are escaped, so that the
/// array can be looked at as well as parsed; parsing gives back the original text.
#[must_use]
pub fn json(findings: &Findings) -> String {
    let rows: Vec<&Row> = findings.findings.iter().map(|finding| &finding.row).collect();
    let text = serde_json::to_string_pretty(&rows).unwrap_or_else(|_| "[]".to_owned());
    escape(&text, |c| c != '\n' && clean::steers(c))
}

/// The rows, one JSON object a line.
#[must_use]
pub fn jsonl(findings: &Findings) -> String {
    let mut text = String::new();
    for finding in &findings.findings {
        text.push_str(&serde_json::to_string(&finding.row).unwrap_or_else(|_| "{}".to_owned()));
        text.push('\n');
    }
    escape(&text, |c| c != '\n' && clean::steers(c))
}

/// Writes any value as JSON, as [`json`] writes rows.
#[must_use]
pub fn value<T: Serialize + ?Sized>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    escape(&text, clean::steers)
}

/// Writes the rows as JSON that may stand in an HTML `script` element.
///
/// `<`, `>` and `&` occur in JSON within strings alone, where `\u003c` means the same and ends no element.
#[must_use]
pub fn json_for_html(findings: &Findings) -> String {
    let rows: Vec<&Row> = findings.findings.iter().map(|finding| &finding.row).collect();
    let text = serde_json::to_string(&rows).unwrap_or_else(|_| "[]".to_owned());
    escape(&text, |c| matches!(c, '<' | '>' | '&') || clean::steers(c))
}

fn escape(text: &str, must: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if must(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{finding::Status, report::sample};

    #[test]
    fn numbers_that_are_none_are_null() {
        let mut row = sample::row("disk.bytes", "/var", Status::Steady);
        (row.used, row.left_s) = (Some(f64::NAN), Some(f64::INFINITY));
        let text = json(&sample::findings(vec![sample::finding(row)]));
        let rows: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(rows[0]["used"], Value::Null);
        assert_eq!(rows[0]["left_s"], Value::Null);
    }

    #[test]
    fn names_come_back_as_they_were() {
        let name = "</script><script>alert(1)</script>\u{1b}[31m\u{9b}&\u{202e}";
        let findings = sample::findings(vec![sample::finding(sample::row(name, "", Status::Ok))]);
        for text in [json(&findings), json_for_html(&findings)] {
            let rows: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(rows[0]["resource"], name);
            assert!(!text.contains('\u{1b}') && !text.contains('\u{9b}'));
        }
        assert!(!json_for_html(&findings).contains('<'));
    }
}
