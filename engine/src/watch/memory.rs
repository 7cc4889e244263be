//! The samples of one series that forecasts need, the older the coarser: days in a few kilobytes.
//!
//! All of its memory is taken when a series is first seen: what a daemon uses does not grow with what it has seen.

use std::collections::VecDeque;

use super::packed::Packed;

/// A step of coarseness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Milliseconds that one value stands for; zero for samples as they come.
    pub(super) width_ms: i64,
    /// Milliseconds that are kept.
    pub(super) span_ms: i64,
    /// Values that are expected at most.
    pub(super) most: usize,
}

/// The samples of one series. Values that a finer tier lets go become block medians of the next one.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    /// Samples as they come.
    fine: VecDeque<(i64, f64)>,
    span_ms: i64,
    tiers: Vec<Tier>,
}

#[derive(Clone, Debug)]
struct Tier {
    step: Step,
    kept: Packed,
    /// What the block that is being filled holds.
    open: Vec<(i64, f64)>,
}

impl Memory {
    /// Nothing yet; `steps` from fine to coarse, the first for samples as they come.
    pub(super) fn new(steps: &[Step]) -> Self {
        let (fine, coarse) = steps.split_first().map_or((0, steps), |(fine, coarse)| (fine.most, coarse));
        let tier =
            |&step: &Step| Tier { step, kept: Packed::new(step.width_ms, step.most), open: Vec::new() };
        Self {
            fine: taken(fine, (i64::MIN, f64::NAN)),
            span_ms: steps.first().map_or(0, |step| step.span_ms),
            tiers: coarse.iter().map(tier).collect(),
        }
    }

    /// The same values under other steps; what is coarse already stays so.
    pub(super) fn regrouped(&self, steps: &[Step]) -> Self {
        let mut memory = Self::new(steps);
        let (t, v) = self.all();
        t.into_iter().zip(v).for_each(|(t_ms, value)| memory.push(t_ms, value));
        memory
    }

    /// Takes in a sample; one that is not newer than the last is passed over.
    pub(super) fn push(&mut self, t_ms: i64, value: f64) {
        if self.last().is_some_and(|(last, _)| t_ms <= last) {
            return;
        }
        make_room(&mut self.fine);
        self.fine.push_back((t_ms, value));
        let from = t_ms - self.span_ms;
        while let Some(old) = self.fine.pop_front_if(|(t, _)| *t < from) {
            let mut falling = vec![old];
            for tier in &mut self.tiers {
                falling = tier.take(&falling, t_ms);
            }
        }
    }

    /// Forgets what is not earlier than `t_ms`.
    pub(super) fn forget_from(&mut self, t_ms: i64) {
        self.fine.truncate(self.fine.partition_point(|(t, _)| *t < t_ms));
        for tier in &mut self.tiers {
            tier.kept.forget_from(t_ms);
            tier.open.retain(|(t, _)| *t < t_ms);
        }
    }

    /// The newest sample.
    pub(super) fn last(&self) -> Option<(i64, f64)> {
        self.fine.back().copied()
    }

    /// All that is kept, oldest first.
    pub(super) fn all(&self) -> (Vec<i64>, Vec<f64>) {
        let values = self.tiers.iter().rev().flat_map(|tier| {
            let open = (!tier.open.is_empty()).then(|| block(&tier.open));
            tier.kept.iter().chain(open)
        });
        values.chain(self.fine.iter().copied()).unzip()
    }

    /// Whether the level is no higher than it was `span_ms` ago, by the sign of growth: one for rises.
    pub(super) fn has_not_grown(&self, span_ms: i64, sign: f64) -> bool {
        const FEW: usize = 20;
        let (t, v) = self.all();
        let Some(&now) = t.last() else { return true };
        let from = t.partition_point(|&t| t < now - span_ms);
        let n = (t.len() - from) / 10;
        if t.len() - from < FEW {
            return false;
        }
        let level = |part: &[f64]| {
            let mut part = part.to_vec();
            let middle = part.len() / 2;
            sign * *part.select_nth_unstable_by(middle, f64::total_cmp).1
        };
        level(&v[v.len() - n..]) <= level(&v[from..from + n])
    }
}

impl Tier {
    /// Takes in values and gives back those that have become too old.
    fn take(&mut self, values: &[(i64, f64)], now_ms: i64) -> Vec<(i64, f64)> {
        for &value in values {
            self.add(value);
        }
        let from = now_ms - self.step.span_ms;
        std::iter::from_fn(|| self.kept.pop_before(from)).collect()
    }

