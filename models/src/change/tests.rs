//! Against other programs, and on lines that are known.

use proptest::prelude::*;

use super::*;

/// The level of the certified case: a slope that changes at 331.3, with a ripple.
fn rippled() -> (Vec<f64>, Vec<f64>) {
    let t: Vec<f64> = (0..120).map(|i| f64::from(i) * 5.0 + f64::from(i % 3) * 0.7).collect();
    let y = t.iter().enumerate().map(|(i, &t)| {
        let i = i as f64;
        5.0 + 0.1 * t + 0.7 * (t - 331.3).max(0.0) + 9.0 * (1.7 * i).sin() + 6.0 * (0.9 * i * i).cos()
    });
    let y = y.collect();
    (t, y)
}

#[track_caller]
fn near(found: f64, certified: f64, tolerance: f64) {
    assert!((found - certified).abs() < tolerance, "{found} for {certified}");
}

/// scipy 1.17.1, `minimize_scalar` in every stretch between two samples, and `brentq` for the ends; pwlf 2.7.0 finds
/// the place at 329.086368, ruptures 1.1.10 (`clinear`, dynamic programming) the sample 67 at 335.7.
#[test]
fn the_place_its_interval_and_the_slopes_are_those_of_others() {
    let (t, y) = rippled();
    let change = Change::find(&Window::new(&t, &y).unwrap(), 0.9).unwrap();
    near(change.at, 329.086_369_87, 1e-5);
    near(change.before, 0.099_679_008_88, 1e-8);
    near(change.after, 0.792_655_225_31, 1e-8);
    near(change.earliest, 322.455_092_307, 1e-5);
    near(change.latest, 335.611_868_029, 1e-5);
}

#[test]
fn a_straight_line_and_noise_have_no_change() {
    let (t, y) = rippled();
    let straight: Vec<f64> = t.iter().zip(&y).map(|(t, y)| y - 0.7 * (t - 331.3).max(0.0)).collect();
    assert_eq!(Change::find(&Window::new(&t, &straight).unwrap(), 0.9), None);
    let flat = vec![3.0; t.len()];
    assert_eq!(Change::find(&Window::new(&t, &flat).unwrap(), 0.9), None);
    assert_eq!(Change::find(&Window::new(&t[..7], &y[..7]).unwrap(), 0.9), None);
}

#[test]
fn a_higher_confidence_has_a_wider_interval() {
    let (t, y) = rippled();
    let find = |confidence| Change::find(&Window::new(&t, &y).unwrap(), confidence).unwrap();
    let (narrow, wide) = (find(0.5), find(0.99));
    assert!(wide.earliest < narrow.earliest && narrow.latest < wide.latest);
}

proptest! {
    #[test]
    fn a_broken_line_without_noise_is_found_exactly(place in 0.2..0.8_f64, before in -2.0..2.0_f64, change in 0.1..5.0_f64, origin in -1e9..1e9_f64) {
        let t: Vec<f64> = (0..200).map(|i| origin + f64::from(i)).collect();
        let at = origin + 199.0 * place;
        let y: Vec<f64> = t.iter().map(|t| 7.0 + before * (t - origin) + change * (t - at).max(0.0)).collect();
        let found = Change::find(&Window::new(&t, &y).unwrap(), 0.9).unwrap();
        prop_assert!((found.at - at).abs() < 1e-3, "{found:?} for {at}");
        prop_assert!((found.after - found.before - change).abs() < 1e-3 * change);
        prop_assert!(found.earliest <= found.at && found.at <= found.latest);
    }

    #[test]
    fn no_values_panic(y in prop::collection::vec(-1e12..1e12_f64, 2..60)) {
        let t: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
        if let Some(found) = Change::find(&Window::new(&t, &y).unwrap(), 0.9) {
            prop_assert!(found.at.is_finite() && found.earliest <= found.at && found.at <= found.latest);
        }
    }
}
