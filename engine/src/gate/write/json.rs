//! For programs: the rulings as one array.

use std::fmt::Write as _;

use crate::gate::Ruling;
use crate::report::clean;

/// Writes the rulings as a JSON array; characters that would steer a terminal are escaped.
#[must_use]
pub fn json(rulings: &[Ruling]) -> String {
    let text = serde_json::to_string_pretty(rulings).unwrap_or_else(|_| "[]".to_owned());
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && clean::steers(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}
