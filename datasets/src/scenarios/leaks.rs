//! Leaks of one regime: straight, ever faster, and too slow to matter.

use crate::course::{Course, ENDURING, HORIZON, line};
use crate::random::Random;

/// A noiseless straight rise to the limit, within a life between `shortest` and `longest`.
pub(super) fn straight(random: &mut Random, shortest: f64, longest: f64) -> Course {
    let base = random.uniform(0.1, 0.5);
    let end = random.log_uniform(shortest, longest);
    Course::exhausting(end, line(base, 1.0, end))
}

pub(super) fn steady(random: &mut Random) -> Course {
    straight(random, 700.0, 5000.0).noisy(random, 0.002, 0.02)
}

/// `base + (1 - base) (i / end)^power`.
pub(super) fn accelerating(random: &mut Random) -> Course {
    let base = random.uniform(0.1, 0.4);
    let end = random.log_uniform(1200.0, 5000.0);
    let power = random.uniform(1.7, 3.0);
    let used = |i: f64| base + (1.0 - base) * libm::pow(i / end, power);
    Course::exhausting(end, used).noisy(random, 0.002, 0.02)
}

/// Four to ten horizons to the limit: truly a leak, and not due in any sample of the run.
pub(super) fn slow(random: &mut Random) -> Course {
    let base = random.uniform(0.2, 0.5);
    let end = random.log_uniform(4.0 * HORIZON, 10.0 * HORIZON);
    let course = Course::enduring(ENDURING, line(base, 1.0, end)).with_left(|i| end - i);
    course.noisy(random, 0.002, 0.02)
}
