//! Units that a column's name says where its format does not.

use super::super::Unit;
use super::bench::{Bench, Saying};
use super::user;
use super::words::Words;

/// Brings columns whose name says a unit to its base unit.
pub(super) fn name(bench: &mut Bench<'_>) {
    for column in 0..bench.columns.len() {
        if bench.columns[column].unit != Unit::Unknown || !bench.is_free(column) {
            continue;
        }
        let Some((unit, factor)) = said(bench.name(column)) else { continue };
        let metric = bench.name(column).to_owned();
        if (factor - 1.0).abs() > f64::EPSILON {
            bench.say(Saying::Kilo, &metric);
        }
        user::scale_by(&mut bench.columns[column].v, factor);
        bench.columns[column].unit = unit;
    }
}

/// The unit that a name says: by a word, or as sysstat does, by its beginning.
fn said(metric: &str) -> Option<(Unit, f64)> {
    match metric {
        _ if metric.starts_with("kb") && metric[2..].starts_with(|c: char| c.is_ascii_lowercase()) => {
            Some((Unit::Bytes, 1024.0))
        }
        "MBfsfree" | "MBfsused" => Some((Unit::Bytes, 1_048_576.0)),
        _ => Words::of(metric).unit,
    }
}
