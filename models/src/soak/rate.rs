//! How fast a level grows, and between what it may, when its noise remembers.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::waves::{LEAST, Waves};
use crate::window::Window;

/// How fast the noise forgets: it is flat up to this many half turns of the run, then fades as a first-order process
/// does; and how likely that is beforehand. The first is noise that forgets within a hundredth of the run, the last is
/// one that hardly forgets within it.
///
/// Weighed towards fast: a soak is sampled far more often than its load changes. The waves correct that quickly.
const CORNERS: [(f64, f64); 5] = [(f64::INFINITY, 0.6), (12.0, 0.2), (6.0, 0.1), (3.0, 0.05), (1.0, 0.05)];
/// Halvings of the interval in which a quantile is sought.
const HALVINGS: usize = 60;

/// The growth of a level, with its interval.
///
/// The slope is that of ordinary least squares. Its error comes from the slow waves beside the line, because only
/// what is about as slow as a trend can pass for one (Müller and Watson 2008; Lazarus, Lewis, Stock and Watson 2018).
/// Errors that are one wave each are independent normal with a variance
///
/// ```text
/// g(j) = c / (1 + (j / corner)²)      at j half turns of the run; the trend itself is as slow as j = 1
/// ```
///
/// so that for each corner `slope / sqrt(c g(1))` is a Student's t with as many degrees of freedom as waves. The
/// corner is not known: the answer is the mixture over `CORNERS`, each weighed by how well it explains the waves.
/// No bandwidth is chosen and nothing is drawn by lot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Growth in one unit of time.
    pub slope: f64,
    /// Half the interval: the true growth is within `slope ± error` with the confidence asked for.
    pub error: f64,
    /// The smallest growth that would have been told from none (its interval above 0) with the power asked for.
    pub least: f64,
}

impl Rate {
    /// Measures the growth; none for fewer than four samples.
    ///
    /// `grain` is the step in which the samples are read: what is smaller cannot be seen, however still they stand.
    #[must_use]
    pub fn of(window: &Window<'_>, confidence: f64, power: f64, grain: f64) -> Option<Self> {
        if window.len() < LEAST {
            return None;
        }
        let waves = Waves::of(window.times(), window.values());
        let blend = Blend::of(&waves.squares, grain * grain / 12.0);
        let error = blend.quantile(f64::midpoint(1.0, confidence)) / waves.length;
        let seen = error + blend.quantile(power) / waves.length;
        let span = window.times()[window.len() - 1] - window.times()[0];
        Some(Self { slope: waves.slope, error, least: seen.max(grain / span) })
    }

    /// Lower end of the interval.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.slope - self.error
    }

    /// Upper end of the interval.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.slope + self.error
    }
}

/// A mixture of Student's t, all about 0 and with one number of degrees of freedom.
#[derive(Clone, Debug)]
pub(super) struct Blend {
    /// `(weight, scale)`; the weights add up to 1.
    parts: Vec<(f64, f64)>,
    freedom: f64,
}

impl Blend {
    /// The error in the direction of the trend, judged by the squares beside it, of which each is at least `floor`.
    ///
    /// ```text
    /// c      = mean of squares[j] / g(j)                        for each corner
    /// weight ~ prior  Π g(j)^(-1/2)  c^(-q/2)                   c integrated out under the prior 1/c
    /// ```
    pub(super) fn of(squares: &[f64], floor: f64) -> Self {
        let q = squares.len() as f64;
        let mut parts = Vec::with_capacity(CORNERS.len());
        for (corner, prior) in CORNERS {
            let g = |half_turns: f64| 1.0 / (1.0 + (half_turns / corner).powi(2));
            let each = || (2_u32..).zip(squares).map(|(j, square)| (g(f64::from(j)), square));
            let c = (each().map(|(g, square)| square / g).sum::<f64>() / q).max(floor);
            let fit = -0.5 * each().map(|(g, _)| g.ln()).sum::<f64>() - 0.5 * q * c.ln();
            parts.push((prior.ln() + fit, (c * g(1.0)).sqrt()));
        }
        let best = parts.iter().map(|part| part.0).fold(f64::NEG_INFINITY, f64::max);
        // Samples exactly on a line: every corner says 0.
        let weigh = |fit: f64| if best.is_finite() { (fit - best).exp() } else { 1.0 };
        let sum: f64 = parts.iter().map(|part| weigh(part.0)).sum();
        for part in &mut parts {
            part.0 = weigh(part.0) / sum;
        }
        Self { parts, freedom: q }
    }

    /// Mean square of the scale.
    pub(super) fn square(&self) -> f64 {
        self.parts.iter().map(|(weight, scale)| weight * scale * scale).sum()
    }

    /// The value that is exceeded with probability `1 - p`, for `p` of at least one half.
    fn quantile(&self, p: f64) -> f64 {
        let Ok(student) = StudentsT::new(0.0, 1.0, self.freedom) else { return f64::INFINITY };
        let far = student.inverse_cdf(p) * self.parts.iter().map(|part| part.1).fold(0.0, f64::max);
        let below = |x: f64| -> f64 {
            self.parts
                .iter()
                .map(|&(weight, scale)| weight * student.cdf(x / scale.max(f64::MIN_POSITIVE)))
                .sum()
        };
        let (mut low, mut high) = (0.0, far);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if below(middle) < p { low = middle } else { high = middle }
        }
        high
    }
}
