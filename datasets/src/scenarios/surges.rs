//! Rises that pass, over a level and over a leak.

use super::leaks::straight;
use crate::course::{Course, ENDURING};
use crate::random::Random;

pub(super) fn over_level(random: &mut Random) -> Course {
    let level = random.uniform(0.2, 0.5);
    let surges = surges(random, ENDURING);
    Course::enduring(ENDURING, |_| level).lifted(&surges, f64::INFINITY).noisy(random, 0.002, 0.02)
}

/// No surge over a leak touches the limit itself: they stop at 0.97, or at the leak.
pub(super) fn over_leak(random: &mut Random) -> Course {
    let leak = straight(random, 1000.0, 4000.0);
    let surges = surges(random, leak.len());
    leak.lifted(&surges, 0.97).noisy(random, 0.002, 0.02)
}

impl Course {
    fn lifted(mut self, surges: &[f64], top: f64) -> Self {
        for (used, surge) in self.used.iter_mut().zip(surges) {
            *used = (*used + surge).min(used.max(top));
        }
        self
    }
}

/// Surges of 10 to 100 samples with 120 to 420 between them, all of the run either plateaus or ramps.
fn surges(random: &mut Random, n: usize) -> Vec<f64> {
    let ramps = random.coin();
    let mut rise = vec![0.0; n];
    let mut start = random.whole(50, 349);
    while start < n {
        let (lasts, height) = (random.whole(10, 99), random.uniform(0.2, 0.45));
        for (k, rise) in rise[start..].iter_mut().take(lasts).enumerate() {
            *rise = if ramps { height * (k + 1) as f64 / lasts as f64 } else { height };
        }
        start += lasts + random.whole(120, 419);
    }
    rise
}
