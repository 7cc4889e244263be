//! The one pass over segment ends that all exact optima come from: every segment is costed once, in vector
//! registers, and improves the best prefix of two and of three segments while it is there.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::ops::Range;

use pulp::Simd;

use super::sums::Sums;

/// Segment ends that share one walk over the starts.
pub(super) const ENDS: usize = 4;
/// Starts in one stride: a multiple of the lanes of every instruction set.
const STRIDE: usize = 8;

/// Least cost of the first `j` samples in one, two and three segments; infinite where they do not fit.
#[derive(Debug)]
pub(super) struct Prefixes {
    pub(super) one: Vec<f64>,
    pub(super) two: Vec<f64>,
    pub(super) three: Vec<f64>,
}

/// Computes them for every `j` up to `n - min`, with at least `min` samples a segment.
///
/// ```text
/// two[j]   = min over i of one[i] + cost(i, j)
/// three[j] = min over i of two[i] + cost(i, j)
/// ```
#[inline(always)]
pub(super) fn prefixes<S: Simd, C: Costs>(simd: S, sums: &Sums, min: usize, costs: &C) -> Prefixes {
    let (n, yy) = (sums.len(), &sums.yy);
    let one = sums.first_costs(min);
    let mut two = vec![f64::INFINITY; n + 1];
    let mut three = two.clone();
    let mut after = After { one: one.clone(), two: two.clone() };
    for (after, yy) in after.one.iter_mut().zip(yy) {
        *after -= yy;
    }
    for first in (2 * min..=n - min).step_by(ENDS) {
        for (j, least) in (first..).zip(after.least(simd, costs, min, first)) {
            two[j] = (least.one + yy[j]).max(0.0);
            three[j] = (least.two + yy[j]).max(0.0);
            after.two[j] = two[j] - yy[j];
        }
    }
    Prefixes { one, two, three }
}

/// How the segments that end in [`ENDS`] neighbouring places are costed.
///
/// `cost(i, j) = yy[j] - yy[i] - explained(i, j)`, and only the last term is not known beforehand.
pub(super) trait Costs {
    /// What is read for a run of starts.
    type Run<'r, S: Simd>
    where
        Self: 'r;

    /// Makes ready for the segments from each start in `starts` to the ends `j .. j + ENDS`.
    fn run<S: Simd>(&self, simd: S, j: usize, starts: Range<usize>) -> Self::Run<'_, S>;

    /// `explained` from the `k`-th vector of starts of the run to each of the ends.
    fn explained<'r, S: Simd>(simd: S, run: &Self::Run<'r, S>, k: usize) -> [S::f64s; ENDS]
    where
        Self: 'r;
}

/// Of a prefix's cost the part that depends on its length `i` alone: `one[i] - yy[i]`, `two[i] - yy[i]`.
struct After {
    one: Vec<f64>,
    two: Vec<f64>,
}

impl After {
    /// Least `after[i] - explained(i, j)` for each of the ends `j .. j + ENDS`.
    #[inline(always)]
    fn least<S: Simd, C: Costs>(&self, simd: S, costs: &C, min: usize, j: usize) -> [Least<f64>; ENDS] {
        let infinity = simd.splat_f64s(f64::INFINITY);
        let mut least = [Least { one: infinity, two: infinity }; ENDS];
        // The last stride holds the starts that are too late for the earlier of the ends.
        let last = j - min + ENDS - STRIDE;
        let first = last - last.saturating_sub(min).next_multiple_of(STRIDE);
        self.walk::<S, C, false>(simd, costs, j, first..last, &mut least);
        self.walk::<S, C, true>(simd, costs, j, last..last + STRIDE, &mut least);
        [least[0].reduce(simd), least[1].reduce(simd), least[2].reduce(simd), least[3].reduce(simd)]
    }

    /// Walks over a multiple of [`STRIDE`] starts; `LAST` where not all of them are early enough for all ends.
    #[inline(always)]
    fn walk<S: Simd, C: Costs, const LAST: bool>(
        &self,
        simd: S,
        costs: &C,
        j: usize,
        starts: Range<usize>,
        least: &mut [Least<S::f64s>; ENDS],
    ) {
        let one = S::as_simd_f64s(&self.one[starts.clone()]).0;
        let two = S::as_simd_f64s(&self.two[starts.clone()]).0;
        let run = costs.run(simd, j, starts);
        for (k, (&one, &two)) in one.iter().zip(two).enumerate() {
            let mut explained = C::explained(simd, &run, k);
            for end in 0..ENDS {
                if LAST {
                    explained[end] = simd.min_f64s(explained[end], S::as_simd_f64s(&ALLOWED[end]).0[k]);
                }
                least[end].one = simd.min_f64s(least[end].one, simd.sub_f64s(one, explained[end]));
                least[end].two = simd.min_f64s(least[end].two, simd.sub_f64s(two, explained[end]));
            }
        }
    }
}

/// The least so far for prefixes that had one and two segments before this one.
#[derive(Clone, Copy)]
struct Least<V> {
    one: V,
    two: V,
}

impl<V> Least<V> {
    #[inline(always)]
    fn reduce<S: Simd<f64s = V>>(self, simd: S) -> Least<f64> {
        Least { one: simd.reduce_min_f64s(self.one), two: simd.reduce_min_f64s(self.two) }
    }
}

/// Of the last stride, which starts are early enough for each end: plus infinity where they are.
const ALLOWED: [[f64; STRIDE]; ENDS] = allowed();

const fn allowed() -> [[f64; STRIDE]; ENDS] {
    let mut allowed = [[f64::INFINITY; STRIDE]; ENDS];
    let mut end = 0;
    while end < ENDS {
        let mut k = STRIDE - (ENDS - 1 - end);
        while k < STRIDE {
            allowed[end][k] = f64::NEG_INFINITY;
            k += 1;
        }
        end += 1;
    }
    allowed
}
