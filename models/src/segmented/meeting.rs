//! The search for the middle breakpoint, where both sides meet: branch and bound over cells of places.
//!
//! A cell whose bounds are over the least cost known holds no optimum (Land and Doig 1960). The most promising cell
//! comes first, so that the least cost known is low when the others' turn comes.
#![allow(clippy::needless_range_loop, reason = "one place goes through several columns")]
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use pulp::Simd;

use super::lanes::{least, lesser};
use super::rows::Costs;
use super::side::{CELL, Side};

const FAR: f64 = f64::INFINITY;

/// How much over the least cost known a bound may be, as a share of the sum of squares: what rounding makes of sums.
const BOUND: f64 = 1e-12;
/// How much two costs may differ that are one and the same.
const SAME: f64 = 4e-15;
/// What is not told from nothing.
const NOTHING: f64 = 1e-14;

/// Columns of a meeting by place, from the first place where two segments fit, in whole cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// Cost of the samples before the place in two segments, or a bound.
    left: Vec<f64>,
    /// Cost of the samples from the place on in two segments, or a bound.
    right: Vec<f64>,
    /// Cost of the samples from the place on in one segment.
    last: Vec<f64>,
    /// Least bound of each cell, but for its anchor.
    bounds: Vec<f64>,
    two: Goal,
    three: Goal,
}

/// The least cost with a number of breakpoints, as far as it is known.
#[derive(Clone, Debug, Default)]
struct Goal {
    /// Least of those that were met.
    least: f64,
    /// What it will not be over.
    limit: f64,
    /// How much two costs may differ that are one and the same.
    same: f64,
    /// What was met when it was the least, and where.
    met: Vec<(f64, usize)>,
}

impl Goal {
    #[inline(always)]
    fn start(&mut self, limit: f64, same: f64) {
        (self.least, self.limit, self.same) = (FAR, limit, same);
        self.met.clear();
    }

    #[inline(always)]
    fn meet(&mut self, cost: f64, place: usize) {
        if cost <= self.least + self.same {
            self.met.push((cost, place));
            self.least = lesser(cost, self.least);
            self.limit = lesser(cost, self.limit);
        }
    }

    /// The first place of the least cost.
    fn place(&self) -> usize {
        let best = self.met.iter().filter(|(cost, _)| *cost <= self.least + self.same);
        best.map(|&(_, place)| place).min().unwrap_or(0)
    }
}

/// Both sides, and what is known of their meeting.
pub(super) struct Meeting<'a, C> {
    n: usize,
    /// The place where the columns begin.
    first: usize,
    sides: [Side<'a, C>; 2],
    places: &'a mut Places,
    /// Sum of the squares of all samples.
    square: f64,
}

