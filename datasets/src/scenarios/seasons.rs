//! Use that follows the day: traffic, and the nightly job that cleans up.

use crate::course::{Course, ENDURING, wave};
use crate::random::Random;

/// The day with its second harmonic, and a weekend with less of it.
pub(super) fn daily(random: &mut Random, day: f64) -> Course {
    let height = random.uniform(0.1, 0.3) / 1.3;
    let mean = random.uniform(0.4, 0.6);
    let (phase, second) = (random.unit(), random.unit());
    let weekend = random.uniform(0.4, 1.0);
    let used = |i: f64| {
        let days = i / day;
        let calm = if days.floor() % 7.0 < 5.0 { 1.0 } else { weekend };
        mean + height * calm * (wave(days + phase) + 0.3 * wave(2.0 * days + second))
    };
    Course::enduring(ENDURING, used).noisy(random, 0.002, 0.015)
}

/// A leak by the request: its rate follows the day, and a little of the level does.
pub(super) fn leak_by_load(random: &mut Random, day: f64) -> Course {
    let base = random.uniform(0.1, 0.5);
    let nominal = random.log_uniform(1000.0, 5000.0).floor();
    let phase = random.unit();
    let swing = random.uniform(0.5, 1.0);
    let in_flight = random.uniform(0.0, 0.03);
    let leaked = |until: f64| {
        // The sum of 1 + swing sin(…) over the samples, as an integral.
        let turn = |i: f64| libm::cos(std::f64::consts::TAU * (i / day + phase));
        until + swing * day / std::f64::consts::TAU * (turn(0.0) - turn(until))
    };
    let whole = leaked(nominal);
    let used = |i: f64| base + (1.0 - base) * leaked(i) / whole + in_flight * wave(i / day + phase);
    Course::exhausting(first_full(used), used).noisy(random, 0.001, 0.01)
}

/// What has been logged since the last nightly clean-up, as a function of time, and about how much a day logs.
fn logged(random: &mut Random, day: f64) -> (impl Fn(f64) -> f64 + use<>, f64) {
    let phase = random.unit();
    let height = random.uniform(0.1, 0.35);
    let used = move |i: f64| {
        let passed = (i / day + phase).fract();
        height * (passed + 0.12 * wave(passed))
    };
    (used, height)
}

pub(super) fn cleanup(random: &mut Random, day: f64) -> Course {
    let (logged, _) = logged(random, day);
    let base = random.uniform(0.2, 0.5);
    Course::enduring(ENDURING, |i| base + logged(i)).noisy(random, 0.001, 0.01)
}

/// Some of the logs escape the nightly job.
pub(super) fn cleanup_leak(random: &mut Random, day: f64) -> Course {
    let life = random.log_uniform(1500.0, 5000.0);
    let base = random.uniform(0.1, 0.3);
    let (logged, height) = logged(random, day);
    let used = |i: f64| base + (1.0 - 0.7 * height - base) * i / life + logged(i);
    Course::exhausting(first_full(used), used).noisy(random, 0.001, 0.01)
}

/// The first sample at which a rising course is at its limit.
fn first_full(used: impl Fn(f64) -> f64) -> f64 {
    let mut i = 0.0;
    while used(i) < 1.0 {
        i += 1.0;
    }
    i
}
