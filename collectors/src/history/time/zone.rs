//! Wall-clock times to UTC, through the folds and gaps of daylight saving time.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::layout::DAY_MS;

/// Where the clock hung that wrote the times.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    /// So many milliseconds east of UTC all year round.
    Fixed(i64),
    /// In a zone with rules. The offset holds for wall times within the span; neighbours mostly share it.
    Named {
        /// The zone.
        tz: Tz,
        /// The wall times for which the offset is known.
        span: std::ops::Range<i64>,
        /// Milliseconds east of UTC.
        offset_ms: i64,
    },
}

/// What the times of one series have been so far: it decides which of two equal wall times is meant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Order {
    /// The last time, in UTC.
    last_ms: Option<i64>,
}

/// What an hour that the clock shows twice, or never, means for a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Habits {
    /// The file begins with its newest line.
    pub(super) newest_first: bool,
    /// Several lines of one series may carry one time.
    pub(super) repeats: bool,
}

/// What became of a wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It was shown once.
    Once(i64),
    /// It was shown twice, and the neighbours in the file decided.
    Twice(i64),
    /// It was never shown, because the clock sprang over it; it is moved forward by as much.
    Never(i64),
}

impl Zone {
    pub(super) fn named(tz: Tz) -> Self {
        if tz == Tz::UTC { Self::Fixed(0) } else { Self::Named { tz, span: 0..0, offset_ms: 0 } }
    }

    /// The time in UTC at which the clock showed `wall_ms`; `None` beyond the calendar.
    ///
    /// Of two such times the earlier is meant, unless the series would then run backwards by less than twice the
    /// fold, or stand still; in a file that begins with its newest line it is the other way round.
    #[inline]
    pub(super) fn utc(&mut self, wall_ms: i64, order: &mut Order, habits: Habits) -> Option<Found> {
        let found = match self {
            Self::Fixed(offset_ms) => return Some(Found::Once(wall_ms - *offset_ms)),
            Self::Named { span, offset_ms, .. } if span.contains(&wall_ms) => {
                Found::Once(wall_ms - *offset_ms)
            }
            Self::Named { tz, span, offset_ms } => {
                if let Some(same) = settled(*tz, wall_ms) {
                    (*span, *offset_ms) = (wall_ms - DAY_MS..wall_ms + DAY_MS, same);
                }
                look_up(*tz, wall_ms, *order, habits)?
            }
        };
        let (Found::Once(ms) | Found::Twice(ms) | Found::Never(ms)) = found;
        order.last_ms = Some(ms);
        Some(found)
    }
}

/// The offset in milliseconds that holds a day before, at and a day after a wall time, if it is one.
fn settled(tz: Tz, wall_ms: i64) -> Option<i64> {
    let offset = |wall_ms| match offsets(tz, naive(wall_ms)?) {
        LocalResult::Single(offset_ms) => Some(offset_ms),
        _ => None,
    };
    let middle = offset(wall_ms)?;
    (offset(wall_ms - DAY_MS) == Some(middle) && offset(wall_ms + DAY_MS) == Some(middle)).then_some(middle)
}

fn look_up(tz: Tz, wall_ms: i64, order: Order, habits: Habits) -> Option<Found> {
    let time = naive(wall_ms)?;
    match offsets(tz, time) {
        LocalResult::Single(offset_ms) => Some(Found::Once(wall_ms - offset_ms)),
        LocalResult::Ambiguous(before_ms, after_ms) => {
            let (earlier, later) = (wall_ms - before_ms, wall_ms - after_ms);
            Some(Found::Twice(choose(earlier, later, order.last_ms, habits)))
        }
        LocalResult::None => {
            // What the clock would have shown, had it not sprung. The longest gap is the day that Samoa skipped.
            let before = (1..=48).find_map(|hours| offsets(tz, time - Duration::hours(hours)).latest())?;
            Some(Found::Never(wall_ms - before))
        }
    }
}

/// Which of the two times goes on from the last one.
fn choose(earlier: i64, later: i64, last: Option<i64>, habits: Habits) -> i64 {
    let reach = 2 * (later - earlier);
    let Some(last) = last else { return if habits.newest_first { later } else { earlier } };
    if habits.newest_first {
        let back = last < later || (last == later && !habits.repeats);
        if back && later - last < reach { earlier } else { later }
    } else {
        let back = earlier < last || (last == earlier && !habits.repeats);
        if back && last - earlier < reach { later } else { earlier }
    }
}

fn naive(wall_ms: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_millis(wall_ms).map(|time| time.naive_utc())
}

