//! Rules as people write them: `Sat-Sun`, `2026-12-24..2027-01-02`, `last Fri of month 22:00-06:00`, `Easter+1`.

use chrono::{Datelike as _, NaiveDate, Weekday};
use croner::Cron;

use super::days::Days;
use crate::spelling::nearest;

/// Nothing that a rule says is longer.
const LONGEST: usize = 200;
/// What a rule of days looks like.
const FORMS: &str = "expected days such as `Sat-Sun`, `2026-12-24`, `2026-12-24..2027-01-02`, `Dec 24`, \
                     `last Fri of month`, `Easter+1` or a cron pattern of days such as `* * L * *`";
const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const YEAR: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Days of the months in a leap year.
const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// How `nth` is written; the last is 0.
const PLACES: [(&str, u32); 11] = [
    ("last", 0),
    ("first", 1),
    ("1st", 1),
    ("second", 2),
    ("2nd", 2),
    ("third", 3),
    ("3rd", 3),
    ("fourth", 4),
    ("4th", 4),
    ("fifth", 5),
    ("5th", 5),
];
/// Minutes of a day.
pub(super) const DAY: u32 = 24 * 60;

/// Days that a rule means.
pub(super) fn days(text: &str) -> Result<Days, String> {
    let text = short(text)?;
    let words: Vec<&str> = text.split_whitespace().filter(|word| !word.eq_ignore_ascii_case("the")).collect();
    if let Some((from, until)) = text.split_once("..") {
        return range(from.trim(), until.trim());
    }
    if text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("easter")) {
        return easter(&text[6..]);
    }
    match words[..] {
        [place, day, of, month] if of.eq_ignore_ascii_case("of") => nth(place, day, month),
        [_, _, _, _, _] => cron_days(text),
        _ if looks_like_date(text) => date(text).map(|day| Days::Dates(day, day)),
        [a, b]
            if a.starts_with(|c: char| c.is_ascii_digit()) || b.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            month_day(text).map(|day| Days::Yearly(day, day))
        }
        _ => week(text),
    }
}

