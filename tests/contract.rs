//! The row as other programs read it: exactly these keys, of these types, and no number where there is none.

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde_json::Value;

/// What may stand under a key.
#[derive(Clone, Copy, Debug)]
enum Form {
    Text,
    TextOrNull,
    OneOf(&'static [&'static str]),
    DateOrNull,
    NumberOrNull,
    SecondsOrNull,
    ShareOrNull,
    Count,
    Culprits,
}

use Form::{Count, Culprits, DateOrNull, NumberOrNull, OneOf, SecondsOrNull, ShareOrNull, Text, TextOrNull};

const STATUSES: &[&str] = &[
    "OK",
    "WATCH",
    "WARNING",
    "CRITICAL",
    "EXHAUSTED",
    "STEADY",
    "COLLECTING",
    "SURGE_HELD",
    "SEASONAL",
    "BEYOND_HORIZON",
    "STALE",
    "RESET",
    "ERROR",
];

/// The table of the contract. `at` and `used` are null in a row without a sample alone, `curve` where none was fitted.
const KEYS: [(&str, Form); 33] = [
    ("series", Text),
    ("resource", Text),
    ("scope", Text),
    ("host", Text),
    ("status", OneOf(STATUSES)),
    ("sentence", Text),
    ("at", DateOrNull),
    ("left_s", SecondsOrNull),
    ("left_lo_s", SecondsOrNull),
    ("left_hi_s", SecondsOrNull),
    ("exhausts_at", DateOrNull),
    ("exhausts_lo", DateOrNull),
    ("exhausts_hi", DateOrNull),
    ("probability", ShareOrNull),
    ("horizon_s", SecondsOrNull),
    ("used", NumberOrNull),
    ("limit", NumberOrNull),
    ("unit", OneOf(&["bytes", "count", "percent", "seconds", ""])),
    ("limit_owner", TextOrNull),
    ("growth_per_day", NumberOrNull),
    ("since", DateOrNull),
    ("since_event", TextOrNull),
    ("curve", TextOrNull),
    ("method", OneOf(&["classic", "default"])),
    ("evidence", Text),
    ("confidence", OneOf(&["high", "medium", "low", "none"])),
    ("surges_held", Count),
    ("samples", Count),
    ("rejected", Count),
    ("epochs", Count),
    ("culprits", Culprits),
    ("culprit_note", TextOrNull),
    ("action", TextOrNull),
];

const CULPRIT: [(&str, Form); 6] = [
    ("name", Text),
    ("kind", OneOf(&["process", "group", "tag", "unattributed"])),
    ("used", NumberOrNull),
    ("used_share", ShareOrNull),
    ("growth_per_day", NumberOrNull),
    ("growth_share", ShareOrNull),
];

/// What a culprit may have beside.
const OF_A_GROUP: [(&str, Form); 8] = [
    ("unit", Text),
    ("growth_low", NumberOrNull),
    ("growth_high", NumberOrNull),
    ("members", NumberOrNull),
    ("members_per_day", NumberOrNull),
    ("cause", Text),
    ("course", Text),
    ("since", DateOrNull),
];

/// Panics where `row` breaks the contract.
#[track_caller]
pub(crate) fn check(row: &Value) {
    if let Some(fault) = fault(row) {
        panic!("{fault} in {row:#}");
    }
}

/// The first way in which `row` breaks the contract.
fn fault(row: &Value) -> Option<String> {
    form(row, &KEYS).or_else(|| meaning(row))
}

/// The first key that is missing, too many, or of the wrong type.
fn form(object: &Value, keys: &[(&str, Form)]) -> Option<String> {
    let Some(found) = object.as_object() else { return Some("no object".to_owned()) };
    let strange = found.keys().find(|key| keys.iter().all(|(known, _)| known != key));
    if let Some(key) = strange {
        return Some(format!("unknown key `{key}`"));
    }
    keys.iter().find_map(|(key, form)| match found.get(*key) {
        None => Some(format!("no key `{key}`")),
        Some(value) if !form.fits(value) => Some(format!("`{key}` is no {form:?}: {value}")),
        Some(_) => None,
    })
}

/// The first way in which a culprit breaks the contract: what is not known of it has no key.
fn culprit(one: &Value) -> Option<String> {
    let Some(found) = one.as_object() else { return Some("no object".to_owned()) };
    let known = OF_A_GROUP.iter().copied().filter(|(key, _)| found.contains_key(*key));
    form(one, &CULPRIT.iter().copied().chain(known).collect::<Vec<_>>())
}

impl Form {
    fn fits(self, value: &Value) -> bool {
        match self {
            Text => value.is_string(),
            TextOrNull => value.is_null() || value.is_string(),
            OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            DateOrNull => value.is_null() || date(value).is_some(),
            NumberOrNull => value.is_null() || value.is_number(),
            SecondsOrNull => value.is_null() || value.as_f64().is_some_and(|seconds| 0.0 <= seconds),
            ShareOrNull => {
                value.is_null() || value.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share))
            }
            Count => value.is_u64(),
            Culprits => value.as_array().is_some_and(|all| all.iter().all(|one| culprit(one).is_none())),
        }
    }
}

