//! Runs with a known growth, a known onset and noise with a known memory.
#![allow(clippy::print_stderr, reason = "measured rates are worth reading")]

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::published::close;

const HOUR: f64 = 3_600.0;

/// Splitmix64 (Steele, Lea and Flood 2014) and Box and Muller's normal deviates.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A first-order process of variance 1 whose neighbours have the correlation `rho`.
    fn process(&mut self, n: usize, rho: f64) -> Vec<f64> {
        let mut x = self.normal();
        let mut step = || {
            let now = x;
            x = rho * x + (1.0 - rho * rho).sqrt() * self.normal();
            now
        };
        (0..n).map(|_| step()).collect()
    }
}

fn times(hours: f64, step: f64) -> Vec<f64> {
    std::iter::successors(Some(0.0), |t| Some(t + step)).take_while(|&t| t < hours * HOUR).collect()
}

fn soak(t: &[f64], y: &[f64]) -> Soak {
    Soak::of(&Window::new(t, y).unwrap(), 0.95, 0.8)
}

/// A run of so many hours, a sample a minute, that follows a law of the hour under noise of correlation 0.5.
fn run(hours: f64, noise: f64, seed: u64, law: impl Fn(f64) -> f64) -> Soak {
    let t = times(hours, 60.0);
    let errors = Random(seed).process(t.len(), 0.5);
    let y: Vec<f64> = t.iter().zip(errors).map(|(t, e)| law(t / HOUR) + noise * e).collect();
    soak(&t, &y)
}

/// The growth an hour is within the interval, which is no wider than `width` either way.
#[track_caller]
fn check_growth(soak: &Soak, hourly: f64, width: f64) {
    let rate = soak.rate.unwrap();
    let (low, high) = (rate.low() * HOUR, rate.high() * HOUR);
    assert!(low <= hourly && hourly <= high, "{hourly} is not in {low} to {high}");
    assert!(rate.error * HOUR <= width, "{} is wider than {width}", rate.error * HOUR);
    assert!(rate.error < rate.least);
}

/// The stretch that is judged begins `hour` hours into the run, to within `tolerance`.
#[track_caller]
fn check_onset(soak: &Soak, onset: Onset, hour: f64, tolerance: f64) {
    assert_eq!(soak.onset, onset, "{soak:?}");
    assert!((soak.from / HOUR - hour).abs() <= tolerance, "{} h", soak.from / HOUR);
}

#[test]
fn slope_and_interval_are_what_other_code_computes() {
    // An AR(1) about a line, by a generator that any language has. In Python, with numpy 2, scipy and statsmodels 0.15:
    //   sm.OLS(y, sm.add_constant(t)).fit().params[1]
    //   … .fit(cov_type="HAC", cov_kwds={"maxlags": 12, "use_correction": True}).bse[1]
    //   error, least: np.linalg.qr of [1, s, cos(pi j s)], st.t.cdf and brentq on the mixture of rate.rs
    let (mut x, mut e) = (1_u64, 0.0);
    let mut y = Vec::new();
    for i in 0..240 {
        x = (1_103_515_245 * x + 12_345) % (1 << 31);
        e = 0.6 * e + x as f64 / (1_u64 << 31) as f64 - 0.5;
        y.push(100.0 + 0.002 * f64::from(i) + e);
    }
    let t: Vec<f64> = (0..240).map(f64::from).collect();
    let rate = Rate::of(&Window::new(&t, &y).unwrap(), 0.95, 0.8, 0.0).unwrap();
    close(rate.slope, 0.001_638_962_827_095_318_3, 1e-9);
    close(rate.error, 0.001_446_777_749_882_369_5, 1e-9);
    close(rate.least, 0.002_029_681_936_918_304_4, 1e-9);
    // Newey and West's error with a normal quantile is known to be too small; this one is larger, but not much.
    let newey_west = 1.96 * 0.000_638_785_322_050_341_6;
    assert!((1.0..1.3).contains(&(rate.error / newey_west)), "{}", rate.error / newey_west);
}

