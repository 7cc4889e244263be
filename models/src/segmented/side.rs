//! What lies before the middle breakpoint, or behind it: the least cost of the first `j` samples in two segments,
//! exact at anchors, bounded from below between them, exact elsewhere where it is asked for.
//!
//! ```text
//! two[j] = min over i of one[i] + cost(i, j)                        one[i]: cost of the first i in one segment
//!       >= min over i of one[i] + cost(i, a) + cost(a, j)           for an anchor i <= a <= j
//! ```
//!
//! A line through samples leaves no less than two lines through parts of them do (the inequality that PELT prunes by:
//! Killick, Fearnhead and Eckley 2012, eq. 4). So the least over `i` up to an anchor, computed once, bounds all
//! places up to the next one; and a chunk of starts whose least at the anchor is too much is passed over at all of them.
#![allow(clippy::needless_range_loop, reason = "one place goes through several columns")]
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use pulp::{Simd, WithSimd};

use super::column::{Column, PAD};
use super::lanes::LANES;
use super::rows::{CHUNK, Costs, ENDS, Found, to_anchors, to_ends};
use super::view::View;

/// Places from one anchor to the next. A segment that ends between two anchors starts before the first of them, as
/// segments are no shorter than this but for one sample.
pub(super) const CELL: usize = CHUNK;

/// How far the first anchor from the end lies before the first place where two segments fit, so that the anchors of
/// both directions are the same places.
pub(super) fn phase(n: usize, min: usize) -> usize {
    (4 * min + n * (CELL - 1)) % CELL
}

/// Columns of a side, kept from one fit to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Prefixes {
    /// `one[i]`: cost of the first `i` samples in one segment.
    pub(super) one: Vec<f64>,
    /// `two[j]`: cost of the first `j` samples in two segments at anchors, a bound below it elsewhere.
    pub(super) two: Vec<f64>,
    /// `one[i] - yy[i]`: of a cost the part that depends on the start of the last segment alone.
    values: Column,
    /// Cost of the samples from the anchor before `j` to `j`.
    inside: Vec<f64>,
    /// Least for every anchor and chunk of starts, lane by lane: four anchors after the other.
    chunks: Vec<f64>,
    /// The chunks that are not passed over.
    list: Vec<usize>,
}

/// One side: `J` is how its segments are costed.
pub(super) struct Side<'a, C> {
    view: View<'a>,
    costs: C,
    min: usize,
    /// Where the first chunk of starts begins.
    from: usize,
    /// How many anchors there are.
    cells: usize,
    pub(super) prefixes: &'a mut Prefixes,
}

impl<'a, C: Costs> Side<'a, C> {
    /// The side of a view whose first anchor lies `phase` before the first possible place.
    #[inline(always)]
    pub(super) fn new(view: View<'a>, costs: C, phase: usize, prefixes: &'a mut Prefixes) -> Self {
        let min = view.axis.min;
        let from = min - phase;
        let cells = (view.n - min - (from + min)) / CELL + 1;
        Self { view, costs, min, from, cells, prefixes }
    }

    /// Computes what is exact from the outset, and the bounds.
    #[inline(always)]
    pub(super) fn fill<S: Simd>(&mut self, simd: S) {
        let (n, min) = (self.view.n, self.min);
        let Prefixes { one, two, values, inside, chunks, list } = &mut *self.prefixes;
        one.resize(n + 1 + PAD, f64::INFINITY);
        one[..min].fill(f64::INFINITY);
        self.view.costs_whole(simd, min, &mut one[min..min + (n + 1 - min).next_multiple_of(LANES)]);
        values.shape(n + 1, self.from);
        let yy = &self.view.sums.yy[..=n];
        let zero = yy[0];
        for ((value, one), yy) in values.iter_mut().zip(&one[..=n]).zip(yy) {
            *value = one - (yy - zero);
        }
        two.resize(n + 1 + PAD, 0.0);
        inside.resize(n + 1 + PAD, 0.0);
        let fours = self.cells.div_ceil(ENDS);
        chunks.resize(fours * (fours + 1) / 2 * FOUR, 0.0);
        list.resize(self.cells, 0);
        self.bound(simd);
    }

    #[inline(always)]
    fn bound<S: Simd>(&mut self, simd: S) {
        let first = self.first();
        let Prefixes { two, values, inside, chunks, .. } = &mut *self.prefixes;
        self.view.costs_inside(simd, first, &mut inside[first + 1..=first + self.cells * CELL]);
        let mut chunks = &mut chunks[..];
        for four in 0..self.cells.div_ceil(ENDS) {
            let (own, rest) = chunks.split_at_mut((four + 1) * FOUR);
            chunks = rest;
            let cells = four * ENDS;
            let count = ENDS.min(self.cells - cells);
            let mut ends = [first + cells * CELL; ENDS];
            for k in 1..count {
                ends[k] += k * CELL;
            }
            let found = simd.vectorize(Anchors {
                costs: &self.costs,
                values,
                ends,
                place: (self.from, cells),
                chunks: own,
            });
            for k in 0..count {
                let (end, square) = (ends[k], self.view.square(ends[k]));
                // Where samples are too near to each other for the sums, costs of few of them are not to be trusted.
                let relaxed =
                    if self.view.axis.distinct { (found[k].relaxed + square).max(0.0) } else { 0.0 };
                two[end] = (found[k].exact + square).max(0.0);
                for (two, inside) in two[end + 1..end + CELL].iter_mut().zip(&inside[end + 1..end + CELL]) {
                    *two = if self.view.axis.distinct { relaxed + inside } else { 0.0 };
                }
            }
        }
    }

