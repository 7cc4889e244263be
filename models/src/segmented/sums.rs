//! Running sums of the values of a window.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use super::axis::Axis;
use super::column::Column;
use super::lanes::{running_sums, sums_of, turn};

/// Running sums of the values over the first `k` samples, `k = 0 ..= n`, in one direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    pub(super) y: Column,
    pub(super) xy: Column,
    pub(super) yy: Column,
}

impl Sums {
    /// Gives them room, `border` on a cache line.
    #[inline(always)]
    pub(super) fn shape(&mut self, n: usize, border: usize) {
        for column in [&mut self.y, &mut self.xy, &mut self.yy] {
            column.shape(n + 1, border);
        }
    }

    /// Sums up values that were made small, without their global line on the axis.
    ///
    /// Taking a line off `y` changes the cost of no segment, and leaves digits for what remains.
    #[inline(always)]
    pub(super) fn fill(&mut self, axis: &Axis, y: &[f64]) {
        let [xy] = sums_of(&axis.x, y, |x, y| [x * y]);
        let slope = if 0.0 < axis.xx { xy / axis.xx } else { 0.0 };
        running_sums([&mut self.y, &mut self.xy, &mut self.yy], &axis.x, y, |x, y| {
            let y = y - slope * x;
            [y, x * y, y * y]
        });
    }

    /// Writes the sums in the opposite direction.
    #[inline(always)]
    pub(super) fn turn_into(&self, n: usize, back: &mut Self) {
        turn(&self.y[..=n], &mut back.y);
        turn(&self.xy[..=n], &mut back.xy);
        turn(&self.yy[..=n], &mut back.yy);
    }
}