/// Runs without growth that are called growing, and runs with the smallest leak that are, of 300 each.
fn rates(n: usize, rho: f64, seed: u64) -> (f64, f64) {
    const RUNS: usize = 300;
    let t: Vec<f64> = (0..n).map(|i| i as f64).collect();
    let mut random = Random(seed);
    let mut grown = |leak: f64| {
        let measured = (0..RUNS).map(|_| {
            let errors = random.process(n, rho);
            let y: Vec<f64> = t.iter().zip(errors).map(|(t, e)| 100.0 + leak * t + e).collect();
            soak(&t, &y).rate.unwrap()
        });
        let measured: Vec<Rate> = measured.collect();
        let growing = measured.iter().filter(|rate| 0.0 < rate.low()).count();
        let least = measured.iter().map(|rate| rate.least).sum::<f64>() / RUNS as f64;
        (growing as f64 / RUNS as f64, least)
    };
    let (wrong, least) = grown(0.0);
    (wrong, grown(least).0)
}

#[test]
fn noise_that_remembers_is_seldom_called_growth_and_the_smallest_leak_mostly() {
    // Nominal: 2.5 % and 80 %. Warm-up and sawtooth are looked for in each, as in any run.
    let mut said = String::new();
    for (n, rho) in [(720, 0.0), (720, 0.8), (120, 0.8), (480, 0.95)] {
        let (wrong, seen) = rates(n, rho, 11);
        let _ = writeln!(
            said,
            "{n} samples, correlation {rho}: {wrong:.3} called growth, {seen:.2} of leaks seen"
        );
        assert!(wrong <= 0.06, "{said}");
        assert!((0.62..=0.92).contains(&seen), "{said}");
    }
    eprint!("{said}");
}

#[test]
fn a_warm_up_is_cut_off_whatever_its_form() {
    let exponential = run(12.0, 2.0, 1, |h| 500.0 - 300.0 * (-h / 0.3).exp());
    check_onset(&exponential, Onset::Settled, 0.9, 0.15);
    check_growth(&exponential, 0.0, 0.3);
    let ramp = run(12.0, 2.0, 2, |h| 500.0 - 300.0 * (1.0 - h / 0.7).max(0.0));
    check_onset(&ramp, Onset::Settled, 0.7, 0.05);
    check_growth(&ramp, 0.0, 0.3);
}

#[test]
fn a_leak_is_no_warm_up() {
    let leak = run(12.0, 2.0, 3, |h| 500.0 + 2.5 * h);
    check_onset(&leak, Onset::Whole, 0.0, 0.1);
    check_growth(&leak, 2.5, 0.3);
    let after = run(12.0, 2.0, 4, |h| 500.0 + 2.5 * h - 300.0 * (1.0 - h / 0.7).max(0.0));
    check_onset(&after, Onset::Settled, 0.7, 0.05);
    check_growth(&after, 2.5, 0.3);
}

#[test]
fn growth_that_levels_off_is_no_leak() {
    let ramp = run(16.0, 2.0, 5, |h| 500.0 + 20.0 * h.min(8.0));
    check_onset(&ramp, Onset::Settled, 8.0, 0.2);
    check_growth(&ramp, 0.0, 0.4);
    let exponential = run(24.0, 2.0, 6, |h| 500.0 + 200.0 * (1.0 - (-h / 2.67).exp()));
    check_onset(&exponential, Onset::Settled, 8.0, 0.4);
    check_growth(&exponential, 0.0, 0.2);
    let both = run(24.0, 2.0, 7, |h| 500.0 + 20.0 * h.min(8.0) - 300.0 * (-h / 0.2).exp());
    check_onset(&both, Onset::Settled, 8.0, 0.3);
    check_growth(&both, 0.0, 0.2);
}

#[test]
fn growth_that_only_slows_down_still_grows() {
    let root = run(12.0, 2.0, 8, |h| 500.0 + 50.0 * h.sqrt());
    // Its derivative at the end of the run.
    assert!(5.0 < root.rate.unwrap().low() * HOUR, "{root:?}");
}

#[test]
fn growth_that_begins_late_is_found() {
    let late = run(12.0, 2.0, 21, |h| 500.0 + 10.0 * (h - 6.0).max(0.0));
    check_onset(&late, Onset::Growing, 6.0, 0.3);
    check_growth(&late, 10.0, 1.0);
}

#[test]
fn a_staircase_is_a_leak() {
    for every in [1.0, 3.0] {
        let stairs = run(12.0, 2.0, 10, |h| 500.0 + 20.0 * (h / every).floor());
        assert!(10.0 / every < stairs.rate.unwrap().low() * HOUR, "{stairs:?}");
    }
}

