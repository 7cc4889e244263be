//! From what a clock on the wall shows to instants, where clocks go forward and back.
//!
//! A time that a forward jump leaves out is the instant of the jump. A time that comes twice has two instants. A day begins with its first instant, which need not be midnight.

use chrono::{
    DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

/// No zone is further from UTC, also in the nineteenth century.
const FURTHEST: TimeDelta = TimeDelta::hours(16);
/// The first and the last year that calendars are asked about.
const YEARS: (i32, i32) = (1900, 2300);

/// The first instant at which the wall shows `wall`, or has passed it.
pub(super) fn first(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => jump(zone, wall),
    }
}

/// The first instant from which on the wall never again shows a time before `wall`.
pub(super) fn end(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    // Clocks that go back to just `wall` do not show what is before it: the second before tells.
    let second = TimeDelta::seconds(1);
    match zone.from_local_datetime(&(wall - second)) {
        LocalResult::Single(at) | LocalResult::Ambiguous(_, at) => at.to_utc() + second,
        LocalResult::None => jump(zone, wall),
    }
}

/// What the wall shows at an instant.
pub(super) fn shows(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The wall time that many minutes into a day; 24:00 is the midnight after it.
pub(super) fn on(day: NaiveDate, minutes: u32) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minutes))
}

/// An instant within the years that calendars are asked about.
pub(super) fn within(at: DateTime<Utc>) -> DateTime<Utc> {
    let edge = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(|day| on(day, 0).and_utc());
    match at.year() {
        year if year < YEARS.0 => edge(YEARS.0).unwrap_or(at),
        year if YEARS.1 <= year => edge(YEARS.1).unwrap_or(at),
        _ => at,
    }
}

/// The second in which clocks jump over `wall`.
fn jump(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    let (mut before, mut after) = ((wall - FURTHEST).and_utc(), (wall + FURTHEST).and_utc());
    while TimeDelta::seconds(1) < after - before {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if shows(zone, middle) < wall { before = middle } else { after = middle }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: Tz, wall: &str, expected: (&str, &str)) {
        let wall = NaiveDateTime::parse_from_str(wall, "%F %H:%M").unwrap();
        let text = |at: DateTime<Utc>| at.format("%F %H:%M").to_string();
        assert_eq!((text(first(zone, wall)), text(end(zone, wall))), (expected.0.into(), expected.1.into()));
    }

    #[test]
    fn gaps_and_overlaps_of_both_hemispheres() {
        check(Tz::Europe__Berlin, "2026-03-29 02:30", ("2026-03-29 01:00", "2026-03-29 01:00"));
        check(Tz::Europe__Berlin, "2026-10-25 02:30", ("2026-10-25 00:30", "2026-10-25 01:30"));
        check(Tz::Australia__Sydney, "2026-10-04 02:30", ("2026-10-03 16:00", "2026-10-03 16:00"));
        check(Tz::Australia__Sydney, "2026-04-05 02:30", ("2026-04-04 15:30", "2026-04-04 16:30"));
        // Half an hour, on Lord Howe Island.
        check(Tz::Australia__Lord_Howe, "2026-10-04 02:15", ("2026-10-03 15:30", "2026-10-03 15:30"));
        check(Tz::Australia__Lord_Howe, "2026-04-05 01:45", ("2026-04-04 14:45", "2026-04-04 15:15"));
        check(Tz::Australia__Lord_Howe, "2026-04-05 01:30", ("2026-04-04 14:30", "2026-04-04 14:30"));
        // The day begins at one o'clock: there is no midnight.
        check(Tz::Africa__Cairo, "2026-04-24 00:00", ("2026-04-23 22:00", "2026-04-23 22:00"));
        // A day that never was.
        check(Tz::Pacific__Apia, "2011-12-30 12:00", ("2011-12-30 10:00", "2011-12-30 10:00"));
    }

    #[test]
    fn far_away_is_brought_near() {
        assert_eq!(within(DateTime::<Utc>::MAX_UTC).year(), 2300);
        assert_eq!(within(DateTime::<Utc>::MIN_UTC).year(), 1900);
    }
}
