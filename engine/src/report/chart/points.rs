//! The key points of a picture as a table, for those who cannot see it or want the numbers.

use chrono::DateTime;
use chrono_tz::Tz;

use crate::{
    finding::{Finding, Picture},
    report::{units, when::When},
};

const MEASURED: usize = 15;
const FORECAST: usize = 7;
const EVENTS: usize = 10;

/// One row of the table under a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPoint {
    /// The time, in the zone of the reader.
    pub time: String,
    /// `measured`, `forecast`, or what happened.
    pub what: String,
    /// The value, with its range where it has one.
    pub value: String,
}

/// Chooses at most 40 points that tell the picture: samples, what happened, the curve ahead, exhaustion.
#[must_use]
pub fn key_points(finding: &Finding, picture: &Picture, zone: Tz) -> Vec<KeyPoint> {
    let unit = &finding.row.unit;
    let mut points: Vec<(i64, String, String)> = Vec::new();
    let samples = if picture.accepted.is_empty() { &picture.raw } else { &picture.accepted };
    for (t, value) in spread(samples, MEASURED) {
        points.push((t, "measured".to_owned(), units::quantity(value, unit)));
    }
    for (t, low, high) in spread(&picture.band, FORECAST) {
        let range = format!("{} to {}", units::quantity(low, unit), units::quantity(high, unit));
        points.push((t, "forecast, 90 %".to_owned(), range));
    }
    for surge in finding.surges.iter().rev().take(EVENTS / 2) {
        let peak = format!("peak {}", units::quantity(surge.peak, unit));
        points.push((surge.from.timestamp_millis(), "surge held".to_owned(), peak));
    }
    for (t, reason) in finding.epochs.iter().rev().take(EVENTS / 2) {
        points.push((*t, "new epoch".to_owned(), super::clean::line(reason)));
    }
    for (t, text) in picture.marks.iter().rev().take(EVENTS / 2) {
        points.push((*t, "marked".to_owned(), super::clean::line(text)));
    }
    if let Some((low, middle, high)) = picture.exhaustion {
        let ends = [(Some(low), "earliest"), (Some(middle), "middle"), (high, "latest")];
        let limit = finding.row.limit.map_or(String::new(), |limit| units::quantity(limit, unit));
        points.extend(
            ends.into_iter().filter_map(|(t, word)| Some((t?, format!("exhaustion, {word}"), limit.clone()))),
        );
    }
    points.sort_by_key(|(t, _, _)| *t);
    let when = When::new(zone, DateTime::from_timestamp_millis(picture.now).unwrap_or_default());
    points
        .into_iter()
        .filter_map(|(t, what, value)| {
            let time = when.moment(DateTime::from_timestamp_millis(t)?);
            Some(KeyPoint { time, what, value })
        })
        .collect()
}

/// At most `most` items, evenly, with the first and the last.
fn spread<T: Copy>(items: &[T], most: usize) -> Vec<T> {
    if items.len() <= most {
        return items.to_vec();
    }
    (0..most).filter_map(|i| items.get(i * (items.len() - 1) / (most - 1)).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn there_are_at_most_forty() {
        let finding = &sample::host().findings[1];
        let points = key_points(finding, &sample::picture(finding, 14), Tz::UTC);
        assert!((20..=40).contains(&points.len()));
    }

    #[test]
    fn both_ends_are_kept() {
        let items: Vec<usize> = (0..1_000).collect();
        let few = spread(&items, 18);
        assert_eq!((few.len(), few.first(), few.last()), (18, Some(&0), Some(&999)));
        assert_eq!(spread(&items[..0], 18), [0; 0]);
    }
}
