//! Samples thinned to what is asked for, without losing a peak.

use hebe_collectors::history::Series;

/// At most about `most` samples: of each stretch of time the lowest and the highest, in order of time.
pub(super) fn thin(series: &Series, from_ms: i64, until_ms: i64, most: usize) -> Vec<(i64, f64)> {
    let from = series.t_ms.partition_point(|&t| t < from_ms);
    let until = series.t_ms.partition_point(|&t| t <= until_ms).max(from);
    let (t, v) = (&series.t_ms[from..until], &series.v[from..until]);
    if t.len() <= most {
        return t.iter().copied().zip(v.iter().copied()).collect();
    }
    let columns = (most / 2).max(1);
    let mut kept = Vec::with_capacity(2 * columns);
    for column in 0..columns {
        let range = column * t.len() / columns..(column + 1) * t.len() / columns;
        let lowest = range.clone().min_by(|&a, &b| v[a].total_cmp(&v[b]));
        let highest = range.max_by(|&a, &b| v[a].total_cmp(&v[b]));
        let Some((lowest, highest)) = lowest.zip(highest) else { continue };
        let (first, second) = (lowest.min(highest), lowest.max(highest));
        kept.push((t[first], v[first]));
        if first != second {
            kept.push((t[second], v[second]));
        }
    }
    kept
}

/// The limit over that time: its value at both ends, and where it changes between them.
pub(super) fn limit(series: &Series, from_ms: i64, until_ms: i64) -> Vec<(i64, f64)> {
    let Some(limit) = series.limit.as_ref().filter(|limit| !limit.steps.is_empty()) else {
        return Vec::new();
    };
    let mut steps = vec![(from_ms, limit.at(from_ms))];
    steps.extend(limit.steps.iter().copied().filter(|&(t, _)| from_ms < t && t < until_ms));
    steps.push((until_ms, limit.at(until_ms)));
    steps
}

#[cfg(test)]
mod tests {
    use hebe_collectors::history::{Limit, Sense, Unit};
    use proptest::prelude::*;

    use super::*;

    fn series(values: &[f64]) -> Series {
        Series {
            name: "made".to_owned(),
            resource: "made".to_owned(),
            scope: String::new(),
            host: String::new(),
            unit: Unit::Count,
            sense: Sense::Rises,
            t_ms: (0_i64..).map(|i| 1_000 * i).take(values.len()).collect(),
            v: values.to_vec(),
            limit: Some(Limit { owner: "made".to_owned(), steps: vec![(i64::MIN, 9.0), (5_000, 12.0)] }),
            restarts_ms: Vec::new(),
            rejected: 0,
            block: 1,
            source: "made".to_owned(),
            also: Vec::new(),
        }
    }

    #[test]
    fn the_limit_is_told_where_it_changes() {
        let steps = limit(&series(&[1.0]), 2_000, 8_000);
        assert_eq!(steps, [(2_000, 9.0), (5_000, 12.0), (8_000, 12.0)]);
    }

    proptest! {
        #[test]
        fn thinning_keeps_order_and_extremes(
            values in proptest::collection::vec(-1e9..1e9_f64, 0..400),
            from in -1_000..500_000_i64, length in 0..500_000_i64, most in 1..100_usize,
        ) {
            let series = series(&values);
            let thinned = thin(&series, from, from + length, most);
            prop_assert!(thinned.len() <= most.max(2));
            prop_assert!(thinned.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let inside = series.t_ms.iter().zip(&series.v).filter(|(t, _)| (from..=from + length).contains(*t));
            let all: Vec<f64> = inside.map(|(_, v)| *v).collect();
            let extremes = |v: &[f64]| (v.iter().copied().fold(f64::NAN, f64::min), v.iter().copied().fold(f64::NAN, f64::max));
            let kept: Vec<f64> = thinned.iter().map(|(_, v)| *v).collect();
            prop_assert_eq!(extremes(&kept).0.to_bits(), extremes(&all).0.to_bits());
            prop_assert_eq!(extremes(&kept).1.to_bits(), extremes(&all).1.to_bits());
        }
    }
}
