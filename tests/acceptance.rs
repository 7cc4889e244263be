//! The acceptance cases of the forecast: what must be said, and above all what must not.
//!
//! Every history is made here of a law whose future is known, or drawn from the scenarios with their truth.

use hebe::analyze::finding;
use hebe::finding::{Row, Status};
use hebe::settings::Settings;
use hebe_collectors::history::{Limit, Series};
use hebe_datasets::{Scenario, Simulated, simulate};

use crate::generated::{DAY, HOUR, MINUTE, START_S, daily, every, ms, noise, of, series, simulated};
use crate::library::{assert_silent, life, line, row, row_under, row_until};

/// Moments at which a whole life is judged.
const MOMENTS: usize = 40;
/// Moments at which a simulated run is judged: each looks back over a thousand samples.
const RUN_MOMENTS: usize = 16;
/// Seeds that a scenario is drawn from.
const SEEDS: std::ops::Range<u64> = 0..3;

/// The rows of a whole life, none of which is an alarm.
#[track_caller]
fn check_silent(series: &Series) -> Vec<Row> {
    let rows = life(series, &Settings::default(), 0.0, MOMENTS);
    assert_silent(&rows);
    rows
}

/// An alarm whose middle is within `tolerance` of `left` seconds.
#[track_caller]
fn check_left(row: &Row, left: f64, tolerance: f64) {
    assert!(row.status.is_alarm(), "{}", line(row));
    let said = row.left_s.unwrap_or_else(|| panic!("no date: {}", line(row)));
    assert!((said / left - 1.0).abs() <= tolerance, "{said} s for {left} s: {}", line(row));
}

/// Not a number in the row.
#[track_caller]
fn check_dateless(row: &Row) {
    let said = (row.left_s, row.left_lo_s, row.left_hi_s, row.exhausts_at, row.exhausts_lo, row.exhausts_hi);
    assert_eq!(said, (None, None, None, None, None, None), "{}", line(row));
}

#[test]
fn a_constant_has_no_date() {
    for level in [0.0, 50.0, 1e-9, 1e18] {
        let row = row(&series(&every(MINUTE, 600), 2.0 * level + 1.0, |_| level));
        assert_eq!(row.status, Status::Steady, "{}", line(&row));
        assert_eq!(row.growth_per_day, Some(0.0), "{}", line(&row));
        check_dateless(&row);
    }
}

#[test]
fn few_samples_are_collecting() {
    for n in [1, 2, 3, 10, 143, 199] {
        let row = row(&series(&every(MINUTE, n), 1000.0, |s| 1.0 + s / MINUTE));
        assert_eq!(row.status, Status::Collecting, "{}", line(&row));
        assert!(row.sentence.starts_with(&format!("{n} of 200 points")), "{}", row.sentence);
        check_dateless(&row);
    }
}

#[test]
fn nothing_is_an_error_and_no_number() {
    let row = row(&series(&[], 1000.0, |_| 0.0));
    assert_eq!(row.status, Status::Error);
    check_dateless(&row);
}

#[test]
fn after_a_gap_points_are_collected_anew() {
    // Ten hours, five hours of silence, one hour: of the five hours that the horizon asks for, one is known.
    let times: Vec<f64> =
        every(MINUTE, 600).into_iter().chain((900..960).map(|i| START_S + f64::from(i) * MINUTE)).collect();
    let settings = Settings { horizon_s: Some(50.0 * HOUR), ..Settings::default() };
    let row = row_under(&series(&times, 1500.0, |s| s / MINUTE), &settings);
    assert_eq!(row.status, Status::Collecting, "{}", line(&row));
    check_dateless(&row);
}

#[test]
fn a_gap_in_a_leak_does_not_move_its_date() {
    let law = |s: f64| s / MINUTE + 5.0 * noise(s);
    let times: Vec<f64> = every(MINUTE, 1000)
        .into_iter()
        .filter(|t| !(400.0..600.0).contains(&((t - START_S) / MINUTE)))
        .collect();
    check_left(&row(&series(&times, 1500.0, law)), 501.0 * MINUTE, 0.1);
}

#[test]
fn a_known_restart_is_collecting_and_no_number() {
    let mut restarted = series(&every(MINUTE, 660), 1000.0, |s| (s / MINUTE) % 600.0);
    restarted.restarts_ms = vec![ms(START_S + 600.0 * MINUTE)];
    let row = row(&restarted);
    assert!(matches!(row.status, Status::Reset | Status::Collecting), "{}", line(&row));
    assert_eq!(row.epochs, 2);
    check_dateless(&row);
}

