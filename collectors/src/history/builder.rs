//! Gathers samples in whatever order a file has them; gives them back sorted, unique and within a memory budget.

use std::collections::HashMap;

use super::series::{Column, ColumnKey, Kind, Merge, Unit};

/// How many samples are held at once: 16 bytes each, so 720 MB. A history longer than that is thinned by block
/// medians, so that 1 GB of text is read within 1 GB of memory.
const BUDGET: usize = 45_000_000;

/// The first lines that could not be used, and how many there were in all.
#[derive(Clone, Debug, Default)]
pub struct Rejected {
    /// How many.
    pub count: u64,
    /// The line of the first one, counted from one, and why it was rejected.
    pub first: Option<(u64, String)>,
}

/// Gathers the samples of one history.
#[derive(Debug)]
pub struct Builder {
    budget: usize,
    held: usize,
    ids: HashMap<ColumnKey, usize>,
    columns: Vec<Growing>,
    restarts: Vec<(String, i64)>,
    rejected: Rejected,
}

#[derive(Debug)]
struct Growing {
    column: Column,
    merge: Merge,
    /// Samples waiting for their block to fill, when the column is thinned.
    waiting: Vec<(i64, f64)>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::with_budget(BUDGET)
    }
}

impl Builder {
    /// A builder that holds at most `budget` samples.
    #[must_use]
    pub fn with_budget(budget: usize) -> Self {
        Self {
            budget,
            held: 0,
            ids: HashMap::new(),
            columns: Vec::new(),
            restarts: Vec::new(),
            rejected: Rejected::default(),
        }
    }

    /// The number under which [`Builder::push`] knows the column; the same for the same key.
    pub fn column(&mut self, key: &ColumnKey, unit: Unit, kind: Kind, merge: Merge) -> usize {
        if let Some(&id) = self.ids.get(key) {
            return id;
        }
        let id = self.columns.len();
        self.ids.insert(key.clone(), id);
        let column = Column { key: key.clone(), unit, kind, block: 1, ..Column::default() };
        self.columns.push(Growing { column, merge, waiting: Vec::new() });
        id
    }

    /// Adds a sample; one that is not finite is counted as rejected.
    pub fn push(&mut self, id: usize, t_ms: i64, value: f64) {
        let growing = &mut self.columns[id];
        if !value.is_finite() {
            growing.column.rejected += 1;
            return;
        }
        if growing.merge == Merge::Sum && growing.joins(t_ms, value) {
            return;
        }
        if growing.column.block == 1 {
            growing.column.t_ms.push(t_ms);
            growing.column.v.push(value);
            self.held += 1;
        } else {
            growing.waiting.push((t_ms, value));
            if growing.waiting.len() == growing.column.block as usize {
                growing.flush();
                self.held += 1;
            }
        }
        if self.budget < self.held {
            self.thin();
        }
    }

    /// Notes that `host` was started anew at `t_ms`.
    pub fn restart(&mut self, host: &str, t_ms: i64) {
        self.restarts.push((host.to_owned(), t_ms));
    }

    /// Notes that what column `id` tells was started anew at `t_ms`.
    pub fn restart_of(&mut self, id: usize, t_ms: i64) {
        self.columns[id].column.restarts_ms.push(t_ms);
    }

    /// Counts a line that could not be used.
    pub fn reject(&mut self, line: u64, reason: impl FnOnce() -> String) {
        self.rejected.count += 1;
        self.rejected.first.get_or_insert_with(|| (line, reason()));
    }

    /// How many samples are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held
    }

    /// The columns, each in strictly increasing time order; the restarts as `(host, t_ms)` in time order; what was
    /// rejected.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Column>, Vec<(String, i64)>, Rejected) {
        for growing in &mut self.columns {
            growing.flush();
            growing.settle();
        }
        self.restarts.sort_by_key(|&(_, t_ms)| t_ms);
        self.restarts.dedup();
        let columns = self.columns.into_iter().map(|growing| growing.column).collect();
        (columns, self.restarts, self.rejected)
    }

    /// Halves the resolution of every column that is longer than the average one, and at least of the longest.
    fn thin(&mut self) {
        let longest = self.columns.iter().map(|growing| growing.column.v.len()).max().unwrap_or(0);
        let average = self.held / self.columns.len().max(1);
        for growing in &mut self.columns {
            let length = growing.column.v.len();
            if average < length || length == longest {
                growing.halve();
            }
        }
        self.held = self.columns.iter().map(|growing| growing.column.v.len()).sum();
    }
}

