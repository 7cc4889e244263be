//! Lengths of time as people write them: `250ms`, `30s`, `1h 30m`, `7d`.

/// Units, the longest first; how many of the small ones a second is, or how many seconds it is.
const UNITS: [(&str, f64); 12] = [
    ("weeks", 604_800.0),
    ("week", 604_800.0),
    ("w", 604_800.0),
    ("days", 86_400.0),
    ("day", 86_400.0),
    ("d", 86_400.0),
    ("hours", 3600.0),
    ("hour", 3600.0),
    ("h", 3600.0),
    ("min", 60.0),
    ("m", 60.0),
    ("s", 1.0),
];

/// Nothing is planned further ahead than this: a hundred years.
const LONGEST_S: f64 = 100.0 * 366.0 * 86_400.0;

/// What is expected, in words.
pub(crate) const EXPECTED: &str =
    "expected a length of time such as \"250ms\", \"30s\", \"5m\" or \"1h 30m\"";

/// Seconds of a length of time; none where it is none, or not positive.
#[must_use]
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let amount: f64 = rest[..number].parse().ok()?;
        rest = rest[number..].trim_start();
        let unit = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        total += amount_of(amount, &rest[..unit])?;
        rest = rest[unit..].trim_start();
    }
    (0.0 < total && total <= LONGEST_S).then_some(total)
}

/// Seconds of so many of a unit.
fn amount_of(amount: f64, unit: &str) -> Option<f64> {
    match unit {
        // Division keeps thousandths exact where a product with 0.001 would not.
        "ms" => Some(amount / 1e3),
        "us" => Some(amount / 1e6),
        _ => UNITS.iter().find(|(name, _)| *name == unit).map(|(_, seconds)| amount * seconds),
    }
}

/// A length of time in the largest unit that says it exactly: `90m`, `250ms`; [`seconds`] reads it back.
#[must_use]
pub(crate) fn words(length_s: f64) -> String {
    let exact = |unit: &str| {
        let one = amount_of(1.0, unit)?;
        let text = format!("{:.0}{unit}", length_s / one);
        (seconds(&text) == Some(length_s)).then_some(text)
    };
    ["d", "h", "m", "s", "ms", "us"]
        .iter()
        .find_map(|unit| exact(unit))
        .unwrap_or_else(|| format!("{length_s}s"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Option<f64>) {
        assert_eq!(seconds(text), expected, "{text}");
    }

    #[test]
    fn units_carry_the_length() {
        check("250ms", Some(0.25));
        check("1h 30m", Some(5400.0));
        check("1h30min", Some(5400.0));
        check("1.5h", Some(5400.0));
        check(" 7 days ", Some(604_800.0));
    }

    #[test]
    fn what_is_no_length_is_none() {
        for text in ["", "5", "s", "0s", "-5s", "5 s 3", "1e3s", "5parsec", "1..5s", "9999999999999d", "5 é"]
        {
            check(text, None);
        }
    }

    #[test]
    fn it_is_written_in_the_largest_unit_that_is_exact() {
        assert_eq!(words(5400.0), "90m");
        assert_eq!(words(0.25), "250ms");
        assert_eq!(words(86_400.0), "1d");
        assert_eq!(words(1.0 / 3.0), format!("{}s", 1.0 / 3.0));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".{0,40}") {
            let _ = seconds(&text);
        }

        #[test]
        fn what_is_written_is_read_back(length_s in 1e-4_f64..1e7) {
            prop_assert_eq!(seconds(&words(length_s)), Some(length_s));
        }
    }
}
