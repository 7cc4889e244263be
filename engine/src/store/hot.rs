//! The newest samples of a series in memory.

use std::collections::VecDeque;

/// A ring of samples: 16 bytes each, and it grows to its size as it fills. Time and value lie together, so that a tick
/// touches one place a series.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring(VecDeque<(i64, f64)>);

impl Ring {
    /// Adds a sample; beyond `most` the oldest goes.
    pub(super) fn push(&mut self, t_ms: i64, used: f64, most: usize) {
        while !self.0.is_empty() && most <= self.0.len() {
            self.0.pop_front();
        }
        if most == 0 {
            return;
        }
        if self.0.len() == self.0.capacity() {
            // Exactly, or the last doubling would leave a third of the memory unused.
            self.0.reserve_exact(self.0.len().clamp(8, 64).min(most - self.0.len()));
        }
        self.0.push_back((t_ms, used));
    }

    /// Adds older samples, oldest first, before those that are there, as far as `most` leaves room.
    pub(super) fn prepend(&mut self, t_ms: &[i64], used: &[f64], most: usize) {
        let room = most.saturating_sub(self.0.len()).min(t_ms.len());
        for k in (t_ms.len() - room..t_ms.len()).rev() {
            self.0.push_front((t_ms[k], used[k]));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets what is later than `t_ms`.
    pub(super) fn forget_after(&mut self, t_ms: i64) {
        self.0.truncate(self.0.partition_point(|&(t, _)| t <= t_ms));
    }

    /// Times and values from `from_ms` on.
    pub(super) fn since(&self, from_ms: i64) -> (Vec<i64>, Vec<f64>) {
        let start = self.0.partition_point(|&(t, _)| t < from_ms);
        self.0.range(start..).copied().unzip()
    }

    /// The newest sample.
    pub(super) fn last(&self) -> Option<(i64, f64)> {
        self.0.back().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes() {
        let mut ring = Ring::default();
        (0..10).for_each(|t| ring.push(t, t as f64, 4));
        assert_eq!(ring.since(i64::MIN), (vec![6, 7, 8, 9], vec![6.0, 7.0, 8.0, 9.0]));
        assert_eq!(ring.since(8), (vec![8, 9], vec![8.0, 9.0]));
        ring.forget_after(7);
        assert_eq!(ring.last(), Some((7, 7.0)));
        ring.prepend(&[1, 2, 3, 5], &[1.0, 2.0, 3.0, 5.0], 4);
        assert_eq!(ring.since(0).0, [3, 5, 6, 7]);
    }

    #[test]
    fn a_ring_of_nothing_holds_nothing() {
        let mut ring = Ring::default();
        ring.push(1, 1.0, 0);
        assert_eq!(ring.len(), 0);
    }
}
