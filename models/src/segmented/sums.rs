//! Running sums from which the cost of any segment is a few operations.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::array;

/// How far, in steps, an even clock may be from even: what rounding leaves of times near zero.
const EVEN: f64 = 1e-9;

/// Running sums over the first `k` samples, `k = 0 ..= n`, of a window made small:
/// `x` centred and scaled to 1, `y` without its global line and scaled to 1.
///
/// Taking a line off `y` changes the cost of no segment, and leaves digits for what remains.
#[derive(Debug)]
pub(super) struct Sums {
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) xx: Vec<f64>,
    pub(super) xy: Vec<f64>,
    pub(super) yy: Vec<f64>,
    /// `share[n - m] = 1 / m`: reversed, so that it is read in the direction of the starts of segments.
    pub(super) share: Vec<f64>,
    /// Least `Σ (x - x̄)²` of a segment that the sums can tell from nothing: below it, rounding decides.
    pub(super) floor: f64,
    /// Distance of neighbours in `x`, if it is the same everywhere.
    pub(super) even_step: Option<f64>,
}

impl Sums {
    /// Sums over a window whose clock reads `x`.
    #[inline(always)]
    pub(super) fn new(x: &[f64], y: &[f64]) -> Self {
        let n = x.len();
        let even = x.iter().enumerate().all(|(k, x)| (x - k as f64).abs() <= EVEN);
        let x = unit(x);
        let y = unit(&detrended(&x, &unit(y)));
        let [mut sx, mut sy, mut sxx, mut sxy, mut syy] = array::from_fn(|_| vec![0.0; n + 1]);
        let sums =
            sx[1..].iter_mut().zip(&mut sy[1..]).zip(&mut sxx[1..]).zip(&mut sxy[1..]).zip(&mut syy[1..]);
        let mut sum = Moments::default();
        for ((&x, &y), ((((sx, sy), sxx), sxy), syy)) in x.iter().zip(&y).zip(sums) {
            sum = Moments {
                x: sum.x + x,
                y: sum.y + y,
                xx: sum.xx + x * x,
                xy: sum.xy + x * y,
                yy: sum.yy + y * y,
            };
            (*sx, *sy, *sxx, *sxy, *syy) = (sum.x, sum.y, sum.xx, sum.xy, sum.yy);
        }
        Self {
            x: sx,
            y: sy,
            xx: sxx,
            xy: sxy,
            yy: syy,
            share: (0..n).map(|k| 1.0 / (n - k) as f64).collect(),
            floor: sum.xx * 1e-13 + f64::MIN_POSITIVE,
            even_step: even.then(|| (x[n - 1] - x[0]) / (n - 1) as f64),
        }
    }

    /// How many samples were summed.
    pub(super) fn len(&self) -> usize {
        self.x.len() - 1
    }

    /// Costs of the segments `0 .. j` for `j = 0 ..= n`; infinite where they are shorter than `min`.
    #[inline(always)]
    pub(super) fn first_costs(&self, min: usize) -> Vec<f64> {
        let n = self.len();
        let mut costs = vec![f64::INFINITY; n + 1];
        let columns = self.columns(min, n + 1);
        for (k, cost) in costs[min..].iter_mut().enumerate() {
            *cost = columns.moments_from_zero(k).cost(1.0 / (min + k) as f64, self.floor);
        }
        costs
    }

    /// `prefix[i] + cost(i, end)` for every `i` in `from .. to`.
    #[inline(always)]
    pub(super) fn totals(&self, prefix: &[f64], from: usize, to: usize, end: usize) -> Vec<f64> {
        let columns = self.columns(from, to);
        let at =
            Moments { x: self.x[end], y: self.y[end], xx: self.xx[end], xy: self.xy[end], yy: self.yy[end] };
        let first = self.len() - end + from;
        let shares = &self.share[first..first + (to - from)];
        let mut totals = prefix[from..to].to_vec();
        for (k, (total, &share)) in totals.iter_mut().zip(shares).enumerate() {
            *total += at.since(columns.moments_from_zero(k)).cost(share, self.floor);
        }
        totals
    }