/// Days, and hours of them in minutes: `Mon-Fri 22:00-06:00`. Without days every day, without hours the whole day.
pub(super) fn days_and_hours(text: &str) -> Result<(Days, Option<(u32, u32)>), String> {
    let text = short(text)?;
    let (rest, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    if !last.contains(':') {
        return Ok((days(text)?, None));
    }
    let hours = hours(last)?;
    let days = if rest.trim().is_empty() { Days::Every } else { days(rest)? };
    Ok((days, Some(hours)))
}

/// Days, and a time of them in minutes: `Sun 03:00`.
pub(super) fn days_and_time(text: &str) -> Result<(Days, u32), String> {
    let text = short(text)?;
    let (rest, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    let time = minutes(last)?;
    if time == DAY {
        return Err("`24:00` is the next day's `00:00`".to_owned());
    }
    Ok((if rest.trim().is_empty() { Days::Every } else { days(rest)? }, time))
}

/// `2026-12-01 03:00`.
pub(super) fn date_and_time(text: &str) -> Result<(NaiveDate, u32), String> {
    let text = short(text)?;
    let split = text.split_once([' ', 'T']);
    let (day, time) =
        split.ok_or_else(|| format!("`{text}` has no time; expected such as `2026-12-01 03:00`"))?;
    Ok((date(day)?, minutes(time.trim()).and_then(|time| below_a_day(time, text))?))
}

fn below_a_day(time: u32, text: &str) -> Result<u32, String> {
    if time < DAY { Ok(time) } else { Err(format!("`{text}`: 24:00 is the next day's 00:00")) }
}

/// A pattern of five fields, and what is wrong with it otherwise.
pub(super) fn cron(text: &str) -> Result<Cron, String> {
    let text = short(text)?;
    if text.split_whitespace().count() != 5 || !text.is_ascii() {
        return Err(format!("`{text}` has not five fields: minute, hour, day of month, month, day of week"));
    }
    text.parse().map_err(|error| format!("`{text}` is no cron pattern: {error}"))
}

fn short(text: &str) -> Result<&str, String> {
    let text = text.trim();
    match text.len() {
        0 => Err(format!("it is empty; {FORMS}")),
        1..=LONGEST => Ok(text),
        long => Err(format!("it has {long} bytes; a rule has at most {LONGEST}")),
    }
}

fn cron_days(text: &str) -> Result<Days, String> {
    let cron = cron(text)?;
    if text.split_whitespace().take(2).any(|field| field != "*") {
        return Err(format!(
            "`{text}` names hours; days have `*` for minute and hour, and hours are written such as `22:00-06:00` \
             in `quiet` or `only`"
        ));
    }
    Ok(Days::Cron(Box::new(cron)))
}

fn range(from: &str, until: &str) -> Result<Days, String> {
    if !looks_like_date(from) && !looks_like_date(until) {
        return Ok(Days::Yearly(month_day(from)?, month_day(until)?));
    }
    let (from, until) = (date(from)?, date(until)?);
    if until < from {
        return Err(format!("`{from}..{until}` ends before it begins"));
    }
    Ok(Days::Dates(from, until))
}

fn looks_like_date(text: &str) -> bool {
    text.len() >= 8 && text.starts_with(|c: char| c.is_ascii_digit()) && text.matches('-').count() == 2
}

/// `2026-12-24`, of the years 1970 to 2299.
pub(super) fn date(text: &str) -> Result<NaiveDate, String> {
    let form = || format!("`{text}` is no date; expected such as `2026-12-24`");
    let mut parts = text.split('-').map(str::parse::<u32>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(form());
    };
    let year = i32::try_from(year).ok().filter(|year| (1970..2300).contains(year)).ok_or_else(form)?;
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| format!("there is no {text}"))
}

/// `Dec 24` or `24 Dec`.
fn month_day(text: &str) -> Result<(u32, u32), String> {
    let form = || format!("`{text}` is no day of a year; expected such as `Dec 24`");
    let mut words = text.split_whitespace();
    let (Some(a), Some(b), None) = (words.next(), words.next(), words.next()) else { return Err(form()) };
    let (name, number) = if a.starts_with(|c: char| c.is_ascii_digit()) { (b, a) } else { (a, b) };
    let month = month(name)?;
    let day: u32 = number.trim_end_matches('.').parse().map_err(|_| form())?;
    if (1..=LENGTHS[month as usize - 1]).contains(&day) {
        return Ok((month, day));
    }
    Err(format!("there is no {text}: that month has {} days", LENGTHS[month as usize - 1]))
}

fn easter(after: &str) -> Result<Days, String> {
    let after: String = after.split_whitespace().collect();
    let away = if after.is_empty() { Ok(0) } else { after.parse::<i64>() };
    match away {
        Ok(away) if away.abs() <= 180 && (after.is_empty() || after.starts_with(['+', '-'])) => {
            Ok(Days::Easter(away))
        }
        _ => Err(format!("`Easter{after}`: expected `Easter`, `Easter+1` or `Easter-2`, 180 days at most")),
    }
}

fn nth(place: &str, day: &str, of: &str) -> Result<Days, String> {
    let lower = place.to_lowercase();
    let nth = PLACES.iter().find(|(name, _)| *name == lower).map(|(_, nth)| *nth);
    let nth =
        nth.ok_or_else(|| format!("`{place}` is no place in a month; expected first to fifth, or last"))?;
    let weekday = if day.eq_ignore_ascii_case("day") { None } else { Some(weekday(day)?) };
    let every = ["month", "months", "every", "each"].iter().any(|word| of.eq_ignore_ascii_case(word));
    let month = if every { None } else { Some(month(of)?) };
    Ok(Days::Nth { nth, weekday, month })
}

/// `Sat`, `Mon-Fri`, `Sat, Sun`.
fn week(text: &str) -> Result<Days, String> {
    let mut week = [false; 7];
    for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (from, until) = part.split_once('-').unwrap_or((part, part));
        let (from, until) = (weekday(from)?, weekday(until)?);
        let mut day = from;
        week[day.num_days_from_monday() as usize] = true;
        while day != until {
            day = day.succ();
            week[day.num_days_from_monday() as usize] = true;
        }
    }
    if week.contains(&true) { Ok(Days::Week(week)) } else { Err(format!("`{text}`: {FORMS}")) }
}

