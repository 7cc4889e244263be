//! The course of a simulated run before it is given units: use as a share of the limit, time in samples.

use crate::random::Random;

/// Samples of a run that does not end at its limit: a horizon of 3000 and a window of 300.
pub(crate) const ENDURING: usize = 3300;

/// Samples of the horizon that the laws are written for.
pub(crate) const HORIZON: f64 = 3000.0;

/// Samples after a change of regime within which nobody is blamed for not knowing it, unless a scenario says otherwise.
pub(crate) const GRACE: usize = 75;

/// One run with its truth: the columns are of equal length, one entry a sample.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// What is read of the use.
    pub(crate) used: Vec<f64>,
    /// The limit, 1 unless it moves.
    pub(crate) limit: Vec<f64>,
    /// Samples left if the present regime goes on.
    pub(crate) left: Vec<f64>,
    /// Just after a change of regime.
    pub(crate) grace: Vec<bool>,
    /// Whether the sample reaches the reader.
    pub(crate) kept: Vec<bool>,
    /// When the noiseless use meets the limit.
    pub(crate) exhausted_at: Option<f64>,
    /// The last change of regime before that.
    pub(crate) known_from: f64,
}

impl Course {
    /// A run that meets its limit at `end`, and is watched until then.
    pub(crate) fn exhausting(end: f64, used: impl FnMut(f64) -> f64) -> Self {
        let course = Self::enduring(whole(end), used).with_left(|i| end - i);
        Self { exhausted_at: Some(end), ..course }
    }

    /// A run of `n` samples that never meets its limit.
    pub(crate) fn enduring(n: usize, used: impl FnMut(f64) -> f64) -> Self {
        Self {
            used: (0..n).map(|i| i as f64).map(used).collect(),
            limit: vec![1.0; n],
            left: vec![f64::INFINITY; n],
            grace: vec![false; n],
            kept: vec![true; n],
            exhausted_at: None,
            known_from: 0.0,
        }
    }

    /// The number of samples, read or not.
    pub(crate) fn len(&self) -> usize {
        self.used.len()
    }

    /// Tells the truth sample by sample.
    pub(crate) fn with_left(mut self, left: impl Fn(f64) -> f64) -> Self {
        self.left = (0..self.len()).map(|i| left(i as f64)).collect();
        self
    }

    /// Says that nobody can know the exhaustion before the change of regime at `from`.
    pub(crate) fn known_from(self, from: f64) -> Self {
        Self { known_from: from, ..self }
    }

    /// Spares the `n` samples after the change of regime at `from`.
    pub(crate) fn with_grace(mut self, from: f64, n: usize) -> Self {
        self.grace.iter_mut().skip(whole(from)).take(n).for_each(|grace| *grace = true);
        self
    }

    /// Reads every sample through `read`.
    pub(crate) fn seen(mut self, read: impl FnMut(f64) -> f64) -> Self {
        self.used = self.used.into_iter().map(read).collect();
        self
    }

    /// Adds normal noise; its standard deviation is drawn once, between `low` and `high`, uniform in the logarithm.
    pub(crate) fn noisy(self, random: &mut Random, low: f64, high: f64) -> Self {
        let deviation = random.log_uniform(low, high);
        self.seen(|used| used + deviation * random.normal())
    }
}

/// The whole part of a length that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths of a few thousand samples"
)]
pub(crate) fn whole(length: f64) -> usize {
    length as usize
}

/// A straight line from `(0, from)` to `(end, to)`.
pub(crate) fn line(from: f64, to: f64, end: f64) -> impl Fn(f64) -> f64 {
    move |i| from + (to - from) * i / end
}

/// A full turn at `1`.
pub(crate) fn wave(turns: f64) -> f64 {
    libm::sin(std::f64::consts::TAU * turns)
}