impl<'a, C: Costs> Meeting<'a, C> {
    /// A meeting of sides that are filled; `limits` are costs with two and three breakpoints that can be had.
    #[inline(always)]
    pub(super) fn new(
        (n, min): (usize, usize),
        sides: [Side<'a, C>; 2],
        places: &'a mut Places,
        square: f64,
        limits: [f64; 2],
    ) -> Self {
        places.two.start(limits[0], square * SAME);
        places.three.start(limits[1], square * SAME);
        let mut meeting = Self { n, first: 2 * min, sides, places, square };
        meeting.lay_out(min);
        meeting.anchors();
        meeting
    }

    /// Writes down by place what the sides know.
    #[inline(always)]
    fn lay_out(&mut self, min: usize) {
        let (n, first) = (self.n, self.first);
        let (twice, thrice) = (n - min - first + 1, (n + 1).saturating_sub(2 * first));
        let size = twice.next_multiple_of(CELL);
        let Places { left, right, last, .. } = &mut *self.places;
        for column in [&mut *left, right, last] {
            column.resize(size, FAR);
        }
        let [heads, tails] = [&*self.sides[0].prefixes, &*self.sides[1].prefixes];
        left[..twice].copy_from_slice(&heads.two[first..first + twice]);
        for (last, one) in last[..twice].iter_mut().zip(tails.one[min..min + twice].iter().rev()) {
            *last = *one;
        }
        for (right, two) in right[..thrice].iter_mut().zip(tails.two[first..first + thrice].iter().rev()) {
            *right = *two;
        }
        for (column, end) in [(left, twice), (last, twice), (right, thrice)] {
            column[end..].fill(FAR);
        }
    }

    /// Meets at the anchors, where all is exact, and bounds the cells.
    #[inline(always)]
    fn anchors(&mut self) {
        let Places { left, right, last, bounds, two, three } = &mut *self.places;
        let left = left.as_chunks::<CELL>().0;
        let (right, last) = (right.as_chunks::<CELL>().0, last.as_chunks::<CELL>().0);
        bounds.resize(left.len(), FAR);
        for (cell, (((left, right), last), bound)) in left.iter().zip(right).zip(last).zip(bounds).enumerate()
        {
            two.meet(left[0] + last[0], cell * CELL);
            three.meet(left[0] + right[0], cell * CELL);
            let mut sums = [FAR; CELL];
            for k in 1..CELL {
                sums[k] = left[k] + right[k];
            }
            *bound = least(&sums);
        }
    }

    /// Finds the places of the last of two and of the middle one of three breakpoints; the first of equal ones.
    #[inline(always)]
    pub(super) fn search<S: Simd>(&mut self, simd: S) -> [usize; 2] {
        let (nothing, slack) = (self.square * NOTHING, self.square * BOUND);
        while nothing < self.places.three.least {
            let bound = least(&self.places.bounds);
            if bound == FAR || self.places.three.limit + slack < bound {
                break;
            }
            let cell = self.places.bounds.iter().position(|&other| other <= bound).unwrap_or(0);
            self.places.bounds[cell] = FAR;
            self.cell(simd, cell, true);
        }
        if nothing < self.places.two.least {
            for cell in 0..self.places.bounds.len() {
                self.cell(simd, cell, false);
            }
        }
        [self.first + self.places.two.place(), self.first + self.places.three.place()]
    }

    /// Makes exact in a cell what may be an optimum: with two breakpoints, and also with three if `thrice`.
    #[inline(always)]
    fn cell<S: Simd>(&mut self, simd: S, cell: usize, thrice: bool) {
        let slack = self.square * BOUND;
        let three = if thrice { self.places.three.limit + slack } else { -FAR };
        let mut waiting = Waiting::default();
        if !waiting.find(self.places, cell, self.places.two.limit + slack, three) {
            return;
        }
        let mut lefts = [0.0; CELL];
        self.settle_left(simd, cell, &waiting, &mut lefts);
        if thrice {
            self.settle_right(simd, &waiting, &lefts);
        }
    }

    #[inline(always)]
    fn settle_left<S: Simd>(&mut self, simd: S, cell: usize, waiting: &Waiting, lefts: &mut [f64; CELL]) {
        let count = waiting.count;
        let mut ends = [0; CELL];
        for (end, place) in ends.iter_mut().zip(&waiting.places[..count]) {
            *end = self.first + place;
        }
        self.sides[0].settle(simd, cell, &ends[..count], &waiting.limits[..count], &mut lefts[..count]);
        for k in 0..count {
            let place = waiting.places[k];
            let exact = lefts[k] <= waiting.limits[k];
            self.places.left[place] = if exact { lefts[k] } else { waiting.limits[k] };
            if exact {
                self.places.two.meet(lefts[k] + self.places.last[place], place);
            }
        }
    }

    #[inline(always)]
    fn settle_right<S: Simd>(&mut self, simd: S, left: &Waiting, lefts: &[f64; CELL]) {
        let most = self.places.three.limit + self.square * BOUND;
        let mut waiting = Waiting::default();
        let (mut ends, mut rights) = ([0; CELL], [0.0; CELL]);
        for k in 0..left.count {
            let (place, limit) = (left.places[k], most - lefts[k]);
            ends[waiting.count] = self.n - self.first - place;
            waiting.push(place, limit, self.places.right[place] <= limit);
        }
        let count = waiting.count;
        if count == 0 {
            return;
        }
        // The anchor behind the cell is the one before it from the end.
        let behind = (ends[0] - self.sides[1].first()) / CELL;
        self.sides[1].settle(simd, behind, &ends[..count], &waiting.limits[..count], &mut rights[..count]);
        for k in 0..count {
            if rights[k] <= waiting.limits[k] {
                let place = waiting.places[k];
                self.places.three.meet(self.places.left[place] + rights[k], place);
            }
        }
    }

    /// Where the breakpoints before two places are, and the one behind the second.
    #[inline(always)]
    pub(super) fn others<S: Simd>(
        &self,
        simd: S,
        [two, three]: [usize; 2],
        room: &mut Vec<f64>,
    ) -> [usize; 3] {
        let [heads, tails] = &self.sides;
        let thrice = three + self.first <= self.n;
        let before = if thrice { heads.start(simd, three, room) } else { 0 };
        let behind = if thrice { self.n - tails.start(simd, self.n - three, room) } else { 0 };
        [heads.start(simd, two, room), before, behind]
    }
}

/// Places of a cell that are to be made exact.
#[derive(Default)]
struct Waiting {
    places: [usize; CELL],
    /// What each may cost and still matter.
    limits: [f64; CELL],
    count: usize,
}

impl Waiting {
    /// Writes a place down, and keeps it if it is wanted: no branch is taken that would be guessed wrong.
    #[inline(always)]
    fn push(&mut self, place: usize, limit: f64, wanted: bool) {
        self.places[self.count] = place;
        self.limits[self.count] = limit;
        self.count += usize::from(wanted);
    }

    /// Finds those whose left side may cost so little that a total with two or three breakpoints is not over
    /// `two` or `three`, and says whether there are any.
    #[inline(always)]
    fn find(&mut self, places: &Places, cell: usize, two: f64, three: f64) -> bool {
        let range = cell * CELL..(cell + 1) * CELL;
        let (Some(left), Some(right), Some(last)) = (
            places.left[range.clone()].as_array::<CELL>(),
            places.right[range.clone()].as_array::<CELL>(),
            places.last[range.clone()].as_array::<CELL>(),
        ) else {
            return false;
        };
        let (mut limits, mut wanted) = ([0.0; CELL], [false; CELL]);
        for k in 1..CELL {
            let (two, three) = (two - last[k], three - right[k]);
            limits[k] = if two < three { three } else { two };
            wanted[k] = left[k] <= limits[k];
        }
        if !wanted.contains(&true) {
            return false;
        }
        // The anchor is never wanted, so there is room for the last one to be written down and not kept.
        for k in 1..CELL {
            self.push(range.start + k, limits[k], wanted[k]);
        }
        true
    }
}