/// What types do not say: dates follow from seconds, ranges are in order, and a state without a date has none.
fn meaning(row: &Value) -> Option<String> {
    let status = row["status"].as_str().unwrap_or_default();
    let dated = matches!(status, "WATCH" | "WARNING" | "CRITICAL" | "SURGE_HELD");
    let left = |key: &str| row[key].as_f64();
    let (low, middle, high) = (left("left_lo_s"), left("left_s"), left("left_hi_s"));
    let (pass, fail) = (None, |word: &str| Some(word.to_owned()));
    match (low, middle, high) {
        (None, None, None) if matches!(status, "WATCH" | "WARNING" | "CRITICAL") => return fail("no date"),
        (None, None, None) => {}
        _ if !dated => return fail("a date"),
        (Some(low), Some(middle), None) if low <= middle => {}
        (Some(low), Some(middle), Some(high)) if low <= middle && middle <= high => {}
        _ => return fail("no range"),
    }
    if (row["confidence"] == "none") != middle.is_none() {
        return fail("confidence without a date, or the other way round");
    }
    if row["at"].is_null() != (status == "ERROR") {
        return fail("no time of a last sample");
    }
    let pairs = [("left_lo_s", "exhausts_lo"), ("left_s", "exhausts_at"), ("left_hi_s", "exhausts_hi")];
    let apart = pairs.into_iter().find(|(seconds, when)| !follows(row, seconds, when));
    apart.map_or(pass, |(seconds, when)| Some(format!("`{when}` is not `at` + `{seconds}`")))
}

/// Whether the date under `when` is the last sample's plus the seconds under `seconds`; a date may be beyond the
/// calendar.
fn follows(row: &Value, seconds: &str, when: &str) -> bool {
    match (row[seconds].as_f64(), date(&row[when]), date(&row["at"])) {
        (None, when, _) => when.is_none(),
        (Some(_), None, _) => true,
        (Some(left), Some(when), Some(at)) => {
            #[expect(clippy::cast_possible_truncation, reason = "a date was found, so the seconds fit one")]
            let expected = at + TimeDelta::milliseconds((left * 1000.0) as i64);
            (when - expected).num_milliseconds().abs() <= 1
        }
        (Some(_), Some(_), None) => false,
    }
}

/// A date of a row.
pub(crate) fn date(value: &Value) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok()
}

mod tests {
    use serde_json::json;

    use super::{KEYS, fault};
    use crate::{binary, recorded};

    #[test]
    fn every_row_has_the_keys_of_the_contract_and_no_other() {
        // `check` stands in every answer of the binary; here are all of our own recordings at three ages.
        for run in hebe_datasets::recordings() {
            for share in [0.2, 0.6, 1.0] {
                let row = recorded::row_at(&run, share);
                assert_eq!(row.as_object().unwrap().len(), KEYS.len());
            }
        }
    }

    #[test]
    fn jsonl_and_a_json_report_hold_the_same_rows() {
        let run = hebe_datasets::recordings().remove(0);
        let path = run.path.to_str().unwrap();
        let array = binary::run(&["analyze", "--format", "json", path]).rows();
        let lines = binary::run(&["analyze", "--format", "jsonl", path]);
        let lines: Vec<serde_json::Value> =
            lines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(array, lines);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.json");
        binary::run(&["report", "-o", file.to_str().unwrap(), path]);
        let written: Vec<serde_json::Value> =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(array, written);
    }

    #[test]
    fn a_broken_row_is_found_out() {
        let run = hebe_datasets::recordings().remove(0);
        let good = recorded::row_at(&run, 0.5);
        assert_eq!(fault(&good), None);
        for (key, value, expected) in [
            ("status", json!("FINE"), "`status` is no"),
            ("samples", json!(-1), "`samples` is no"),
            ("left_s", json!(-1.0), "`left_s` is no"),
            ("left_s", json!(1e12), "no range"),
            ("left_s", json!(null), "no range"),
            ("probability", json!(1.5), "`probability` is no"),
            ("at", json!("yesterday"), "`at` is no"),
            ("exhausts_at", json!("2026-11-21T00:00:00Z"), "is not `at` + `left_s`"),
            ("status", json!("STEADY"), "a date"),
            ("culprits", json!([{"name": "java"}]), "`culprits` is no"),
            ("metric", json!("x"), "unknown key `metric`"),
        ] {
            let mut row = good.clone();
            row[key] = value;
            let found = fault(&row).unwrap_or_default();
            assert!(found.contains(expected), "{key}: {found}");
        }
        let mut row = good.clone();
        row.as_object_mut().unwrap().remove("horizon_s");
        assert_eq!(fault(&row).as_deref(), Some("no key `horizon_s`"));
    }
}
