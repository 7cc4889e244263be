//! One time as it is written, to milliseconds. Zones and the choice of a layout are not made here.

/// Milliseconds in a day.
pub(super) const DAY_MS: i64 = 86_400_000;

/// The earliest and the latest time that a bare number may mean, in seconds: 1990 and 2100.
const UNIX_S: std::ops::Range<i64> = 631_152_000..4_102_444_800;

/// How the times of one column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A number since 1970 UTC; so many of its units make a second (1, 1000, 10^6, 10^9).
    Unix {
        /// Units in a second.
        per_second: i64,
    },
    /// Seconds from a start that is not known.
    Elapsed,
    /// `2026-11-21T19:01:44.123+01:00` and what is shorter, or has a blank, slashes or no separators.
    YearFirst,
    /// `11/21/2026 07:01:44 PM`
    MonthFirst,
    /// `21.11.2026 19:01:44`
    DayFirst,
    /// `1949`
    Year,
}

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Milliseconds since 1970 UTC.
    Utc(i64),
    /// What a clock on the wall showed, as if it hung in UTC.
    Wall(i64),
}

impl Layout {
    /// Reads one time; `None` if the field is no time in this layout.
    #[inline]
    pub(crate) fn parse(self, field: &[u8]) -> Option<Reading> {
        match self {
            Self::YearFirst => fixed(field).or_else(|| year_first(field.trim_ascii())),
            Self::Unix { per_second } => {
                let ms = number(field.trim_ascii(), per_second)?;
                UNIX_S.contains(&ms.div_euclid(1000)).then_some(Reading::Utc(ms))
            }
            Self::Elapsed => number(field.trim_ascii(), 1).map(Reading::Utc),
            Self::MonthFirst => day_and_month(field.trim_ascii(), true),
            Self::DayFirst => day_and_month(field.trim_ascii(), false),
            Self::Year => {
                let mut rest = Cursor(field.trim_ascii());
                let year = rest.digits(4, 4)?;
                rest.0.is_empty().then(|| Reading::Wall(days(year, 1, 1).unwrap_or(0) * DAY_MS))
            }
        }
    }
}

/// Reads `2026-11-21 19:01:44` with what may follow, at fixed places.
#[inline]
fn fixed(field: &[u8]) -> Option<Reading> {
    let (text, rest) = field.split_first_chunk::<19>()?;
    let separated = text[4] == b'-' && text[7] == b'-' && text[13] == b':' && text[16] == b':';
    if !separated || (text[10] != b' ' && text[10] != b'T') {
        return None;
    }
    let mut worst = 0;
    let mut two = |at: usize| {
        let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
        worst = worst.max(tens).max(ones);
        i64::from(tens) * 10 + i64::from(ones)
    };
    let (year, month, day) = (two(0) * 100 + two(2), two(5), two(8));
    let (hour, minute, second) = (two(11), two(14), two(17));
    if 9 < worst {
        return None;
    }
    let time = time_of_day(hour, minute, second)?;
    finish(days(year, month, day)? * DAY_MS + time, Cursor(rest))
}

/// Reads dates that begin with the year: `2026/11/21 7:01 PM`, `2026-11`, `20261121T190144Z`.
fn year_first(field: &[u8]) -> Option<Reading> {
    let mut rest = Cursor(field);
    let year = rest.digits(4, 4)?;
    let Some(separator) = rest.eat(b"-/.") else { return compact(year, rest) };
    let month = rest.digits(1, 2)?;
    if rest.0.is_empty() {
        return Some(Reading::Wall(days(year, month, 1)? * DAY_MS));
    }
    rest.eat(&[separator])?;
    let day = rest.digits(1, 2)?;
    clock(days(year, month, day)?, rest)
}

/// Reads ISO 8601 without separators, the year being read already.
fn compact(year: i64, mut rest: Cursor<'_>) -> Option<Reading> {
    let (month, day) = (rest.digits(2, 2)?, rest.digits(2, 2)?);
    let midnight = days(year, month, day)? * DAY_MS;
    if rest.0.is_empty() {
        return Some(Reading::Wall(midnight));
    }
    rest.eat(b"Tt")?;
    let time = time_of_day(rest.digits(2, 2)?, rest.digits(2, 2)?, rest.digits(2, 2)?)?;
    finish(midnight + time, rest)
}

/// Reads dates that end with the year: `11/21/2026 07:01:44 PM`, `21.11.26`.
fn day_and_month(field: &[u8], month_first: bool) -> Option<Reading> {
    let mut rest = Cursor(field);
    let first = rest.digits(1, 2)?;
    let separator = rest.eat(b"/.-")?;
    let second = rest.digits(1, 2)?;
    rest.eat(&[separator])?;
    let year = rest.year()?;
    let (month, day) = if month_first { (first, second) } else { (second, first) };
    clock(days(year, month, day)?, rest)
}

/// The first two numbers of a date that does not begin with its year.
pub(super) fn first_two(field: &[u8]) -> Option<(i64, i64)> {
    let mut rest = Cursor(field.trim_ascii());
    let first = rest.digits(1, 2)?;
    rest.eat(b"/.-")?;
    Some((first, rest.digits(1, 2)?))
}

/// Whether `field` is a time of day without a date.
pub(super) fn is_clock(field: &[u8]) -> bool {
    field.contains(&b':') && {
        let mut rest = Cursor(field.trim_ascii());
        read_clock(&mut rest).is_some_and(|time| matches!(finish(time, rest), Some(Reading::Wall(_))))
    }
}

