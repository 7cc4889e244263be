//! Where to break a line twice and thrice: dynamic programming over every place.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use pulp::{Arch, Simd, WithSimd};

use super::even::Even;
use super::kernel::{Prefixes, prefixes};
use super::sums::{Sums, lanes_least};
use super::uneven::Uneven;

/// The optimal breakpoints, each the place where a new segment begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Breakpoints {
    /// Of three segments, if so many fit.
    pub(super) two: Option<[usize; 2]>,
    /// Of four.
    pub(super) three: Option<[usize; 3]>,
}

/// Finds the breakpoints that leave the least sum of squared residuals around lines on `x`,
/// with at least `min` samples a segment; `min` is at least 15.
pub(super) fn breakpoints(x: &[f64], y: &[f64], min: usize) -> Breakpoints {
    if x.len() < 3 * min {
        return Breakpoints { two: None, three: None };
    }
    Arch::new().dispatch(Search { x, y, min })
}

/// The search, to be run on whatever vectors the processor has.
struct Search<'a> {
    x: &'a [f64],
    y: &'a [f64],
    min: usize,
}

impl WithSimd for Search<'_> {
    type Output = Breakpoints;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Breakpoints {
        let Self { x, y, min } = self;
        let sums = Sums::new(x, y);
        let Prefixes { one, two, three } = match Even::of(&sums) {
            Some(costs) => prefixes(simd, &sums, min, &costs),
            None => prefixes(simd, &sums, min, &Uneven { sums: &sums }),
        };
        Breakpoints {
            two: Some(backtrack(&sums, min, [&one, &two])),
            three: (4 * min <= x.len()).then(|| backtrack(&sums, min, [&one, &two, &three])),
        }
    }
}

/// Follows the optimum back from the end of the window, looking for each breakpoint again: cheaper than to
/// write down in the pass where every minimum lay.
///
/// `prefixes[k][i]` is the least cost of the first `i` samples in `k + 1` segments.
#[inline(always)]
fn backtrack<const K: usize>(sums: &Sums, min: usize, prefixes: [&[f64]; K]) -> [usize; K] {
    let mut breakpoints = [0; K];
    let mut end = sums.len();
    for k in (0..K).rev() {
        let from = (k + 1) * min;
        let totals = sums.totals(prefixes[k], from, end - min + 1, end);
        let least = lanes_least(&totals, |total| total);
        end = from + totals.iter().position(|&total| total <= least).unwrap_or(0);
        breakpoints[k] = end;
    }
    breakpoints
}
