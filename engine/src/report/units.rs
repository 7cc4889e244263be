//! Numbers for people: amounts, rates and durations.
//!
//! Every function is total: what cannot be said is [`NOTHING`], and no output holds `NaN`, an infinity
//! or a number of years that nobody can have measured. Dates are in [`super::when`].

/// What is printed where there is no number.
pub const NOTHING: &str = "-";

/// Durations beyond this are not told apart: no history of software carries so far.
pub const FAR_S: f64 = 2.0 * 365.25 * DAY_S;

const MINUTE_S: f64 = 60.0;
const HOUR_S: f64 = 3_600.0;
const DAY_S: f64 = 86_400.0;

const IEC: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Writes an amount of bytes with an IEC prefix: `3.4 GiB`.
#[must_use]
pub fn bytes(value: f64) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    bytes_in(value, iec_power(value))
}

/// Writes an amount of bytes in units of a power of 1024.
pub(super) fn bytes_in(value: f64, power: i32) -> String {
    format!("{} {}", digits(value / 1024f64.powi(power)), iec_name(power))
}

/// Writes a count with thousands separated: `12,345`.
#[must_use]
pub fn count(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        NOTHING.to_owned()
    } else if size >= 1e12 {
        format!("{value:.2e}")
    } else if size >= 1_000.0 || value.fract() == 0.0 {
        thousands(&format!("{value:.0}"))
    } else {
        digits(value)
    }
}

/// Writes an amount in the unit of a row: `bytes`, `count`, `percent`, `seconds`, or any other word.
#[must_use]
pub fn quantity(value: f64, unit: &str) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    match unit {
        "bytes" => bytes(value),
        "count" | "" => count(value),
        "percent" => format!("{} %", digits(value)),
        "seconds" if value >= 0.0 => duration(value),
        "seconds" => format!("-{}", duration(-value)),
        other => format!("{} {}", count(value), super::clean::line(other)),
    }
}

/// Writes what is used and the limit, the unit once where it is the same: `41.2 / 50 GiB`.
#[must_use]
pub fn used_of(used: Option<f64>, limit: Option<f64>, unit: &str) -> String {
    let used = used.filter(|used| used.is_finite());
    let limit = limit.filter(|limit| limit.is_finite());
    match (used, limit) {
        (None, None) => NOTHING.to_owned(),
        (Some(used), None) => quantity(used, unit),
        (None, Some(limit)) => format!("{NOTHING} / {}", quantity(limit, unit)),
        (Some(used), Some(limit)) => share_unit(&quantity(used, unit), &quantity(limit, unit)),
    }
}

fn share_unit(used: &str, limit: &str) -> String {
    match (used.split_once(' '), limit.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same && !unit.contains(' ') => {
            format!("{number} / {limit}")
        }
        _ => format!("{used} / {limit}"),
    }
}

/// Writes a rate with its sign: `+1.2 GiB/day`.
#[must_use]
pub fn growth(per_day: f64, unit: &str) -> String {
    if !per_day.is_finite() {
        return NOTHING.to_owned();
    }
    let amount = match unit {
        "seconds" if per_day.abs() < 1.0 => format!("{} s", digits(per_day.abs())),
        "bytes" if per_day.abs() < 1.0 => "0 B".to_owned(),
        "bytes" | "percent" | "seconds" => quantity(per_day.abs(), unit),
        _ => quantity(round_to_hundredths(per_day.abs()), unit),
    };
    let zero = amount.starts_with('0') && !amount.contains(|c: char| ('1'..='9').contains(&c));
    match (zero, per_day < 0.0) {
        (true, _) => "0/day".to_owned(),
        (false, false) => format!("+{amount}/day"),
        (false, true) => format!("-{amount}/day"),
    }
}

/// Writes a share of one as percent: `96.3 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    if share.is_finite() { format!("{} %", digits(share * 100.0)) } else { NOTHING.to_owned() }
}

