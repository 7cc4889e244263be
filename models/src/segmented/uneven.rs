//! Costs of segments on any clock: what the even one reads from a table is summed up and divided here.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::ops::Range;

use pulp::Simd;

use super::kernel::{Costs, ENDS};
use super::sums::Sums;

/// The running sums, which are all that any clock needs.
pub(super) struct Uneven<'a> {
    pub(super) sums: &'a Sums,
}

impl Uneven<'_> {
    #[inline(always)]
    fn end<S: Simd>(&self, simd: S, j: usize, starts: &Range<usize>) -> End<'_, S::f64s> {
        let shift = self.sums.len() - j;
        End {
            at: Place {
                x: simd.splat_f64s(self.sums.x[j]),
                y: simd.splat_f64s(self.sums.y[j]),
                xx: simd.splat_f64s(self.sums.xx[j]),
                xy: simd.splat_f64s(self.sums.xy[j]),
            },
            share: S::as_simd_f64s(&self.sums.share[shift + starts.start..shift + starts.end]).0,
        }
    }
}

/// Running sums for a run of starts and the ends they go to.
pub(super) struct Run<'r, V> {
    starts: Place<&'r [V]>,
    ends: [End<'r, V>; ENDS],
    floor: V,
}

#[derive(Clone, Copy)]
struct Place<V> {
    x: V,
    y: V,
    xx: V,
    xy: V,
}

struct End<'r, V> {
    at: Place<V>,
    share: &'r [V],
}

/// `Σ (x - x̄)²`, `Σ (x - x̄) y` and `(Σ y)² / m` of a segment.
#[derive(Clone, Copy)]
struct Moments<V> {
    sxx: V,
    sxy: V,
    level: V,
}

impl Costs for Uneven<'_> {
    type Run<'r, S: Simd>
        = Run<'r, S::f64s>
    where
        Self: 'r;

    #[inline(always)]
    fn run<S: Simd>(&self, simd: S, j: usize, starts: Range<usize>) -> Self::Run<'_, S> {
        Run {
            ends: [
                self.end(simd, j, &starts),
                self.end(simd, j + 1, &starts),
                self.end(simd, j + 2, &starts),
                self.end(simd, j + 3, &starts),
            ],
            starts: Place {
                x: S::as_simd_f64s(&self.sums.x[starts.clone()]).0,
                y: S::as_simd_f64s(&self.sums.y[starts.clone()]).0,
                xx: S::as_simd_f64s(&self.sums.xx[starts.clone()]).0,
                xy: S::as_simd_f64s(&self.sums.xy[starts]).0,
            },
            floor: simd.splat_f64s(self.sums.floor),
        }
    }

    /// One division for four segments: it is the slowest instruction by far.
    #[inline(always)]
    fn explained<'r, S: Simd>(simd: S, run: &Self::Run<'r, S>, k: usize) -> [S::f64s; ENDS]
    where
        Self: 'r,
    {
        let Place { x, y, xx, xy } = run.starts;
        let start = Place { x: x[k], y: y[k], xx: xx[k], xy: xy[k] };
        let a = run.ends[0].since(simd, start, k, run.floor);
        let b = run.ends[1].since(simd, start, k, run.floor);
        let c = run.ends[2].since(simd, start, k, run.floor);
        let d = run.ends[3].since(simd, start, k, run.floor);

        let ab = simd.mul_f64s(a.sxx, b.sxx);
        let cd = simd.mul_f64s(c.sxx, d.sxx);
        let all = simd.div_f64s(simd.splat_f64s(1.0), simd.mul_f64s(ab, cd));
        let (one_ab, one_cd) = (simd.mul_f64s(all, cd), simd.mul_f64s(all, ab));
        [
            a.explained(simd, simd.mul_f64s(one_ab, b.sxx)),
            b.explained(simd, simd.mul_f64s(one_ab, a.sxx)),
            c.explained(simd, simd.mul_f64s(one_cd, d.sxx)),
            d.explained(simd, simd.mul_f64s(one_cd, c.sxx)),
        ]
    }
}

impl<V: Copy> End<'_, V> {
    /// Moments of the segments from the `k`-th vector of starts to here.
    #[inline(always)]
    fn since<S: Simd<f64s = V>>(&self, simd: S, start: Place<V>, k: usize, floor: V) -> Moments<V> {
        let x = simd.sub_f64s(self.at.x, start.x);
        let y = simd.sub_f64s(self.at.y, start.y);
        let xx = simd.sub_f64s(self.at.xx, start.xx);
        let xy = simd.sub_f64s(self.at.xy, start.xy);
        let x_mean = simd.mul_f64s(x, self.share[k]);
        let sxx = simd.negate_mul_add_e_f64s(x, x_mean, xx);
        let sxy = simd.negate_mul_add_e_f64s(y, x_mean, xy);
        let level = simd.mul_f64s(y, simd.mul_f64s(y, self.share[k]));
        Moments { sxx: simd.max_f64s(sxx, floor), sxy, level }
    }
}

impl<V: Copy> Moments<V> {
    /// What a line explains of the segment's sum of squares, given `1 / sxx`.
    #[inline(always)]
    fn explained<S: Simd<f64s = V>>(self, simd: S, one_sxx: V) -> V {
        simd.mul_add_e_f64s(self.sxy, simd.mul_f64s(self.sxy, one_sxx), self.level)
    }
}