impl Growing {
    /// Adds `value` to the newest sample where that has the same time: members of a group stand together.
    fn joins(&mut self, t_ms: i64, value: f64) -> bool {
        let newest = match self.waiting.last_mut() {
            Some((time, sum)) => Some((&*time, sum)),
            None if self.column.block == 1 => self.column.t_ms.last().zip(self.column.v.last_mut()),
            None => None,
        };
        match newest {
            Some((&time, sum)) if time == t_ms => {
                *sum += value;
                true
            }
            _ => false,
        }
    }

    /// Turns the waiting samples into one: the median value at the middle time.
    fn flush(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        self.waiting.sort_by_key(|&(t_ms, _)| t_ms);
        let t_ms = self.waiting[self.waiting.len() / 2].0;
        let mut values: Vec<f64> = self.waiting.drain(..).map(|(_, value)| value).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        self.column.t_ms.push(t_ms);
        self.column.v.push(median);
    }

    /// Joins neighbours in pairs. The first joining takes true medians of two; later ones the middle of two block
    /// medians, which stays within the range of its samples.
    fn halve(&mut self) {
        self.settle();
        let column = &mut self.column;
        let pairs = column.v.len() / 2;
        for k in 0..pairs {
            column.t_ms[k] = i64::midpoint(column.t_ms[2 * k], column.t_ms[2 * k + 1]);
            column.v[k] = f64::midpoint(column.v[2 * k], column.v[2 * k + 1]);
        }
        let odd = column.v.len() % 2;
        if odd == 1 {
            column.t_ms.swap(pairs, 2 * pairs);
            column.v.swap(pairs, 2 * pairs);
        }
        column.t_ms.truncate(pairs + odd);
        column.v.truncate(pairs + odd);
        column.block *= 2;
    }

    /// Sorts by time and leaves one sample a time.
    fn settle(&mut self) {
        let Column { t_ms, v, rejected, .. } = &mut self.column;
        if t_ms.windows(2).all(|pair| pair[0] < pair[1]) {
            return;
        }
        // A stable sort keeps the file's order among equal times, so `Last` means the later line.
        let mut order: Vec<(i64, f64)> = t_ms.iter().copied().zip(v.iter().copied()).collect();
        order.sort_by_key(|&(t_ms, _)| t_ms);
        t_ms.clear();
        v.clear();
        for (time, value) in order {
            match (t_ms.last(), v.last_mut()) {
                (Some(&last), Some(kept)) if last == time => match self.merge {
                    Merge::Sum => *kept += value,
                    Merge::Last => {
                        *rejected += u64::from(kept.to_bits() != value.to_bits());
                        *kept = value;
                    }
                },
                _ => {
                    t_ms.push(time);
                    v.push(value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(merge: Merge, budget: usize, samples: &[(i64, f64)]) -> Column {
        let mut builder = Builder::with_budget(budget);
        let id = builder.column(&ColumnKey::default(), Unit::Unknown, Kind::Gauge, merge);
        for &(t_ms, value) in samples {
            builder.push(id, t_ms, value);
        }
        builder.finish().0.remove(0)
    }

    #[test]
    fn unsorted_times_are_sorted_and_exact_duplicates_dropped_in_silence() {
        let column = gather(Merge::Last, 100, &[(3, 30.0), (1, 10.0), (2, 20.0), (1, 10.0)]);
        assert_eq!(column.t_ms, [1, 2, 3]);
        assert_eq!(column.v, [10.0, 20.0, 30.0]);
        assert_eq!(column.rejected, 0);
    }

    #[test]
    fn the_later_line_wins_and_the_replaced_one_is_counted() {
        let column = gather(Merge::Last, 100, &[(1, 10.0), (2, 20.0), (1, 11.0)]);
        assert_eq!((column.v, column.rejected), (vec![11.0, 20.0], 1));
    }

    #[test]
    fn members_of_a_group_add_up() {
        assert_eq!(gather(Merge::Sum, 100, &[(1, 10.0), (1, 5.0), (2, 1.0)]).v, [15.0, 1.0]);
    }

    #[test]
    fn what_is_not_finite_is_counted_and_left_out() {
        let column = gather(Merge::Last, 100, &[(1, f64::NAN), (2, 1.0), (3, f64::INFINITY)]);
        assert_eq!((column.v, column.rejected), (vec![1.0], 2));
    }

    #[test]
    fn a_history_over_the_budget_is_thinned_and_keeps_its_line() {
        let samples: Vec<(i64, f64)> = (0..1000i32).map(|i| (i64::from(i), f64::from(i))).collect();
        let column = gather(Merge::Last, 100, &samples);
        assert!(column.v.len() <= 100 && 40 < column.v.len(), "{}", column.v.len());
        assert!(1 < column.block);
        for (t_ms, value) in column.t_ms.iter().zip(&column.v) {
            assert!((*t_ms as f64 - value).abs() <= f64::from(column.block), "{t_ms} {value}");
        }
    }
}
