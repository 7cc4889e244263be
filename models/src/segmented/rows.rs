//! The least cost of what ends in a few given places, over the places where its last segment may start: the loops
//! where the time goes.
#![allow(clippy::needless_range_loop, reason = "one place goes through several columns")]
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::ops::Range;

use pulp::Simd;

use super::lanes::{LANES, lesser};

/// Segment ends that share one walk over the starts.
pub(super) const ENDS: usize = 4;
/// Starts that are walked over, or passed over, together.
pub(super) const CHUNK: usize = 2 * LANES;

/// How segments are costed.
///
/// `cost(i, j) = yy[j] - yy[i] - explained(i, j)`, and only the last term is not known beforehand.
pub(super) trait Costs {
    /// What is read for a run of starts and the ends.
    type Run<'r, S: Simd, const K: usize>
    where
        Self: 'r;

    /// Makes ready for the segments from each start in `starts` to each of the ends.
    fn run<S: Simd, const K: usize>(
        &self,
        simd: S,
        ends: [usize; K],
        starts: Range<usize>,
    ) -> Self::Run<'_, S, K>;

    /// `value - explained` from the `at`-th vector of starts of the run to each of the ends.
    fn rest<'r, S: Simd, const K: usize>(
        simd: S,
        run: &Self::Run<'r, S, K>,
        at: usize,
        value: S::f64s,
    ) -> [S::f64s; K]
    where
        Self: 'r;
}

/// What a walk found for one end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// Least over the starts that leave the last segment enough samples.
    pub(super) exact: f64,
    /// Least over those of its last chunk, too.
    pub(super) relaxed: f64,
}

/// Walks over all chunks of starts from `from` on to ends a chunk apart: the `k`-th may start in `cells + k` whole
/// chunks, and in the first place of the next.
///
/// Keeps the least of every chunk, lane by lane: of the four ends one after the other, chunk by chunk.
#[inline(always)]
pub(super) fn to_anchors<S: Simd, C: Costs>(
    simd: S,
    costs: &C,
    values: &[f64],
    ends: [usize; ENDS],
    (from, cells): (usize, usize),
    chunks: &mut [f64],
) -> [Found; ENDS] {
    let starts = from..from + (cells + ENDS) * CHUNK;
    let run = costs.run(simd, ends, starts.clone());
    let values = S::as_simd_f64s(&values[starts]).0;
    let mut walk = Walk { least: [simd.splat_f64s(f64::INFINITY); ENDS], chunks };
    for chunk in 0..cells {
        let [all, _] = over_chunk::<S, C, ENDS>(simd, &run, values, chunk);
        walk.keep::<S>(simd, chunk, all);
    }
    // Written out, so that the compiler sees which end is meant.
    [
        walk.end::<S, C, 0>(simd, &run, values, cells),
        walk.end::<S, C, 1>(simd, &run, values, cells),
        walk.end::<S, C, 2>(simd, &run, values, cells),
        walk.end::<S, C, 3>(simd, &run, values, cells),
    ]
}

/// Walks over the starts of the listed chunks to each of the ends, in chunk `last` over those up to `end - min`.
#[inline(always)]
pub(super) fn to_ends<S: Simd, C: Costs, const K: usize>(
    simd: S,
    costs: &C,
    values: &[f64],
    ends: [usize; K],
    (from, last, min): (usize, usize, usize),
    list: &[usize],
) -> [f64; K] {
    let starts = from..from + (last + 1) * CHUNK;
    let run = costs.run(simd, ends, starts.clone());
    let values = S::as_simd_f64s(&values[starts]).0;
    let mut least = [simd.splat_f64s(f64::INFINITY); K];
    let (list, late) = match list.split_last() {
        Some((&chunk, list)) if chunk == last => (list, true),
        _ => (list, false),
    };
    for &chunk in list {
        let [all, _] = over_chunk::<S, C, K>(simd, &run, values, chunk);
        for k in 0..K {
            least[k] = simd.min_f64s(least[k], all[k]);
        }
    }
    if late {
        let width = CHUNK / S::F64_LANES;
        for at in last * width..(last + 1) * width {
            let rest = C::rest(simd, &run, at, values[at]);
            let place = from + at * S::F64_LANES;
            for k in 0..K {
                let rest = simd.max_f64s(rest[k], barrier::<S>(place, ends[k] + 1 - min));
                least[k] = simd.min_f64s(least[k], rest);
            }
        }
    }
    let mut found = [0.0; K];
    for k in 0..K {
        found[k] = simd.reduce_min_f64s(least[k]);
    }
    found
}

/// The walk to four anchors.
struct Walk<'c, V> {
    least: [V; ENDS],
    chunks: &'c mut [f64],
}

impl<V: Copy> Walk<'_, V> {
    #[inline(always)]
    fn keep<S: Simd<f64s = V>>(&mut self, simd: S, chunk: usize, all: [V; ENDS]) {
        let places = &mut self.chunks[chunk * ENDS * LANES..(chunk + 1) * ENDS * LANES];
        for k in 0..ENDS {
            S::as_mut_simd_f64s(&mut places[k * LANES..k * LANES + S::F64_LANES]).0[0] = all[k];
            self.least[k] = simd.min_f64s(self.least[k], all[k]);
        }
    }

    /// The last chunk of the `END`-th end.
    #[inline(always)]
    fn end<S: Simd<f64s = V>, C: Costs, const END: usize>(
        &mut self,
        simd: S,
        run: &C::Run<'_, S, ENDS>,
        values: &[V],
        cells: usize,
    ) -> Found {
        let [all, start] = over_chunk::<S, C, ENDS>(simd, run, values, cells + END);
        let before = simd.reduce_min_f64s(self.least[END]);
        self.keep::<S>(simd, cells + END, all);
        let mut lanes = [0.0; LANES];
        S::as_mut_simd_f64s(&mut lanes[..S::F64_LANES]).0[0] = start[END];
        Found { exact: lesser(before, lanes[0]), relaxed: simd.reduce_min_f64s(self.least[END]) }
    }
}

/// Least over the starts of one chunk, lane by lane, and its first vector.
#[inline(always)]
fn over_chunk<S: Simd, C: Costs, const K: usize>(
    simd: S,
    run: &C::Run<'_, S, K>,
    values: &[S::f64s],
    chunk: usize,
) -> [[S::f64s; K]; 2] {
    let width = CHUNK / S::F64_LANES;
    let start = C::rest(simd, run, chunk * width, values[chunk * width]);
    let mut all = start;
    for at in chunk * width + 1..(chunk + 1) * width {
        let rest = C::rest(simd, run, at, values[at]);
        for k in 0..K {
            all[k] = simd.min_f64s(all[k], rest[k]);
        }
    }
    [all, start]
}

/// Minus infinity for the places from `place` that are before `stop`, plus infinity for the others.
#[inline(always)]
fn barrier<S: Simd>(place: usize, stop: usize) -> S::f64s {
    let before = stop.saturating_sub(place).min(LANES);
    S::as_simd_f64s(&BARRIER[LANES - before..2 * LANES - before]).0[0]
}

const BARRIER: [f64; 2 * LANES] = {
    let mut barrier = [f64::NEG_INFINITY; 2 * LANES];
    let mut k = LANES;
    while k < 2 * LANES {
        barrier[k] = f64::INFINITY;
        k += 1;
    }
    barrier
};
