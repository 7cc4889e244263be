//! Simple courses, badly read: outliers, few steps, gaps.

use super::leaks::straight;
use crate::course::{Course, ENDURING};
use crate::random::Random;

/// Outliers without a variance: Student's t with two degrees of freedom.
pub(super) fn outliers_over_leak(random: &mut Random) -> Course {
    straight(random, 700.0, 5000.0).seen(|used| (used + 0.012 * random.student2()).clamp(0.0, 1.0))
}

pub(super) fn outliers_over_level(random: &mut Random) -> Course {
    let level = random.uniform(0.3, 0.7);
    Course::enduring(ENDURING, |_| (level + 0.015 * random.student2()).clamp(0.0, 1.0))
}

/// Read in 15 to 60 steps of the limit.
pub(super) fn quantised(random: &mut Random) -> Course {
    let leak = straight(random, 1000.0, 5000.0).noisy(random, 0.001, 0.008);
    let steps = random.whole(15, 59) as f64;
    leak.seen(|used| (used * steps).round() / steps)
}

/// A fifth of the samples is lost one by one, and stretches of 30 to 120 are lost as a whole.
pub(super) fn missing(random: &mut Random) -> Course {
    let mut leak = straight(random, 700.0, 5000.0).noisy(random, 0.002, 0.02);
    leak.kept = (0..leak.len()).map(|_| random.unit() > 0.2).collect();
    let mut start = random.whole(50, 199);
    while start < leak.len() {
        let lasts = random.whole(30, 119);
        leak.kept[start..].iter_mut().take(lasts).for_each(|kept| *kept = false);
        start += lasts + random.whole(100, 399);
    }
    leak
}
