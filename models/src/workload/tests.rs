//! Known leaks under known loads.

use proptest::prelude::*;

use super::*;

const MINUTE: f64 = 60.0;
const DAY: f64 = 86_400.0;

/// Uniform on `-1..1`, the same on every machine.
fn noise(seed: u64, i: usize) -> f64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (i as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 31;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 29;
    (x >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// Requests a second: a busy day, a quiet night, no work on two days of seven.
fn rate(t: f64) -> f64 {
    let day = (t / DAY).floor();
    let load = (1.0 + (std::f64::consts::TAU * (t / DAY - 0.25)).sin()).max(0.05);
    if day.rem_euclid(7.0) < 5.0 { 50.0 * load } else { 5.0 * load }
}

struct Host {
    t: Vec<f64>,
    y: Vec<f64>,
    w: Vec<f64>,
}

/// A level that grows by `per_request` and by `per_second`, read every five minutes with noise.
fn host(days: f64, per_request: f64, per_second: f64, rough: f64, rate: impl Fn(f64) -> f64) -> Host {
    let mut host = Host { t: Vec::new(), y: Vec::new(), w: Vec::new() };
    let (mut t, mut w) = (0.0, 0.0);
    while t < days * DAY {
        host.t.push(t);
        host.w.push(w);
        host.y.push(1e9 + per_request * w + per_second * t + rough * noise(7, host.t.len()));
        w += rate(t) * 5.0 * MINUTE;
        t += 5.0 * MINUTE;
    }
    host
}

#[test]
fn a_leak_a_request_is_told_with_its_coefficient() {
    let host = host(10.0, 440.0, 0.0, 2e8, rate);
    let found = workload(&host.t, &host.y, &host.w).unwrap();
    assert!((found.per_unit / 440.0 - 1.0).abs() < 0.05, "{found:?}");
    assert!(found.low <= found.per_unit && found.per_unit <= found.high);
}

/// At half of a life, the date of the end by the work clock. Weekends are not in the day's course, so the load of
/// this host is the same every day.
#[test]
fn at_half_life_the_end_is_dated_within_a_tenth() {
    let daily = |t: f64| 50.0 * (1.0 + (std::f64::consts::TAU * (t / DAY - 0.25)).sin()).max(0.05);
    let whole = host(12.0, 440.0, 0.0, 1e8, daily);
    for half_days in [2.3, 3.0, 4.6, 6.0] {
        let half = whole.t.partition_point(|&t| t < half_days * DAY);
        let end = whole.t.partition_point(|&t| t < 2.0 * half_days * DAY).min(whole.t.len() - 1);
        let (t, y, w) = (&whole.t[..half], &whole.y[..half], &whole.w[..half]);
        let found = workload(t, y, w).unwrap();
        let level = 1e9 + 440.0 * w[half - 1];
        let limit = 1e9 + 440.0 * whole.w[end];
        let left = time_for(t, w, (limit - level) / found.per_unit, DAY).unwrap();
        let truth = whole.t[end] - t[half - 1];
        assert!((left / truth - 1.0).abs() < 0.1, "{half_days}: {left} for {truth}");
    }
}

#[test]
fn a_leak_an_hour_is_none_a_request() {
    let host = host(10.0, 0.0, 20_000.0, 2e8, rate);
    assert_eq!(workload(&host.t, &host.y, &host.w), None);
}

#[test]
fn steady_work_and_no_work_tell_nothing() {
    let steady = host(10.0, 440.0, 0.0, 2e8, |_| 50.0);
    assert_eq!(workload(&steady.t, &steady.y, &steady.w), None);
    let idle = host(10.0, 0.0, 20_000.0, 2e8, |_| 0.0);
    assert_eq!(workload(&idle.t, &idle.y, &idle.w), None);
    assert_eq!(time_for(&idle.t, &idle.w, 1.0, DAY), None);
}

#[test]
fn a_level_that_does_not_grow_is_none() {
    let flat = host(10.0, 0.0, 0.0, 2e8, rate);
    assert_eq!(workload(&flat.t, &flat.y, &flat.w), None);
}

#[test]
fn few_samples_tell_nothing() {
    let few = host(0.05, 440.0, 0.0, 0.0, rate);
    assert_eq!(workload(&few.t, &few.y, &few.w), None);
    assert_eq!(workload(&[], &[], &[]), None);
    assert_eq!(time_for(&[], &[], 1.0, DAY), None);
}

#[test]
fn work_ahead_follows_the_course_of_the_day() {
    let hours: Vec<f64> = (0..=72).map(f64::from).collect();
    // Work is done from the hour 8 to 16 of each day, 100 an hour.
    let done = |t: f64| 800.0 * (t / 24.0).floor() + 100.0 * (t.rem_euclid(24.0) - 8.0).clamp(0.0, 8.0);
    let w: Vec<f64> = hours.iter().map(|&t| done(t)).collect();
    for (left, expected) in [(100.0, 9.0), (800.0, 16.0), (900.0, 33.0), (2000.0, 60.0)] {
        let found = time_for(&hours, &w, left, 24.0).unwrap();
        assert!((found - expected).abs() < 1e-6, "{left}: {found}");
    }
    assert!(
        (time_for(&hours[..13], &w[..13], 400.0, 24.0).unwrap() - 12.0).abs() < 1e-9,
        "no whole day: the rate"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn units_do_not_matter(scale in 1e-3..1e6_f64, work in 1e-3..1e3_f64) {
        let host = host(5.0, 440.0, 0.0, 1e8, rate);
        let found = workload(&host.t, &host.y, &host.w).unwrap();
        let y: Vec<f64> = host.y.iter().map(|y| y * scale).collect();
        let w: Vec<f64> = host.w.iter().map(|w| w * work).collect();
        let other = workload(&host.t, &y, &w).unwrap();
        prop_assert!((other.per_unit / (found.per_unit * scale / work) - 1.0).abs() < 1e-9);
    }
}
