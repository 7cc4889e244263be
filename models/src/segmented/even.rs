//! Costs of segments on an even clock, where their length alone says how far their samples are apart:
//! no division is left in the pass.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::ops::Range;

use pulp::Simd;

use super::kernel::{Costs, ENDS};
use super::sums::Sums;

/// Tables for an even clock.
pub(super) struct Even<'a> {
    sums: &'a Sums,
    /// `one_sxx[n - m] = 1 / Σ (x - x̄)²` of a segment of `m`: reversed, as [`Sums::share`] is.
    one_sxx: Vec<f64>,
    /// `half[i] + half[j]` is the mean of `x` over `i .. j`.
    half: Vec<f64>,
}

impl<'a> Even<'a> {
    /// The tables, if the clock of the sums is even.
    ///
    /// ```text
    /// Σ (x - x̄)² = step² m (m² - 1) / 12
    /// ```
    #[inline(always)]
    pub(super) fn of(sums: &'a Sums) -> Option<Self> {
        let (n, step) = (sums.len(), sums.even_step?);
        let length = |k: usize| (n - k) as f64;
        let middle = (n as f64 - 1.0) / 2.0;
        Some(Self {
            sums,
            one_sxx: (0..n)
                .map(|k| 12.0 / (step * step * length(k) * (length(k) * length(k) - 1.0)))
                .collect(),
            half: (0..=n).map(|i| (i as f64 - 0.5 - middle) * (step / 2.0)).collect(),
        })
    }

    /// One table's entries for the segments from each of `starts` to `end`.
    #[inline(always)]
    fn lengths<'t, S: Simd>(&self, table: &'t [f64], end: usize, starts: &Range<usize>) -> &'t [S::f64s] {
        let shift = self.sums.len() - end;
        S::as_simd_f64s(&table[shift + starts.start..shift + starts.end]).0
    }

    #[inline(always)]
    fn end<S: Simd>(&self, simd: S, j: usize, starts: &Range<usize>) -> End<'_, S::f64s> {
        End {
            y: simd.splat_f64s(self.sums.y[j]),
            xy: simd.splat_f64s(self.sums.xy[j]),
            half: simd.splat_f64s(self.half[j]),
            share: self.lengths::<S>(&self.sums.share, j, starts),
            one_sxx: self.lengths::<S>(&self.one_sxx, j, starts),
        }
    }
}

/// Running sums and tables for a run of starts and the ends they go to.
pub(super) struct Run<'r, V> {
    y: &'r [V],
    xy: &'r [V],
    half: &'r [V],
    ends: [End<'r, V>; ENDS],
}

struct End<'r, V> {
    y: V,
    xy: V,
    half: V,
    share: &'r [V],
    one_sxx: &'r [V],
}

impl Costs for Even<'_> {
    type Run<'r, S: Simd>
        = Run<'r, S::f64s>
    where
        Self: 'r;

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, j: usize, starts: Range<usize>) -> Self::Run<'_, S> {
        Run {
            y: S::as_simd_f64s(&self.sums.y[starts.clone()]).0,
            xy: S::as_simd_f64s(&self.sums.xy[starts.clone()]).0,
            half: S::as_simd_f64s(&self.half[starts.clone()]).0,
            ends: [
                self.end(simd, j, &starts),
                self.end(simd, j + 1, &starts),
                self.end(simd, j + 2, &starts),
                self.end(simd, j + 3, &starts),
            ],
        }
    }

    #[inline(always)]
    fn explained<'r, S: Simd>(simd: S, run: &Self::Run<'r, S>, k: usize) -> [S::f64s; ENDS]
    where
        Self: 'r,
    {
        let (y, xy, half) = (run.y[k], run.xy[k], run.half[k]);
        [
            run.ends[0].explained(simd, y, xy, half, k),
            run.ends[1].explained(simd, y, xy, half, k),
            run.ends[2].explained(simd, y, xy, half, k),
            run.ends[3].explained(simd, y, xy, half, k),
        ]
    }
}

impl<V: Copy> End<'_, V> {
    /// `(Σ y)² / m + (Σ (x - x̄) y)² / Σ (x - x̄)²` of the segments from the `k`-th vector of starts to here.
    #[inline(always)]
    fn explained<S: Simd<f64s = V>>(&self, simd: S, y: V, xy: V, half: V, k: usize) -> V {
        let y = simd.sub_f64s(self.y, y);
        let xy = simd.sub_f64s(self.xy, xy);
        let x_mean = simd.add_f64s(self.half, half);
        let sxy = simd.negate_mul_add_e_f64s(y, x_mean, xy);
        let level = simd.mul_f64s(y, simd.mul_f64s(y, self.share[k]));
        simd.mul_add_e_f64s(sxy, simd.mul_f64s(sxy, self.one_sxx[k]), level)
    }
}
