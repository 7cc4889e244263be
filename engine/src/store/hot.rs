//! The newest samples of a series in memory.

use std::collections::VecDeque;

/// A ring of samples: 16 bytes each, and it grows to its size as it fills.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    t_ms: VecDeque<i64>,
    used: VecDeque<f64>,
}

impl Ring {
    /// Adds a sample; beyond `most` the oldest goes.
    pub(super) fn push(&mut self, t_ms: i64, used: f64, most: usize) {
        while !self.t_ms.is_empty() && most <= self.t_ms.len() {
            self.t_ms.pop_front();
            self.used.pop_front();
        }
        if most == 0 {
            return;
        }
        if self.t_ms.len() == self.t_ms.capacity() {
            // Exactly, or the last doubling would leave a third of the memory unused.
            let more = self.t_ms.len().clamp(8, 64).min(most - self.t_ms.len());
            self.t_ms.reserve_exact(more);
            self.used.reserve_exact(more);
        }
        self.t_ms.push_back(t_ms);
        self.used.push_back(used);
    }

    /// Adds older samples, oldest first, before those that are there, as far as `most` leaves room.
    pub(super) fn prepend(&mut self, t_ms: &[i64], used: &[f64], most: usize) {
        let room = most.saturating_sub(self.t_ms.len()).min(t_ms.len());
        for k in (t_ms.len() - room..t_ms.len()).rev() {
            self.t_ms.push_front(t_ms[k]);
            self.used.push_front(used[k]);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.t_ms.len()
    }

    /// Forgets what is later than `t_ms`.
    pub(super) fn forget_after(&mut self, t_ms: i64) {
        let kept = self.t_ms.partition_point(|&t| t <= t_ms);
        self.t_ms.truncate(kept);
        self.used.truncate(kept);
    }

    /// Times and values from `from_ms` on.
    pub(super) fn since(&self, from_ms: i64) -> (Vec<i64>, Vec<f64>) {
        let start = self.t_ms.partition_point(|&t| t < from_ms);
        (self.t_ms.range(start..).copied().collect(), self.used.range(start..).copied().collect())
    }

    /// The newest sample.
    pub(super) fn last(&self) -> Option<(i64, f64)> {
        self.t_ms.back().copied().zip(self.used.back().copied())
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
