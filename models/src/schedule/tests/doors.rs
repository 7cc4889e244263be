//! What the doors refuse.

use super::*;

#[test]
fn costs_are_positive_numbers() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e101] {
        assert!(matches!(Costs::new(bad, 1.0), Err(ScheduleError::Cost(_))), "{bad}");
        assert!(matches!(Costs::new(1.0, bad), Err(ScheduleError::Cost(_))), "{bad}");
    }
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(costs(1.0, 2.0, 0.0).with_gain(bad), Err(ScheduleError::Gain(_))), "{bad}");
        assert!(matches!(Slot::new(0.0, 1.0, bad), Err(ScheduleError::Load(_))), "{bad}");
    }
}

#[test]
fn slots_are_in_order() {
    for (from, until) in [(1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::NAN), (f64::NEG_INFINITY, 0.0)] {
        assert!(matches!(Slot::new(from, until, 1.0), Err(ScheduleError::Slot { .. })), "{from} {until}");
    }
}

#[test]
fn tables_rise() {
    let error = |times: &[f64], shares: &[f64]| Lifetime::new(times, shares).unwrap_err().to_string();
    assert_eq!(error(&[], &[]), "0 times but 0 shares");
    assert_eq!(error(&[1.0], &[0.5, 0.6]), "1 times but 2 shares");
    assert_eq!(
        error(&[1.0, 1.0], &[0.1, 0.2]),
        "time 1 at place 1 is not after the one before it, or not usable"
    );
    assert_eq!(error(&[-1.0], &[0.1]), "time -1 at place 0 is not after the one before it, or not usable");
    assert_eq!(error(&[1.0, 2.0], &[0.2, 0.1]), "share 0.1 at place 1 is not a probability, or falls");
    assert_eq!(error(&[1.0], &[f64::NAN]), "share NaN at place 0 is not a probability, or falls");
}
