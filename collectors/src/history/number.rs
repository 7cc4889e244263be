//! Text to numbers: what counts as missing, decimal commas, thousands separators, sizes with their unit.
//!
//! Which column a number belongs to and which resource it tells is decided elsewhere.

use super::Unit;

/// What stands between a number's whole part and its fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Decimal {
    /// `8.37`
    #[default]
    Point,
    /// `8,37`
    Comma,
}

/// What one cell of a table holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// A finite number that says no unit.
    Number(f64),
    /// A number with a unit, in base units: `23.5 GB` is 23.5e9 bytes.
    Sized(f64, Unit),
    /// A marker of a value that was not measured.
    Missing,
    /// Infinite, or too large for a number.
    Infinite,
    /// Something else.
    Malformed,
}

/// What programs write for a value they do not have, in lower case.
const MISSING: [&str; 16] = [
    "",
    "na",
    "n/a",
    "nan",
    "null",
    "none",
    "nil",
    "-",
    "--",
    "?",
    "\\n",
    "#n/a",
    "-nan",
    "nan(ind)",
    "-nan(ind)",
    "undefined",
];

/// Reads one cell.
#[inline]
pub(super) fn read(field: &[u8], decimal: Decimal) -> Cell {
    if field.is_empty() {
        return Cell::Missing;
    }
    if decimal == Decimal::Point
        && let Ok(value) = fast_float2::parse::<f64, _>(field)
        && value.is_finite()
    {
        return Cell::Number(value);
    }
    std::str::from_utf8(field).map_or(Cell::Malformed, |text| read_text(text.trim(), decimal))
}

/// Reads a cell that is not just a plain number.
fn read_text(text: &str, decimal: Decimal) -> Cell {
    if is_missing(text) {
        return Cell::Missing;
    }
    if let Some(value) = separated(text, decimal) {
        return if value.is_finite() { Cell::Number(value) } else { Cell::Infinite };
    }
    let bare = text.trim_start_matches(['+', '-']);
    if bare.eq_ignore_ascii_case("inf") || bare.eq_ignore_ascii_case("infinity") {
        return Cell::Infinite;
    }
    match quantity(text, decimal) {
        Some((value, unit)) if value.is_finite() => Cell::Sized(value, unit),
        _ => Cell::Malformed,
    }
}

/// Whether `text` marks a value that is not there.
pub(super) fn is_missing(text: &str) -> bool {
    // The longest marker has nine letters.
    text.len() <= 9 && MISSING.iter().any(|marker| text.eq_ignore_ascii_case(marker))
}

/// Whether `text` is a number with a decimal comma that cannot be a thousands separator.
pub(super) fn shows_decimal_comma(text: &str) -> bool {
    let text = text.trim();
    match text.split_once(',') {
        Some((whole, fraction)) => {
            !text.contains('.')
                && !is_group_of_three(whole, fraction)
                && plain(&format!("{whole}.{fraction}")).is_some()
        }
        None => false,
    }
}

/// Reads a number whose whole part may be grouped by commas or points.
///
/// A single separator followed by exactly three digits is either; a comma is then taken as the decimal comma where
/// the file uses one, and everything else is no number.
fn separated(text: &str, decimal: Decimal) -> Option<f64> {
    let (commas, points) = (text.matches(',').count(), text.matches('.').count());
    match (commas, points) {
        (0, 0) => plain(text),
        (0, 1) => {
            let (whole, fraction) = text.split_once('.')?;
            let unclear = decimal == Decimal::Comma && is_group_of_three(whole, fraction);
            if unclear { None } else { plain(text) }
        }
        (1, 0) => {
            let (whole, fraction) = text.split_once(',')?;
            let unclear = decimal == Decimal::Point && is_group_of_three(whole, fraction);
            if unclear { None } else { plain(&format!("{whole}.{fraction}")) }
        }
        (_, 0) => grouped(text, ',', ""),
        (0, _) => grouped(text, '.', ""),
        _ if text.rfind(',') < text.rfind('.') => {
            let (whole, fraction) = text.rsplit_once('.')?;
            grouped(whole, ',', fraction)
        }
        _ => {
            let (whole, fraction) = text.rsplit_once(',')?;
            grouped(whole, '.', fraction)
        }
    }
}

/// Whether `whole` and `fraction` could be two groups of one whole number: `1` and `234`, but not `0` and `375`.
fn is_group_of_three(whole: &str, fraction: &str) -> bool {
    let whole = whole.trim_start_matches(['+', '-']);
    is_digits(fraction, 3..=3) && is_digits(whole, 1..=3) && !whole.starts_with('0')
}

/// Reads a whole number in groups of three digits.
fn grouped(whole: &str, separator: char, fraction: &str) -> Option<f64> {
    let bare = whole.trim_start_matches(['+', '-']);
    let mut groups = bare.split(separator);
    if !is_digits(groups.next()?, 1..=3) || !groups.all(|group| is_digits(group, 3..=3)) {
        return None;
    }
    plain(&format!("{}.{fraction}", whole.replace(separator, "")))
}

