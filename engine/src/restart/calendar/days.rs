//! Which days a rule means.

use chrono::{Datelike, Days as Count, NaiveDate, NaiveTime, Weekday};
use croner::Cron;

/// Which days a rule means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Days {
    /// All.
    Every,
    /// Days of the week, Monday first.
    Week([bool; 7]),
    /// From the first date to the second, both included.
    Dates(NaiveDate, NaiveDate),
    /// From one month and day to another, both included, every year; past New Year if the second is earlier.
    Yearly((u32, u32), (u32, u32)),
    /// The nth such day of a month, or of every month; the last if `nth` is 0; any day if there is no weekday.
    Nth { nth: u32, weekday: Option<Weekday>, month: Option<u32> },
    /// So many days after Easter Sunday of the western churches.
    Easter(i64),
    /// A cron pattern of which minute and hour are `*`.
    Cron(Box<Cron>),
}

impl Days {
    /// Whether it means this day.
    pub(super) fn mean(&self, day: NaiveDate) -> bool {
        match self {
            Self::Every => true,
            Self::Week(week) => week[day.weekday().num_days_from_monday() as usize],
            Self::Dates(from, until) => (*from..=*until).contains(&day),
            Self::Yearly(from, until) => yearly(*from, *until, (day.month(), day.day())),
            Self::Nth { nth, weekday, month } => {
                weekday.is_none_or(|weekday| weekday == day.weekday())
                    && month.is_none_or(|month| month == day.month())
                    && is_nth(*nth, weekday.is_some(), day)
            }
            Self::Easter(away) => shifted(day, -*away).is_some_and(|day| easter(day.year()) == Some(day)),
            Self::Cron(cron) => cron.is_time_matching(&day.and_time(NaiveTime::MIN)).unwrap_or(false),
        }
    }
}

fn yearly(from: (u32, u32), until: (u32, u32), day: (u32, u32)) -> bool {
    if from <= until { from <= day && day <= until } else { from <= day || day <= until }
}

fn is_nth(nth: u32, of_weekday: bool, day: NaiveDate) -> bool {
    let step = if of_weekday { 7 } else { 1 };
    match nth {
        0 => shifted(day, i64::from(step)).is_none_or(|next| next.month() != day.month()),
        _ => day.day0() / step == nth - 1,
    }
}

fn shifted(day: NaiveDate, by: i64) -> Option<NaiveDate> {
    let count = Count::new(by.unsigned_abs());
    if by < 0 { day.checked_sub_days(count) } else { day.checked_add_days(count) }
}

/// Easter Sunday of the Gregorian calendar.
///
/// The method of an anonymous correspondent (Nature, 20 April 1876), as in Meeus, "Astronomical Algorithms", chapter 8.
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year.rem_euclid(19), year.div_euclid(100), year.rem_euclid(100));
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15).rem_euclid(30);
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4).rem_euclid(7);
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31).ok()? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_where_others_have_it() {
        // dateutil.easter.easter(year)
        let known = [(1961, 4, 2), (2000, 4, 23), (2008, 3, 23), (2026, 4, 5), (2038, 4, 25), (2285, 3, 22)];
        for (year, month, day) in known {
            assert_eq!(easter(year), NaiveDate::from_ymd_opt(year, month, day));
        }
    }

    #[test]
    fn the_last_day_of_a_month_and_its_fifth_monday() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let last = Days::Nth { nth: 0, weekday: None, month: None };
        assert!(last.mean(day(2024, 2, 29)) && !last.mean(day(2024, 2, 28)) && last.mean(day(2023, 2, 28)));
        let fifth = Days::Nth { nth: 5, weekday: Some(Weekday::Mon), month: None };
        assert!(fifth.mean(day(2026, 11, 30)) && !fifth.mean(day(2026, 11, 23)));
    }
}
