//! Numbers drawn from a seed, the same on every platform: only exact operations and `libm`.

/// xoshiro256** (Blackman and Vigna 2018), seeded through splitmix64.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: [u64; 4],
}

impl Random {
    /// A stream of its own for each `(name, seed)`, so that a new scenario changes no other.
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let mut mixed = fnv1a(name) ^ splitmix64(&mut seed.clone());
        Self { state: std::array::from_fn(|_| splitmix64(&mut mixed)) }
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let drawn = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        drawn
    }

    /// Uniform over the open interval (0, 1): the middles of 2^52 equal cells.
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.next() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Uniform between `low` and `high`.
    pub(crate) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in the logarithm between `low` and `high`.
    pub(crate) fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        libm::exp(self.uniform(libm::log(low), libm::log(high)))
    }

    /// Heads of a fair coin.
    pub(crate) fn coin(&mut self) -> bool {
        self.unit() < 0.5
    }

    /// A whole number from `low` to `high`, both included.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two small counts")]
    pub(crate) fn whole(&mut self, low: usize, high: usize) -> usize {
        self.uniform(low as f64, high as f64 + 1.0) as usize
    }

    /// One of `choices`.
    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.whole(0, choices.len() - 1)]
    }

    /// Normal with mean 0 and standard deviation 1 (Box and Muller 1958; the second deviate is not kept).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.unit())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// Student's t with two degrees of freedom, whose quantile has a closed form.
    ///
    /// ```text
    /// x = (2 p - 1) / sqrt(2 p (1 - p))
    /// ```
    pub(crate) fn student2(&mut self) -> f64 {
        let p = self.unit();
        (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt()
    }
}

/// The next state of a Weyl sequence, mixed (Steele, Lea and Flood 2014).
fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The hash of Fowler, Noll and Vo, 64 bits.
fn fnv1a(text: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 200_000;

    /// Mean and variance of many draws.
    fn moments(mut draw: impl FnMut(&mut Random) -> f64) -> (f64, f64) {
        let mut random = Random::new("moments", 1);
        let drawn: Vec<f64> = (0..DRAWS).map(|_| draw(&mut random)).collect();
        let mean = drawn.iter().sum::<f64>() / DRAWS as f64;
        (mean, drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / DRAWS as f64)
    }

    #[track_caller]
    fn check(draw: impl FnMut(&mut Random) -> f64, mean: f64, variance: f64) {
        let (m, v) = moments(draw);
        // Five standard errors of a mean, and a few percent of a variance.
        assert!((m - mean).abs() < 5.0 * (variance / DRAWS as f64).sqrt(), "mean {m}");
        assert!((v / variance - 1.0).abs() < 0.03, "variance {v}");
    }

    #[test]
    fn splitmix64_gives_the_published_sequence() {
        // First outputs for the seed 1234567, as in the tests of Rosetta Code and of the JDK's SplittableRandom.
        let mut state = 1_234_567;
        let drawn: [u64; 3] = std::array::from_fn(|_| splitmix64(&mut state));
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn xoshiro_gives_the_published_sequence() {
        // The state 1, 2, 3, 4, as in the tests of the crate rand_xoshiro.
        let mut random = Random { state: [1, 2, 3, 4] };
        let drawn: [u64; 5] = std::array::from_fn(|_| random.next());
        assert_eq!(drawn, [11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360]);
    }

    #[test]
    fn fnv1a_gives_the_published_hashes() {
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn uniform_deviates_fill_their_interval() {
        check(|random| random.uniform(2.0, 8.0), 5.0, 3.0);
    }

    #[test]
    fn normal_deviates_have_mean_0_and_variance_1() {
        check(Random::normal, 0.0, 1.0);
        let (_, fourth) = moments(|random| random.normal().powi(2));
        assert!((fourth - 2.0).abs() < 0.1, "variance of the square {fourth}");
    }

    #[test]
    fn student2_has_the_tabulated_quantiles() {
        // t with 2 degrees of freedom: 90 % below 1.886, 97.5 % below 4.303.
        for (quantile, share) in [(0.0, 0.5), (1.886, 0.9), (4.303, 0.975)] {
            let (below, _) = moments(|random| f64::from(random.student2() < quantile));
            assert!((below - share).abs() < 0.005, "{quantile}: {below}");
        }
    }

    #[test]
    fn whole_numbers_reach_both_ends() {
        let mut random = Random::new("whole", 1);
        let drawn: Vec<usize> = (0..1000).map(|_| random.whole(1, 3)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&1), Some(&3)));
    }

    #[test]
    fn streams_differ_by_name_and_by_seed() {
        let first = |name, seed| Random::new(name, seed).next();
        assert_eq!(first("a", 1), first("a", 1));
        assert_ne!(first("a", 1), first("b", 1));
        assert_ne!(first("a", 1), first("a", 2));
    }
}
