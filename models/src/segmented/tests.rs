//! The exact optima against the textbook, against published breakpoints, and on series whose answer is known.
#![allow(clippy::float_cmp, reason = "what is exact is compared exactly")]

use proptest::prelude::*;

use super::*;
use crate::curve::Clock;
use crate::published::{answers, close, columns, number, numbers};
use crate::reference::{level_cost, line_cost, segmentations};
use crate::support::{Random, uniform_times};

/// What rounding may make of two ways to sum the same residuals.
const SAME: f64 = 1e-9;

fn fit_all(t: &[f64], y: &[f64]) -> Candidates {
    Candidates::fit_all(&Window::new(t, y).unwrap())
}

/// Compares all six least sums of squared residuals with those of the textbook.
#[track_caller]
fn check_against_textbook(t: &[f64], y: &[f64]) {
    let candidates = fit_all(t, y);
    let n = t.len();
    let clock = Clock::linear(t);
    let families = [
        (clock, [Curve::Linear, Curve::Linear2, Curve::Linear3]),
        (clock.logarithmic(), [Curve::Log, Curve::Log2, Curve::Log3]),
    ];
    for (clock, family) in families {
        let x: Vec<f64> = t.iter().map(|&t| clock.read(t)).collect();
        let found = segmentations(n, min_segment(n), 4, line_cost(&x, y));
        for (curve, segments) in family.into_iter().zip([1, 3, 4]) {
            let ours = candidates.get(curve).map(|fit| fit.rss);
            let theirs = found.get(segments - 1).map(|best| best.cost);
            match (ours, theirs) {
                (Some(ours), Some(theirs)) => {
                    assert!((ours - theirs).abs() <= SAME * theirs, "{curve:?}: {ours} is not {theirs}");
                }
                (ours, theirs) => assert_eq!(ours.is_some(), theirs.is_some(), "{curve:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_optimum_is_the_textbooks(seed in any::<u64>(), n in 40_usize..260, gaps in any::<bool>(), steep in -1.0..1.0_f64) {
        let mut random = Random::seeded(seed);
        let mut at = 0.0;
        let t: Vec<f64> = (0..n).map(|_| { at += if gaps { 0.1 + 5.0 * random.uniform() } else { 1.0 }; at }).collect();
        let noise = random.autoregressive(n, 0.5);
        let y: Vec<f64> = t.iter().zip(noise).map(|(t, noise)| steep * t + noise).collect();
        check_against_textbook(&t, &y);
    }

    #[test]
    fn a_noiseless_broken_line_is_met_exactly(
        slopes in prop::array::uniform3(-5.0..5.0_f64), steps in prop::array::uniform2(-50.0..50.0_f64),
        first in 20_usize..90, second in 110_usize..180,
    ) {
        let t = uniform_times(200);
        let y: Vec<f64> = (0..200).map(|k| match k {
            k if k < first => slopes[0] * t[k],
            k if k < second => steps[0] + slopes[1] * t[k],
            _ => steps[1] + slopes[2] * t[k],
        }).collect();
        let candidates = fit_all(&t, &y);
        let fit = candidates.get(Curve::Linear2).unwrap();
        for k in 0..200 {
            prop_assert!((fit.at(t[k]) - y[k]).abs() < 1e-9 * 1_000.0, "at {k}: {} is not {}", fit.at(t[k]), y[k]);
        }
        prop_assert!((fit.slope_at(1e6) - slopes[2]).abs() < 1e-9);
    }

    #[test]
    fn shifting_the_values_moves_no_breakpoint(seed in any::<u64>(), shift in -1e3..1e3_f64) {
        let (t, y) = (uniform_times(120), Random::seeded(seed).white(120));
        let shifted: Vec<f64> = y.iter().map(|y| y + shift).collect();
        let (a, b) = (fit_all(&t, &y), fit_all(&t, &shifted));
        for (a, b) in a.iter().zip(b.iter()) {
            prop_assert!((a.rss - b.rss).abs() <= 1e-9 * a.rss);
            for at in [0.0, 50.0, 200.0] {
                prop_assert!((a.at(at) + shift - b.at(at)).abs() < 1e-8);
                prop_assert!((a.slope_at(at) - b.slope_at(at)).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn rescaling_time_rescales_the_slope(seed in any::<u64>(), scale in 1e-3..1e3_f64) {
        let (t, y) = (uniform_times(120), Random::seeded(seed).white(120));
        let rescaled: Vec<f64> = t.iter().map(|t| t * scale).collect();
        let (a, b) = (fit_all(&t, &y), fit_all(&rescaled, &y));
        for (a, b) in a.iter().zip(b.iter()) {
            for at in [0.0, 50.0, 200.0] {
                let (a, b) = (a.slope_at(at), b.slope_at(at * scale) * scale);
                prop_assert!((a - b).abs() < 1e-8 * (1.0 + a.abs()), "{a} is not {b}");
            }
        }
    }

    #[test]
    fn a_crossing_is_a_number_after_now_or_none(
        seed in any::<u64>(), limit in prop::num::f64::ANY, after in prop::num::f64::ANY, scale in -300_i32..140,
    ) {
        let t = uniform_times(80);
        let y: Vec<f64> = Random::seeded(seed).white(80).iter().map(|y| y * 10_f64.powi(scale)).collect();
        for fit in fit_all(&t, &y).iter() {
            if let Some(at) = fit.crossing(limit, after) {
                prop_assert!(at.is_finite() && after <= at);
            }
        }
    }
}

#[test]
fn a_crossing_is_where_the_curve_meets_the_limit() {
    let t = uniform_times(300);
    let line: Vec<f64> = t.iter().map(|t| 2.0 * t).collect();
    let log: Vec<f64> = t.iter().map(|t| 10.0 * (1.0 + t).ln()).collect();
    close(fit_all(&t, &line).get(Curve::Linear).unwrap().crossing(1_000.0, 299.0).unwrap(), 500.0, 1e-12);
    let log = fit_all(&t, &log);
    let log = log.get(Curve::Log).unwrap();
    close(log.crossing(70.0, 299.0).unwrap(), 7_f64.exp() - 1.0, 1e-9);
    assert_eq!(log.crossing(1e5, 299.0), None, "beyond the largest number");
    assert_eq!(log.crossing(20.0, 299.0), Some(299.0), "over it already");
    assert!(log.at(-5.0).abs() < 1e-9, "it stands still before the window");
}

#[test]
fn a_fall_and_a_constant_meet_no_limit_above() {
    let t = uniform_times(300);
    for y in [vec![5.0; 300], t.iter().map(|t| -t).collect()] {
        for fit in fit_all(&t, &y).iter() {
            assert_eq!(fit.crossing(10.0, 299.0), None, "{:?}", fit.curve);
            assert!(fit.rss.is_finite(), "{:?}", fit.curve);
        }
    }
}

#[test]
fn the_seeds_rule_says_which_curves_are_tried() {
    for (n, expected) in [(199, 0), (200, 1), (299, 1), (300, 6)] {
        let t = uniform_times(n);
        assert_eq!(Candidates::fit(&Window::new(&t, &t).unwrap()).iter().count(), expected, "{n} samples");
    }
}

#[test]
fn curves_whose_segments_do_not_fit_are_absent() {
    for (n, expected) in [(2, 2), (44, 2), (45, 4), (59, 4), (60, 6)] {
        let t = uniform_times(n);
        assert_eq!(fit_all(&t, &t).iter().count(), expected, "{n} samples");
    }
}

#[test]
fn large_small_and_epoch_numbers_move_no_breakpoint() {
    let t = uniform_times(300);
    let mut random = Random::seeded(3);
    let y: Vec<f64> =
        (0..300).map(|k| if k < 170 { 0.1 * t[k] } else { 40.0 + 0.3 * t[k] } + random.normal()).collect();
    let places = |t: &[f64], y: &[f64]| -> Vec<usize> {
        fit_all(t, y)
            .iter()
            .flat_map(|fit| fit.segments().iter().map(|s| s.end).collect::<Vec<_>>())
            .collect()
    };
    let expected = places(&t, &y);
    for scale in [1e18, 1e-9, 1e100, 1e-100] {
        let scaled: Vec<f64> = y.iter().map(|y| y * scale).collect();
        assert_eq!(places(&t, &scaled), expected, "values times {scale}");
    }
    let epoch: Vec<f64> = t.iter().map(|t| 1.7e9 + t).collect();
    assert_eq!(places(&epoch, &y), expected, "epoch timestamps");
}

#[test]
fn the_textbook_breaks_the_nile_where_strucchange_does() {
    let (Some(published), Some([volume])) = (answers("nile"), numbers("reference/nile.csv", ["volume"]))
    else {
        return;
    };
    // strucchange's least segment is 15 % of the series.
    let found = segmentations(volume.len(), 15, 6, level_cost(&volume));
    for (k, best) in found.iter().enumerate() {
        close(best.cost, number(&published["rss"][k]), 1e-12);
        let places: Vec<u64> = best.breakpoints.iter().map(|&place| place as u64).collect();
        if 0 < k {
            let breaks = &published["breaks"][k.to_string()];
            assert_eq!(&serde_json::json!(places), breaks, "{k} breaks");
        }
    }
    assert_eq!(found.len(), 6);
}

/// R's `segmented` fits lines that meet; ours need not meet, so they leave no more over, and they part where a
/// line that starts anywhere in the gap between two samples could bend.
#[test]
fn one_free_break_leaves_no_more_than_segmented_does() {
    let Some(published) = answers("segmented") else { return };
    let Some([x, y]) = numbers("reference/stagnant.csv", ["x", "y"]) else { return };
    check_break(x.into_iter().zip(y).collect(), &published["stagnant"]);
    let Some([y, time, group]) = columns("reference/plant.csv", ["y", "time", "group"]) else { return };
    for name in ["RKV", "RKW", "RWC"] {
        let rows = (0..y.len()).filter(|&k| group[k] == name);
        let rows = rows.map(|k| (time[k].parse().unwrap(), y[k].parse().unwrap())).collect();
        check_break(rows, &published[format!("plant_{name}")]);
    }
}

#[track_caller]
fn check_break(mut rows: Vec<(f64, f64)>, published: &serde_json::Value) {
    rows.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let (x, y): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
    let cost = line_cost(&x, &y);
    // A line needs two times, and samples of one time go to one side.
    let split = |i: usize, j: usize| {
        let torn = (0 < i && x[i - 1] == x[i]) || (j < x.len() && x[j - 1] == x[j]);
        if torn || x[i] == x[j - 1] { f64::INFINITY } else { cost(i, j) }
    };
    let best = segmentations(x.len(), 2, 2, split).pop().unwrap();
    let (theirs, at) = (number(&published["rss"]), number(&published["breakpoint"]));
    assert!(best.cost <= theirs * (1.0 + SAME), "{} is more than {theirs}", best.cost);
    let place = best.breakpoints[0];
    let gap = x[place - 1] * (1.0 - SAME)..=x[place];
    assert!(gap.contains(&at), "{at} is not in {gap:?}");
}

/// A course of several kinds, by its number.
fn course(kind: usize, seed: u64) -> Vec<f64> {
    let mut random = noise(seed);
    (0..420)
        .map(|k| {
            let (t, e) = (f64::from(k), random());
            match kind {
                0 => e,
                1 => 0.05 * t + e,
                2 => 0.3 * (t % 60.0) + e,
                3 => {
                    if t < 300.0 {
                        e
                    } else {
                        e + 10.0
                    }
                }
                4 => 5.0 * (1.0 + t).ln() + e,
                5 => 7.0,
                6 => (e * 0.4 + 0.003 * t).round(),
                7 => 1e18 + 1e15 * e,
                _ => 1e-9 * (t + e),
            }
        })
        .collect()
}

/// Uniform in (-1, 1), by a linear congruence (Knuth's MMIX).
fn noise(mut state: u64) -> impl FnMut() -> f64 {
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// Slides a window of `n` to the end of a course; at every step the curves are those of a cold fit.
fn slides(kind: usize, n: usize, seed: u64, gap: f64) {
    let y = course(kind, seed);
    let t: Vec<f64> = (0..y.len()).map(|k| if k < 350 { k as f64 } else { k as f64 + gap }).collect();
    let mut fitter = Fitter::default();
    let mut sliding = Sliding::all(&Window::new(&t[..n], &y[..n]).unwrap(), &mut fitter);
    for k in n..y.len() {
        sliding.slide(t[k], y[k], &mut fitter).unwrap();
        let window = Window::new(&t[k + 1 - n..=k], &y[k + 1 - n..=k]).unwrap();
        assert_eq!(sliding.candidates(), &Candidates::fit_all(&window), "kind {kind}, n {n}, step {k}");
    }
}

#[test]
fn a_window_that_slid_has_the_curves_of_a_cold_fit() {
    for kind in 0..9 {
        slides(kind, 300, 7, 0.0);
        slides(kind, 60, 8, 0.0);
    }
}

#[test]
fn a_window_with_a_gap_slides_all_the_same() {
    slides(1, 300, 9, 13.5);
    slides(3, 100, 10, 1000.0);
}

#[test]
fn a_sample_that_is_not_the_last_is_refused_and_changes_nothing() {
    let (t, y): (Vec<f64>, Vec<f64>) = (0..60).map(|k| (f64::from(k), f64::from(k % 7))).unzip();
    let mut fitter = Fitter::default();
    let mut sliding = Sliding::new(&Window::new(&t, &y).unwrap(), &mut fitter);
    let before = sliding.candidates().clone();
    for (time, value) in [(59.0, 1.0), (f64::NAN, 1.0), (60.0, f64::INFINITY)] {
        assert!(sliding.slide(time, value, &mut fitter).is_err());
    }
    assert_eq!((sliding.candidates(), sliding.times()), (&before, &t[..]));
}
