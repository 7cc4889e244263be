//! Which column of a table holds the times.

use super::super::time::{Judged, Layout as TimeLayout, Trust, are_clocks, are_years, judge};
use super::super::{HistoryError, Options};
use super::layout::{no_column, position};
use super::names;

/// Where the times are.
#[derive(Debug)]
pub(super) struct Times {
    /// The column of times, or of dates.
    pub(super) column: usize,
    /// The column of the time of day, where the date stands apart.
    pub(super) time_of_day: Option<usize>,
    pub(super) judged: Judged,
    /// The name says that it holds times.
    pub(super) named: bool,
}

impl Times {
    /// The column that was asked for, else the surest by its name and cells.
    pub(super) fn find<'a>(
        names: &[String],
        column: &impl Fn(usize) -> Vec<&'a str>,
        options: &Options,
        source: &str,
    ) -> Result<Self, HistoryError> {
        let here = |column, judged| Self { column, time_of_day: None, judged, named: true };
        let none = || HistoryError::NoTime { path: source.to_owned(), columns: names::shortened(names) };
        if let Some(asked) = &options.time_column {
            let at = position(names, asked).ok_or_else(|| no_column(names, asked, source))?;
            return judge(&column(at), Trust::Sworn).map(|judged| here(at, judged)).ok_or_else(none);
        }
        let named = by_name(names);
        pair(names, column)
            .or_else(|| named.iter().find_map(|&at| Some(here(at, judge(&column(at), Trust::Named)?))))
            .or_else(|| stranger(names.len(), column))
            .or_else(|| year(names, column))
            .or_else(|| named.iter().find_map(|&at| Some(here(at, judge(&column(at), Trust::Sworn)?))))
            .ok_or_else(none)
    }
}

/// The columns whose names are those of times, the surest first.
fn by_name(names: &[String]) -> Vec<usize> {
    let mut ranked: Vec<(usize, usize)> = names
        .iter()
        .enumerate()
        .filter_map(|(at, name)| {
            let perfmon = names::perfmon_minutes_east(name).map(|_| 0);
            Some((perfmon.or_else(|| names::time_rank(name))?, at))
        })
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, at)| at).collect()
}

/// A column of dates with a column of times of day.
fn pair<'a>(names: &[String], column: &impl Fn(usize) -> Vec<&'a str>) -> Option<Times> {
    let date = position(names, "date")?;
    let time = ["time", "time_of_day", "hour", "clock"].iter().find_map(|name| position(names, name))?;
    let (dates, times) = (column(date), column(time));
    if !are_clocks(&times) {
        return None;
    }
    let joined: Vec<String> = dates.iter().zip(&times).map(|(date, time)| format!("{date} {time}")).collect();
    let joined: Vec<&str> = joined.iter().map(String::as_str).collect();
    let judged = judge(&joined, Trust::Named)?;
    Some(Times { column: date, time_of_day: Some(time), judged, named: true })
}

/// The first column of dates, or else of numbers that run as times do.
fn stranger<'a>(width: usize, column: &impl Fn(usize) -> Vec<&'a str>) -> Option<Times> {
    let judged: Vec<(usize, Judged)> =
        (0..width).filter_map(|at| Some((at, judge(&column(at), Trust::Stranger)?))).collect();
    let dated = |judged: &Judged| !matches!(judged.layout, TimeLayout::Unix { .. });
    let &(column, judged) = judged.iter().find(|(_, judged)| dated(judged)).or_else(|| judged.first())?;
    Some(Times { column, time_of_day: None, judged, named: false })
}

/// A column of years, where its name says so.
fn year<'a>(names: &[String], column: &impl Fn(usize) -> Vec<&'a str>) -> Option<Times> {
    let at = position(names, "year").filter(|&at| are_years(&column(at)))?;
    let judged = Judged { layout: TimeLayout::Year, unclear: false, newest_first: false };
    Some(Times { column: at, time_of_day: None, judged, named: true })
}
