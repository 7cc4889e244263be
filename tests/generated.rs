//! Histories made of a law, as series and as files.

use std::f64::consts::TAU;

use hebe_collectors::history::{Limit, Sense, Series, Unit};
use hebe_datasets::Simulated;

/// First sample of a generated history: unix seconds, large as real ones are.
pub(crate) const START_S: f64 = 1_700_000_000.0;
pub(crate) const MINUTE: f64 = 60.0;
pub(crate) const HOUR: f64 = 3600.0;
pub(crate) const DAY: f64 = 86_400.0;

/// `n` times, `period_s` apart, from [`START_S`] on.
pub(crate) fn every(period_s: f64, n: usize) -> Vec<f64> {
    (0..n).map(|i| START_S + i as f64 * period_s).collect()
}

/// A series whose value `s` seconds after its first sample is `law(s)`.
pub(crate) fn series(t_s: &[f64], limit: f64, law: impl Fn(f64) -> f64) -> Series {
    let v = t_s.iter().map(|t| law(t - t_s[0])).collect();
    of(t_s, v, Some(Limit::fixed(limit, "the test")))
}

/// A series of these samples.
pub(crate) fn of(t_s: &[f64], v: Vec<f64>, limit: Option<Limit>) -> Series {
    Series {
        name: "made".to_owned(),
        resource: "made".to_owned(),
        scope: String::new(),
        host: String::new(),
        unit: Unit::Unknown,
        sense: Sense::Rises,
        t_ms: t_s.iter().map(|&t| ms(t)).collect(),
        v,
        limit,
        restarts_ms: Vec::new(),
        rejected: 0,
        block: 1,
        source: "made.csv".to_owned(),
        also: Vec::new(),
    }
}

/// A simulated run as a series; its limit moves where the run's does.
pub(crate) fn simulated(run: &Simulated) -> Series {
    let mut steps: Vec<(i64, f64)> = run.t.iter().map(|&t| ms(t)).zip(run.limit.iter().copied()).collect();
    steps.dedup_by(|next, kept| next.1.to_bits() == kept.1.to_bits());
    of(&run.t, run.value.clone(), Some(Limit { owner: "the test".to_owned(), steps }))
}

/// Milliseconds of seconds.
#[expect(clippy::cast_possible_truncation, reason = "times of this century")]
pub(crate) fn ms(t_s: f64) -> i64 {
    (t_s * 1000.0).round() as i64
}

/// Noise without a generator: between -1 and 1, the same for the same time.
pub(crate) fn noise(s: f64) -> f64 {
    let mixed = (s.to_bits() ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// The course of a day, from -1 in the small hours to 1 in the afternoon.
pub(crate) fn daily(s: f64) -> f64 {
    -(TAU * s / DAY).cos()
}
