//! The rank statistics against published numbers.
#![allow(clippy::float_cmp, reason = "what is exact is compared exactly")]

use proptest::prelude::*;

use super::*;
use crate::published::{answers, close, number, numbers};
use crate::window::Window;

fn with_missing(name: &str) -> Option<(Vec<f64>, Vec<f64>, serde_json::Value)> {
    let published = answers(name)?;
    let cells = published["series"].as_array().unwrap();
    let (t, y) = cells.iter().enumerate().filter_map(|(k, v)| v.as_f64().map(|v| (k as f64, v))).unzip();
    Some((t, y, published))
}

#[test]
fn the_test_is_py_mann_kendalls() {
    let Some((t, y, published)) = with_missing("mann_kendall") else { return };
    let original = &published["original"];
    let got = MannKendall::test(&Window::new(&t, &y).unwrap());
    close(got.s, number(&original["s"]), 0.0);
    close(got.var_s, number(&original["var_s"]), 1e-15);
    close(got.tau, number(&original["tau"]), 1e-14);
    close(got.z, number(&original["z"]), 1e-14);
    // The error function of statrs is good to eleven digits.
    close(got.p, number(&original["p"]), 1e-9);
}

#[test]
fn so_are_sens_slope_and_intercept() {
    let Some((t, y, published)) = with_missing("mann_kendall") else { return };
    let got = SenSlope::fit(&Window::new(&t, &y).unwrap());
    close(got.slope, number(&published["sen_slope"]), 1e-14);
    close(got.intercept, number(&published["sen_intercept"]), 1e-14);
}

#[test]
fn and_the_score_of_hamed_and_rao() {
    let Some((t, y, published)) = with_missing("mann_kendall") else { return };
    // pyMannKendall takes the slope over the places of all samples and its line off the places of those that are
    // not missing. We know times, so we do not; here it is done its way.
    let slope = SenSlope::fit(&Window::new(&t, &y).unwrap()).slope;
    let rest: Vec<f64> = y.iter().enumerate().map(|(k, y)| y - slope * k as f64).collect();
    let theirs = MannKendall::with_rest(&y, &rest);
    close(theirs.z, number(&published["hamed_rao_z"]), 1e-12);
    // What the convention is worth: less than a hundredth of the score.
    let ours = MannKendall::autocorrelated(&Window::new(&t, &y).unwrap());
    close(ours.z, theirs.z, 0.01);
}

/// The published error is that of the line through the median residual, not through the median sample.
#[test]
fn sens_slope_errs_on_appln2_as_published() {
    let (Some(published), Some([t, y])) =
        (answers("ibm_cloud_appln2"), numbers("ibm-cloud/appln2.csv", ["time", "usage"]))
    else {
        return;
    };
    let slope = SenSlope::fit(&Window::new(&t[..1114], &y[..1114]).unwrap()).slope;
    let rest = |k: usize| y[k] - slope * (t[k] - t[0]);
    let level = median(&mut (0..1114).map(rest).collect::<Vec<f64>>());
    let square: f64 = (1113..t.len()).map(|k| (rest(k) - level).powi(2)).sum();
    close((square / (t.len() - 1113) as f64).sqrt(), number(&published["rmse"]["theil_sen"]), 1e-7);
}

#[test]
fn a_constant_has_no_trend_and_no_nan() {
    let t: Vec<f64> = (0..50).map(f64::from).collect();
    let window = Window::new(&t, &[3.0; 50]).unwrap();
    for got in [MannKendall::test(&window), MannKendall::autocorrelated(&window)] {
        assert_eq!((got.s, got.z, got.p), (0.0, 0.0, 1.0));
    }
    assert_eq!(SenSlope::fit(&window).slope, 0.0);
    assert_eq!(SenSlope::interval(&window, 0.9), (0.0, 0.0));
}

#[test]
fn a_straight_rise_is_certain() {
    let t: Vec<f64> = (0..50).map(|k| f64::from(k) * 60.0).collect();
    let y: Vec<f64> = t.iter().map(|t| 2.0 * t).collect();
    let window = Window::new(&t, &y).unwrap();
    let got = MannKendall::test(&window);
    assert_eq!(got.tau, 1.0);
    assert!(got.p < 1e-12);
    assert!(0.0 < MannKendall::autocorrelated(&window).z);
    assert_eq!(SenSlope::interval(&window, 0.9), (2.0, 2.0));
}

#[test]
fn two_samples_are_enough_for_every_statistic() {
    let window = Window::new(&[0.0, 1.0], &[1.0, 5.0]).unwrap();
    assert_eq!(MannKendall::test(&window).tau, 1.0);
    assert!(MannKendall::autocorrelated(&window).z.is_finite());
    assert_eq!(SenSlope::fit(&window).at(2.0), 9.0);
    assert_eq!(SenSlope::interval(&window, 0.9), (4.0, 4.0));
}

/// Gilbert 1987, example 16.3 in form: ten samples, the ranks worked out by hand.
#[test]
fn the_interval_takes_the_ranks_of_the_textbook() {
    // Without ties: var_s = 10 * 9 * 25 / 18 = 125, c = 1.6449 * 11.180 = 18.39, ranks (45 ± 18.39) / 2:
    // the 13.3-th rounded outwards to the 13-th from below, and from above.
    let t: Vec<f64> = (0..10).map(f64::from).collect();
    let y = [10.0, 22.0, 21.0, 30.0, 37.0, 31.0, 44.0, 59.0, 53.0, 70.0];
    let mut slopes: Vec<f64> = vec![];
    for j in 0..10 {
        for i in 0..j {
            slopes.push((y[j] - y[i]) / (j - i) as f64);
        }
    }
    slopes.sort_by(f64::total_cmp);
    let window = Window::new(&t, &y).unwrap();
    assert_eq!(SenSlope::interval(&window, 0.9), (slopes[12], slopes[32]));
}

proptest! {
    #[test]
    fn line_and_interval_together_are_those_apart(y in prop::collection::vec(-1e6..1e6_f64, 3..40), confidence in 0.1..0.999) {
        let t: Vec<f64> = (0..y.len()).map(|k| k as f64).collect();
        let window = Window::new(&t, &y).unwrap();
        let (line, interval) = SenSlope::with_interval(&window, confidence, |_| 1.0);
        prop_assert_eq!(line, SenSlope::fit(&window));
        prop_assert_eq!(interval, SenSlope::interval(&window, confidence));
    }
}