fn is_digits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a number written with digits, and nothing that only sounds like one (`nan`, `infinity`).
fn plain(text: &str) -> Option<f64> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Splits a number from its unit.
fn quantity(text: &str, decimal: Decimal) -> Option<(f64, Unit)> {
    let number = text.trim_end_matches(|letter: char| letter.is_alphabetic() || letter == '%');
    let (scale, unit) = parse_unit(&text[number.len()..])?;
    let value = separated(number.trim_end(), decimal)?;
    Some((value * scale, unit))
}

/// Reads a number with or without a unit, as users write it for an option: `3GiB`, `75 %`, `65536`.
///
/// A number without a unit comes back with [`Unit::Unknown`]. What [`parse_unit`] does not know gives `None`.
#[must_use]
pub fn parse_quantity(text: &str) -> Option<(f64, Unit)> {
    match read_text(text.trim(), Decimal::Point) {
        Cell::Number(value) => Some((value, Unit::Unknown)),
        Cell::Sized(value, unit) => Some((value, unit)),
        Cell::Missing | Cell::Infinite | Cell::Malformed => None,
    }
}

/// Reads the name of a unit: how many base units one of it is, and the base unit.
///
/// Upper and lower case do not matter.
///
/// ```text
/// B byte bytes                    1          bytes
/// kB MB GB TB PB EB               1000^n     bytes   (the SI's)
/// KiB MiB GiB TiB PiB EiB         1024^n     bytes   (the IEC's)
/// K M G T P, Ki Mi Gi Ti Pi Ei    1024^n     bytes   (as ls, df, free and the JVM print them)
/// % percent pct                   1          percent
/// ns us ms s min h d              seconds
/// count                           1          count
/// ```
///
/// The kernel's `kB` (in `/proc/meminfo`, and so in sar's columns) means 1024: say `KiB` for it. A lone small `m`
/// could be minutes, mebibytes or thousandths and is refused.
#[must_use]
pub fn parse_unit(text: &str) -> Option<(f64, Unit)> {
    let text = text.trim();
    if text == "m" {
        return None;
    }
    let lower = text.to_lowercase();
    let known = match lower.as_str() {
        "%" | "percent" | "pct" => (1.0, Unit::Percent),
        "b" | "byte" | "bytes" => (1.0, Unit::Bytes),
        "count" => (1.0, Unit::Count),
        "ns" => (1e-9, Unit::Seconds),
        "us" | "\u{b5}s" | "\u{3bc}s" => (1e-6, Unit::Seconds),
        "ms" => (1e-3, Unit::Seconds),
        "s" | "sec" | "second" | "seconds" => (1.0, Unit::Seconds),
        "min" | "minute" | "minutes" => (60.0, Unit::Seconds),
        "h" | "hour" | "hours" => (3600.0, Unit::Seconds),
        "d" | "day" | "days" => (86_400.0, Unit::Seconds),
        _ => (multiple_of_bytes(&lower)?, Unit::Bytes),
    };
    Some(known)
}

