//! A series as numbers that a forecast can take: seconds since the first sample, levels that grow to their limit.

use chrono::{DateTime, Utc};
use hebe_collectors::history::{Sense, Series};

/// The samples of one series up to a time, turned so that growth leads to the limit.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    /// The series.
    pub series: &'a Series,
    /// Seconds since the first sample: large offsets would cost digits.
    pub t: Vec<f64>,
    /// Levels; the value, or its negative where it falls to its limit.
    pub y: Vec<f64>,
    t0_ms: i64,
    sign: f64,
}

impl<'a> Prepared<'a> {
    /// The samples up to and including `until_ms`.
    #[must_use]
    pub fn new(series: &'a Series, until_ms: Option<i64>) -> Self {
        let end = until_ms.map_or(series.t_ms.len(), |until| series.t_ms.partition_point(|&t| t <= until));
        let t0_ms = series.t_ms.first().copied().unwrap_or(0);
        Self::counted(series, end, t0_ms)
    }

    /// All samples, with times counted from `t0_ms`.
    #[must_use]
    pub fn from(series: &'a Series, t0_ms: i64) -> Self {
        Self::counted(series, series.t_ms.len(), t0_ms)
    }

    fn counted(series: &'a Series, end: usize, t0_ms: i64) -> Self {
        let sign = match series.sense {
            Sense::Rises => 1.0,
            Sense::Falls => -1.0,
        };
        let t = series.t_ms[..end].iter().map(|t_ms| seconds(t_ms - t0_ms)).collect();
        let y = series.v[..end].iter().map(|v| sign * v).collect();
        Self { series, t, y, t0_ms, sign }
    }

    /// The limit in force at `t`, turned like the levels; infinite where none is known.
    #[must_use]
    pub fn limit_at(&self, t: f64) -> f64 {
        self.series.limit.as_ref().map_or(f64::INFINITY, |limit| self.sign * limit.at(self.ms(t)))
    }

    /// A level as the series counts it.
    #[must_use]
    pub fn value(&self, level: f64) -> f64 {
        self.sign * level
    }

    /// Milliseconds since 1970 UTC of `t`.
    #[must_use]
    pub fn ms(&self, t: f64) -> i64 {
        #[allow(clippy::cast_possible_truncation, reason = "saturates, which is what a date needs")]
        let offset = (t * 1000.0).round() as i64;
        self.t0_ms.saturating_add(offset)
    }

    /// The date of `t`; none beyond the calendar.
    #[must_use]
    pub fn date(&self, t: f64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.ms(t))
    }

    /// Known restarts up to now, in seconds.
    #[must_use]
    pub fn restarts(&self) -> Vec<f64> {
        let (Some(&first), Some(&now)) = (self.t.first(), self.t.last()) else { return Vec::new() };
        self.series
            .restarts_ms
            .iter()
            .map(|ms| seconds(ms - self.t0_ms))
            .filter(|&t| first < t && t <= now)
            .collect()
    }

    /// How full it is at `t`, between 0 and 1; 0 where no limit is known or the limit is no amount.
    #[must_use]
    pub fn utilisation(&self, t: f64, level: f64) -> f64 {
        let limit = self.limit_at(t);
        if limit.is_finite() && 0.0 < limit { (level / limit).clamp(0.0, 1.0) } else { 0.0 }
    }
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