/// A name of at least three letters, as far as it is written.
fn named(text: &str, names: &[&str]) -> Option<usize> {
    let lower = text.to_lowercase();
    (3 <= lower.len()).then(|| names.iter().position(|name| name.starts_with(&lower)))?
}

fn weekday(text: &str) -> Result<Weekday, String> {
    let place = named(text, &WEEK).and_then(|place| u8::try_from(place).ok());
    place.and_then(|place| Weekday::try_from(place).ok()).ok_or_else(|| unknown(text, &WEEK))
}

fn month(text: &str) -> Result<u32, String> {
    let place = named(text, &YEAR).and_then(|place| u32::try_from(place).ok());
    place.map(|place| place + 1).ok_or_else(|| unknown(text, &YEAR))
}

fn unknown(text: &str, names: &[&str]) -> String {
    let spellings = names.iter().flat_map(|name| [*name, &name[..3]]);
    match nearest(&text.to_lowercase(), spellings) {
        Some(name) => format!("`{text}` is not known; did you mean `{name}`?"),
        None => format!("`{text}` is not known; {FORMS}"),
    }
}

/// Minutes of `22:00-06:00`; past midnight where the second is earlier.
fn hours(text: &str) -> Result<(u32, u32), String> {
    let form = || format!("`{text}` are no hours; expected such as `22:00-06:00`");
    let (from, until) = text.split_once('-').ok_or_else(form)?;
    let (from, until) = (minutes(from)?, minutes(until)?);
    match (from, until) {
        (DAY, _) => Err(format!("`{text}` begins at 24:00, which is the next day's 00:00")),
        _ if from == until => Err(format!("`{text}` is empty; a whole day is `00:00-24:00`")),
        _ if until < from => Ok((from, until + DAY)),
        _ => Ok((from, until)),
    }
}

/// Minutes of `03:00`; up to `24:00`.
fn minutes(text: &str) -> Result<u32, String> {
    let form = || format!("`{text}` is no time of day; expected such as `03:00`");
    let (hour, minute) = text.split_once(':').ok_or_else(form)?;
    let two = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hour) || minute.len() != 2 || !two(minute) {
        return Err(form());
    }
    let (hour, minute): (u32, u32) = (hour.parse().map_err(|_| form())?, minute.parse().map_err(|_| form())?);
    let all = hour * 60 + minute;
    if minute < 60 && all <= DAY { Ok(all) } else { Err(form()) }
}

/// The times of a day at which a pattern fires, in minutes.
pub(super) fn times(cron: &Cron) -> Vec<u32> {
    let fires = |minutes: u32| {
        cron.pattern.hour_match(minutes / 60).unwrap_or(false)
            && cron.pattern.minute_match(minutes % 60).unwrap_or(false)
    };
    (0..DAY).filter(|&minutes| fires(minutes)).collect()
}

