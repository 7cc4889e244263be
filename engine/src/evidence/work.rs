//! Growth by work: which running count a level follows, in an operator's terms.

use std::fmt::Write as _;

use hebe_collectors::history::Series;
use hebe_models::{Workload, time_for, workload};

use crate::prepare::Prepared;
use crate::report::units;

/// Work repeats itself by the day.
const DAY_S: f64 = 86_400.0;
/// A count may fall where its program was started anew, and so often only.
const FALLS: f64 = 0.01;
/// Words in the names of counts that people call work.
const WORDS: [&str; 10] = [
    "request",
    "connection",
    "query",
    "queries",
    "transaction",
    "job",
    "message",
    "command",
    "_total",
    "count",
];

/// A level that follows a count.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// The count's name.
    pub name: String,
    /// What was found.
    pub workload: Workload,
    /// Units of work until the limit is met, from now and from the level after a restart.
    pub left: Option<(f64, f64)>,
    /// Seconds until then, if the work goes on as it went.
    pub left_s: Option<f64>,
    unit: String,
}

/// The count that `series` follows, if it follows one clearly better than the clock on the wall: of `counts`, or of
/// those series whose names and courses are those of counts.
///
/// `from_ms` is the start of the present epoch. A count that is `asked` for by its name need not look like one.
#[must_use]
pub fn by_work(
    series: &Series,
    from_ms: Option<i64>,
    until_ms: Option<i64>,
    counts: &[&Series],
    asked: Option<&str>,
) -> Option<Work> {
    let prepared = Prepared::new(series, until_ms);
    let first = from_ms.map_or(0, |from| series.t_ms.partition_point(|&t| t < from)).min(prepared.t.len());
    let (t, y) = (&prepared.t[first..], &prepared.y[first..]);
    let times = &series.t_ms[first..first + t.len()];
    let is_meant = |count: &&&Series| match asked {
        Some(name) => count.name == name || count.scope == name || count.resource == name,
        None => count.name != series.name && is_count(count),
    };
    let found = counts.iter().filter(is_meant).filter_map(|count| {
        let w = readings(count, times)?;
        let workload = workload(t, y, &w)?;
        Some((count.name.clone(), workload, w))
    });
    let (name, workload, w) = found.min_by(|a, b| a.1.work_error.total_cmp(&b.1.work_error))?;
    let (now, begin) = (*y.last()?, y.iter().copied().fold(f64::INFINITY, f64::min));
    let limit = prepared.limit_at(*t.last()?);
    let left = limit.is_finite().then(|| {
        let work = |level: f64| ((limit - level) / workload.per_unit).max(0.0);
        (work(now), work(begin))
    });
    let left_s = left.and_then(|(left, _)| time_for(t, &w, left, DAY_S));
    Some(Work { name, workload, left, left_s, unit: series.unit.to_string() })
}

/// Whether a series is a running count that people would call work.
fn is_count(series: &Series) -> bool {
    let name = series.name.to_lowercase();
    let falls = series.v.windows(2).filter(|pair| pair[1] < pair[0]).count() as f64;
    let rises = series.v.windows(2).filter(|pair| pair[0] < pair[1]).count();
    WORDS.iter().any(|word| name.contains(word)) && 0 < rises && falls <= FALLS * series.v.len() as f64
}

/// The count at `times`, going on where it was started anew; between two readings as if the work was steady. None
/// where it does not cover them.
fn readings(count: &Series, times: &[i64]) -> Option<Vec<f64>> {
    let (first, last) = (*times.first()?, *times.last()?);
    let step = count.t_ms.windows(2).map(|pair| pair[1] - pair[0]).min()?;
    if first < count.t_ms.first()? - step || count.t_ms.last()? + step < last {
        return None;
    }
    let mut whole = Vec::with_capacity(count.v.len());
    let (mut sum, mut before) = (0.0, count.v[0]);
    for &value in &count.v {
        sum += if value < before { value.max(0.0) } else { value - before };
        before = value;
        whole.push(sum);
    }
    let at = |t: &i64| {
        let k = count.t_ms.partition_point(|time| time <= t);
        if k == 0 || k == whole.len() {
            return whole[k.saturating_sub(1)];
        }
        let part = (t - count.t_ms[k - 1]) as f64 / (count.t_ms[k] - count.t_ms[k - 1]) as f64;
        whole[k - 1] + part * (whole[k] - whole[k - 1])
    };
    Some(times.iter().map(at).collect())
}