/// The offsets in milliseconds at which the clock showed `time`, in the order in which it did.
fn offsets(tz: Tz, time: NaiveDateTime) -> LocalResult<i64> {
    tz.offset_from_local_datetime(&time).map(|offset| i64::from(offset.fix().local_minus_utc()) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORWARD: Habits = Habits { newest_first: false, repeats: false };

    fn wall(text: &str) -> i64 {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp_millis()
    }

    /// Reads wall times in file order; writes them as UTC.
    #[track_caller]
    fn check(tz: Tz, habits: Habits, walls: &[&str], expected: &[&str]) {
        let (mut zone, mut order) = (Zone::named(tz), Order::default());
        let found: Vec<String> = walls
            .iter()
            .map(|text| {
                let found = zone.utc(wall(text), &mut order, habits).unwrap();
                let (Found::Once(ms) | Found::Twice(ms) | Found::Never(ms)) = found;
                naive(ms).unwrap().format("%Y-%m-%d %H:%M").to_string()
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn summer_and_winter_differ() {
        check(
            Tz::Europe__Berlin,
            FORWARD,
            &["2026-07-01 12:00", "2026-11-21 12:00", "2026-07-01 12:00"],
            &["2026-07-01 10:00", "2026-11-21 11:00", "2026-07-01 10:00"],
        );
    }

    #[test]
    fn an_hour_shown_twice_is_read_in_file_order() {
        check(
            Tz::Europe__Berlin,
            FORWARD,
            &["2026-10-25 02:30", "2026-10-25 02:30", "2026-10-25 03:30"],
            &["2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 02:30"],
        );
        check(
            Tz::Europe__Berlin,
            FORWARD,
            &[
                "2026-10-25 01:45",
                "2026-10-25 02:15",
                "2026-10-25 02:45",
                "2026-10-25 02:15",
                "2026-10-25 02:45",
            ],
            &[
                "2026-10-24 23:45",
                "2026-10-25 00:15",
                "2026-10-25 00:45",
                "2026-10-25 01:15",
                "2026-10-25 01:45",
            ],
        );
    }

    #[test]
    fn newest_first_goes_through_the_fold_the_other_way() {
        check(
            Tz::Europe__Berlin,
            Habits { newest_first: true, repeats: false },
            &[
                "2026-10-25 03:15",
                "2026-10-25 02:45",
                "2026-10-25 02:15",
                "2026-10-25 02:45",
                "2026-10-25 01:45",
            ],
            &[
                "2026-10-25 02:15",
                "2026-10-25 01:45",
                "2026-10-25 01:15",
                "2026-10-25 00:45",
                "2026-10-24 23:45",
            ],
        );
    }

    #[test]
    fn lines_that_share_a_time_stay_together() {
        check(
            Tz::Europe__Berlin,
            Habits { newest_first: false, repeats: true },
            &[
                "2026-10-25 02:15",
                "2026-10-25 02:15",
                "2026-10-25 02:45",
                "2026-10-25 02:15",
                "2026-10-25 02:15",
            ],
            &[
                "2026-10-25 00:15",
                "2026-10-25 00:15",
                "2026-10-25 00:45",
                "2026-10-25 01:15",
                "2026-10-25 01:15",
            ],
        );
    }

    #[test]
    fn lines_that_share_a_time_stay_together_newest_first() {
        check(
            Tz::Europe__Berlin,
            Habits { newest_first: true, repeats: true },
            &["2026-10-25 02:15", "2026-10-25 02:15", "2026-10-25 02:45", "2026-10-25 02:45"],
            &["2026-10-25 01:15", "2026-10-25 01:15", "2026-10-25 00:45", "2026-10-25 00:45"],
        );
    }

    #[test]
    fn an_older_history_that_follows_is_no_fold() {
        check(
            Tz::Europe__Berlin,
            FORWARD,
            &["2026-11-21 12:00", "2026-10-25 02:30"],
            &["2026-11-21 11:00", "2026-10-25 00:30"],
        );
    }

    #[test]
    fn an_hour_never_shown_moves_forward_by_the_gap() {
        let (mut zone, mut order) = (Zone::named(Tz::Europe__Berlin), Order::default());
        let found = zone.utc(wall("2026-03-29 02:30"), &mut order, FORWARD);
        assert_eq!(found, Some(Found::Never(wall("2026-03-29 01:30"))));
        check(Tz::Pacific__Apia, FORWARD, &["2011-12-30 12:00"], &["2011-12-30 22:00"]);
    }

    #[test]
    fn zones_of_half_an_hour_fold_by_half_an_hour() {
        check(
            Tz::Australia__Lord_Howe,
            FORWARD,
            &["2026-04-05 01:45", "2026-04-05 01:45"],
            &["2026-04-04 14:45", "2026-04-04 15:15"],
        );
    }

    #[test]
    fn the_remembered_offset_agrees_with_the_calendar() {
        let tz = Tz::America__New_York;
        let (mut zone, mut order) = (Zone::named(tz), Order::default());
        let start = wall("2026-01-01 00:00");
        for quarter in 0..4 * 24 * 365 {
            let wall_ms = start + quarter * 900_000;
            if let LocalResult::Single(offset_ms) = offsets(tz, naive(wall_ms).unwrap()) {
                let found = zone.utc(wall_ms, &mut order, FORWARD);
                assert_eq!(found, Some(Found::Once(wall_ms - offset_ms)));
            }
        }
    }
}
