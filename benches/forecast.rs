//! How long a whole default forecast takes (epochs, cycle, sawtooth, ladder, distribution), by what the level does;
//! beside a straight line through the same window in the same run. `--test` runs everything once.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod support;

use std::hint::black_box;
use std::time::Instant;

use hebe_models::climbs;
use hebe_models::forecast::{Past, Regime, Scale, default};
use support::{Random, uniform_times};

/// Samples of the window.
const WINDOW: usize = 300;
/// Samples of a day.
const DAY: f64 = 288.0;

type Course = (&'static str, fn(usize) -> f64);

const COURSES: [Course; 6] = [
    ("flat", |_| 300.0),
    ("leak", |i| 100.0 + 0.1 * i as f64),
    ("daily cycle over a leak", |i| {
        100.0 + 0.1 * i as f64 + 80.0 * (i as f64 / DAY * std::f64::consts::TAU).sin()
    }),
    ("sawtooth", |i| 200.0 + 2.0 * (i % 90) as f64),
    ("fine sawtooth, rising", |i| 100.0 + 0.1 * i as f64 + 20.0 * (i % 7) as f64),
    ("gathers speed", |i| 100.0 + 1e-4 * (i as f64).powi(2)),
];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let rounds = if quick { 1 } else { 2000 };
    println!("whole default forecast, one thread; median us a series [fastest .. slowest tenth]");
    for windows in [1, 8] {
        for course in COURSES {
            measure(course, windows, rounds);
        }
    }
}

/// Times forecasts at the end of a history of that many windows.
fn measure((name, level): Course, windows: usize, rounds: usize) {
    let n = windows * WINDOW;
    let t = uniform_times(n);
    let noise = Random::seeded(3).white(n);
    let y: Vec<f64> = (0..n).map(|i| level(i) + noise[i]).collect();
    let scale = Scale { horizon: 10.0 * WINDOW as f64, window: WINDOW as f64, points: WINDOW };
    let (mut ours, mut lines) = (vec![], vec![]);
    // Drops are looked for once, as samples come.
    let found = climbs(&t, &y);
    for _ in 0..rounds {
        let past = Past { t: black_box(&t), y: black_box(&y), start: 0, climbs: &found, limit: 1000.0 };
        ours.push(time(|| black_box(default(&Regime::of(past, DAY), &scale))));
        lines.push(time(|| black_box(straight(&t[n - WINDOW..], &y[n - WINDOW..]))));
    }
    let ratio = median(&mut ours.clone()) / median(&mut lines);
    println!("{windows} windows  {name:24} {}  {ratio:.0} straight lines", summary(&mut ours));
}

/// Slope and mean of the least-squares line.
fn straight(t: &[f64], y: &[f64]) -> (f64, f64) {
    let n = t.len() as f64;
    let (t_mean, y_mean) = (t.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut sxy, mut sxx) = (0.0, 0.0);
    for (t, y) in t.iter().zip(y) {
        sxy += (t - t_mean) * (y - y_mean);
        sxx += (t - t_mean) * (t - t_mean);
    }
    (sxy / sxx, y_mean)
}

/// Microseconds.
fn time<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1e6
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

fn summary(times: &mut [f64]) -> String {
    let middle = median(times);
    format!("{middle:6.1} [{:.1} .. {:.1}]", times[0], times[times.len() * 9 / 10])
}