    /// The first anchor.
    pub(super) fn first(&self) -> usize {
        self.from + self.min
    }

    /// Looks for the costs of the first `j` samples in two segments, for each of `ends` between an anchor and the
    /// next: each is the least there is if that is not over its limit, and else some cost over it.
    #[inline(always)]
    pub(super) fn settle<S: Simd>(
        &mut self,
        simd: S,
        cell: usize,
        ends: &[usize],
        limits: &[f64],
        costs: &mut [f64],
    ) {
        for ((ends, limits), costs) in ends.chunks(ENDS).zip(limits.chunks(ENDS)).zip(costs.chunks_mut(ENDS))
        {
            if let (&[a, b, c, d], &[la, lb, lc, ld]) = (ends, limits) {
                let (ends, limits) = ([a, b, c, d], [la, lb, lc, ld]);
                costs.copy_from_slice(&simd.vectorize(Settle { side: self, cell, ends, limits }));
            } else if let (&[a, b, c], &[la, lb, lc]) = (ends, limits) {
                let (ends, limits) = ([a, b, c], [la, lb, lc]);
                costs.copy_from_slice(&simd.vectorize(Settle { side: self, cell, ends, limits }));
            } else if let (&[a, b], &[la, lb]) = (ends, limits) {
                let (ends, limits) = ([a, b], [la, lb]);
                costs.copy_from_slice(&simd.vectorize(Settle { side: self, cell, ends, limits }));
            } else if let (&[a], &[la]) = (ends, limits) {
                let (ends, limits) = ([a], [la]);
                costs.copy_from_slice(&simd.vectorize(Settle { side: self, cell, ends, limits }));
            }
        }
    }

    /// Where the last of the two segments of the first `j` samples starts.
    #[inline(always)]
    pub(super) fn start<S: Simd>(&self, simd: S, j: usize, room: &mut Vec<f64>) -> usize {
        self.view.best_start(simd, &self.prefixes.one, (self.min, j - self.min + 1), j, room)
    }
}

/// Numbers that four anchors keep of four chunks.
const FOUR: usize = ENDS * ENDS * LANES;

/// [`to_anchors`], compiled on its own: the registers are all its own then.
struct Anchors<'s, C> {
    costs: &'s C,
    values: &'s [f64],
    ends: [usize; ENDS],
    place: (usize, usize),
    chunks: &'s mut [f64],
}

impl<C: Costs> WithSimd for Anchors<'_, C> {
    type Output = [Found; ENDS];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Self { costs, values, ends, place, chunks } = self;
        to_anchors(simd, costs, values, ends, place, chunks)
    }
}

/// [`Side::settle`] for so many ends, compiled on its own.
struct Settle<'s, 'a, C, const K: usize> {
    side: &'s mut Side<'a, C>,
    cell: usize,
    ends: [usize; K],
    limits: [f64; K],
}

impl<C: Costs, const K: usize> WithSimd for Settle<'_, '_, C, K> {
    type Output = [f64; K];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; K] {
        let Self { side, cell, ends, limits } = self;
        let anchor = side.first() + cell * CELL;
        let Prefixes { values, inside, chunks, list, .. } = &mut *side.prefixes;
        let mut limit = f64::NEG_INFINITY;
        for k in 0..K {
            let own = limits[k] - inside[ends[k]];
            limit = if limit < own { own } else { limit };
        }
        let limit = if side.view.axis.distinct { limit - side.view.square(anchor) } else { f64::INFINITY };
        let four = cell / ENDS;
        let kept = &chunks[four * (four + 1) / 2 * FOUR..][..(cell + 1) * ENDS * LANES];
        let count = under(simd, kept, cell % ENDS, limit, &mut list[..=cell]);
        let place = (side.from, cell, side.min);
        let mut costs = to_ends(simd, &side.costs, values, ends, place, &list[..count]);
        for k in 0..K {
            costs[k] = (costs[k] + side.view.square(ends[k])).max(0.0);
        }
        costs
    }
}

/// Lists the chunks whose least for the `k`-th of four anchors is not over the limit, and says how many they are.
#[inline(always)]
fn under<S: Simd>(simd: S, kept: &[f64], k: usize, limit: f64, list: &mut [usize]) -> usize {
    let limit = simd.splat_f64s(limit);
    let lanes = k * LANES..k * LANES + S::F64_LANES;
    let mut count = 0;
    for (chunk, kept) in kept.as_chunks::<{ ENDS * LANES }>().0.iter().enumerate() {
        let under = simd.less_than_or_equal_f64s(S::as_simd_f64s(&kept[lanes.clone()]).0[0], limit);
        list[count] = chunk;
        count += usize::from(simd.first_true_m64s(under) < S::F64_LANES);
    }
    count
}
