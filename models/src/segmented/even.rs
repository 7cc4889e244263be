//! Costs of segments on an even clock, where their length alone says how far their samples are apart:
//! no division is left in the pass.
#![allow(clippy::needless_range_loop, reason = "one place goes through several columns")]
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::ops::Range;

use pulp::Simd;

use super::rows::Costs;
use super::view::View;

pub(super) struct Even<'a>(pub(super) View<'a>);

impl Even<'_> {
    #[inline(always)]
    fn columns<S: Simd>(&self, starts: Range<usize>) -> Place<&[S::f64s]> {
        Place {
            y: S::as_simd_f64s(&self.0.sums.y[starts.clone()]).0,
            xy: S::as_simd_f64s(&self.0.sums.xy[starts.clone()]).0,
            half: S::as_simd_f64s(&self.0.way.half[starts]).0,
        }
    }

    #[inline(always)]
    fn end<S: Simd>(&self, simd: S, j: usize, starts: &Range<usize>) -> End<'_, S::f64s> {
        let View { n, axis, way, sums } = self.0;
        let table = n + starts.start - j..n + starts.end - j;
        End {
            at: Place {
                y: simd.splat_f64s(sums.y[j]),
                xy: simd.splat_f64s(sums.xy[j]),
                half: simd.splat_f64s(way.half[j]),
            },
            share: S::as_simd_f64s(&axis.shorter[table.clone()]).0,
            one_sxx: S::as_simd_f64s(&axis.one_sxx[table]).0,
        }
    }
}

/// Running sums and tables for a run of starts and the ends they go to.
pub(super) struct Run<'r, V, const K: usize> {
    starts: Place<&'r [V]>,
    ends: [End<'r, V>; K],
}

#[derive(Clone, Copy)]
struct Place<V> {
    y: V,
    xy: V,
    half: V,
}

#[derive(Clone, Copy)]
struct End<'r, V> {
    at: Place<V>,
    share: &'r [V],
    one_sxx: &'r [V],
}

impl<V: Copy> Place<&[V]> {
    #[inline(always)]
    fn at(&self, k: usize) -> Place<V> {
        Place { y: self.y[k], xy: self.xy[k], half: self.half[k] }
    }
}

impl Costs for Even<'_> {
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
        Run { ends: of, starts: self.columns::<S>(starts) }
    }

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
        let mut rest = [value; K];
        for k in 0..K {
            rest[k] = run.ends[k].rest(simd, start, at, value);
        }
        rest
    }
}

impl<V: Copy> End<'_, V> {
    /// `value - (Σ y)² / m - (Σ (x - x̄) y)² / Σ (x - x̄)²` of the segments from the `k`-th vector of starts to here.
    #[inline(always)]
    fn rest<S: Simd<f64s = V>>(&self, simd: S, start: Place<V>, k: usize, value: V) -> V {
        let y = simd.sub_f64s(self.at.y, start.y);
        let xy = simd.sub_f64s(self.at.xy, start.xy);
        let x_mean = simd.add_f64s(self.at.half, start.half);
        let sxy = simd.negate_mul_add_e_f64s(y, x_mean, xy);
        let rest = simd.negate_mul_add_e_f64s(y, simd.mul_f64s(y, self.share[k]), value);
        simd.negate_mul_add_e_f64s(sxy, simd.mul_f64s(sxy, self.one_sxx[k]), rest)
    }
}
