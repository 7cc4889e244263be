//! Growth in words: numbers of one sentence share unit and digits.

use crate::report::clean;
use crate::report::units;

const HOUR_S: f64 = 3_600.0;
const DAY_S: f64 = 86_400.0;
const IEC: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A unit for growth, and the digits that its error leaves.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    /// What a growth of 1 a second is in this unit.
    factor: f64,
    decimals: usize,
    /// `MiB/h`, `/h`, `%/day`.
    pub(super) name: String,
}

impl Scale {
    /// The unit for growth of at most `largest` a second that is known to `error`.
    ///
    /// An hour is the unit of time, a day where an hour's growth is below a tenth (or below 1 KiB).
    pub(super) fn of(largest: f64, error: f64, unit: &str) -> Self {
        let largest = largest.abs().max(error.abs());
        let bytes = unit == "bytes";
        let (time_s, time) =
            if largest * HOUR_S < if bytes { 1024.0 } else { 0.1 } { (DAY_S, "day") } else { (HOUR_S, "h") };
        let power = if bytes { power_of(largest * time_s) } else { 0 };
        let factor = time_s / 1024_f64.powf(power as f64);
        let name = match unit {
            "bytes" => format!("{}/{time}", IEC[power]),
            "percent" => format!("%/{time}"),
            "seconds" => format!("s/{time}"),
            "count" | "" => format!("/{time}"),
            other => format!("{}/{time}", clean::line(other)),
        };
        Self { factor, decimals: decimals(largest * factor, error * factor), name }
    }

    /// The number alone.
    pub(super) fn number(&self, per_s: f64) -> String {
        if !per_s.is_finite() {
            return units::NOTHING.to_owned();
        }
        let text = format!("{:.*}", self.decimals, per_s * self.factor);
        let zero = text.strip_prefix('-').filter(|rest| rest.bytes().all(|byte| matches!(byte, b'0' | b'.')));
        zero.map_or(text.clone(), str::to_owned)
    }

    /// The number with its unit.
    pub(super) fn growth(&self, per_s: f64) -> String {
        let gap = if self.name.starts_with('/') { "" } else { " " };
        format!("{}{gap}{}", self.number(per_s), self.name)
    }
}

/// The power of 1024 that leaves at most three digits before the point.
fn power_of(bytes: f64) -> usize {
    let mut power = 0;
    let mut rest = bytes.abs();
    while 999.5 <= rest && power + 1 < IEC.len() {
        rest /= 1024.0;
        power += 1;
    }
    power
}

/// Two digits of the error, or three of a number without one.
fn decimals(largest: f64, error: f64) -> usize {
    let (size, digits) = if 0.0 < error { (error, 2) } else { (largest, 3) };
    if !size.is_finite() || size <= 0.0 {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "between -308 and 308")]
    let places = digits - 1 - size.log10().floor() as i32;
    usize::try_from(places.clamp(0, 6)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hourly: f64, error: f64, unit: &str, expected: &str) {
        let scale = Scale::of(hourly / HOUR_S, error / HOUR_S, unit);
        assert_eq!(scale.growth(hourly / HOUR_S), expected);
    }

    #[test]
    fn growth_has_the_digits_that_its_error_leaves() {
        const MIB: f64 = 1_048_576.0;
        check(0.4123 * MIB, 0.031 * MIB, "bytes", "422 KiB/h");
        check(4.123 * MIB, 0.031 * MIB, "bytes", "4.123 MiB/h");
        check(4.123 * MIB, 0.31 * MIB, "bytes", "4.12 MiB/h");
        check(41.0 * MIB, 30.0 * MIB, "bytes", "41 MiB/h");
        check(100.0, 1.0, "bytes", "2.344 KiB/day");
        check(0.5, 0.01, "count", "0.500/h");
        check(0.01, 0.001, "count", "0.240/day");
        check(0.0, 0.0, "count", "0/day");
        check(0.3, 0.0, "percent", "0.300 %/h");
        check(-0.001, 1.0, "", "0.0/h");
        check(f64::NAN, f64::NAN, "", "-/h");
    }
}
