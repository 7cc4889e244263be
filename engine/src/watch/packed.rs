//! Block medians in eight bytes each: seven digits of a level, and its time to a sixteenth of a block.

use std::collections::VecDeque;

use super::memory::{make_room, taken};

/// A block is divided into so many parts at most, as far as that leaves whole milliseconds.
const PARTS: i64 = 16;

/// Values in order of time, at most one a block.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    /// Units since the base, and the level.
    kept: VecDeque<(u32, f32)>,
    unit_ms: i64,
    /// Units since 1970 UTC.
    base: i64,
}

impl Packed {
    /// Nothing yet, with room for `most`, of blocks `width_ms` long.
    pub(super) fn new(width_ms: i64, most: usize) -> Self {
        let parts = (1..=PARTS).rev().find(|parts| width_ms % parts == 0).unwrap_or(1);
        Self { kept: taken(most, (u32::MAX, f32::NAN)), unit_ms: (width_ms / parts).max(1), base: 0 }
    }

    /// Takes in a value of a later block than the last one.
    #[allow(clippy::cast_possible_truncation, reason = "seven digits are more than a block median means")]
    pub(super) fn push(&mut self, (t_ms, value): (i64, f64)) {
        // Units divide blocks, so that two blocks are never at the same time.
        let at = t_ms.div_euclid(self.unit_ms);
        if self.kept.is_empty() {
            self.base = at;
        }
        if u32::try_from(at - self.base).is_err() {
            self.rebase();
        }
        make_room(&mut self.kept);
        self.kept.push_back((u32::try_from(at - self.base).unwrap_or(u32::MAX), value as f32));
    }

    /// Counts from the oldest value on.
    fn rebase(&mut self) {
        let first = self.kept.front().map_or(0, |(at, _)| *at);
        self.kept.iter_mut().for_each(|(at, _)| *at -= first);
        self.base += i64::from(first);
    }

    /// Takes out the oldest value if it is earlier than `t_ms`.
    pub(super) fn pop_before(&mut self, t_ms: i64) -> Option<(i64, f64)> {
        let first = self.iter().next().filter(|(t, _)| *t < t_ms)?;
        self.kept.pop_front();
        Some(first)
    }

    /// Forgets what is not earlier than `t_ms`.
    pub(super) fn forget_from(&mut self, t_ms: i64) {
        let stay = self.iter().take_while(|(t, _)| *t < t_ms).count();
        self.kept.truncate(stay);
    }

    /// All values, oldest first; times are the beginnings of their units.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, f64)> {
        let time = |at: u32| (self.base + i64::from(at)) * self.unit_ms;
        self.kept.iter().map(move |&(at, value)| (time(at), f64::from(value)))
    }

    /// Values that it has room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.kept.capacity()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn beyond_the_largest_number_it_counts_anew() {
        let mut packed = Packed::new(16, 4);
        let far = i64::from(u32::MAX) - 5;
        for t in [0, far, far + 16] {
            packed.push((t, t as f64));
            if t == far {
                packed.pop_before(1);
            }
        }
        assert_eq!(packed.iter().map(|(t, _)| t).collect::<Vec<_>>(), [far, far + 16]);
    }

    proptest! {
        #[test]
        fn a_value_comes_back_with_seven_digits_within_its_block(
            width in 1..10_000_000_i64,
            blocks in prop::collection::vec((1..50_i64, 0..1_000_000_i64, -1e12..1e12), 0..40),
        ) {
            let (mut packed, mut block) = (Packed::new(width, 8), 1_700_000_000_000 / width);
            let values: Vec<(i64, f64)> = blocks.iter().map(|&(step, within, value)| {
                block += step;
                (block * width + within % width, value)
            }).collect();
            for &value in &values {
                packed.push(value);
            }
            let back: Vec<(i64, f64)> = packed.iter().collect();
            prop_assert_eq!(back.len(), values.len());
            prop_assert!(back.windows(2).all(|pair| pair[0].0 < pair[1].0));
            for (back, value) in back.iter().zip(&values) {
                prop_assert_eq!(back.0.div_euclid(width), value.0.div_euclid(width));
                prop_assert!(back.0 <= value.0 && (back.1 - value.1).abs() <= 1e-7 * value.1.abs());
            }
        }
    }
}
