//! The default method on courses whose end is known.

use super::*;
use crate::epoch::climbs;

/// Samples of a window.
const WINDOW: f64 = 300.0;

/// Noise of standard deviation 0.58, always the same.
fn wiggle(i: usize) -> f64 {
    ((i * 7919) % 101) as f64 / 50.5 - 1.0
}

/// The forecast after `n` samples of `level` (limit 1000), with a day of `day` samples.
fn after(n: usize, day: f64, level: impl Fn(usize) -> f64) -> Forecast {
    let t: Vec<f64> = (0..n).map(|i| i as f64).collect();
    let y: Vec<f64> = (0..n).map(|i| level(i) + wiggle(i)).collect();
    let found = climbs(&t, &y);
    let past = Past { t: &t, y: &y, start: 0, climbs: &found, limit: 1000.0 };
    let scale = Scale { horizon: 10.0 * WINDOW, window: WINDOW, points: 300 };
    default(&Regime::of(past, day), &scale).unwrap()
}

/// No cycle is looked for.
const NO_DAY: f64 = 1e9;

#[track_caller]
fn dated(forecast: &Forecast, left: f64, within: f64) {
    assert_eq!(forecast.exhausts, Ok(()));
    let middle = forecast.passage.quantile(0.5).unwrap();
    assert!((middle / left - 1.0).abs() < within, "{middle}, not {left}");
    assert!(forecast.passage.quantile(0.05).unwrap() < left);
    assert!(forecast.passage.quantile(0.95).is_none_or(|late| left < late));
}

#[test]
fn a_leak_is_dated() {
    dated(&after(600, NO_DAY, |i| 100.0 + 0.5 * i as f64), 1200.0, 0.02);
}

#[test]
fn teeth_of_a_few_samples_are_followed_by_their_troughs() {
    // Troughs reach 900, and so peaks 1000, at sample 1600.
    dated(&after(800, NO_DAY, |i| 100.0 + 0.5 * i as f64 + 14.0 * (i % 7) as f64), 832.0, 0.1);
}

#[test]
fn troughs_that_rise_towards_peaks_that_do_not_are_a_collector_on_its_way_to_give_up() {
    // Collects at 900; what stays grows from 200 by 0.25 a sample: 20 short of 900 at sample 2720.
    let mut level = 200.0;
    let mut course = Vec::new();
    for i in 0..1500 {
        course.push(level);
        level = if 900.0 <= level { 200.0 + 0.25 * f64::from(i) } else { level + 30.0 };
    }
    dated(&after(1500, NO_DAY, |i| course[i]), 1220.0, 0.1);
}

#[test]
fn a_sawtooth_with_flat_troughs_comes_and_goes_however_fine() {
    for teeth in [4, 7, 30, 120] {
        let forecast = after(900, NO_DAY, |i| 300.0 + 400.0 * (i % teeth) as f64 / teeth as f64);
        assert!(forecast.exhausts.is_err(), "{teeth}");
    }
}

#[test]
fn restarts_at_different_levels_leave_a_leak_a_leak() {
    // Restarted at 600 and at 750; now on its way to 1000 again.
    let since = |i: usize| {
        if i < 500 {
            i
        } else if i < 1150 {
            i - 500
        } else {
            i - 1150
        }
    };
    dated(&after(1500, NO_DAY, |i| 100.0 + since(i) as f64), 550.0, 0.03);
}

#[test]
fn restarts_at_the_same_level_come_and_go_until_it_is_passed() {
    let level = |i: usize| 100.0 + 0.5 * (i % 800) as f64;
    assert_eq!(after(2000, NO_DAY, level).exhausts, Err(Quiet::ComesAndGoes));
    let passed = |i: usize| 100.0 + 0.5 * if i < 1600 { i % 800 } else { i - 1600 } as f64;
    dated(&after(2600, NO_DAY, passed), 800.0, 0.03);
}

#[test]
fn a_warm_up_that_would_stop_short_of_the_limit_levels_off() {
    let forecast = after(320, NO_DAY, |i| 100.0 + 200.0 * (1.0 + i as f64 / 150.0).ln());
    assert_eq!(forecast.exhausts, Err(Quiet::Flattens));
    assert!(forecast.firm);
}

#[test]
fn a_rise_that_yesterday_saw_too_is_seasonal() {
    // Rises for a third of the day, falls slowly for the rest; seen up to the second rise's end.
    let phase = |i: usize| (i % 1500) as f64 / 1500.0;
    let level =
        |i: usize| 100.0 + 500.0 * if phase(i) < 0.33 { phase(i) / 0.33 } else { (1.0 - phase(i)) / 0.67 };
    assert_eq!(after(1850, 1500.0, level).exhausts, Err(Quiet::Seasonal));
    assert!(after(1850, NO_DAY, level).exhausts.is_ok());
}

#[test]
fn growth_that_stopped_is_taken_back_beyond_doubt_only_once_it_shows() {
    let level = |i: usize| 100.0 + 0.5 * i.min(900) as f64;
    assert!(after(905, NO_DAY, level).exhausts.is_ok());
    let stopped = after(1100, NO_DAY, level);
    assert!(stopped.exhausts.is_err() && stopped.firm);
}

#[test]
fn a_line_that_wanders_is_trusted_less_than_one_that_does_not() {
    let straight = after(900, NO_DAY, |i| 100.0 + 0.5 * i as f64);
    let wanders = after(900, NO_DAY, |i| 100.0 + 0.5 * i as f64 + 20.0 * (i as f64 / 70.0).sin());
    let width = |f: &Forecast| f.passage.quantile(0.9).unwrap() - f.passage.quantile(0.1).unwrap();
    assert!(1.5 * width(&straight) < width(&wanders), "{} {}", width(&straight), width(&wanders));
}
