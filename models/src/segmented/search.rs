//! Where to break a line twice and thrice.
//!
//! The textbook's dynamic program (Bellman and Roth 1969) costs every segment. Here the window is seen from both ends,
//! and only those segments are costed that can be part of an optimum: see `side` and `meeting`.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use pulp::Simd;

use super::axis::Axis;
use super::even::Even;
use super::meeting::{Meeting, Places};
use super::rows::Costs;
use super::side::{Prefixes, Side, phase};
use super::sums::Sums;
use super::uneven::Uneven;
use super::view::View;

/// Breakpoints, each the place where a new segment begins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Breakpoints {
    /// Of three segments, if so many fit.
    pub(super) two: Option<[usize; 2]>,
    /// Of four.
    pub(super) three: Option<[usize; 3]>,
}

/// Columns of a search, kept from one fit to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    ahead: Sums,
    back: Sums,
    heads: Prefixes,
    tails: Prefixes,
    places: Places,
    column: Vec<f64>,
}

/// Finds the breakpoints that leave the least sum of squared residuals around lines on the axis; `y` was made small.
/// `known` are breakpoints that may be good: they make it faster, and change nothing else.
#[inline(always)]
pub(super) fn breakpoints<S: Simd>(
    simd: S,
    axis: &Axis,
    y: &[f64],
    known: &[Breakpoints],
    room: &mut Room,
) -> Breakpoints {
    let (n, min) = (y.len(), axis.min);
    if n < 3 * min {
        return Breakpoints::default();
    }
    let Room { ahead, back, .. } = room;
    ahead.shape(n, min);
    back.shape(n, min - phase(n, min));
    ahead.fill(axis, y);
    ahead.turn_into(n, back);
    if axis.even { search(simd, axis, Even, known, room) } else { search(simd, axis, Uneven, known, room) }
}

#[inline(always)]
fn search<'a, S: Simd, C: Costs>(
    simd: S,
    axis: &'a Axis,
    costs: impl Fn(View<'a>) -> C,
    known: &[Breakpoints],
    room: &'a mut Room,
) -> Breakpoints {
    let Room { ahead, back, heads, tails, places, column } = room;
    let (n, min) = (axis.len(), axis.min);
    let ahead = View { n, axis, way: &axis.ahead, sums: ahead };
    let back = View { n, axis, way: &axis.back, sums: back };
    let mut heads = Side::new(ahead, costs(ahead), 0, heads);
    let mut tails = Side::new(back, costs(back), phase(n, min), tails);
    heads.fill(simd);
    tails.fill(simd);
    let limits = limits(ahead, known);
    let mut meeting = Meeting::new((n, min), [heads, tails], places, ahead.square(n), limits);
    let [last, middle] = meeting.search(simd);
    let [first, before, behind] = meeting.others(simd, [last, middle], column);
    Breakpoints {
        two: Some([first, last]),
        three: if 4 * min <= n { Some([before, middle, behind]) } else { None },
    }
}

/// Least costs with two and three breakpoints among the known ones.
#[inline(always)]
fn limits(view: View<'_>, known: &[Breakpoints]) -> [f64; 2] {
    let mut limits = [f64::INFINITY; 2];
    for known in known {
        if let Some([a, b]) = known.two {
            limits[0] = limits[0].min(view.cost(0, a) + view.cost(a, b) + view.cost(b, view.n));
        }
        if let Some([a, b, c]) = known.three {
            let cost = view.cost(0, a) + view.cost(a, b) + view.cost(b, c) + view.cost(c, view.n);
            limits[1] = limits[1].min(cost);
        }
    }
    limits
}