/// Whether rules mean any day of the 28 years from that date on: then the calendar repeats.
pub(super) fn ever(days: &Days, from: NaiveDate) -> bool {
    match days {
        Days::Dates(..) | Days::Every | Days::Week(_) | Days::Yearly(..) | Days::Easter(_) => true,
        Days::Nth { .. } | Days::Cron(_) => {
            let year = from.year();
            from.iter_days().take_while(|day| day.year() < year + 28).any(|day| days.mean(day))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, on: &[&str], off: &[&str]) {
        let days = days(text).unwrap();
        for (dates, means) in [(on, true), (off, false)] {
            for date in dates {
                assert_eq!(days.mean(date.parse().unwrap()), means, "`{text}` on {date}");
            }
        }
    }

    #[test]
    fn what_people_write_is_understood() {
        check("Sat-Sun", &["2026-11-28", "2026-11-29"], &["2026-11-27", "2026-11-30"]);
        check("fri-mon", &["2026-11-27", "2026-11-30"], &["2026-11-26", "2026-12-01"]);
        check("Saturday, Sun", &["2026-11-28"], &["2026-11-27"]);
        check("2026-12-24", &["2026-12-24"], &["2027-12-24"]);
        check("2026-12-24..2027-01-02", &["2026-12-31", "2027-01-02"], &["2026-12-23", "2027-01-03"]);
        check("Dec 24..Jan 2", &["2026-12-24", "2031-01-02"], &["2031-01-03", "2031-12-23"]);
        check("24 December", &["2026-12-24"], &["2026-12-25"]);
        check("Feb 29", &["2024-02-29"], &["2023-02-28", "2023-03-01"]);
        check("last Fri of month", &["2026-11-27", "2026-12-25"], &["2026-11-20"]);
        check("4th Thu of Nov", &["2026-11-26"], &["2026-12-24", "2026-11-19"]);
        check("last day of the month", &["2026-11-30"], &["2026-11-29"]);
        check("Easter-2", &["2026-04-03"], &["2026-04-05"]);
        check("* * L * *", &["2026-02-28"], &["2026-02-27"]);
        check("* * * * FRI#2", &["2026-11-13"], &["2026-11-06", "2026-11-20"]);
    }

    #[test]
    fn hours_go_past_midnight() {
        assert_eq!(days_and_hours("22:00-06:00").unwrap().1, Some((22 * 60, 30 * 60)));
        assert_eq!(days_and_hours("Mon 00:00-24:00").unwrap().1, Some((0, DAY)));
        assert_eq!(days_and_hours("Mon").unwrap().1, None);
        assert_eq!(days_and_time("last Fri of month 03:00").unwrap().1, 180);
    }

    #[track_caller]
    fn refuse(text: &str, part: &str) {
        let why = days_and_hours(text).unwrap_err();
        assert!(why.contains(part), "{why}");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        refuse("Feb 30", "29 days");
        refuse("2026-02-30", "there is no 2026-02-30");
        refuse("2026-12-24..2026-12-02", "ends before it begins");
        refuse("Wendesday", "did you mean `wednesday`");
        refuse("last Fry of month", "did you mean `fri`");
        refuse("sixth Mon of May", "first to fifth");
        refuse("03:00-03:00", "empty");
        refuse("24:00-03:00", "next day");
        refuse("25:00-26:00", "no time of day");
        refuse("Easter+1000", "180");
        refuse("0 3 * * 1", "names hours");
        refuse("* * 32 * *", "no cron pattern");
        refuse("12-24", "expected days");
        refuse("", "empty");
    }

    proptest! {
        #[test]
        fn any_text_is_a_rule_or_refused(text in ".{0,80}", near in "(Mon|Dec|last|Easter|[0-9*#LW:. -]){0,9}") {
            for text in [text, near] {
                let _ = days_and_time(&text);
                let _ = date_and_time(&text);
                let _ = cron(&text).map(|cron| times(&cron));
                if let Ok((days, hours)) = days_and_hours(&text) {
                    let _ = days.mean(NaiveDate::from_ymd_opt(2028, 2, 29).unwrap());
                    prop_assert!(hours.is_none_or(|(from, until)| from < until && from < DAY && until <= 2 * DAY));
                }
            }
        }
    }
}
