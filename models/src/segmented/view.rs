//! A window seen in one direction: running sums from which the cost of any segment is a few operations.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::ops::Range;

use pulp::{Scalar, Simd};

use super::axis::{Axis, Way};
use super::lanes::{LANES, least};
use super::side::CELL;
use super::sums::Sums;

/// The sums over the times and over the values of a window.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) n: usize,
    pub(super) axis: &'a Axis,
    pub(super) way: &'a Way,
    pub(super) sums: &'a Sums,
}

impl View<'_> {
    /// Sum of the squares of the first `j` samples.
    #[inline(always)]
    pub(super) fn square(&self, j: usize) -> f64 {
        self.sums.yy[j] - self.sums.yy[0]
    }

    /// Cost of the segment `start .. end`.
    #[inline(always)]
    pub(super) fn cost(&self, start: usize, end: usize) -> f64 {
        let moments = self.splat(Scalar, end).since(Scalar, self.splat(Scalar, start));
        let share = self.axis.longer[end - start];
        moments.cost(Scalar, share, moments.inverse(Scalar, share, self.axis.floor))
    }

    /// Writes the costs of the segments `0 .. first`, `0 .. first + 1`, …: whole vectors.
    #[inline(always)]
    pub(super) fn costs_whole<S: Simd>(&self, simd: S, first: usize, costs: &mut [f64]) {
        let ends = first..first + costs.len();
        let columns = self.columns::<S>(ends.clone());
        let shares = S::as_simd_f64s(&self.axis.longer[ends.clone()]).0;
        let inverses = S::as_simd_f64s(&self.way.whole[ends]).0;
        let zero = self.splat(simd, 0);
        for (k, (cost, (&share, &inverse))) in
            S::as_mut_simd_f64s(costs).0.iter_mut().zip(shares.iter().zip(inverses)).enumerate()
        {
            *cost = columns.at(k).since(simd, zero).cost(simd, share, inverse);
        }
    }

    /// Writes the costs of the segments that start at the anchors from `first` on and end in the `CELL` places after
    /// each.
    #[inline(always)]
    pub(super) fn costs_inside<S: Simd>(&self, simd: S, first: usize, costs: &mut [f64]) {
        let ends = first + 1..first + 1 + costs.len();
        let columns = self.columns::<S>(ends.clone());
        let shares = S::as_simd_f64s(&self.axis.longer[1..=CELL]).0;
        let inverses = S::as_simd_f64s(&self.way.inside[ends]).0;
        let width = CELL / S::F64_LANES;
        for (cell, costs) in costs.as_chunks_mut::<CELL>().0.iter_mut().enumerate() {
            let anchor = self.splat(simd, first + cell * CELL);
            for (k, (cost, &share)) in S::as_mut_simd_f64s(costs).0.iter_mut().zip(shares).enumerate() {
                let at = cell * width + k;
                *cost = columns.at(at).since(simd, anchor).cost(simd, share, inverses[at]);
            }
        }
    }

    /// Where in `from .. to` the sum `prefix[i] + cost(i, end)` is least: the first such place.
    #[inline(always)]
    pub(super) fn best_start<S: Simd>(
        &self,
        simd: S,
        prefix: &[f64],
        (from, to): (usize, usize),
        end: usize,
        totals: &mut Vec<f64>,
    ) -> usize {
        let count = to - from;
        totals.resize(count.next_multiple_of(LANES), 0.0);
        let starts = from..from + totals.len();
        let columns = self.columns::<S>(starts.clone());
        let shares = &self.axis.shorter[self.n + starts.start - end..self.n + starts.end - end];
        let rows = S::as_simd_f64s(shares).0.iter().zip(S::as_simd_f64s(&prefix[starts]).0);
        let (end, floor) = (self.splat(simd, end), simd.splat_f64s(self.axis.floor));
        for (k, (total, (&share, &prefix))) in S::as_mut_simd_f64s(totals).0.iter_mut().zip(rows).enumerate()
        {
            let moments = end.since(simd, columns.at(k));
            *total = simd.add_f64s(prefix, moments.cost(simd, share, moments.inverse(simd, share, floor)));
        }
        let best = least(&totals[..count]);
        from + totals[..count].iter().position(|&total| total <= best).unwrap_or(0)
    }

    #[inline(always)]
    fn splat<S: Simd>(&self, simd: S, k: usize) -> Moments<S::f64s> {
        Moments {
            x: simd.splat_f64s(self.way.x[k]),
            y: simd.splat_f64s(self.sums.y[k]),
            xx: simd.splat_f64s(self.way.xx[k]),
            xy: simd.splat_f64s(self.sums.xy[k]),
            yy: simd.splat_f64s(self.sums.yy[k]),
        }
    }

    #[inline(always)]
    fn columns<S: Simd>(&self, places: Range<usize>) -> Moments<&[S::f64s]> {
        Moments {
            x: S::as_simd_f64s(&self.way.x[places.clone()]).0,
            y: S::as_simd_f64s(&self.sums.y[places.clone()]).0,
            xx: S::as_simd_f64s(&self.way.xx[places.clone()]).0,
            xy: S::as_simd_f64s(&self.sums.xy[places.clone()]).0,
            yy: S::as_simd_f64s(&self.sums.yy[places]).0,
        }
    }
}

/// The sums at a place, or over a segment; or columns of them.
#[derive(Clone, Copy)]
struct Moments<V> {
    x: V,
    y: V,
    xx: V,
    xy: V,
    yy: V,
}

impl<V: Copy> Moments<&[V]> {
    #[inline(always)]
    fn at(&self, k: usize) -> Moments<V> {
        Moments { x: self.x[k], y: self.y[k], xx: self.xx[k], xy: self.xy[k], yy: self.yy[k] }
    }
}

impl<V: Copy> Moments<V> {
    #[inline(always)]
    fn since<S: Simd<f64s = V>>(self, simd: S, start: Self) -> Self {
        Self {
            x: simd.sub_f64s(self.x, start.x),
            y: simd.sub_f64s(self.y, start.y),
            xx: simd.sub_f64s(self.xx, start.xx),
            xy: simd.sub_f64s(self.xy, start.xy),
            yy: simd.sub_f64s(self.yy, start.yy),
        }
    }

    /// `1 / Σ (x - x̄)²` of a segment of `m = 1 / share` samples.
    #[inline(always)]
    fn inverse<S: Simd<f64s = V>>(self, simd: S, share: V, floor: V) -> V {
        let sxx = simd.negate_mul_add_e_f64s(self.x, simd.mul_f64s(self.x, share), self.xx);
        simd.div_f64s(simd.splat_f64s(1.0), simd.max_f64s(sxx, floor))
    }

    /// Sum of squared residuals around the least-squares line of a segment.
    ///
    /// ```text
    /// cost = Σ y² - (Σ y)²/m - (Σ xy - Σ x Σ y/m)² / (Σ x² - (Σ x)²/m)
    /// ```
    #[inline(always)]
    fn cost<S: Simd<f64s = V>>(self, simd: S, share: V, inverse: V) -> V {
        let y_mean = simd.mul_f64s(self.y, share);
        let sxy = simd.negate_mul_add_e_f64s(self.x, y_mean, self.xy);
        let syy = simd.negate_mul_add_e_f64s(self.y, y_mean, self.yy);
        let rss = simd.negate_mul_add_e_f64s(sxy, simd.mul_f64s(sxy, inverse), syy);
        simd.max_f64s(rss, simd.splat_f64s(0.0))
    }
}
