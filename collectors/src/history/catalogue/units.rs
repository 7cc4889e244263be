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
        let metric = bench.name(column).to_owned();
        let words = || {
            Words::of(&metric).unit.inspect(|&(_, factor)| {
                if 1.0 < factor {
                    bench.say(Saying::Kilo, &metric);
                }
            })
        };
        let Some((unit, factor)) = sysstat(&metric).or_else(words) else { continue };
        user::scale_by(&mut bench.columns[column].v, factor);
        bench.columns[column].unit = unit;
    }
}

/// The unit that sysstat's names begin with; its k is 1024.
fn sysstat(metric: &str) -> Option<(Unit, f64)> {
    match metric.strip_prefix("kb") {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => Some((Unit::Bytes, 1024.0)),
        _ if ["MBfsfree", "MBfsused"].contains(&metric) => Some((Unit::Bytes, 1_048_576.0)),
        _ => None,
    }
}
