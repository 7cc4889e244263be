//! Time to exhaustion as a distribution: when a drifting, wandering level first meets its limit.
//!
//! ```text
//! F(h | mu) = Phi((mu h - w) / (sigma sqrt h)) + exp(2 mu w / sigma^2) Phi(-(w + mu h) / (sigma sqrt h))
//! ```
//!
//! for a Wiener process with drift `mu` and diffusion `sigma^2` at distance `w` below the limit (inverse Gaussian
//! first passage; Si et al. 2013, Tang 2014). With `mu < 0` the mass that never arrives is proper. The drift is
//! known only within an error, so `F` is averaged over it.

use statrs::function::erf::erfc;

/// One view of how the level moves: a drift, its standard error and the diffusion, in units of the level and of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Distance from the level now to the limit; zero or less means exhausted.
    pub distance: f64,
    /// Mean drift towards the limit, per unit of time.
    pub mean: f64,
    /// Standard error of the drift.
    pub error: f64,
    /// Variance that the level gains per unit of time.
    pub diffusion: f64,
    /// How much this view counts against the others; not negative.
    pub weight: f64,
}

/// Nodes that stand for the uncertain drift: equally likely points of the normal distribution.
const NODES: usize = 16;
/// Points of the first, wide table, evenly in the logarithm of time.
const COARSE: usize = 24;
/// Points of the second table, over the part of the first where something happens.
const FINE: usize = 40;
/// The table ends at this many horizons; what is later counts as never.
const REACH: f64 = 40.0;

/// The distribution of the time to exhaustion.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    times: Vec<f64>,
    /// Probability of exhaustion by each of `times`, not decreasing.
    shares: Vec<f64>,
}

impl Passage {
    /// The distribution under the weighted mixture of `drifts`, tabulated up to 40 times `horizon`.
    ///
    /// `horizon` is positive. Without a view of positive weight, nothing ever happens.
    #[must_use]
    pub fn new(drifts: &[Drift], horizon: f64) -> Self {
        let total: f64 = drifts.iter().map(|drift| drift.weight).sum();
        let coarse = Self::table(drifts, total, 1e-4 * horizon, REACH * horizon, COARSE);
        // A sure forecast fits between two of these points: look again where the probability rises.
        let from = coarse.shares.partition_point(|&p| p < 0.002).saturating_sub(1).min(COARSE - 2);
        let most = coarse.shares[COARSE - 1] - 0.002;
        let to = (coarse.shares.partition_point(|&p| p < most.min(0.998)) + 1).clamp(from + 1, COARSE - 1);
        let fine = Self::table(drifts, total, coarse.times[from], coarse.times[to], FINE);
        coarse.around(fine, from, to)
    }

    /// The distribution at `n` times from `first` to `last`.
    fn table(drifts: &[Drift], total: f64, first: f64, last: f64, n: usize) -> Self {
        let ratio = (last / first).powf(1.0 / (n - 1) as f64);
        let times: Vec<f64> = (0..n).map(|k| first * ratio.powf(k as f64)).collect();
        let mut shares = vec![0.0; n];
        if 0.0 < total {
            for drift in drifts {
                drift.add_to(&times, drift.weight / total, &mut shares);
            }
        }
        Self { times, shares }
    }

    /// This table with the part from `from` to `to` replaced.
    fn around(mut self, fine: Self, from: usize, to: usize) -> Self {
        self.times.splice(from..=to, fine.times);
        self.shares.splice(from..=to, fine.shares);
        // Rounding may bend the table by a hair; a distribution never falls.
        let mut highest = 0.0_f64;
        for share in &mut self.shares {
            highest = highest.max(share.clamp(0.0, 1.0));
            *share = highest;
        }
        self
    }

    /// Probability of exhaustion within `time`.
    #[must_use]
    pub fn by(&self, time: f64) -> f64 {
        let after = self.times.partition_point(|&t| t < time);
        match after {
            0 => self.shares[0] * (time / self.times[0]).clamp(0.0, 1.0),
            _ if after == self.times.len() => self.shares[after - 1],
            _ => {
                let (t0, t1) = (self.times[after - 1], self.times[after]);
                let (p0, p1) = (self.shares[after - 1], self.shares[after]);
                p0 + (p1 - p0) * (time - t0) / (t1 - t0)
            }
        }
    }

    /// The time by which exhaustion has happened with probability `share`; none if it may never get there.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let after = self.shares.partition_point(|&p| p < share);
        match after {
            0 => Some(self.times[0]),
            _ if after == self.times.len() => None,
            _ => {
                let (t0, t1) = (self.times[after - 1], self.times[after]);
                let (p0, p1) = (self.shares[after - 1], self.shares[after]);
                Some(t0 + (t1 - t0) * (share - p0) / (p1 - p0))
            }
        }
    }
}