impl Work {
    /// `it grows by 0.42 MiB per 1,000 of http_requests_total, not by the hour: …`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let per = [1.0, 1e3, 1e6, 1e9].into_iter().find(|per| 100.0 <= per * self.workload.per_unit);
        let per = per.unwrap_or(1e9);
        let each = units::quantity(per * self.workload.per_unit, &self.unit);
        let number = if per < 2.0 { String::new() } else { format!("{} ", grouped(per)) };
        let mut words = format!(
            "it grows with work, {each} per {number}{}, and not by the hour: the clock on the wall misses by {:.1} times \
             as much",
            self.name,
            self.workload.wall_error / self.workload.work_error.max(f64::MIN_POSITIVE)
        );
        if self.workload.work_error <= 0.0 || 1e3 * self.workload.work_error < self.workload.wall_error {
            words = format!("it grows with work, {each} per {number}{}, and not by the hour", self.name);
        }
        if let Some((left, whole)) = self.left {
            let _ = write!(words, "; the limit is met after {} more", grouped(rounded_down(left)));
            if let Some(left_s) = self.left_s {
                let _ = write!(words, ", in {} if the load stays as it was", units::duration(left_s));
            }
            let _ = write!(words, "; restart every {}", grouped(rounded_down(whole)));
        }
        words
    }
}

/// Two digits, rounded down.
fn rounded_down(value: f64) -> f64 {
    if value < 1.0 {
        return 0.0;
    }
    let scale = 10_f64.powf((value.log10().floor() - 1.0).max(0.0));
    (value / scale).floor() * scale
}

/// `190,000`.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if 0 < at && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use hebe_collectors::history::{Limit, Sense, Unit};

    use super::*;

    fn series(name: &str, v: Vec<f64>, limit: Option<f64>) -> Series {
        Series {
            name: name.to_owned(),
            resource: name.to_owned(),
            scope: String::new(),
            host: String::new(),
            unit: if limit.is_some() { Unit::Bytes } else { Unit::Count },
            sense: Sense::Rises,
            t_ms: (0_i64..).take(v.len()).map(|k| 1_700_000_000_000 + k * 300_000).collect(),
            v,
            limit: limit.map(|limit| Limit::fixed(limit, "test")),
            restarts_ms: Vec::new(),
            rejected: 0,
            source: String::new(),
            also: Vec::new(),
            block: 1,
        }
    }

    /// Six days of a daily load: the level grows by 440 bytes a request; the count is started anew once.
    fn host() -> (Series, Series) {
        let (mut level, mut count, mut w) = (Vec::new(), Vec::new(), 0.0);
        for k in 0..1728 {
            let t = f64::from(k) * 300.0;
            level.push(1e8 + 440.0 * w + 2e6 * (1.7 * f64::from(k)).sin());
            count.push(w);
            w += 300.0 * 50.0 * (1.0 + (std::f64::consts::TAU * t / DAY_S).sin()).max(0.05);
        }
        let fresh = count[900];
        for value in &mut count[900..] {
            *value -= fresh;
        }
        (series("memory", level, Some(2e10)), series("http_requests_total", count, None))
    }

    #[test]
    fn a_leak_a_request_is_told_in_requests() {
        let (memory, requests) = host();
        let found = by_work(&memory, None, None, &[&memory, &requests], None).unwrap();
        assert!((found.workload.per_unit / 440.0 - 1.0).abs() < 0.05, "{found:?}");
        assert_eq!(found.name, "http_requests_total");
        let sentence = found.sentence();
        for part in [" B per http_requests_total", "not by the hour", "restart every 45,000,000", "more, in "]
        {
            assert!(sentence.contains(part), "{part}: {sentence}");
        }
    }

    #[test]
    fn what_is_no_count_is_not_tried_and_one_that_is_asked_for_is() {
        let (memory, mut requests) = host();
        requests.name = "served".to_owned();
        assert_eq!(by_work(&memory, None, None, &[&requests], None), None);
        assert!(by_work(&memory, None, None, &[&requests], Some("served")).is_some());
        requests.t_ms.truncate(100);
        requests.v.truncate(100);
        assert_eq!(
            by_work(&memory, None, None, &[&requests], Some("served")),
            None,
            "it does not cover the growth"
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([190_999.0, 45.9, 0.4].map(|n| grouped(rounded_down(n))), ["190,000", "45", "0"]);
        assert_eq!(grouped(1_234_567.0), "1,234,567");
    }
}
