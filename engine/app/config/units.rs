//! Durations and sizes as people write them.

use hebe_collectors::history::parse_quantity;
use serde::{Deserialize, Deserializer, de};

/// Seconds of `10s` or `1d 12h`.
pub(super) fn span<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    seconds(&String::deserialize(from)?)
}

pub(super) fn spans<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    Vec::<String>::deserialize(from)?.iter().map(|text| seconds(text)).collect()
}

pub(crate) fn optional_span<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Option::<String>::deserialize(from)?.map(|text| seconds(&text)).transpose()
}

/// Bytes of `1GiB`.
pub(crate) fn bytes<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let text = String::deserialize(from)?;
    let quantity = parse_quantity(&text).map(|(value, _)| value).filter(|value| (1.0..1e18).contains(value));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    let bytes = quantity.map(|value| value as u64);
    bytes.ok_or_else(|| de::Error::custom(format!("`{text}` is no size; expected one such as \"1GiB\"")))
}

fn seconds<E: de::Error>(text: &str) -> Result<f64, E> {
    humantime::parse_duration(text)
        .ok()
        .map(|duration| duration.as_secs_f64())
        .filter(|seconds| 0.0 < *seconds)
        .ok_or_else(|| {
            E::custom(format!("`{text}` is no duration; expected one such as \"10s\" or \"1d 12h\""))
        })
}
