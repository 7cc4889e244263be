//! The squares that a broken line leaves, as a function of the place of its break.

use crate::window::Window;

/// Samples on each side of a break.
const SIDE: usize = 3;

/// Sums over the samples behind a place, in scaled time: with them, what a break gains is a ratio of two quadratics
/// of its place, whose peak between two samples is known in closed form.
///
/// ```text
/// h(t) = max(0, t - place)     RSS(place) = RSS(line) - <h, r>² / |h less its line|²     r: residuals of the line
/// ```
#[derive(Debug)]
pub(super) struct Profile {
    /// Times, scaled to `-1..=1` about the middle.
    x: Vec<f64>,
    /// Residuals of the straight line.
    residuals: Vec<f64>,
    middle: f64,
    half: f64,
    slope: f64,
    straight: f64,
    /// Sum of squares and mean of `x`.
    spread: f64,
    mean: f64,
    /// At `k`, over the samples from `k` on: number, sums of `x`, `x²`, `r` and `x r`.
    tails: Vec<[f64; 5]>,
}

impl Profile {
    pub(super) fn of(window: &Window<'_>) -> Option<Self> {
        let (t, y) = (window.times(), window.values());
        let n = t.len();
        if n < 2 * SIDE + 2 {
            return None;
        }
        let (middle, half) = (f64::midpoint(t[0], t[n - 1]), (t[n - 1] - t[0]) / 2.0);
        let x: Vec<f64> = t.iter().map(|t| (t - middle) / half).collect();
        let count = n as f64;
        let (mean, level) = (x.iter().sum::<f64>() / count, y.iter().sum::<f64>() / count);
        let spread: f64 = x.iter().map(|x| (x - mean) * (x - mean)).sum();
        let slope = x.iter().zip(y).map(|(x, y)| (x - mean) * (y - level)).sum::<f64>() / spread;
        let residuals: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - level - slope * (x - mean)).collect();
        let mut tails = vec![[0.0; 5]; n + 1];
        for k in (0..n).rev() {
            let (x, r, behind) = (x[k], residuals[k], tails[k + 1]);
            tails[k] = [behind[0] + 1.0, behind[1] + x, behind[2] + x * x, behind[3] + r, behind[4] + x * r];
        }
        let straight = residuals.iter().map(|r| r * r).sum();
        Some(Self { x, residuals, middle, half, slope, straight, spread, mean, tails })
    }

    /// Squares that the straight line leaves.
    pub(super) fn straight(&self) -> f64 {
        self.straight
    }

    /// `<h, r> = a - b place`, and `|h less its line|² = q[0] + q[1] place + q[2] place²`, for places whose first
    /// sample behind is `k`.
    fn terms(&self, k: usize) -> ([f64; 2], [f64; 3]) {
        let [n, sx, sxx, sr, sxr] = self.tails[k];
        let all = self.x.len() as f64;
        // Σ h = sx - n p,   Σ h (x - mean) = (sxx - mean sx) - (sx - mean n) p,   Σ h² = sxx - 2 sx p + n p²
        let (c0, c1) = (sxx - self.mean * sx, sx - self.mean * n);
        let q = [
            sxx - sx * sx / all - c0 * c0 / self.spread,
            -2.0 * sx + 2.0 * sx * n / all + 2.0 * c0 * c1 / self.spread,
            n - n * n / all - c1 * c1 / self.spread,
        ];
        ([sxr, sr], q)
    }

    /// What a break at `place` (scaled) takes off the squares of the straight line, and the change of slope.
    fn gain(&self, place: f64) -> (f64, f64) {
        let k = self.x.partition_point(|&x| x <= place);
        let ([a, b], q) = self.terms(k);
        let (product, norm) = (a - b * place, q[0] + place * (q[1] + place * q[2]));
        if norm <= 1e-14 * self.spread { (0.0, 0.0) } else { (product * product / norm, product / norm) }
    }

    /// The place of the least squares: of each stretch between two samples its ends, and the peak within.
    pub(super) fn best(&self) -> f64 {
        let mut best = (0.0, self.x[SIDE - 1]);
        let mut try_place = |place: f64| {
            let gain = self.gain(place).0;
            if best.0 < gain {
                best = (gain, place);
            }
        };
        for k in SIDE - 1..self.x.len() - SIDE {
            let (from, to) = (self.x[k], self.x[k + 1]);
            try_place(from);
            let ([a, b], q) = self.terms(k + 1);
            // The derivative of (a - b p)² / q(p) is nought where it is linear in p.
            let peak = -(2.0 * b * q[0] + a * q[1]) / (b * q[1] + 2.0 * a * q[2]);
            if from < peak && peak < to {
                try_place(peak);
            }
        }
        try_place(self.x[self.x.len() - SIDE]);
        self.time(best.1)
    }

    /// Squares that a break at `t` leaves.
    pub(super) fn squares(&self, t: f64) -> f64 {
        (self.straight - self.gain(self.scaled(t)).0).max(0.0)
    }

    /// Slopes before and from a break at `t` on.
    pub(super) fn slopes(&self, t: f64) -> (f64, f64) {
        let place = self.scaled(t);
        let change = self.gain(place).1;
        let before = self.slope - change * self.leaning(place);
        (before / self.half, (before + change) / self.half)
    }

    /// The slope of the line through `h`.
    fn leaning(&self, place: f64) -> f64 {
        let [n, sx, sxx, ..] = self.tails[self.x.partition_point(|&x| x <= place)];
        ((sxx - self.mean * sx) - (sx - self.mean * n) * place) / self.spread
    }

    /// How many samples are worth something when what a break at `t` leaves repeats itself:
    /// `n (1 - rho) / (1 + rho)`.
    pub(super) fn effective(&self, t: f64) -> f64 {
        let place = self.scaled(t);
        let (change, leaning) = (self.gain(place).1, self.leaning(place));
        let h = |x: f64| (x - place).max(0.0);
        let n = self.x.len() as f64;
        let h_mean = self.x.iter().map(|&x| h(x)).sum::<f64>() / n;
        let left = |(x, r): (&f64, &f64)| r - change * (h(*x) - h_mean - leaning * (x - self.mean));
        let left: Vec<f64> = self.x.iter().zip(&self.residuals).map(left).collect();
        let squares: f64 = left.iter().map(|e| e * e).sum();
        let products: f64 = left.windows(2).map(|pair| pair[0] * pair[1]).sum();
        // What rounding leaves of a perfect fit repeats itself, and is nothing.
        let rho = if squares <= 1e-10 * self.straight { 0.0 } else { (products / squares).clamp(0.0, 0.99) };
        n * (1.0 - rho) / (1.0 + rho)
    }

    /// The first and the last place whose squares are at most `most`.
    pub(super) fn within(&self, at: f64, most: f64, between: usize) -> (f64, f64) {
        let holds = |place: f64| self.straight - self.gain(place).0 <= most;
        let mut places = Vec::new();
        for pair in self.x[SIDE - 1..=self.x.len() - SIDE].windows(2) {
            let step = (pair[1] - pair[0]) / between as f64;
            places.extend((0..between).map(|part| pair[0] + step * part as f64));
        }
        places.push(self.x[self.x.len() - SIDE]);
        let at = self.scaled(at);
        let first = places.iter().position(|&place| holds(place));
        let last = places.iter().rposition(|&place| holds(place));
        let end = |inside: Option<usize>, outside: Option<usize>| {
            let inside = inside.map_or(at, |k| places[k]);
            let edge = outside.map_or(inside, |k| narrow(inside, places[k], holds));
            self.time(edge)
        };
        let before = first.and_then(|k| k.checked_sub(1));
        let behind = last.map(|k| k + 1).filter(|&k| k < places.len());
        (end(first, before).min(self.time(at)), end(last, behind).max(self.time(at)))
    }

    fn scaled(&self, t: f64) -> f64 {
        (t - self.middle) / self.half
    }

    fn time(&self, x: f64) -> f64 {
        self.middle + self.half * x
    }
}

/// The edge between a place that holds and one that does not.
fn narrow(mut inside: f64, mut outside: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..40 {
        let middle = f64::midpoint(inside, outside);
        if holds(middle) { inside = middle } else { outside = middle }
    }
    inside
}