/// Writes a probability; nothing that is forecast is certain or impossible.
#[must_use]
pub fn chance(probability: f64) -> String {
    match probability {
        p if p > 0.99 => "over 99 %".to_owned(),
        p if p < 0.01 => "under 1 %".to_owned(),
        p => format!("{:.0} %", p * 100.0),
    }
}

/// Writes a duration by its two largest units: `4 d 6 h`, `35 min`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NOTHING.to_owned();
    }
    let s = seconds.max(0.0);
    if s > FAR_S {
        "over 2 years".to_owned()
    } else if s >= 120.0 * DAY_S {
        format!("{:.0} months", s / (FAR_S / 24.0))
    } else if s >= 14.0 * DAY_S {
        format!("{:.0} d", s / DAY_S)
    } else if s >= 2.0 * DAY_S {
        two(s, DAY_S, "d", HOUR_S, "h")
    } else if s >= HOUR_S {
        two(s, HOUR_S, "h", MINUTE_S, "min")
    } else if s >= 10.0 * MINUTE_S {
        format!("{:.0} min", (s / MINUTE_S).floor())
    } else if s >= MINUTE_S {
        two(s, MINUTE_S, "min", 1.0, "s")
    } else if s >= 1.0 || s == 0.0 {
        format!("{:.0} s", s.floor())
    } else {
        "under 1 s".to_owned()
    }
}

/// Writes a range of durations in one unit: `3-9 d`; an open end is `3 d or more`.
#[must_use]
pub fn duration_range(low: f64, high: Option<f64>) -> String {
    let low = if low.is_finite() { low.max(0.0) } else { 0.0 };
    let Some(high) = high.filter(|high| *high <= FAR_S) else {
        return format!("{} or more", duration(low));
    };
    let high = high.max(low);
    let (size, name) = unit_for(high);
    if low > 0.0 && low < 0.5 * size {
        return format!("{}-{}", duration(low), duration(high));
    }
    let (from, to) = (tenths(low / size), tenths(high / size));
    if from == to { format!("{to} {name}") } else { format!("{from}-{to} {name}") }
}

fn unit_for(seconds: f64) -> (f64, &'static str) {
    match seconds {
        s if s >= 2.0 * DAY_S => (DAY_S, "d"),
        s if s >= 2.0 * HOUR_S => (HOUR_S, "h"),
        s if s >= 2.0 * MINUTE_S => (MINUTE_S, "min"),
        _ => (1.0, "s"),
    }
}

/// One decimal below ten, none above, and none where it is zero.
fn tenths(value: f64) -> String {
    let text = if value < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn two(s: f64, large: f64, large_name: &str, small: f64, small_name: &str) -> String {
    let whole = (s / large).floor();
    let rest = ((s - whole * large) / small).floor();
    if rest == 0.0 {
        format!("{whole:.0} {large_name}")
    } else {
        format!("{whole:.0} {large_name} {rest:.0} {small_name}")
    }
}

/// Three digits, at most two of them behind the point, no idle zeros.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 0.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let text = if decimals == 0 { &text } else { text.trim_end_matches('0').trim_end_matches('.') };
    if text == "-0" { "0".to_owned() } else { thousands(text) }
}

fn round_to_hundredths(value: f64) -> f64 {
    if value < 100.0 { (value * 100.0).round() / 100.0 } else { value.round() }
}

