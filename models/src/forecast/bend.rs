//! The shape of a stretch: a line, a parabola that gathers speed, or two lines with a break between them.

use super::ladder::Rung;

/// The parabola must lower the criterion by this much against either rival ("strong evidence", Raftery 1995).
const STRONG: f64 = 6.0;
/// No growth is exactly a parabola, and what that leaves is smooth: autocorrelation beyond this is not noise.
const LARGEST_RHO: f64 = 0.7;
/// Points each side of a break keeps.
const MIN_SIDE: usize = 8;

/// `y = level + slope t + curvature t²`, with `t = 0` now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bend {
    /// Level now.
    pub level: f64,
    /// Growth now.
    pub slope: f64,
    /// Half the growth of the growth.
    pub curvature: f64,
}

/// What a stretch looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// One line.
    Straight,
    /// Growth that gathers speed.
    Gathering(Bend),
    /// Growth that loses speed.
    Easing(Bend),
    /// Two lines; the second one has been going for so long.
    Broken {
        /// Time since the break.
        since: f64,
    },
}

impl Shape {
    /// The shape of the rung's block medians: a line unless something else beats it beyond doubt.
    ///
    /// ```text
    /// BIC = n_eff ln(rss / n) + p ln n_eff        line p = 2, parabola p = 3, broken line p = 5
    /// ```
    pub(super) fn of(rung: &Rung) -> Self {
        let t = &rung.t;
        let y: Vec<f64> =
            t.iter().zip(&rung.residuals).map(|(t, r)| rung.level + rung.slope * t + r).collect();
        let Some((bend, bend_rss)) = Bend::fit(t, &y) else { return Self::Straight };
        let n = y.len() as f64;
        let rho = autocorrelation(&bend, t, &y);
        let n_eff = n * (1.0 - rho) / (1.0 + rho);
        let score =
            |rss: f64, p: f64| n_eff * (rss / n).max(f64::MIN_POSITIVE).ln() + p * n_eff.max(2.0).ln();
        let (line, gathering) = (score(line_rss(&Sums::of(t, &y)), 2.0), score(bend_rss, 3.0));
        let (broken_rss, place) = broken(t, &y);
        let broken = score(broken_rss, 5.0);
        let bent = gathering + STRONG < line && gathering + STRONG / 2.0 < broken;
        if bent && 0.0 < bend.curvature && 0.0 < bend.slope {
            Self::Gathering(bend)
        } else if bent && bend.curvature < 0.0 {
            Self::Easing(bend)
        } else if broken + STRONG < line && broken + STRONG / 2.0 < gathering {
            Self::Broken { since: -t[place] }
        } else {
            Self::Straight
        }
    }
}

impl Bend {
    /// Time until it has covered `distance`; positive for a positive distance, as slope and curvature are.
    pub(super) fn covers(&self, distance: f64) -> f64 {
        // The root in the form that loses no digits.
        2.0 * distance / (self.slope + (self.slope * self.slope + 4.0 * self.curvature * distance).sqrt())
    }

    /// The highest level of growth that loses speed.
    pub(super) fn top(&self) -> f64 {
        self.level - self.slope * self.slope / (4.0 * self.curvature)
    }

    /// Least squares in powers of t, scaled to [-1, 0].
    fn fit(t: &[f64], y: &[f64]) -> Option<(Self, f64)> {
        let scale = -t.first()?;
        if scale <= 0.0 {
            return None;
        }
        let mut normal = [[0.0; 4]; 3];
        for (t, y) in t.iter().zip(y) {
            let powers = [1.0, t / scale, t * t / (scale * scale)];
            for (row, a) in normal.iter_mut().zip(powers) {
                for (cell, b) in row.iter_mut().zip(powers) {
                    *cell += a * b;
                }
                row[3] += a * y;
            }
        }
        let [level, slope, curvature] = solve(normal)?;
        let bend = Self { level, slope: slope / scale, curvature: curvature / (scale * scale) };
        let rss = t.iter().zip(y).map(|(&t, y)| (y - bend.at(t)).powi(2)).sum();
        Some((bend, rss))
    }

    fn at(&self, t: f64) -> f64 {
        self.level + self.slope * t + self.curvature * t * t
    }
}

/// Gaussian elimination with pivoting; none if singular.
fn solve(mut m: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for k in 0..3 {
        let pivot = (k..3).max_by(|&a, &b| m[a][k].abs().total_cmp(&m[b][k].abs()))?;
        m.swap(k, pivot);
        if m[k][k].abs() < 1e-12 {
            return None;
        }
        for row in 0..3 {
            if row != k {
                let factor = m[row][k] / m[k][k];
                let top = m[k];
                m[row].iter_mut().zip(top).for_each(|(cell, above)| *cell -= factor * above);
            }
        }
    }
    Some([m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]])
}

