//! Times of one column: in which layout they are written, and what they are in UTC.
//!
//! A layout is judged once, over the first values of a column, and then holds for all of it. Which column holds the
//! times is decided by the reader.

mod layout;
mod zone;

use chrono_tz::Tz;

pub(crate) use layout::{Layout, Reading};
use layout::{first_two, is_clock};
pub(crate) use zone::Order;
use zone::{Found, Habits, Zone};

use super::number::is_missing;

/// How far a column's own name vouches for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// The name says nothing: only dates, and numbers that run through plausible times, are times.
    Stranger,
    /// The name is one that times have.
    Named,
    /// The user says so: any number that is no plausible time is seconds from a start.
    Sworn,
}

/// The layout of a column, and what was assumed to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// The layout.
    pub(super) layout: Layout,
    /// Neither the numbers nor their steps tell the month from the day.
    pub(super) unclear: bool,
    /// The first value is later than the last.
    pub(super) newest_first: bool,
}

/// Judges the layout of a column by its first values; `None` if they are no times.
///
/// More than half of the values that are there must be times.
pub(super) fn judge(values: &[&str], trust: Trust) -> Option<Judged> {
    let present: Vec<&[u8]> =
        values.iter().filter(|text| !is_missing(text.trim())).map(|text| text.as_bytes()).collect();
    let (layout, unclear) = written(&present, trust).or_else(|| Some((counted(&present, trust)?, false)))?;
    let mut times = present.iter().filter_map(|field| layout.parse(field)).map(instant);
    let first = times.next()?;
    let newest_first = times.next_back().is_some_and(|last| last < first);
    Some(Judged { layout, unclear, newest_first })
}

/// Whether the values are times of day without a date, whose date stands in another column.
pub(super) fn are_clocks(values: &[&str]) -> bool {
    let clocks = values.iter().filter(|text| is_clock(text.as_bytes())).count();
    values.len() < 2 * clocks
}

/// The layouts that are written as dates, and whether the choice was a toss-up.
fn written(present: &[&[u8]], trust: Trust) -> Option<(Layout, bool)> {
    let bare = |field: &&&[u8]| field.iter().all(u8::is_ascii_digit);
    if trust == Trust::Stranger && present.iter().any(|field| bare(&field)) {
        return None;
    }
    if most(present, Layout::YearFirst) {
        return Some((Layout::YearFirst, false));
    }
    match (most(present, Layout::MonthFirst), most(present, Layout::DayFirst)) {
        (false, false) => None,
        _ => Some(month_or_day(present)),
    }
}

/// Whether the month or the day comes first: a number above twelve is a day; else the number that changes more is
/// (points: the day comes first wherever dates are written so); else the month comes first.
fn month_or_day(present: &[&[u8]]) -> (Layout, bool) {
    let pairs: Vec<(i64, i64)> = present.iter().filter_map(|field| first_two(field)).collect();
    let points =
        present.iter().filter(|field| field.get(2) == Some(&b'.') || field.get(1) == Some(&b'.')).count();
    if present.len() < 2 * points || pairs.iter().any(|&(first, _)| 12 < first) {
        return (Layout::DayFirst, false);
    }
    if pairs.iter().any(|&(_, second)| 12 < second) {
        return (Layout::MonthFirst, false);
    }
    let changes =
        |of: fn(&(i64, i64)) -> i64| pairs.windows(2).filter(|pair| of(&pair[0]) != of(&pair[1])).count();
    let (first, second) = (changes(|pair| pair.0), changes(|pair| pair.1));
    match first.cmp(&second) {
        std::cmp::Ordering::Greater => (Layout::DayFirst, false),
        std::cmp::Ordering::Less => (Layout::MonthFirst, false),
        std::cmp::Ordering::Equal => (Layout::MonthFirst, true),
    }
}

/// The layouts that are written as numbers.
fn counted(present: &[&[u8]], trust: Trust) -> Option<Layout> {
    let unix = [1, 1000, 1_000_000, 1_000_000_000].map(|per_second| Layout::Unix { per_second });
    if let Some(layout) = unix.into_iter().find(|&layout| most(present, layout)) {
        return (trust != Trust::Stranger || runs(present, layout)).then_some(layout);
    }
    match trust {
        Trust::Sworn if most(present, Layout::Elapsed) => Some(Layout::Elapsed),
        _ => None,
    }
}

