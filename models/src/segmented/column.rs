//! A column of numbers that vectors are read from.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use std::ops::{Deref, DerefMut};

use super::lanes::LANES;

/// Numbers behind the last place of a column that walks may read (and mask): a few chunks of starts.
pub(super) const PAD: usize = 12 * LANES;

/// Bytes of a cache line.
const LINE: usize = 64;

/// A column of which one place lies on the border of a cache line, so that vectors that begin there, or whole vectors
/// away, do not straddle it: those that do take twice the time to read.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    numbers: Vec<f64>,
    from: usize,
    len: usize,
}

impl Column {
    /// Gives it room for `len` numbers and [`PAD`] more; what it holds is of no meaning afterwards.
    #[inline(always)]
    pub(super) fn shape(&mut self, len: usize, border: usize) {
        self.len = len + PAD;
        self.numbers.resize(self.len + LANES, 0.0);
        self.from = self.numbers[border..].as_ptr().align_offset(LINE).min(LANES);
    }
}

impl Deref for Column {
    type Target = [f64];

    #[inline(always)]
    fn deref(&self) -> &[f64] {
        &self.numbers[self.from..self.from + self.len]
    }
}

impl DerefMut for Column {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.numbers[self.from..self.from + self.len]
    }
}
