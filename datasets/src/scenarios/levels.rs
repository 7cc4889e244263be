//! Use that stays below its limit: level, stepping, levelling off, wandering.

use crate::course::{Course, ENDURING, HORIZON};
use crate::random::Random;

pub(super) fn flat(random: &mut Random) -> Course {
    let level = random.uniform(0.3, 0.85);
    Course::enduring(ENDURING, |_| level).noisy(random, 0.002, 0.02)
}

/// One to three steps up, that together leave some room below 0.88.
pub(super) fn shift(random: &mut Random) -> Course {
    let base = random.uniform(0.2, 0.4);
    let count = random.whole(1, 3);
    let highest = (0.88 - base) / count as f64;
    let steps: Vec<(f64, f64)> = (0..count)
        .map(|_| (random.uniform(400.0, ENDURING as f64 - 200.0).floor(), highest * random.uniform(0.5, 1.0)))
        .collect();
    let used = |i: f64| base + steps.iter().filter(|step| step.0 <= i).map(|step| step.1).sum::<f64>();
    Course::enduring(ENDURING, used).noisy(random, 0.002, 0.02)
}

/// A logarithm that would still be below its top after twenty horizons.
pub(super) fn saturating(random: &mut Random) -> Course {
    let tau = random.uniform(50.0, 400.0);
    let base = random.uniform(0.1, 0.3);
    let top = random.uniform(0.55, 0.9);
    let factor = (top - base) / libm::log1p(20.0 * HORIZON / tau);
    let used = |i: f64| base + factor * libm::log1p(i / tau);
    Course::enduring(ENDURING + 300, used).noisy(random, 0.001, 0.01)
}

/// A random walk, or one that is drawn back to its mean; drawn again until it stays between 0.05 and 0.93.
pub(super) fn random_walk(random: &mut Random) -> Course {
    let free = random.coin();
    loop {
        let course = if free { free_walk(random) } else { bound_walk(random) };
        if course.used.iter().all(|used| (0.05..0.93).contains(used)) {
            return course.noisy(random, 0.001, 0.005);
        }
    }
}

fn free_walk(random: &mut Random) -> Course {
    let deviation = random.uniform(0.08, 0.2) / (ENDURING as f64).sqrt();
    let mut level = 0.5;
    Course::enduring(ENDURING, |_| {
        level += deviation * random.normal();
        level
    })
}

/// An Ornstein-Uhlenbeck process read once a sample.
fn bound_walk(random: &mut Random) -> Course {
    let memory = libm::exp(-1.0 / random.uniform(150.0, 600.0));
    let deviation = random.uniform(0.05, 0.12);
    let innovation = deviation * (1.0 - memory * memory).sqrt();
    let mut off = deviation * random.normal();
    Course::enduring(ENDURING, |_| {
        off = memory * off + innovation * random.normal();
        0.5 + off
    })
}
