//! Arithmetic between columns: what is left of a limit, sums, totals worked out of percentages.

use super::super::{Column, Limit};

/// A limit of this size is how kernels write "none".
const UNBINDABLE: f64 = 4_611_686_018_427_388_000.0;

/// How far a percentage of two decimals may be off.
const HALF_DIGIT: f64 = 0.005;
/// Below this, the rounding of a percentage leaves nothing to work with.
const TOO_SMALL: f64 = 0.05;

pub(super) type Steps = Vec<(i64, f64)>;

/// A limit as the data tell it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    Limit(Limit),
    /// Zero or below, throughout.
    Nonpositive,
    /// Too large to ever bind.
    Unbindable,
}

/// The samples of `column`, those that change something.
pub(super) fn steps(column: &Column) -> Steps {
    changes(column.t_ms.iter().copied().zip(column.v.iter().copied()))
}

/// Leaves out what repeats the value before.
pub(super) fn changes(samples: impl IntoIterator<Item = (i64, f64)>) -> Steps {
    let mut steps: Steps = Vec::new();
    for (t_ms, value) in samples {
        if steps.last().is_none_or(|&(_, last)| last.to_bits() != value.to_bits()) {
            steps.push((t_ms, value));
        }
    }
    steps
}

/// Leaves out moves that are only the rounding of summands: less than one part in ten thousand.
pub(super) fn settled(samples: impl IntoIterator<Item = (i64, f64)>) -> Steps {
    let mut steps: Steps = Vec::new();
    for (t_ms, value) in samples {
        if steps.last().is_none_or(|&(_, last)| 1e-4 * last.abs() < (last - value).abs()) {
            steps.push((t_ms, value));
        }
    }
    steps
}

/// Makes a limit of what the data tell.
pub(super) fn limit(steps: Steps, owner: &str) -> Found {
    let unbindable = steps.iter().any(|&(_, value)| UNBINDABLE <= value);
    let binding: Steps = changes(steps.into_iter().filter(|&(_, value)| 0.0 < value && value < UNBINDABLE));
    if !binding.is_empty() {
        Found::Limit(Limit { owner: owner.to_owned(), steps: binding })
    } else if unbindable {
        Found::Unbindable
    } else {
        Found::Nonpositive
    }
}

/// The sums of the samples that all `columns` have at one time.
pub(super) fn sum(columns: &[&Column]) -> Steps {
    let Some((first, others)) = columns.split_first() else { return Steps::new() };
    let mut next = vec![0; others.len()];
    let mut sums = Steps::new();
    'samples: for (&t_ms, &value) in first.t_ms.iter().zip(&first.v) {
        let mut total = value;
        for (other, next) in others.iter().zip(&mut next) {
            while other.t_ms.get(*next).is_some_and(|&time| time < t_ms) {
                *next += 1;
            }
            if other.t_ms.get(*next) != Some(&t_ms) {
                continue 'samples;
            }
            total += other.v[*next];
        }
        if total.is_finite() {
            sums.push((t_ms, total));
        }
    }
    sums
}

/// The samples that two columns have at one time.
pub(super) fn pairs<'a>(a: &'a Column, b: &'a Column) -> impl Iterator<Item = (i64, f64, f64)> + 'a {
    let mut next = 0;
    a.t_ms.iter().zip(&a.v).filter_map(move |(&t_ms, &value)| {
        while b.t_ms.get(next).is_some_and(|&time| time < t_ms) {
            next += 1;
        }
        (b.t_ms.get(next) == Some(&t_ms)).then(|| (t_ms, value, b.v[next]))
    })
}

/// The totals that agree with one used and its rounded percentage.
fn bounds(used: f64, percent: f64) -> Option<(f64, f64)> {
    ((TOO_SMALL..=100.0).contains(&percent) && 0.0 < used)
        .then(|| (100.0 * used / (percent + HALF_DIGIT), 100.0 * used / (percent - HALF_DIGIT)))
}

/// Whether most `totals` agree with used and its percentage; `None` where these say nothing.
pub(super) fn agrees(totals: &[(i64, f64)], used: &Column, percent: &Column) -> Option<bool> {
    let (mut good, mut bad, mut next) = (0_u64, 0_u64, 0);
    for (t_ms, used, percent) in pairs(used, percent) {
        while totals.get(next).is_some_and(|&(time, _)| time < t_ms) {
            next += 1;
        }
        let (Some(&(time, total)), Some((low, high))) = (totals.get(next), bounds(used, percent)) else {
            continue;
        };
        if time == t_ms {
            // One part in ten thousand for values that were rounded to kB.
            let slack = 1e-4 * total;
            *(if low - slack <= total && total <= high + slack { &mut good } else { &mut bad }) += 1;
        }
    }
    (0 < good + bad).then_some(bad < good)
}

/// The one total that agrees with all percentages; where there is none, the median of what each says.
pub(super) fn worked_total(used: &Column, percent: &Column) -> Option<f64> {
    let (mut low, mut high) = (0.0_f64, f64::INFINITY);
    let mut single: Vec<f64> = Vec::new();
    for (_, used, percent) in pairs(used, percent) {
        let Some((least, most)) = bounds(used, percent) else { continue };
        (low, high) = (low.max(least), high.min(most));
        single.push(100.0 * used / percent);
    }
    let total = if low <= high { f64::midpoint(low, high) } else { median(single)? };
    (total.is_finite() && 0.0 < total).then_some(total)
}

/// The middle value.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// Turns what is left into what is used of `limit`. A limit is below 2^62, so the difference is a number.
pub(super) fn invert(t_ms: &[i64], v: &mut [f64], limit: &Limit) {
    for (&t_ms, value) in t_ms.iter().zip(v) {
        *value = limit.at(t_ms) - *value;
    }
}

/// Whether the column is above its limit for more than half of its time.
pub(super) fn mostly_above(t_ms: &[i64], v: &[f64], limit: &Limit) -> bool {
    let above = t_ms.iter().zip(v).filter(|&(&t_ms, &value)| limit.at(t_ms) < value).count();
    v.len() < 2 * above
}

/// Whether numbers of this size and shape are bytes: no machine has so many kB, and pages divide by 1024.
pub(super) fn only_bytes(v: &[f64], limit: &Limit) -> bool {
    let whole = |value: f64| value % 1024.0 == 0.0;
    limit.steps.iter().all(|&(_, value)| 1e9 <= value && whole(value)) && v.iter().all(|&value| whole(value))
}
