//! What the score chooses on series whose answer is known, and how often it is wrong on flat noise.
#![allow(clippy::float_cmp, reason = "what is exact is compared exactly")]

use proptest::prelude::*;

use super::*;
use crate::curve::Curve;
use crate::support::{Random, running_median, uniform_times};

fn chosen(y: &[f64]) -> Curve {
    let t = uniform_times(y.len());
    let window = Window::new(&t, y).unwrap();
    select(&window, &Candidates::fit_all(&window)).unwrap().fit.curve
}

/// Of 400 seeded series of 300 samples, the share that gets breakpoints, in percent.
fn broken(series: impl Fn(&mut Random) -> Vec<f64>) -> f64 {
    let broken =
        (0..400).filter(|&seed| 0 < chosen(&series(&mut Random::seeded(seed))).breakpoints()).count();
    broken as f64 / 4.0
}

/// A line that bends up in the middle, by `size` until the end.
fn bent(mut noise: Vec<f64>, size: f64) -> Vec<f64> {
    for (k, y) in noise.iter_mut().enumerate() {
        *y += size * (k as f64 - 150.0).max(0.0) / 150.0;
    }
    noise
}

/// Fails where the share is not in the range; seeds are fixed, so it is the same on every run.
#[track_caller]
fn check(share: f64, range: std::ops::RangeInclusive<f64>) {
    assert!(range.contains(&share), "{share} % is not in {range:?}");
}

#[test]
fn flat_white_noise_is_not_broken() {
    check(broken(|random| random.white(300)), 0.0..=1.0);
}

#[test]
fn flat_autocorrelated_noise_is_not_broken() {
    check(broken(|random| random.autoregressive(300, 0.5)), 0.0..=1.0);
    check(broken(|random| random.autoregressive(300, 0.8)), 0.0..=1.0);
    check(broken(|random| random.autoregressive(300, 0.9)), 0.0..=6.0);
}

#[test]
fn flat_smoothed_noise_is_not_broken() {
    check(broken(|random| running_median(&random.white(300), 9)), 0.0..=2.0);
    check(broken(|random| running_median(&random.white(300), 15)), 0.0..=12.0);
}

#[test]
fn a_bend_is_found_in_white_and_smoothed_noise() {
    check(broken(|random| bent(random.white(300), 4.0)), 97.0..=100.0);
    check(broken(|random| bent(running_median(&random.white(300), 9), 4.0)), 90.0..=100.0);
}

#[test]
fn a_large_bend_is_found_in_autocorrelated_noise() {
    check(broken(|random| bent(random.autoregressive(300, 0.8), 13.0)), 90.0..=100.0);
}

#[test]
fn a_constant_is_linear_and_its_score_is_a_number() {
    let t = uniform_times(300);
    for level in [0.0, 1.0, -1e18, 1e-9] {
        let y = [level; 300];
        let window = Window::new(&t, &y).unwrap();
        let candidates = Candidates::fit(&window);
        let choice = select(&window, &candidates).unwrap();
        assert_eq!(choice.fit.curve, Curve::Linear, "{level}");
        assert!(choice.score.is_finite() && choice.n_eff.is_finite());
    }
}

#[test]
fn every_family_is_recognised_where_it_is_the_truth() {
    let t = uniform_times(400);
    let mut random = Random::seeded(5);
    let mut check = |expected: Curve, truth: &dyn Fn(f64) -> f64| {
        let y: Vec<f64> = t.iter().map(|&t| truth(t) + random.normal()).collect();
        assert_eq!(chosen(&y), expected);
    };
    check(Curve::Linear, &|t| 0.1 * t);
    check(Curve::Log, &|t| 20.0 * (1.0 + t).ln());
    check(Curve::Linear2, &|t| {
        if t < 130.0 {
            0.2 * t
        } else if t < 260.0 {
            60.0
        } else {
            10.0 + 0.1 * t
        }
    });
    check(Curve::Linear3, &|t| match t {
        t if t < 100.0 => 0.5 * t,
        t if t < 200.0 => 80.0 - 0.3 * t,
        t if t < 300.0 => 0.4 * t - 100.0,
        _ => 30.0,
    });
}

#[test]
fn without_candidates_there_is_no_choice() {
    let t = uniform_times(20);
    let window = Window::new(&t, &t).unwrap();
    assert_eq!(select(&window, &Candidates::fit(&window)), None);
}

#[test]
fn a_scale_changes_no_choice() {
    let y = bent(Random::seeded(1).white(300), 6.0);
    let expected = chosen(&y);
    assert!(0 < expected.breakpoints());
    for scale in [1e18, 1e-9] {
        assert_eq!(
            chosen(&y.iter().map(|y| y * scale).collect::<Vec<_>>()),
            expected,
            "values times {scale}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn a_tie_goes_to_fewer_parameters(slope in -1e3..1e3_f64, level in -1e6..1e6_f64, n in 200_usize..400) {
        // Every broken line fits an unbroken one without noise.
        let y: Vec<f64> = (0..n).map(|k| level + slope * k as f64).collect();
        prop_assert_eq!(chosen(&y), Curve::Linear);
    }
}