#[test]
fn what_is_over_its_limit_is_exhausted_until_it_is_below() {
    let stood = series(&every(MINUTE, 900), 100.0, |s| if s < 600.0 * MINUTE { 120.0 } else { 60.0 });
    let exhausted = row_until(&stood, ms(START_S + 599.0 * MINUTE));
    assert_eq!(exhausted.status, Status::Exhausted, "{}", line(&exhausted));
    check_dateless(&exhausted);
    assert_ne!(row(&stood).status, Status::Exhausted);
    // Without growth, and with a single sample, it is full all the same.
    assert_eq!(row_until(&stood, ms(START_S)).status, Status::Exhausted);
}

#[test]
fn a_step_is_no_alarm() {
    for (size, at) in [(20.0, 0.3), (30.0, 0.5), (40.0, 0.7), (55.0, 0.9)] {
        let step = series(&every(MINUTE, 1500), 100.0, |s| {
            30.0 + noise(s) + if at * 1500.0 * MINUTE <= s { size } else { 0.0 }
        });
        check_silent(&step);
    }
}

#[test]
fn a_nightly_burst_is_no_alarm() {
    // An hour of backup every night at two; a ramp up, a plateau, and gone.
    let burst = |s: f64| {
        let minute = (s % DAY) / MINUTE - 120.0;
        if (0.0..60.0).contains(&minute) { 50.0 * (minute / 20.0).min(1.0) } else { 0.0 }
    };
    check_silent(&series(&every(5.0 * MINUTE, 14 * 288), 100.0, |s| 30.0 + noise(s) + burst(s)));
}

#[test]
fn a_weekly_clean_up_is_no_alarm_while_its_peaks_stay_where_they_are() {
    let week = 7.0 * DAY;
    check_silent(&series(&every(HOUR, 8 * 168), 100.0, |s| 20.0 + 60.0 * (s % week) / week + noise(s)));
}

#[test]
fn a_weekly_clean_up_whose_peaks_reach_the_limit_is_an_alarm() {
    let week = 7.0 * DAY;
    // Each week starts higher by a twentieth; the sixth meets the limit as it ends.
    let law = |s: f64| 20.0 + 5.0 * (s / week).floor() + 55.0 * (s % week) / week + noise(s);
    let weeks = series(&every(0.25 * HOUR, 4 * (5 * 168 + 120)), 100.0, law);
    let rows = life(&weeks, &Settings::default(), 0.6, 20);
    assert!(
        rows.iter().any(|row| row.status.is_alarm()),
        "{}",
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    );
}

/// Teeth of `period` that climb by 40 from a floor that rises by `rise` in all.
fn teeth(period: f64, n: usize, rise: f64) -> Series {
    let life = n as f64 * MINUTE;
    series(&every(MINUTE, n), 100.0, move |s| {
        20.0 + rise * s / life + 40.0 * (s % period) / period + 0.5 * noise(s)
    })
}

#[test]
fn a_sawtooth_whose_troughs_stay_flat_is_no_alarm() {
    // Two teeth must be seen before the third is known for one; until then a tooth is a leak, or a restart of one.
    for period in [20.0, 90.0, 400.0] {
        let known = 2.1 * period / 3000.0;
        assert_silent(&life(&teeth(period * MINUTE, 3000, 0.0), &Settings::default(), known, MOMENTS));
    }
    // Teeth of up to 400 samples in runs of 3300: a quarter of it holds two of them.
    for seed in SEEDS {
        check_silent_run(Scenario::SawtoothHealthy, seed, 0.25);
    }
}

#[test]
fn a_sawtooth_whose_troughs_rise_is_an_alarm() {
    for period in [20.0 * MINUTE, 90.0 * MINUTE] {
        // The peaks meet the limit when the floor has risen by 40.
        let row = row(&teeth(period, 3000, 30.0));
        assert!(row.status.is_alarm(), "{period}: {}", line(&row));
    }
    for seed in SEEDS {
        check_warned(Scenario::GcSawtooth, seed);
    }
}

/// The horizon that the scenarios' laws are written for; by default it grows with the history.
fn in_scenario(run: &Simulated) -> Settings {
    Settings { horizon_s: Some(3000.0 * run.step_s), ..Settings::default() }
}

