//! Garbage that piles up and is collected, over a level and over a leak.

use crate::course::{Course, ENDURING, line};
use crate::random::Random;

/// From 0 to 1 within a period, then 0 again.
fn tooth(turns: f64) -> f64 {
    turns - turns.floor()
}

/// Teeth of one height at a fixed beat; the troughs rise until the peaks meet the limit.
pub(super) fn beat_over_leak(random: &mut Random) -> Course {
    let height = random.uniform(0.05, 0.2);
    let period = random.uniform(8.0, 60.0);
    let base = random.uniform(0.1, 0.4);
    let end = random.log_uniform(700.0, 5000.0);
    let trough = line(base, 1.0 - height, end);
    Course::exhausting(end, |i| trough(i) + height * tooth(i / period)).noisy(random, 0.002, 0.01)
}

/// Collected at 0.9 of the limit down to what is alive; exhausted when a collection frees next to nothing.
pub(super) fn height_over_leak(random: &mut Random) -> Course {
    const COLLECTED_AT: f64 = 0.9;
    let base = random.uniform(0.15, 0.35);
    let end = random.log_uniform(1000.0, 5000.0);
    let rate = random.uniform(0.01, 0.05);
    let alive = line(base, COLLECTED_AT - 0.02, end);
    let mut used = base;
    Course::exhausting(end, |i| {
        used = (used + rate * random.uniform(0.6, 1.4)).max(alive(i));
        let read = used.min(0.99);
        if used >= COLLECTED_AT {
            used = alive(i);
        }
        read
    })
}

pub(super) fn healthy(random: &mut Random) -> Course {
    let height = random.uniform(0.1, 0.4);
    let period = random.log_uniform(20.0, 400.0);
    let base = random.uniform(0.15, 0.5);
    let phase = random.unit();
    Course::enduring(ENDURING, |i| base + height * tooth(i / period + phase)).noisy(random, 0.002, 0.01)
}