/// Whether a column of years is meant: all of them have four digits.
pub(super) fn are_years(values: &[&str]) -> bool {
    let present: Vec<&[u8]> = values.iter().map(|text| text.as_bytes()).collect();
    most(&present, Layout::Year)
}

fn most(present: &[&[u8]], layout: Layout) -> bool {
    let read = present.iter().filter(|field| layout.parse(field).is_some()).count();
    present.len() < 2 * read
}

/// Whether numbers go one way, as times do and sizes seldom.
fn runs(present: &[&[u8]], layout: Layout) -> bool {
    let times: Vec<i64> = present.iter().filter_map(|field| layout.parse(field)).map(instant).collect();
    let still = 1 < times.len() && times.first() == times.last();
    !still && (times.is_sorted() || times.is_sorted_by(|a, b| b <= a))
}

fn instant(reading: Reading) -> i64 {
    match reading {
        Reading::Utc(ms) | Reading::Wall(ms) => ms,
    }
}

/// Reads the times of one column and remembers what had to be assumed.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    judged: Judged,
    zone: Zone,
    zone_is_given: bool,
    habits: Habits,
    walls: u64,
    twice: u64,
    never: u64,
}

impl Clock {
    /// A clock for a column; wall times are in `zone`, or in UTC if none is given. `repeats` says that several lines
    /// of one series may carry one time.
    pub(super) fn new(judged: Judged, zone: Option<Tz>, repeats: bool) -> Self {
        let habits = Habits { newest_first: judged.newest_first, repeats };
        let place = zone.map_or(Zone::Fixed(0), Zone::named);
        Self { judged, zone: place, zone_is_given: zone.is_some(), habits, walls: 0, twice: 0, never: 0 }
    }

    /// A clock for the times of a Perfmon log: the month comes first, and the file says the offset.
    pub(super) fn perfmon(judged: Judged, offset_ms: i64, repeats: bool) -> Self {
        let layout = if judged.layout == Layout::DayFirst { Layout::MonthFirst } else { judged.layout };
        let clock = Self::new(Judged { layout, unclear: false, ..judged }, None, repeats);
        Self { zone: Zone::Fixed(offset_ms), zone_is_given: true, ..clock }
    }

    /// The time in milliseconds since 1970 UTC; `None` if the field is no time. `order` is that of the series.
    #[inline]
    pub(super) fn read(&mut self, field: &[u8], order: &mut Order) -> Option<i64> {
        match self.judged.layout.parse(field)? {
            Reading::Utc(ms) => Some(ms),
            Reading::Wall(ms) => {
                self.walls += 1;
                match self.zone.utc(ms, order, self.habits)? {
                    Found::Once(ms) => Some(ms),
                    Found::Twice(ms) => {
                        self.twice += 1;
                        Some(ms)
                    }
                    Found::Never(ms) => {
                        self.never += 1;
                        Some(ms)
                    }
                }
            }
        }
    }

