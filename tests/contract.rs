//! The row as other programs read it: exactly these keys, of these types.

use chrono::DateTime;
use serde_json::Value;

use crate::{binary, generated};

/// What may stand under a key.
#[derive(Clone, Copy, Debug, PartialEq)]
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

use Form::{
    Count, Culprits, DateOrNull, NumberOrNull, OneOf, SecondsOrNull, ShareOrNull, Text, TextOrNull,
};

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

/// `at` and `used` are null in a row without a sample alone; `curve` is null where no curve was fitted.
const KEYS: [(&str, Form); 36] = [
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
    // Beside the table: which horizon the probability is about.
    ("horizon_s", SecondsOrNull),
    ("left_lo_s", SecondsOrNull),
    ("left_hi_s", SecondsOrNull),
];