/// The run is an alarm when nine tenths of what could be known are over.
#[track_caller]
fn check_warned(scenario: Scenario, seed: u64) {
    let run = simulate(scenario, seed);
    let end = run.exhausted_at.expect("these runs end");
    let then = ms(run.known_from + 0.9 * (end - run.known_from));
    // With a third of the readings gone, a window of 300 holds the 200 that a forecast needs only just.
    let settings = if scenario == Scenario::Missing { Settings::default() } else { in_scenario(&run) };
    let row = row_under(&simulated(&run), &Settings { until_ms: Some(then), ..settings });
    assert!(row.status.is_alarm(), "{scenario} {seed}: {}", line(&row));
}

#[test]
fn a_warm_up_that_levels_off_is_no_alarm_once_it_does() {
    // From three time constants on: 95 % of the climb are done.
    for (tau, top) in [(100.0, 60.0), (200.0, 50.0), (300.0, 70.0)] {
        let warm = series(&every(MINUTE, 2000), 100.0, |s| {
            10.0 + top * (1.0 - (-s / (tau * MINUTE)).exp()) + noise(s)
        });
        let rows = life(&warm, &Settings::default(), 3.0 * tau / 2000.0, MOMENTS);
        assert_silent(&rows);
    }
}

#[test]
fn after_a_change_of_slope_the_new_one_is_followed() {
    // Slow for 1000 minutes, then ten times as fast; 300 minutes of it are known.
    let law = |s: f64| {
        let minute = s / MINUTE;
        200.0 + 0.05 * minute + 0.45 * (minute - 1000.0).max(0.0) + noise(s)
    };
    let changed = series(&every(MINUTE, 1301), 600.0, law);
    let left = (600.0 - (200.0 + 0.05 * 1300.0 + 0.45 * 300.0)) / 0.5 * MINUTE;
    let settings = Settings { horizon_s: Some(50.0 * HOUR), ..Settings::default() };
    check_left(&row_under(&changed, &settings), left, 0.25);
}

#[test]
fn a_daily_cycle_is_no_alarm_on_any_morning() {
    let cycle = series(&every(5.0 * MINUTE, 10 * 288), 100.0, |s| 50.0 + 25.0 * daily(s) + noise(s));
    let settings = Settings::default();
    // Every hour of the days two to ten.
    let rows: Vec<Row> = (24..240).map(|hour| row_at_hour(&cycle, &settings, hour)).collect();
    assert_silent(&rows);
}

#[test]
fn a_daily_cycle_seen_through_a_window_of_a_morning_is_no_alarm() {
    let cycle = series(&every(MINUTE, 5 * 1440), 100.0, |s| 50.0 + 25.0 * daily(s) + noise(s));
    let settings = Settings { horizon_s: Some(50.0 * HOUR), ..Settings::default() };
    let mornings = (48..120).filter(|hour| (4..=14).contains(&(hour % 24)));
    let rows: Vec<Row> = mornings.map(|hour| row_at_hour(&cycle, &settings, hour)).collect();
    assert_silent(&rows);
}

fn row_at_hour(series: &Series, settings: &Settings, hour: u32) -> Row {
    let until_ms = Some(ms(START_S + f64::from(hour) * HOUR));
    row_under(series, &Settings { until_ms, ..settings.clone() })
}

#[test]
fn a_process_restart_is_a_new_epoch_and_no_falling_slope() {
    // Each life leaks at the same pace; the second one has lasted 400 minutes of 900.
    let restarted = series(&every(MINUTE, 1300), 1000.0, |s| {
        let minute = s / MINUTE;
        100.0 + (minute % 900.0) + 3.0 * noise(s)
    });
    let settings = Settings::default();
    let found = finding(&restarted, &settings, *restarted.t_ms.last().unwrap());
    assert_eq!(found.row.epochs, 2, "{}", line(&found.row));
    assert_eq!(found.epochs.len(), 1);
    assert!((found.epochs[0].0 - ms(START_S + 900.0 * MINUTE)).abs() <= ms(MINUTE));
    check_left(&found.row, 501.0 * MINUTE, 0.1);
}

