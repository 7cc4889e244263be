//! Which instances of a resource get a series of their own, so that there are never more than a bounded number.

use std::collections::HashSet;
use std::sync::Arc;

/// What the others together are called.
pub(super) const OTHERS: &str = "(others)";

/// Chooses the largest, and keeps to its choice until others are clearly larger.
#[derive(Debug)]
pub(super) struct Top {
    most: usize,
    chosen: HashSet<Arc<str>>,
}

impl Top {
    /// Chooses `most` at least and twice as many at most.
    pub(super) fn new(most: usize) -> Self {
        Self { most, chosen: HashSet::new() }
    }

    /// Moves the chosen to the front of `items`, largest first, and returns how many these are.
    pub(super) fn choose<T>(
        &mut self,
        items: &mut [T],
        name: impl Fn(&T) -> &Arc<str>,
        size: impl Fn(&T) -> f64,
    ) -> usize {
        items.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| name(a).cmp(name(b))));
        if items.len() <= self.most {
            self.chosen = items.iter().map(|item| Arc::clone(name(item))).collect();
            return items.len();
        }
        let mut front = self.most;
        for rank in self.most..items.len().min(2 * self.most) {
            if self.chosen.contains(name(&items[rank])) {
                // Keeps the chosen in order of size.
                items[front..=rank].rotate_right(1);
                front += 1;
            }
        }
        self.chosen = items[..front].iter().map(|item| Arc::clone(name(item))).collect();
        front
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(top: &mut Top, sizes: &[(&str, f64)]) -> Vec<String> {
        let mut items: Vec<(Arc<str>, f64)> = sizes.iter().map(|&(name, size)| (name.into(), size)).collect();
        let count = top.choose(&mut items, |item| &item.0, |item| item.1);
        items[..count].iter().map(|item| item.0.to_string()).collect()
    }

    #[test]
    fn one_that_was_chosen_stays_until_it_is_far_behind() {
        let mut top = Top::new(2);
        assert_eq!(
            chosen(&mut top, &[("a", 1.0), ("b", 3.0), ("c", 2.0), ("d", 0.0), ("e", 0.0)]),
            ["b", "c"]
        );
        assert_eq!(
            chosen(&mut top, &[("a", 5.0), ("b", 3.0), ("c", 2.0), ("d", 4.0), ("e", 0.0)]),
            ["a", "d", "b", "c"]
        );
        assert_eq!(
            chosen(&mut top, &[("a", 5.0), ("b", 3.0), ("c", 2.0), ("d", 4.0), ("e", 9.0)]),
            ["e", "a", "d", "b"]
        );
        assert_eq!(chosen(&mut top, &[("a", 5.0)]), ["a"]);
        assert_eq!(chosen(&mut top, &[]), Vec::<String>::new());
    }
}
