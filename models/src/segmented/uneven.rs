//! Costs of segments on any clock: what the even one reads from a table is summed up and divided here.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::ops::Range;

use pulp::Simd;

use super::rows::Costs;
use super::view::View;

pub(super) struct Uneven<'a>(pub(super) View<'a>);

impl Uneven<'_> {
    #[inline(always)]
    fn columns<S: Simd>(&self, starts: Range<usize>) -> Place<&[S::f64s]> {
        Place {
            x: S::as_simd_f64s(&self.0.way.x[starts.clone()]).0,
            y: S::as_simd_f64s(&self.0.sums.y[starts.clone()]).0,
            xx: S::as_simd_f64s(&self.0.way.xx[starts.clone()]).0,
            xy: S::as_simd_f64s(&self.0.sums.xy[starts]).0,
        }
    }

    #[inline(always)]
    fn end<S: Simd>(&self, simd: S, j: usize, starts: &Range<usize>) -> End<'_, S::f64s> {
        let View { n, axis, way, sums } = self.0;
        let table = n + starts.start - j..n + starts.end - j;
        End {
            at: Place {
                x: simd.splat_f64s(way.x[j]),
                y: simd.splat_f64s(sums.y[j]),
                xx: simd.splat_f64s(way.xx[j]),
                xy: simd.splat_f64s(sums.xy[j]),
            },
            share: S::as_simd_f64s(&axis.shorter[table]).0,
        }
    }
}

/// Running sums for a run of starts and the ends they go to.
pub(super) struct Run<'r, V, const K: usize> {
    starts: Place<&'r [V]>,
    ends: [End<'r, V>; K],
    floor: V,
}

#[derive(Clone, Copy)]
struct Place<V> {
    x: V,
    y: V,
    xx: V,
    xy: V,
}

impl<V: Copy> Place<&[V]> {
    #[inline(always)]
    fn at(&self, k: usize) -> Place<V> {
        Place { x: self.x[k], y: self.y[k], xx: self.xx[k], xy: self.xy[k] }
    }
}

#[derive(Clone, Copy)]
struct End<'r, V> {
    at: Place<V>,
    share: &'r [V],
}

/// `Σ (x - x̄)²`, `Σ (x - x̄) y`, and a value without `(Σ y)² / m`, of a segment.
#[derive(Clone, Copy)]
struct Moments<V> {
    sxx: V,
    sxy: V,
    rest: V,
}

impl Costs for Uneven<'_> {
    type Run<'r, S: Simd, const K: usize>
        = Run<'r, S::f64s, K>
    where
        Self: 'r;

    #[inline(always)]
    fn run<S: Simd, const K: usize>(
        &self,
        simd: S,
        ends: [usize; K],
        starts: Range<usize>,
    ) -> Self::Run<'_, S, K> {
        let mut of = [self.end(simd, ends[0], &starts); K];
        for k in 1..K {
            of[k] = self.end(simd, ends[k], &starts);
        }
        Run { ends: of, starts: self.columns::<S>(starts), floor: simd.splat_f64s(self.0.axis.floor) }
    }

    /// One division for all ends: it is the slowest instruction by far. (The inverse of a product times all factors
    /// but one is the inverse of that one.)
    #[inline(always)]
    fn rest<'r, S: Simd, const K: usize>(
        simd: S,
        run: &Self::Run<'r, S, K>,
        at: usize,
        value: S::f64s,
    ) -> [S::f64s; K]
    where
        Self: 'r,
    {
        let start = run.starts.at(at);
        let mut moments = [run.ends[0].since(simd, start, at, run.floor, value); K];
        let mut products = [moments[0].sxx; K];
        for k in 1..K {
            moments[k] = run.ends[k].since(simd, start, at, run.floor, value);
            products[k] = simd.mul_f64s(products[k - 1], moments[k].sxx);
        }
        let mut one = simd.div_f64s(simd.splat_f64s(1.0), products[K - 1]);
        let mut rest = [value; K];
        for k in (1..K).rev() {
            rest[k] = moments[k].without_slope(simd, simd.mul_f64s(one, products[k - 1]));
            one = simd.mul_f64s(one, moments[k].sxx);
        }
        rest[0] = moments[0].without_slope(simd, one);
        rest
    }
}

impl<V: Copy> End<'_, V> {
    /// Moments of the segments from the `k`-th vector of starts to here.
    #[inline(always)]
    fn since<S: Simd<f64s = V>>(&self, simd: S, start: Place<V>, k: usize, floor: V, value: V) -> Moments<V> {
        let x = simd.sub_f64s(self.at.x, start.x);
        let y = simd.sub_f64s(self.at.y, start.y);
        let xx = simd.sub_f64s(self.at.xx, start.xx);
        let xy = simd.sub_f64s(self.at.xy, start.xy);
        let x_mean = simd.mul_f64s(x, self.share[k]);
        let sxx = simd.negate_mul_add_e_f64s(x, x_mean, xx);
        let sxy = simd.negate_mul_add_e_f64s(y, x_mean, xy);
        let rest = simd.negate_mul_add_e_f64s(y, simd.mul_f64s(y, self.share[k]), value);
        Moments { sxx: simd.max_f64s(sxx, floor), sxy, rest }
    }
}

impl<V: Copy> Moments<V> {
    /// What the best line leaves, given `1 / sxx`.
    #[inline(always)]
    fn without_slope<S: Simd<f64s = V>>(self, simd: S, one_sxx: V) -> V {
        simd.negate_mul_add_e_f64s(self.sxy, simd.mul_f64s(self.sxy, one_sxx), self.rest)
    }
}
