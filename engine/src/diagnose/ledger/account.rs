//! The blocks of one group or tag.

use std::collections::VecDeque;

/// Blocks of each coarseness.
pub(super) const KEPT: usize = 64;
/// Blocks that make one of the next coarseness.
const FINER: usize = 4;

/// What is kept of a group.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quantity {
    /// Bytes that no file backs.
    Anonymous,
    /// Open descriptors.
    Files,
    /// Threads.
    Threads,
    /// Processes.
    Number,
}

pub(super) type Entry = [f32; 4];

pub(super) const ABSENT: Entry = [f32::NAN; 4];

/// The blocks of one group or tag, one queue a tier; the newest last, all queues ending with the same block.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// Samples of the finest open block, from the first one in which it can have been there.
    pub(super) open: Vec<Entry>,
    /// The place of that one.
    began: usize,
    pub(super) kept: Vec<VecDeque<Entry>>,
    pub(super) seen_ms: i64,
}

impl Account {
    /// Notes sample `place` of the open block; samples since the first in which nobody was seen are nothing used.
    pub(super) fn see(&mut self, t_ms: i64, place: usize, entry: Entry) {
        self.seen_ms = t_ms;
        if self.open.is_empty() {
            self.began = if self.kept.is_empty() { place } else { 0 };
        }
        self.open.resize(place.saturating_sub(self.began).max(self.open.len()), Entry::default());
        self.open.push(entry);
    }

    /// Ends the open block of tier `k`, which for the finest had `samples` samples.
    pub(super) fn close(&mut self, k: usize, samples: usize, tiers: usize) {
        if k == 0 {
            if !self.open.is_empty() {
                let there = samples.saturating_sub(self.began).max(self.open.len());
                self.open.resize(there, Entry::default());
            }
            let entry = median(&self.open);
            self.open.clear();
            return self.push(0, entry, tiers);
        }
        let newest: Vec<Entry> = self
            .kept
            .get(k - 1)
            .map_or(Vec::new(), |finer| finer.iter().rev().take(FINER).copied().collect());
        self.push(k, median(&newest), tiers);
    }

    pub(super) fn push(&mut self, k: usize, entry: Entry, tiers: usize) {
        if self.kept.is_empty() {
            // All at once, and written to: what it uses does not grow with the days it has seen.
            self.kept = (0..tiers).map(|_| VecDeque::from(vec![ABSENT; KEPT])).collect();
            self.kept.iter_mut().for_each(VecDeque::clear);
        }
        let kept = &mut self.kept[k];
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(entry);
    }

    /// The blocks of tier `k` as samples at their middles, where it was seen in any of them.
    pub(super) fn series(
        &self,
        k: usize,
        quantity: Quantity,
        width_ms: i64,
        end: i64,
    ) -> Option<(Vec<i64>, Vec<f64>)> {
        let kept = self.kept.get(k)?;
        let from = end - i64::try_from(kept.len()).ok()?;
        let points = (from..)
            .zip(kept)
            .map(|(block, entry)| (block * width_ms + width_ms / 2, f64::from(entry[quantity as usize])));
        let there: (Vec<i64>, Vec<f64>) = points.filter(|(_, value)| value.is_finite()).unzip();
        (!there.0.is_empty()).then_some(there)
    }
}

/// The median of each quantity over the entries that are there.
fn median(entries: &[Entry]) -> Entry {
    std::array::from_fn(|q| {
        let mut values: Vec<f32> =
            entries.iter().map(|entry| entry[q]).filter(|value| value.is_finite()).collect();
        if values.is_empty() {
            return f32::NAN;
        }
        let (middle, even) = (values.len() / 2, values.len().is_multiple_of(2));
        let (before, &mut upper, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
        if even {
            f32::midpoint(before.iter().copied().fold(f32::NEG_INFINITY, f32::max), upper)
        } else {
            upper
        }
    })
}
