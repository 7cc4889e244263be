//! The rows as CSV (RFC 4180) for spreadsheets and scripts.
//!
//! Text that a spreadsheet would run as a formula (`=`, `+`, `-`, `@` first) gets an apostrophe before it, as
//! OWASP advises; JSON is the format that keeps every name as it was. Culprits are in JSON alone.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::clean;
use crate::finding::{Findings, Row};

/// Writes one line a row, and the names of the columns first.
#[must_use]
pub fn csv(findings: &Findings) -> String {
    let mut out = COLUMNS.map(|(name, _)| name).join(",");
    out.push_str("\r\n");
    for finding in &findings.findings {
        out.push_str(&COLUMNS.map(|(_, cell)| cell(&finding.row)).join(","));
        out.push_str("\r\n");
    }
    out
}

type Cell = fn(&Row) -> String;

const COLUMNS: [(&str, Cell); 32] = [
    ("series", |row| text(&row.series)),
    ("resource", |row| text(&row.resource)),
    ("scope", |row| text(&row.scope)),
    ("host", |row| text(&row.host)),
    ("status", |row| row.status.word().to_owned()),
    ("sentence", |row| text(&row.sentence)),
    ("at", |row| date(row.at)),
    ("left_s", |row| number(row.left_s)),
    ("left_lo_s", |row| number(row.left_lo_s)),
    ("left_hi_s", |row| number(row.left_hi_s)),
    ("exhausts_at", |row| date(row.exhausts_at)),
    ("exhausts_lo", |row| date(row.exhausts_lo)),
    ("exhausts_hi", |row| date(row.exhausts_hi)),
    ("probability", |row| number(row.probability)),
    ("horizon_s", |row| number(row.horizon_s)),
    ("used", |row| number(row.used)),
    ("limit", |row| number(row.limit)),
    ("unit", |row| text(&row.unit)),
    ("limit_owner", |row| option(row.limit_owner.as_deref())),
    ("growth_per_day", |row| number(row.growth_per_day)),
    ("since", |row| date(row.since)),
    ("since_event", |row| option(row.since_event.as_deref())),
    ("curve", |row| option(row.curve.as_deref())),
    ("method", |row| text(&row.method)),
    ("evidence", |row| text(&row.evidence)),
    ("confidence", |row| word(row.confidence)),
    ("surges_held", |row| row.surges_held.to_string()),
    ("samples", |row| row.samples.to_string()),
    ("rejected", |row| row.rejected.to_string()),
    ("epochs", |row| row.epochs.to_string()),
    ("culprit_note", |row| option(row.culprit_note.as_deref())),
    ("action", |row| option(row.action.as_deref())),
];

fn text(value: &str) -> String {
    let value = clean::line(value);
    let formula = value.trim_start().starts_with(['=', '+', '-', '@']);
    let value = if formula { format!("'{value}") } else { value };
    if value.contains([',', '"', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

fn option(value: Option<&str>) -> String {
    value.map_or(String::new(), text)
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or(String::new(), |value| value.to_string())
}

fn date(value: Option<DateTime<Utc>>) -> String {
    value.map_or(String::new(), |date| date.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The word that serde writes for a plain enum.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finding::Status, report::sample};

    #[test]
    fn formulas_and_quotes_are_harmless() {
        assert_eq!(text("=1+1"), "'=1+1");
        assert_eq!(text(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(text("a,\"b\"\n"), "\"a,\"\"b\"\" \"");
        assert_eq!(text("/var"), "/var");
    }

    #[test]
    fn the_columns_are_the_keys_of_the_row() {
        let row = serde_json::to_value(sample::row("a", "b", Status::Ok)).unwrap();
        let keys = row.as_object().unwrap();
        assert!(COLUMNS.iter().all(|(name, _)| keys.contains_key(*name)));
        assert_eq!(COLUMNS.len(), keys.len() - 1, "all but culprits");
    }

    #[test]
    fn every_line_has_every_column() {
        let text = csv(&sample::host());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 12);
        assert!(lines[1].starts_with("\"disk.bytes{scope=\"\"/boot\"\"}\",disk.bytes,/boot,web1,EXHAUSTED,"));
    }
}
