//! Durations and sizes as people write them: `90s`, `5m`, `64 MiB`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// Reads a duration with its unit. Zero is refused: nothing of ours may happen without a pause.
pub(super) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    let duration = humantime::parse_duration(&text)
        .map_err(|error| de::Error::custom(format!("`{text}` is not a duration such as `90s`: {error}")))?;
    if duration.is_zero() {
        return Err(de::Error::custom(format!("`{text}` is no time at all")));
    }
    Ok(duration)
}

/// Reads a size with its unit.
pub(super) fn size<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let text = String::deserialize(from)?;
    bytes(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not a size such as `64 MiB`")))
}

/// `64 MiB`, `64MB` or `4096 B` in bytes; none for anything else, or for more than fits.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let scale = match unit.trim_start() {
        "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_carry_units() {
        assert_eq!(bytes("64 MiB"), Some(64 << 20));
        assert_eq!(bytes("64MB"), Some(64_000_000));
        assert_eq!(bytes("4096 B"), Some(4096));
        for wrong in ["", "64", "MiB", "-1 MiB", "1.5 MiB", "99999999999 GiB", "64 mib"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_size_or_none(text in "\\PC{0,20}") {
            let _ = bytes(&text);
        }
    }
}