    /// The running sums at the places `from .. to`, cut to one length that the compiler sees.
    #[inline(always)]
    fn columns(&self, from: usize, to: usize) -> Columns<'_> {
        Columns {
            x: &self.x[from..to],
            y: &self.y[from..to],
            xx: &self.xx[from..to],
            xy: &self.xy[from..to],
            yy: &self.yy[from..to],
        }
    }
}

struct Columns<'a> {
    x: &'a [f64],
    y: &'a [f64],
    xx: &'a [f64],
    xy: &'a [f64],
    yy: &'a [f64],
}

impl Columns<'_> {
    #[inline(always)]
    fn moments_from_zero(&self, k: usize) -> Moments {
        Moments { x: self.x[k], y: self.y[k], xx: self.xx[k], xy: self.xy[k], yy: self.yy[k] }
    }
}

/// The five sums over one segment.
#[derive(Clone, Copy, Default)]
struct Moments {
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Moments {
    #[inline(always)]
    fn since(self, start: Self) -> Self {
        Self {
            x: self.x - start.x,
            y: self.y - start.y,
            xx: self.xx - start.xx,
            xy: self.xy - start.xy,
            yy: self.yy - start.yy,
        }
    }

    /// Sum of squared residuals around the least-squares line of a segment of `m = 1 / share` samples.
    ///
    /// ```text
    /// cost = Σ y² - (Σ y)²/m - (Σ xy - Σ x Σ y/m)² / (Σ x² - (Σ x)²/m)
    /// ```
    #[inline(always)]
    fn cost(self, share: f64, floor: f64) -> f64 {
        let sxx = (self.xx - self.x * self.x * share).max(floor);
        let sxy = self.xy - self.x * self.y * share;
        (self.yy - self.y * self.y * share - sxy * sxy / sxx).max(0.0)
    }
}

/// Centred and scaled to 1; a constant column becomes 0.
#[inline(always)]
fn unit(column: &[f64]) -> Vec<f64> {
    let first = column[0];
    let [sum] = lanes_sum(column, column, |v, _| [v - first]);
    let mean = first + sum / column.len() as f64;
    let largest = -lanes_least(column, |v| -(v - mean).abs());
    let scale = if 1e-300 < largest { 1.0 / largest } else { 0.0 };
    column.iter().map(|v| (v - mean) * scale).collect()
}

/// `y` without its least-squares line on `x`; both centred.
#[inline(always)]
fn detrended(x: &[f64], y: &[f64]) -> Vec<f64> {
    let [xx, xy] = lanes_sum(x, y, |x, y| [x * x, x * y]);
    let slope = if 0.0 < xx { xy / xx } else { 0.0 };
    x.iter().zip(y).map(|(x, y)| y - slope * x).collect()
}

/// Lanes in which columns are folded: the compiler keeps them in registers.
const LANES: usize = 8;

/// Least `key` of a column.
#[inline(always)]
pub(super) fn lanes_least(column: &[f64], key: impl Fn(f64) -> f64) -> f64 {
    let least = |a: f64, b: f64| if b < a { b } else { a };
    let mut lanes = [f64::INFINITY; LANES];
    let (chunks, rest) = column.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = least(lanes[lane], key(chunk[lane]));
        }
    }
    lanes.into_iter().chain(rest.iter().map(|&v| key(v))).fold(f64::INFINITY, least)
}

/// Sums of `terms` over two columns.
#[inline(always)]
pub(super) fn lanes_sum<const K: usize>(
    x: &[f64],
    y: &[f64],
    terms: impl Fn(f64, f64) -> [f64; K],
) -> [f64; K] {
    let mut lanes = [[0.0; LANES]; K];
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (ys, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in xs.iter().zip(ys) {
        for lane in 0..LANES {
            let terms = terms(x[lane], y[lane]);
            for k in 0..K {
                lanes[k][lane] += terms[k];
            }
        }
    }
    let mut sums = lanes.map(|[a, b, c, d, e, f, g, h]| ((a + b) + (c + d)) + ((e + f) + (g + h)));
    for (&x, &y) in x_rest.iter().zip(y_rest) {
        let terms = terms(x, y);
        for k in 0..K {
            sums[k] += terms[k];
        }
    }
    sums
}