/// How many bytes `gb`, `gib`, `gi` or `g` stand for.
fn multiple_of_bytes(lower: &str) -> Option<f64> {
    let prefix = lower.chars().next()?;
    let power = 1 + i32::try_from("kmgtpe".find(prefix)?).ok()?;
    match &lower[prefix.len_utf8()..] {
        "b" => Some(1000_f64.powi(power)),
        "i" | "ib" => Some(1024_f64.powi(power)),
        // A lone E is what is left of a number that was cut off.
        "" if prefix != 'e' => Some(1024_f64.powi(power)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Cell) {
        assert_eq!(read(text.as_bytes(), Decimal::Point), expected, "{text:?}");
    }

    #[track_caller]
    fn check_comma(text: &str, expected: Cell) {
        assert_eq!(read(text.as_bytes(), Decimal::Comma), expected, "{text:?}");
    }

    #[track_caller]
    fn check_unit(text: &str, expected: Option<(f64, Unit)>) {
        assert_eq!(parse_unit(text), expected, "{text:?}");
    }

    #[test]
    fn plain_numbers_are_read() {
        check("22703095808", Cell::Number(22_703_095_808.0));
        check("-1.5", Cell::Number(-1.5));
        check("+7", Cell::Number(7.0));
        check("1.25e3", Cell::Number(1250.0));
        check(" 42 ", Cell::Number(42.0));
        check("29991907328.000000", Cell::Number(29_991_907_328.0));
    }

    #[test]
    fn missing_markers_are_not_malformed() {
        for marker in
            ["", " ", "NA", "N/A", "NaN", "nan", "-nan", "null", "None", "-", "--", "?", "\\N", "#N/A", "nil"]
        {
            check(marker, Cell::Missing);
            check_comma(marker, Cell::Missing);
        }
    }

    #[test]
    fn infinities_and_overflow_are_told_apart_from_noise() {
        for infinite in ["inf", "-Inf", "+Infinity", "1e999", "-1e999"] {
            check(infinite, Cell::Infinite);
        }
        for noise in
            ["abc", "1.2.3", "12:30", "0x1f", "1e", "--5", "1 2", "%", "B", ".", ",", "+", "é", "1,2,3"]
        {
            check(noise, Cell::Malformed);
            check_comma(noise, Cell::Malformed);
        }
        assert_eq!(read(b"\xff\xfe1", Decimal::Point), Cell::Malformed);
    }

    #[test]
    fn decimal_commas_are_read_where_the_file_has_them() {
        check_comma("8,37", Cell::Number(8.37));
        check_comma("-0,5", Cell::Number(-0.5));
        check_comma("8,375", Cell::Number(8.375));
        check_comma("16097632", Cell::Number(16_097_632.0));
        check_comma("1.234.567,89", Cell::Number(1_234_567.89));
        check_comma("8.37", Cell::Number(8.37));
        check_comma("1.234", Cell::Malformed);
        check_comma("23,5 GB", Cell::Sized(23.5e9, Unit::Bytes));
    }

    #[test]
    fn thousands_separators_are_read_only_where_nothing_else_is_meant() {
        check("1,234,567", Cell::Number(1_234_567.0));
        check("1,234.5", Cell::Number(1234.5));
        check("1.234,5", Cell::Number(1234.5));
        check("1.234.567", Cell::Number(1_234_567.0));
        check("8,37", Cell::Number(8.37));
        check("0,375", Cell::Number(0.375));
        check("1,234", Cell::Malformed);
        check("12,34,567", Cell::Malformed);
        check("1234,567.8", Cell::Malformed);
    }

    #[test]
    fn sizes_become_base_units() {
        check("23.5 GB", Cell::Sized(23.5e9, Unit::Bytes));
        check("512 KiB", Cell::Sized(524_288.0, Unit::Bytes));
        check("1.5G", Cell::Sized(1.5 * 1_073_741_824.0, Unit::Bytes));
        check("512Mi", Cell::Sized(536_870_912.0, Unit::Bytes));
        check("0B", Cell::Sized(0.0, Unit::Bytes));
        check("75%", Cell::Sized(75.0, Unit::Percent));
        check("12 ms", Cell::Sized(0.012, Unit::Seconds));
        check("12 kB/s", Cell::Malformed);
        check("100m", Cell::Malformed);
    }

    #[test]
    fn units_are_read() {
        check_unit("kB", Some((1000.0, Unit::Bytes)));
        check_unit("KB", Some((1000.0, Unit::Bytes)));
        check_unit("KiB", Some((1024.0, Unit::Bytes)));
        check_unit("K", Some((1024.0, Unit::Bytes)));
        check_unit("MiB", Some((1_048_576.0, Unit::Bytes)));
        check_unit("TB", Some((1e12, Unit::Bytes)));
        check_unit("percent", Some((1.0, Unit::Percent)));
        check_unit("count", Some((1.0, Unit::Count)));
        check_unit("seconds", Some((1.0, Unit::Seconds)));
        check_unit("m", None);
        check_unit("", None);
        check_unit("parsec", None);
        check_unit("k\u{e9}", None);
    }

    #[test]
    fn options_carry_quantities() {
        assert_eq!(parse_quantity("3GiB"), Some((3.0 * 1_073_741_824.0, Unit::Bytes)));
        assert_eq!(parse_quantity(" 75 % "), Some((75.0, Unit::Percent)));
        assert_eq!(parse_quantity("65536"), Some((65_536.0, Unit::Unknown)));
        for nothing in ["", "GiB", "inf", "NaN", "many", "1,234"] {
            assert_eq!(parse_quantity(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_decimal_comma_shows_itself() {
        for text in ["8,37", "0,375", "12,5", "-1,2345"] {
            assert!(shows_decimal_comma(text), "{text:?}");
        }
        for text in ["8,375", "1,2,3", "a,b", "8.37", "1,234.5", "", ",", "web,1"] {
            assert!(!shows_decimal_comma(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(field in prop::collection::vec(any::<u8>(), 0..24)) {
            read(&field, Decimal::Point);
            read(&field, Decimal::Comma);
            let _ = parse_quantity(&String::from_utf8_lossy(&field));
        }

        #[test]
        fn a_printed_number_is_read_back(value in -1e15_f64..1e15) {
            prop_assert_eq!(read(format!("{value}").as_bytes(), Decimal::Point), Cell::Number(value));
            let comma = format!("{value:.2}").replace('.', ",");
            let point: f64 = format!("{value:.2}").parse().unwrap();
            prop_assert_eq!(read(comma.as_bytes(), Decimal::Comma), Cell::Number(point));
        }
    }
}
