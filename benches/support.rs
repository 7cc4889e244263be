//! Seeded series for benches and tests: the same seed, the same numbers, on every machine.
#![allow(dead_code, reason = "the bench and the tests each use a part")]

/// A small generator of random numbers (`SplitMix64`), good enough for noise.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform in `(0, 1)`.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + f64::MIN_POSITIVE
    }

    /// Standard normal (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// `n` independent standard normals.
    pub(crate) fn white(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.normal()).collect()
    }

    /// `n` values of `v[k] = phi v[k - 1] + e[k]`, begun in its stationary distribution.
    pub(crate) fn autoregressive(&mut self, n: usize, phi: f64) -> Vec<f64> {
        let mut v = self.normal() / (1.0 - phi * phi).sqrt();
        (0..n)
            .map(|_| {
                v = phi * v + self.normal();
                v
            })
            .collect()
    }
}

/// `n` times, one unit apart.
pub(crate) fn uniform_times(n: usize) -> Vec<f64> {
    (0..n).map(|k| k as f64).collect()
}

/// Running median over `width` (odd) neighbours, fewer at the ends.
pub(crate) fn running_median(y: &[f64], width: usize) -> Vec<f64> {
    let half = width / 2;
    (0..y.len())
        .map(|k| {
            let mut near = y[k.saturating_sub(half)..(k + half + 1).min(y.len())].to_vec();
            let middle = near.len() / 2;
            *near.select_nth_unstable_by(middle, f64::total_cmp).1
        })
        .collect()
}