#[test]
fn a_sawtooth_is_judged_by_its_troughs() {
    for (hours, period) in [(8.0, 0.25), (8.0, 1.0), (8.0, 2.0), (24.0, 0.117), (24.0, 4.0)] {
        let teeth = |h: f64| 100.0 * (h / period + 0.3).fract();
        let leak = run(hours, 1.0, 12, |h| 500.0 + 2.5 * h + teeth(h));
        let Shape::Sawtooth { troughs, period: found, height } = leak.shape else { panic!("{leak:?}") };
        assert!((found / HOUR / period - 1.0).abs() < 0.1 && 80.0 < height, "{leak:?}");
        assert!((hours / period - 2.0..=hours / period + 1.0).contains(&(troughs as f64)), "{leak:?}");
        check_growth(&leak, 2.5, 2.0);
        assert!(0.2 < leak.rate.unwrap().low() * HOUR, "{leak:?}");
        check_growth(&run(hours, 1.0, 13, |h| 500.0 + teeth(h)), 0.0, 2.0);
    }
}

#[test]
fn two_falls_are_no_sawtooth() {
    let twice = run(8.0, 1.0, 14, |h| 500.0 + 100.0 * (h / 3.0).fract());
    let Shape::Falls { count: 2, height } = twice.shape else { panic!("{twice:?}") };
    assert!((80.0..120.0).contains(&height));
}

#[test]
fn noise_and_waves_are_no_sawtooth() {
    let wave = run(12.0, 1.0, 15, |h| 500.0 + 50.0 * (std::f64::consts::TAU * h).sin());
    assert_eq!(wave.shape, Shape::Level);
    let t = times(24.0, 60.0);
    for (seed, rho) in [(16, 0.0), (17, 0.5), (18, 0.9), (19, 0.99)] {
        assert_eq!(soak(&t, &Random(seed).process(t.len(), rho)).shape, Shape::Level, "{rho}");
    }
}

#[test]
fn what_stands_still_shows_no_growth_below_a_step_of_its_reading() {
    let t = times(10.0, 60.0);
    let still = soak(&t, &vec![57.0; t.len()]);
    check_growth(&still, 0.0, 0.02);
    let span = t[t.len() - 1] / HOUR;
    close(still.rate.unwrap().least * HOUR, 1.0 / span, 0.01);
}

#[test]
fn few_samples_have_no_growth() {
    assert_eq!(soak(&[0.0, 1.0, 2.0], &[1.0, 2.0, 3.0]).rate, None);
    assert!(soak(&[0.0, 1.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.5]).rate.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn units_of_time_and_level_change_no_verdict(
        y in prop::collection::vec(-100.0..100.0_f64, 4..60), shift in -1e4..1e4_f64, scale in 1e-3..1e3_f64,
    ) {
        let t: Vec<f64> = (0..y.len()).map(|k| k as f64).collect();
        let other_t: Vec<f64> = t.iter().map(|t| t * scale).collect();
        let other_y: Vec<f64> = y.iter().map(|y| y * 8.0 + shift).collect();
        let (a, b) = (soak(&t, &y), soak(&other_t, &other_y));
        prop_assert_eq!(a.onset, b.onset);
        let (a, b) = (a.rate.unwrap(), b.rate.unwrap());
        let tolerance = 1e-6 * (a.slope.abs() + a.error);
        prop_assert!((a.slope - b.slope * scale / 8.0).abs() <= tolerance);
        prop_assert!((a.error - b.error * scale / 8.0).abs() <= tolerance);
    }

    #[test]
    fn whatever_the_samples_the_numbers_are_numbers(
        y in prop::collection::vec(prop_oneof![-1e12..1e12_f64, Just(0.0), -1.0..1.0_f64], 2..80),
        gaps in prop::collection::vec(1e-3..1e5_f64, 80),
    ) {
        let mut at = 0.0;
        let t: Vec<f64> = gaps.iter().take(y.len()).map(|gap| { at += gap; at }).collect();
        let soak = soak(&t, &y);
        prop_assert!(soak.from.is_finite() && soak.level.is_finite() && soak.spread.is_finite());
        if let Some(rate) = soak.rate {
            prop_assert!(rate.slope.is_finite() && rate.error.is_finite() && rate.least.is_finite());
            prop_assert!(0.0 <= rate.error && 0.0 <= rate.least);
        }
    }
}