/// Sums over a stretch, enough for a line through it.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    n: f64,
    t: f64,
    y: f64,
    tt: f64,
    ty: f64,
    yy: f64,
}

impl Sums {
    fn of(t: &[f64], y: &[f64]) -> Self {
        t.iter().zip(y).fold(Self::default(), |sums, (&t, &y)| sums.with(t, y))
    }

    fn with(self, t: f64, y: f64) -> Self {
        Self {
            n: self.n + 1.0,
            t: self.t + t,
            y: self.y + y,
            tt: self.tt + t * t,
            ty: self.ty + t * y,
            yy: self.yy + y * y,
        }
    }

    fn without(self, other: Self) -> Self {
        Self {
            n: self.n - other.n,
            t: self.t - other.t,
            y: self.y - other.y,
            tt: self.tt - other.tt,
            ty: self.ty - other.ty,
            yy: self.yy - other.yy,
        }
    }
}

/// Squares left by the best line.
fn line_rss(s: &Sums) -> f64 {
    let (tt, ty, yy) = (s.tt - s.t * s.t / s.n, s.ty - s.t * s.y / s.n, s.yy - s.y * s.y / s.n);
    if tt <= 0.0 { yy.max(0.0) } else { (yy - ty * ty / tt).max(0.0) }
}

/// Squares left by the best two lines, and where the second begins.
fn broken(t: &[f64], y: &[f64]) -> (f64, usize) {
    let middle = y.iter().sum::<f64>() / y.len() as f64;
    let y: Vec<f64> = y.iter().map(|y| y - middle).collect();
    let (whole, points) = (Sums::of(t, &y), y.len());
    let mut left = Sums::default();
    let mut best = (line_rss(&whole), 0);
    for (k, (&t, &y)) in t.iter().zip(&y).enumerate() {
        left = left.with(t, y);
        if MIN_SIDE <= k + 1 && k + 1 + MIN_SIDE <= points {
            let rss = line_rss(&left) + line_rss(&whole.without(left));
            if rss < best.0 {
                best = (rss, k + 1);
            }
        }
    }
    best
}

/// Lag-1 autocorrelation of what the parabola leaves.
fn autocorrelation(bend: &Bend, t: &[f64], y: &[f64]) -> f64 {
    let residuals: Vec<f64> = t.iter().zip(y).map(|(&t, y)| y - bend.at(t)).collect();
    let square: f64 = residuals.iter().map(|r| r * r).sum();
    let lagged: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
    if square <= 0.0 { 0.0 } else { (lagged / square).clamp(0.0, LARGEST_RHO) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(level: impl Fn(f64) -> f64) -> Rung {
        let t: Vec<f64> = (0..600).map(f64::from).collect();
        let wiggle = |i: usize| ((i * 7919) % 101) as f64 / 101.0 - 0.5;
        let y: Vec<f64> = t.iter().enumerate().map(|(i, &t)| level(t) + wiggle(i)).collect();
        Rung::new(&t, &y, 599.0, 600.0).unwrap()
    }

    #[test]
    fn growth_that_gathers_speed_is_dated_by_its_parabola() {
        let Shape::Gathering(bend) = Shape::of(&rung(|t| 1e-3 * t * t)) else { panic!("no parabola") };
        // From 358.8 to 1000 it takes until t = 1000.
        let left = bend.covers(1000.0 - bend.level);
        assert!((left - 401.0).abs() < 10.0, "{left}");
    }

    #[test]
    fn powers_other_than_two_are_bends_too() {
        assert!(matches!(Shape::of(&rung(|t| 3e-6 * t.powi(3))), Shape::Gathering(_)));
        assert!(matches!(Shape::of(&rung(|t| 5e-3 * t.powf(1.7))), Shape::Gathering(_)));
    }

    #[test]
    fn a_line_is_straight_and_so_is_a_constant() {
        assert_eq!(Shape::of(&rung(|t| 0.1 * t)), Shape::Straight);
        assert_eq!(Shape::of(&rung(|_| 5.0)), Shape::Straight);
    }

    #[test]
    fn a_broken_line_says_since_when() {
        let Shape::Broken { since } = Shape::of(&rung(|t| (t - 300.0).max(0.0))) else { panic!("no break") };
        assert!((since - 299.0).abs() < 15.0, "{since}");
    }
}