fn thousands(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let whole = digits.len() - digits.find('.').map_or(0, |point| digits.len() - point);
    let mut out = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place < whole && (whole - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The power of 1024 that leaves at most three digits before the point.
pub(super) fn iec_power(value: f64) -> i32 {
    let mut power = 0;
    let mut rest = value.abs();
    while rest >= 999.5 && power < 6 {
        rest /= 1024.0;
        power += 1;
    }
    power
}

fn iec_name(power: i32) -> &'static str {
    usize::try_from(power).ok().and_then(|power| IEC.get(power)).copied().unwrap_or("B")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: f64 = 1024.0;
    const GIB: f64 = KIB * KIB * KIB;

    #[track_caller]
    fn check(actual: &str, expected: &str) {
        assert_eq!(actual, expected);
    }

    #[test]
    fn bytes_have_iec_prefixes() {
        check(&bytes(0.0), "0 B");
        check(&bytes(512.0), "512 B");
        check(&bytes(3.4 * GIB), "3.4 GiB");
        check(&bytes(50.0 * GIB), "50 GiB");
        check(&bytes(1023.9 * GIB), "1 TiB");
        check(&bytes(-1.5 * KIB), "-1.5 KiB");
        check(&bytes(1004.0 * KIB), "0.98 MiB");
    }

    #[test]
    fn counts_are_grouped() {
        check(&count(12_345.0), "12,345");
        check(&count(-1_234_567.0), "-1,234,567");
        check(&count(999.0), "999");
        check(&count(0.25), "0.25");
        check(&count(9.22e18), "9.22e18");
    }

    #[test]
    fn what_is_no_number_is_not_printed() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            check(&bytes(value), NOTHING);
            check(&count(value), NOTHING);
            check(&quantity(value, "seconds"), NOTHING);
            check(&growth(value, "bytes"), NOTHING);
            check(&percent(value), NOTHING);
            check(&duration(value), NOTHING);
        }
        check(&duration(-5.0), "0 s");
        check(&duration(460_950.0 * DAY_S), "over 2 years");
    }

    #[test]
    fn rates_have_a_sign() {
        check(&growth(1.2 * GIB, "bytes"), "+1.2 GiB/day");
        check(&growth(-0.4, "count"), "-0.4/day");
        check(&growth(0.0, "bytes"), "0/day");
        check(&growth(0.001, "count"), "0/day");
        check(&growth(0.000_1, "percent"), "0/day");
        check(&growth(12_345.678, ""), "+12,346/day");
        check(&growth(0.25, "seconds"), "+0.25 s/day");
    }

    #[test]
    fn durations_have_two_units() {
        check(&duration(42.0), "42 s");
        check(&duration(250.0), "4 min 10 s");
        check(&duration(35.0 * MINUTE_S), "35 min");
        check(&duration(6.0 * HOUR_S + 1_200.0), "6 h 20 min");
        check(&duration(4.0 * DAY_S + 6.5 * HOUR_S), "4 d 6 h");
        check(&duration(23.4 * DAY_S), "23 d");
        check(&duration(200.0 * DAY_S), "7 months");
    }

    #[test]
    fn ranges_share_their_unit() {
        check(&duration_range(3.0 * DAY_S, Some(9.0 * DAY_S)), "3-9 d");
        check(&duration_range(35.0 * MINUTE_S, Some(50.0 * MINUTE_S)), "35-50 min");
        check(&duration_range(1.5 * HOUR_S, Some(4.0 * HOUR_S)), "1.5-4 h");
        check(&duration_range(20.0 * MINUTE_S, Some(9.0 * DAY_S)), "20 min-9 d");
        check(&duration_range(3.0 * DAY_S, None), "3 d or more");
        check(&duration_range(3.0 * DAY_S, Some(f64::INFINITY)), "3 d or more");
        check(&duration_range(f64::NAN, Some(f64::NAN)), "0 s or more");
    }

    #[test]
    fn used_and_limit_share_their_unit() {
        check(&used_of(Some(41.2 * GIB), Some(50.0 * GIB), "bytes"), "41.2 / 50 GiB");
        check(&used_of(Some(812.0 * KIB), Some(50.0 * GIB), "bytes"), "812 KiB / 50 GiB");
        check(&used_of(Some(981.0), Some(1024.0), "count"), "981 / 1,024");
        check(&used_of(Some(7.0), None, "count"), "7");
        check(&used_of(None, None, "count"), NOTHING);
    }
}