    fn add(&mut self, value: (i64, f64)) {
        let of = |t: i64| t.div_euclid(self.step.width_ms.max(1));
        if self.open.first().is_some_and(|first| of(first.0) != of(value.0)) {
            self.kept.push(block(&self.open));
            self.open.clear();
        }
        self.open.push(value);
    }
}

/// An empty queue with room for `most`, all of it written to: what is only reserved is no memory of the process yet.
pub(super) fn taken<T: Copy>(most: usize, filler: T) -> VecDeque<T> {
    let mut queue = VecDeque::from(vec![filler; most]);
    queue.clear();
    queue
}

/// Grows by an eighth where it is full: doubling would cost half of the memory of a thousand series.
pub(super) fn make_room<T>(queue: &mut VecDeque<T>) {
    if queue.len() == queue.capacity() {
        queue.reserve_exact(8 + queue.len() / 8);
    }
}

/// The median of a block's values, at its middle time.
fn block(values: &[(i64, f64)]) -> (i64, f64) {
    let mut levels: Vec<f64> = values.iter().map(|value| value.1).collect();
    let middle = levels.len() / 2;
    (values[middle].0, *levels.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEPS: [Step; 3] = [
        Step { width_ms: 0, span_ms: 1000, most: 102 },
        Step { width_ms: 100, span_ms: 5000, most: 42 },
        Step { width_ms: 1000, span_ms: 60_000, most: 57 },
    ];

    #[test]
    fn the_older_the_coarser() {
        let mut memory = Memory::new(&STEPS);
        (0..10_000).for_each(|i| memory.push(i * 10, i as f64));
        let (t, v) = memory.all();
        let gap_at = |t0: i64| {
            let i = t.partition_point(|&t| t < t0);
            t[i + 1] - t[i]
        };
        assert_eq!((gap_at(99_500), gap_at(96_000), gap_at(60_000)), (10, 100, 1000));
        assert!(t.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(t.iter().zip(&v).all(|(t, v)| (*t as f64 / 10.0 - v).abs() < 60.0));
        assert!((39_000..42_000).contains(&t[0]) && t.len() < 260, "{} {}", t[0], t.len());
    }

    #[test]
    fn its_memory_is_taken_at_once() {
        let mut memory = Memory::new(&STEPS);
        let room = |memory: &Memory| {
            let coarse = memory.tiers.iter().map(|tier| tier.kept.room());
            coarse.chain([memory.fine.capacity()]).collect::<Vec<_>>()
        };
        let before = room(&memory);
        assert_eq!(before.iter().sum::<usize>(), STEPS.iter().map(|step| step.most).sum::<usize>());
        (0..10_000).for_each(|i| memory.push(i * 10, i as f64));
        assert_eq!(room(&memory), before);
    }

    #[test]
    fn samples_that_come_late_are_passed_over() {
        let mut memory = Memory::new(&STEPS);
        for (t, v) in [(10, 1.0), (5, 2.0), (10, 3.0), (20, 4.0)] {
            memory.push(t, v);
        }
        assert_eq!(memory.all(), (vec![10, 20], vec![1.0, 4.0]));
    }

    #[test]
    fn a_level_that_rose_has_grown_and_one_that_fell_has_not() {
        let mut memory = Memory::new(&STEPS);
        (0..100).for_each(|i| memory.push(i * 10, i as f64));
        assert!(!memory.has_not_grown(1000, 1.0));
        assert!(memory.has_not_grown(1000, -1.0));
    }

    #[test]
    fn under_longer_steps_what_comes_is_kept_fine_for_longer() {
        let mut memory = Memory::new(&STEPS);
        (0..300).for_each(|i| memory.push(i * 10, i as f64));
        let longer = STEPS.map(|step| Step { span_ms: 4 * step.span_ms, ..step });
        let mut regrouped = memory.regrouped(&longer);
        assert_eq!(regrouped.all(), memory.all());
        (300..600).for_each(|i| regrouped.push(i * 10, i as f64));
        let (t, _) = regrouped.all();
        let fine = t.windows(2).filter(|pair| pair[1] - pair[0] == 10).count();
        assert!(390 < fine, "{fine}");
    }

    proptest! {
        #[test]
        fn times_increase_whatever_comes(times in prop::collection::vec(0..200_000_i64, 0..300)) {
            let mut memory = Memory::new(&STEPS);
            for &t in &times {
                memory.push(t, 1.0);
            }
            let (t, _) = memory.all();
            prop_assert!(t.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(t.last().copied(), times.iter().max().copied());
        }
    }
}
