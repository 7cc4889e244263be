//! A picture of another stretch of time: the last hour, day or week, or all that is kept.

use hebe::finding::{Finding, Picture};
use hebe_collectors::history::Series;

use super::samples;

/// Samples of a picture; it draws no more dots than that.
const SAMPLES: usize = 1_200;
const HOUR_MS: i64 = 3_600_000;

/// How far back a picture goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Span {
    /// What the forecast was made from, and as far ahead as it reaches.
    #[default]
    Forecast,
    /// The last hour.
    Hour,
    /// The last day.
    Day,
    /// The last week.
    Week,
    /// All that is kept.
    All,
}

impl Span {
    pub(super) const ALL: [Self; 5] = [Self::Forecast, Self::Hour, Self::Day, Self::Week, Self::All];

    /// The word in the query.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Forecast => "forecast",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::All => "all",
        }
    }

    /// The span of a word; the default one of any other.
    pub(super) fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|span| span.word() == word).unwrap_or_default()
    }

    fn ms(self) -> Option<i64> {
        match self {
            Self::Forecast | Self::All => None,
            Self::Hour => Some(HOUR_MS),
            Self::Day => Some(24 * HOUR_MS),
            Self::Week => Some(7 * 24 * HOUR_MS),
        }
    }

    /// The samples that it needs up to `now_ms`; none where the forecast's own picture is meant.
    pub(super) fn range(self, now_ms: i64) -> Option<(i64, i64)> {
        match self {
            Self::Forecast => None,
            Self::All => Some((i64::MIN, now_ms)),
            _ => Some((now_ms.saturating_sub(self.ms().unwrap_or(0)), now_ms)),
        }
    }
}

/// The picture over a span, with `series` holding its samples; half of the span ahead is shown as well.
pub(super) fn zoom(finding: &Finding, picture: &Picture, series: &Series, span: Span) -> Picture {
    let Some((from, until)) = span.range(picture.now) else { return picture.clone() };
    let from = from.max(series.t_ms.first().copied().unwrap_or(until));
    let to = span.ms().map_or(i64::MAX, |ms| until.saturating_add(ms / 2));
    let within = |t: i64| (from..=to).contains(&t);
    Picture {
        raw: samples::thin(series, from, until, SAMPLES),
        accepted: picture.accepted.iter().copied().filter(|(t, _)| within(*t)).collect(),
        surges: (finding.surges.iter())
            .map(|surge| (surge.from.timestamp_millis(), surge.to.timestamp_millis()))
            .filter(|(start, end)| from <= *end && *start <= until)
            .collect(),
        epochs: finding.epochs.iter().map(|(t, _)| *t).filter(|t| within(*t)).collect(),
        curve: cut(&picture.curve, from, to),
        band: band(&picture.band, from, to),
        limit: samples::limit(series, from, until),
        marks: picture.marks.iter().filter(|(t, _)| within(*t)).cloned().collect(),
        now: picture.now,
        exhaustion: picture.exhaustion.filter(|(_, middle, _)| *middle <= to),
    }
}

/// A line between two times, with its value at both where it passes them.
fn cut(line: &[(i64, f64)], from: i64, to: i64) -> Vec<(i64, f64)> {
    let mut cut = Vec::new();
    for pair in line.windows(2) {
        let ((t0, y0), (t1, y1)) = (pair[0], pair[1]);
        if t1 < from || t0 > to || t1 <= t0 {
            continue;
        }
        let at = |t: i64| y0 + (y1 - y0) * ((t - t0) as f64 / (t1 - t0) as f64);
        for t in [t0.max(from), t1.min(to)] {
            if cut.last().is_none_or(|(last, _)| *last < t) {
                cut.push((t, at(t)));
            }
        }
    }
    cut
}

fn band(band: &[(i64, f64, f64)], from: i64, to: i64) -> Vec<(i64, f64, f64)> {
    let edge = |value: fn(&(i64, f64, f64)) -> f64| {
        let edge: Vec<(i64, f64)> = band.iter().map(|point| (point.0, value(point))).collect();
        cut(&edge, from, to)
    };
    let (low, high) = (edge(|point| point.1), edge(|point| point.2));
    low.into_iter().zip(high).map(|((t, low), (_, high))| (t, low, high)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_at_both_ends() {
        let line = [(0, 0.0), (10, 10.0), (20, 0.0)];
        assert_eq!(cut(&line, 5, 15), [(5, 5.0), (10, 10.0), (15, 5.0)]);
        assert_eq!(cut(&line, 2, 4), [(2, 2.0), (4, 4.0)]);
        assert_eq!(cut(&line, -5, 50), line);
        assert!(cut(&line, 21, 30).is_empty());
        assert_eq!(band(&[(0, 0.0, 2.0), (10, 10.0, 12.0)], 5, 50), [(5, 5.0, 7.0), (10, 10.0, 12.0)]);
    }

    #[test]
    fn a_word_names_a_span_and_any_other_the_forecast() {
        for span in Span::ALL {
            assert_eq!(Span::of(span.word()), span);
        }
        assert_eq!(Span::of("<script>"), Span::Forecast);
        assert_eq!(Span::Day.range(86_400_000 + 5), Some((5, 86_400_005)));
    }
}
