//! The families of curves that are tried, and the clock each of them runs on.
//!
//! How they are fitted lives in `segmented`, which of them is best in `select`.

/// A family of curves: a straight or a logarithmic one, whole or broken into independent segments.
///
/// ```text
/// linear   y = a + b t
/// log      y = a + b ln(1 + (t - t0) / dt)      t0 the window's first time, dt its median step
/// …_k      k breakpoints, k + 1 segments, each with its own a and b; the same t0 in all of them
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// One straight line.
    Linear,
    /// One logarithmic curve.
    Log,
    /// Straight lines, 2 breakpoints.
    Linear2,
    /// Straight lines, 3 breakpoints.
    Linear3,
    /// Logarithmic curves, 2 breakpoints.
    Log2,
    /// Logarithmic curves, 3 breakpoints.
    Log3,
}

impl Curve {
    /// Every family.
    pub const ALL: [Self; 6] =
        [Self::Linear, Self::Log, Self::Linear2, Self::Linear3, Self::Log2, Self::Log3];

    /// The name that people and files use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Log => "log",
            Self::Linear2 => "linear_2",
            Self::Linear3 => "linear_3",
            Self::Log2 => "log_2",
            Self::Log3 => "log_3",
        }
    }

    /// How many breakpoints it has.
    #[must_use]
    pub fn breakpoints(self) -> usize {
        match self {
            Self::Linear | Self::Log => 0,
            Self::Linear2 | Self::Log2 => 2,
            Self::Linear3 | Self::Log3 => 3,
        }
    }

    /// How many numbers describe it: two a segment, and the place of every breakpoint.
    #[must_use]
    pub fn parameters(self) -> usize {
        2 + 3 * self.breakpoints()
    }

    /// Its place in [`Curve::ALL`].
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// The clock on which a curve is a straight line: `x = read(t)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Clock {
    logarithmic: bool,
    origin: f64,
    step: f64,
}

impl Clock {
    /// The clock of a window's straight lines, which counts median steps since its first time.
    pub(crate) fn linear(times: &[f64]) -> Self {
        Self { logarithmic: false, origin: times[0], step: median_step(times) }
    }

    /// The same clock on a logarithmic face.
    pub(crate) fn logarithmic(self) -> Self {
        Self { logarithmic: true, ..self }
    }

    /// Reads the clock at `t`; a logarithmic clock stands at 0 before the window.
    pub(crate) fn read(self, t: f64) -> f64 {
        let steps = (t - self.origin) / self.step;
        if self.logarithmic { (1.0 + steps.max(0.0)).ln() } else { steps }
    }

    /// How fast it runs at `t`: the derivative of [`Clock::read`] from the right.
    pub(crate) fn rate(self, t: f64) -> f64 {
        if !self.logarithmic {
            1.0 / self.step
        } else if t < self.origin {
            0.0
        } else {
            1.0 / (self.step + (t - self.origin))
        }
    }

    /// When it reads `x`; not finite when that is beyond the largest number.
    pub(crate) fn when(self, x: f64) -> f64 {
        let steps = if self.logarithmic { x.exp_m1() } else { x };
        self.origin + steps * self.step
    }
}

/// Median distance between times, kept from being so small that the span in steps is not a number.
fn median_step(times: &[f64]) -> f64 {
    let mut steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if steps.iter().all(|&step| step.to_bits() == steps[0].to_bits()) {
        return steps[0];
    }
    let middle = steps.len() / 2;
    let median = *steps.select_nth_unstable_by(middle, f64::total_cmp).1;
    median.max((times[times.len() - 1] - times[0]) * 1e-100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_stands_in_the_order_of_the_enum() {
        for (place, curve) in Curve::ALL.into_iter().enumerate() {
            assert_eq!(curve.index(), place);
        }
    }

    #[test]
    fn a_breakpoint_costs_a_line_and_a_place() {
        assert_eq!(Curve::ALL.map(Curve::parameters), [2, 2, 8, 11, 8, 11]);
    }

    #[test]
    fn a_clock_tells_when_it_reads_what_it_reads() {
        let linear = Clock::linear(&[1_000.0, 1_010.0, 1_020.0, 1_060.0]);
        for clock in [linear, linear.logarithmic()] {
            for t in [1_000.0, 1_005.0, 1_060.0, 9_999.0] {
                assert!((clock.when(clock.read(t)) - t).abs() < 1e-9, "{clock:?} at {t}");
            }
        }
    }

    #[test]
    fn the_logarithmic_clock_stands_before_the_window() {
        let clock = Clock::linear(&[1_000.0, 1_010.0]).logarithmic();
        assert_eq!((clock.read(0.0), clock.rate(0.0)), (0.0, 0.0));
    }

    #[test]
    fn a_rate_is_the_change_of_the_reading() {
        let linear = Clock::linear(&[0.0, 10.0, 20.0]);
        for clock in [linear, linear.logarithmic()] {
            let change = (clock.read(35.001) - clock.read(34.999)) / 0.002;
            assert!((clock.rate(35.0) - change).abs() < 1e-8, "{clock:?}");
        }
    }
}