    /// What had to be assumed, one sentence each.
    pub(super) fn assumptions(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.judged.layout == Layout::Elapsed {
            all.push("times are numbers that are no dates: taken as seconds from a start".to_owned());
        }
        if self.judged.unclear {
            all.push("dates may be month or day first: taken as month first".to_owned());
        }
        if self.walls != 0 && !self.zone_is_given && self.judged.layout != Layout::Year {
            all.push("times carry no zone: taken as UTC, say --zone".to_owned());
        }
        if self.twice != 0 {
            all.push(format!(
                "times in an hour that the clock showed twice are told apart by their order in the file: {}",
                self.twice
            ));
        }
        if self.never != 0 {
            all.push(format!(
                "times in an hour that the clock sprang over are moved forward by as much: {}",
                self.never
            ));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[&str], trust: Trust, expected: Option<(Layout, bool)>) {
        let judged = judge(values, trust).map(|judged| (judged.layout, judged.unclear));
        assert_eq!(judged, expected, "{values:?}");
    }

    #[test]
    fn units_of_numbers_are_judged_by_their_size() {
        let unix = |per_second| Some((Layout::Unix { per_second }, false));
        check(&["1795288754", "1795288814"], Trust::Stranger, unix(1));
        check(&["1795288816.637", "1795288818.605"], Trust::Stranger, unix(1));
        check(&["1795288754399", "1795288754400"], Trust::Stranger, unix(1000));
        check(&["1795288754399000"], Trust::Stranger, unix(1_000_000));
        check(&["1795288754399000000"], Trust::Stranger, unix(1_000_000_000));
        check(&["0", "1795288754", "1795288814"], Trust::Named, unix(1));
    }

    #[test]
    fn sizes_are_no_times() {
        check(&["1031884800", "1403092992", "1395000000"], Trust::Stranger, None);
        check(&["1669888819", "1669888819"], Trust::Stranger, None);
        check(&["12", "13"], Trust::Stranger, None);
        check(&["20000101", "20000102"], Trust::Stranger, None);
        check(&["", "NA"], Trust::Sworn, None);
        check(&["web1", "web2"], Trust::Sworn, None);
    }

    #[test]
    fn a_name_vouches_for_what_could_be_a_size() {
        check(&["1795288754", "1795288754"], Trust::Named, Some((Layout::Unix { per_second: 1 }, false)));
        check(&["20000101", "20000102"], Trust::Named, Some((Layout::YearFirst, false)));
        check(&["0", "10"], Trust::Named, None);
        check(&["0", "10"], Trust::Sworn, Some((Layout::Elapsed, false)));
    }

    #[test]
    fn month_and_day_are_told_apart_by_size_then_by_change() {
        let month = |unclear| Some((Layout::MonthFirst, unclear));
        let day = Some((Layout::DayFirst, false));
        check(&["11/21/2026 00:00"], Trust::Stranger, month(false));
        check(&["21/11/2026 00:00"], Trust::Stranger, day);
        check(&["01/11/2026", "02/11/2026", "03/11/2026"], Trust::Stranger, day);
        check(&["11/01/2026", "11/02/2026", "11/03/2026"], Trust::Stranger, month(false));
        check(&["05/06/2026 10:00", "05/06/2026 10:01"], Trust::Stranger, month(true));
        check(&["05.06.2026 10:00"], Trust::Stranger, day);
        check(&["5.6.2026 10:00"], Trust::Stranger, day);
    }

    #[test]
    fn the_toss_up_and_the_missing_zone_are_said() {
        let judged = judge(&["05/06/2026 10:00"], Trust::Named).unwrap();
        let mut clock = Clock::new(judged, None, false);
        assert!(clock.read(b"05/06/2026 10:00", &mut Order::default()).is_some());
        let said = clock.assumptions().join("; ");
        assert!(said.contains("month first") && said.contains("say --zone"), "{said}");
    }

    #[test]
    fn times_with_an_offset_need_no_zone() {
        let judged = judge(&["2026-11-21T19:01:44Z"], Trust::Named).unwrap();
        let mut clock = Clock::new(judged, Some(Tz::Europe__Berlin), false);
        let time = clock.read(b"2026-11-21T19:01:44Z", &mut Order::default());
        assert_eq!(time, Some(1_795_287_704_000));
        assert!(clock.assumptions().is_empty());
    }

    #[test]
    fn folds_and_gaps_are_counted() {
        let judged = judge(&["2026-10-25 02:30"], Trust::Named).unwrap();
        let mut clock = Clock::new(judged, Some(Tz::Europe__Berlin), false);
        let mut order = Order::default();
        let first = clock.read(b"2026-10-25 02:30", &mut order).unwrap();
        let second = clock.read(b"2026-10-25 02:30", &mut order).unwrap();
        assert_eq!(second - first, 3_600_000);
        clock.read(b"2027-03-28 02:30", &mut order).unwrap();
        let said = clock.assumptions().join("; ");
        assert!(said.contains("order in the file: 2") && said.contains("by as much: 1"), "{said}");
    }

    #[test]
    fn a_file_that_begins_with_its_newest_line_is_known() {
        assert!(judge(&["2026-11-21 19:22:42", "2026-11-21 19:22:41"], Trust::Named).unwrap().newest_first);
        assert!(!judge(&["2026-11-21 19:22:41", "2026-11-21 19:22:42"], Trust::Named).unwrap().newest_first);
    }
}