/// Reads what follows a date: nothing, or a time of day, and perhaps an offset.
fn clock(day: i64, mut rest: Cursor<'_>) -> Option<Reading> {
    if rest.0.is_empty() {
        return Some(Reading::Wall(day * DAY_MS));
    }
    rest.eat(b"Tt ,_-")?;
    rest.skip_blanks();
    let time = read_clock(&mut rest)?;
    finish(day * DAY_MS + time, rest)
}

/// Reads `7:01`, `19:01:44`, without the fraction and `PM`, to milliseconds.
fn read_clock(rest: &mut Cursor<'_>) -> Option<i64> {
    let hour = rest.digits(1, 2)?;
    rest.eat(b":")?;
    let minute = rest.digits(2, 2)?;
    let second = if rest.eat(b":").is_some() { rest.digits(2, 2)? } else { 0 };
    time_of_day(hour, minute, second)
}

/// Milliseconds since midnight; a leap second is the second after it.
#[inline]
fn time_of_day(hour: i64, minute: i64, second: i64) -> Option<i64> {
    let on_the_dial = hour <= 23 && minute <= 59 && second <= 60;
    on_the_dial.then_some(((hour * 60 + minute) * 60 + second) * 1000)
}

/// Reads the fraction of the second, `AM` or `PM`, and the offset, which must be all that is left.
#[inline]
fn finish(wall: i64, mut rest: Cursor<'_>) -> Option<Reading> {
    if rest.0.is_empty() {
        return Some(Reading::Wall(wall));
    }
    let mut wall = wall;
    if rest.eat(b".,").is_some() {
        wall += rest.fraction_ms()?;
    }
    rest.skip_blanks();
    if let Some(half) = rest.eat(b"AaPp") {
        rest.eat(b"Mm")?;
        wall = half_day(wall, half.eq_ignore_ascii_case(&b'p'))?;
        rest.skip_blanks();
    }
    if rest.0.is_empty() {
        return Some(Reading::Wall(wall));
    }
    offset_ms(rest).map(|offset_ms| Reading::Utc(wall - offset_ms))
}

/// Turns twelve-hour time into that of the whole day: 12 AM is midnight.
fn half_day(wall: i64, afternoon: bool) -> Option<i64> {
    let hour = wall.rem_euclid(DAY_MS) / 3_600_000;
    match (hour, afternoon) {
        (12, false) => Some(wall - 12 * 3_600_000),
        (1..=11, true) => Some(wall + 12 * 3_600_000),
        (12, true) | (1..=11, false) => Some(wall),
        _ => None,
    }
}

/// Reads how far east of UTC the clock hung, in milliseconds. Names other than UTC's are no offset: CST is three
/// zones.
fn offset_ms(mut rest: Cursor<'_>) -> Option<i64> {
    if [&b"Z"[..], b"z", b"UTC", b"utc", b"GMT"].contains(&rest.0) {
        return Some(0);
    }
    let sign = if rest.eat(b"+-")? == b'-' { -1 } else { 1 };
    let hours = rest.digits(2, 2)?;
    rest.eat(b":");
    let minutes = rest.digits(2, 2).unwrap_or(0);
    rest.skip_blanks();
    let plausible = hours <= 15 && minutes <= 59 && (rest.0.is_empty() || rest.0 == b"UTC");
    plausible.then_some(sign * (hours * 60 + minutes) * 60_000)
}

/// Reads a number of units since 1970 to milliseconds, exactly where it is written with digits and a point.
fn number(field: &[u8], per_second: i64) -> Option<i64> {
    let mut rest = Cursor(field);
    let whole = rest.digits(1, 18)?;
    if rest.0.is_empty() {
        return to_ms(whole, 0, per_second);
    }
    if rest.eat(b".,").is_some() {
        let fraction = if rest.0.is_empty() { 0 } else { rest.fraction_ms()? };
        if rest.0.is_empty() {
            return to_ms(whole, fraction, per_second);
        }
    }
    let value: f64 = fast_float2::parse(field).ok()?;
    let ms = (value * 1000.0 / per_second as f64).round();
    #[allow(clippy::cast_possible_truncation, reason = "the guard keeps it far within i64")]
    (ms.abs() < 1e18).then_some(ms as i64)
}

#[inline]
fn to_ms(whole: i64, fraction_ms: i64, per_second: i64) -> Option<i64> {
    match per_second {
        1 => whole.checked_mul(1000)?.checked_add(fraction_ms),
        _ => Some(whole / (per_second / 1000)),
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, after Howard Hinnant's `days_from_civil`; `None` if
/// there is no such day.
#[inline]
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    const LENGTHS: [i64; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = LENGTHS.get(usize::try_from(month).ok()?)? + i64::from(leap && month == 2);
    if day < 1 || length < day {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// What is left of a field.
#[derive(Clone, Copy, Debug)]
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// Takes a number of at least `least` and at most `most` digits.
    #[inline]
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let length = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if length < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }

    /// Takes a year of four digits, or of two in this century.
    fn year(&mut self) -> Option<i64> {
        self.digits(4, 4).or_else(|| Some(2000 + self.digits(2, 2)?))
    }

    /// Takes one byte if it is one of `any`.
    #[inline]
    fn eat(&mut self, any: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        if !any.contains(&first) {
            return None;
        }
        self.0 = rest;
        Some(first)
    }

    /// Takes the digits of a fraction of a second; what is finer than a millisecond is cut off.
    #[inline]
    fn fraction_ms(&mut self) -> Option<i64> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        let digit = |place: usize| digits.get(place).map_or(0, |digit| i64::from(digit - b'0'));
        (length != 0).then(|| digit(0) * 100 + digit(1) * 10 + digit(2))
    }

    #[inline]
    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }
}

#[cfg(test)]
mod tests;