#[test]
fn the_forecast_moves_with_its_limit() {
    let times = every(MINUTE, 1000);
    let leak: Vec<f64> = times.iter().map(|t| (t - START_S) / MINUTE + 3.0 * noise(*t)).collect();
    let raised = ms(START_S + 800.0 * MINUTE);
    let limit = Limit { owner: "the test".to_owned(), steps: vec![(i64::MIN, 1200.0), (raised, 2000.0)] };
    let moved = of(&times, leak, Some(limit));
    let before = row_until(&moved, raised - ms(MINUTE));
    check_left(&before, (1200.0 - 799.0) * MINUTE, 0.1);
    assert_eq!(before.limit, Some(1200.0));
    let after = row(&moved);
    check_left(&after, (2000.0 - 999.0) * MINUTE, 0.1);
    assert_eq!(after.limit, Some(2000.0));
}

#[test]
fn missing_samples_do_not_move_the_date() {
    let times: Vec<f64> = every(MINUTE, 1200).into_iter().filter(|t| -0.4 < noise(*t)).collect();
    assert!(times.len() < 900);
    check_left(&row(&series(&times, 2000.0, |s| s / MINUTE + 3.0 * noise(s))), 800.0 * MINUTE, 0.1);
    for seed in SEEDS {
        check_warned(Scenario::Missing, seed);
    }
}

#[test]
fn scale_changes_nothing_but_the_scale() {
    let leak =
        |scale: f64| series(&every(MINUTE, 1000), scale * 1500.0, |s| scale * (s / MINUTE + 5.0 * noise(s)));
    let (middle, expected) = (row(&leak(1.0)), 500.0 * MINUTE);
    check_left(&middle, expected, 0.1);
    for scale in [1e18, 1e-9, 1e-18] {
        let scaled = row(&leak(scale));
        assert_eq!(scaled.status, middle.status);
        check_left(&scaled, middle.left_s.unwrap(), 1e-9);
        let grown = scaled.growth_per_day.unwrap() / middle.growth_per_day.unwrap();
        assert!((grown / scale - 1.0).abs() < 1e-9, "{grown} for {scale}");
    }
}

#[test]
fn a_large_level_under_a_small_growth_keeps_its_digits() {
    // A hundredth of a millionth of the level in a minute. From 99.5 % on it would count as exhausted.
    let leak = series(&every(MINUTE, 1000), 1.015e15, |s| 1e15 + 1e10 * s / MINUTE);
    check_left(&row_until(&leak, ms(START_S + 900.0 * MINUTE)), 600.0 * MINUTE, 0.1);
}

#[test]
fn the_epoch_of_the_times_changes_nothing() {
    let from = |start: f64| {
        let times: Vec<f64> = (0..1000).map(|i| start + f64::from(i) * 0.25).collect();
        row(&series(&times, 1500.0, |s| 4.0 * s + 5.0 * noise(s)))
    };
    let (early, late) = (from(0.0), from(4e9));
    check_left(&early, 125.0, 0.1);
    assert_eq!(early.left_s, late.left_s);
    assert_eq!(early.growth_per_day, late.growth_per_day);
    assert_eq!(late.at.unwrap().timestamp() - early.at.unwrap().timestamp(), 4_000_000_000);
}

#[test]
fn what_never_exhausts_is_no_alarm() {
    for scenario in
        [Scenario::Flat, Scenario::HeavyTailFlat, Scenario::LevelShift, Scenario::Surge, Scenario::SlowLeak]
    {
        for seed in SEEDS {
            check_silent_run(scenario, seed, 0.1);
        }
    }
}

/// The run is no alarm after the part `from` of it; a tenth holds the first full window.
#[track_caller]
fn check_silent_run(scenario: Scenario, seed: u64, from: f64) {
    let run = simulate(scenario, seed);
    let rows = life(&simulated(&run), &in_scenario(&run), from, RUN_MOMENTS);
    let alarms: Vec<String> = rows.iter().filter(|row| row.status.is_alarm()).map(line).collect();
    assert!(alarms.is_empty(), "{scenario} {seed}: {} of {RUN_MOMENTS}: {}", alarms.len(), alarms[0]);
}

#[test]
fn what_exhausts_is_an_alarm_before_it_does() {
    for scenario in [
        Scenario::SteadyLeak,
        Scenario::SlopeChange,
        Scenario::SurgeOverLeak,
        Scenario::HeavyTailLeak,
        Scenario::Quantised,
        Scenario::LimitChange,
        Scenario::RestartResets,
    ] {
        SEEDS.for_each(|seed| check_warned(scenario, seed));
    }
}