impl Drift {
    /// Adds `weight` times this view's distribution to `shares`.
    fn add_to(&self, times: &[f64], weight: f64, shares: &mut [f64]) {
        for &z in &nodes() {
            let mu = self.mean + z * self.error;
            for (time, share) in times.iter().zip(shares.iter_mut()) {
                *share += weight / NODES as f64 * first_passage(*time, self.distance, mu, self.diffusion);
            }
        }
    }
}

/// Probability that a Wiener process with drift `mu` and diffusion `sigma2` covers `w` within `h`.
#[must_use]
pub fn first_passage(h: f64, w: f64, mu: f64, sigma2: f64) -> f64 {
    if w <= 0.0 {
        return 1.0;
    }
    let spread = (sigma2 * h).sqrt();
    if spread <= 1e-9 * w {
        return if w <= mu * h { 1.0 } else { 0.0 };
    }
    let direct = normal((mu * h - w) / spread);
    // In logarithms: the exponential alone overflows where its partner vanishes.
    let reflected = (2.0 * mu * w / sigma2 + ln_normal(-(w + mu * h) / spread)).exp();
    (direct + reflected).clamp(0.0, 1.0)
}

/// The standard normal distribution function.
fn normal(x: f64) -> f64 {
    0.5 * erfc(-x / std::f64::consts::SQRT_2)
}

/// Its logarithm, by the asymptotic series where the function itself is too small to hold.
fn ln_normal(x: f64) -> f64 {
    if -8.0 < x {
        return normal(x).ln();
    }
    let x2 = x * x;
    -0.5 * x2 - (-x).ln() - 0.5 * std::f64::consts::TAU.ln() + (1.0 - 1.0 / x2 + 3.0 / (x2 * x2)).ln()
}

/// The means of sixteen equally likely slices of the standard normal, scaled so that their variance is one.
fn nodes() -> [f64; NODES] {
    const POSITIVE: [f64; NODES / 2] = [
        0.079_380_34,
        0.240_142_91,
        0.407_286_45,
        0.586_517_91,
        0.786_672_33,
        1.024_334_14,
        1.340_897_73,
        1.989_980_94,
    ];
    let mut nodes = [0.0; NODES];
    for (k, &z) in POSITIVE.iter().enumerate() {
        nodes[NODES / 2 + k] = z;
        nodes[NODES / 2 - 1 - k] = -z;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Normal};

    use super::*;

    /// Reference values: scipy.stats.invgauss(mu = m/l, scale = l) with m = w/mu, l = w^2/sigma^2.
    #[test]
    fn a_known_drift_gives_the_inverse_gaussian() {
        for (h, w, mu, sigma2, expected) in [
            (10.0, 10.0, 1.0, 1.0, 0.561_607_0),
            (5.0, 10.0, 1.0, 4.0, 0.190_861_8),
            (20.0, 10.0, 0.5, 2.0, 0.616_163_1),
        ] {
            let got = first_passage(h, w, mu, sigma2);
            assert!((got - expected).abs() < 1e-6, "{h} {w} {mu} {sigma2}: {got}, expected {expected}");
        }
    }

    #[test]
    fn against_the_drift_most_never_arrive() {
        // exp(2 mu w / sigma^2) is all that ever arrives.
        let ever = first_passage(1e9, 10.0, -0.1, 1.0);
        assert!((ever - (-2.0_f64).exp()).abs() < 1e-6, "{ever}");
    }

    #[test]
    fn without_diffusion_the_range_is_that_of_the_drift() {
        let drift = Drift { distance: 100.0, mean: 1.0, error: 0.0, diffusion: 0.0, weight: 1.0 };
        let passage = Passage::new(&[drift], 1000.0);
        let middle = passage.quantile(0.5).unwrap();
        assert!((middle - 100.0).abs() < 2.0, "{middle}");
        assert!(passage.by(50.0) < 1e-9 && 1.0 - 1e-9 < passage.by(200.0));
    }

    #[test]
    fn extremes_give_probabilities_and_no_nonsense() {
        for w in [1e-9, 1.0, 1e18] {
            for mu in [-1e9, -1e-9, 0.0, 1e-9, 1e9] {
                for sigma2 in [0.0, 1e-18, 1.0, 1e18] {
                    for h in [1e-3, 1.0, 1e9] {
                        let p = first_passage(h, w, mu, sigma2);
                        assert!((0.0..=1.0).contains(&p), "{h} {w} {mu} {sigma2}: {p}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_known_is_never() {
        let passage = Passage::new(&[], 100.0);
        assert_eq!(passage.quantile(0.05), None);
        assert!(passage.by(100.0).abs() < 1e-12);
    }

    #[test]
    fn the_tail_of_the_normal_agrees_with_statrs() {
        let standard = Normal::new(0.0, 1.0).unwrap();
        for x in [-7.9, -8.1, -12.0, -20.0, -30.0] {
            let expected = standard.cdf(x).ln();
            assert!(((ln_normal(x) - expected) / expected).abs() < 1e-5, "{x}");
        }
    }
}
