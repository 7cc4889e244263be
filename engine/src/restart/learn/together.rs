//! Which nodes fail after which (after AFPI: Candea et al., "Automatic failure-path inference", WIAPP 2003): counted,
//! and weighed against chance.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::record::is_failure;
use crate::restart::budget::later;
use crate::restart::history::History;

/// Two-sided 95 % of a normal distribution.
const Z: f64 = 1.96;

/// How often one node failed soon after another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Who failed first.
    pub first: String,
    /// Who failed after it.
    pub then: String,
    /// Failures of the first.
    pub failures: usize,
    /// Those after which the other failed within the window.
    pub followed: usize,
    /// The share that chance alone would give: the other fails anyway from time to time.
    pub by_chance: f64,
    /// The least share that the counts allow, with 95 %.
    pub at_least: f64,
}

impl Pair {
    /// Whether chance alone does not explain it.
    #[must_use]
    pub fn is_more_than_chance(&self) -> bool {
        3 <= self.followed && 2.0 * self.by_chance < self.at_least
    }
}

/// Failures that are not the same one seen again: by node, in order.
pub(super) fn failures(history: &History, recurrence_s: f64) -> Vec<(&str, DateTime<Utc>)> {
    let failed: Vec<_> = history.past.iter().filter(|past| is_failure(past)).collect();
    let again = |place: usize| {
        let past = failed[place];
        // A restart nearer the root, or the same again, soon after one that it holds.
        failed[..place].iter().any(|before| {
            past.nodes.contains(&before.target)
                && before.ended <= past.began
                && past.began < later(before.ended, recurrence_s)
        })
    };
    let first = (0..failed.len()).filter(|&place| !again(place));
    first.map(|place| (failed[place].target.as_str(), failed[place].began)).collect()
}

/// Every pair of which one failed within `window_s` after the other at least once.
#[must_use]
pub fn together(history: &History, window_s: f64, recurrence_s: f64) -> Vec<Pair> {
    let failures = failures(history, recurrence_s);
    let (Some((_, begin)), Some((_, end))) = (failures.first(), failures.last()) else { return Vec::new() };
    let span = (*end - *begin).as_seconds_f64().max(window_s);
    let mut names: Vec<&str> = failures.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    let times = |name: &str| {
        failures.iter().filter(|(other, _)| *other == name).map(|(_, at)| *at).collect::<Vec<_>>()
    };
    let mut pairs = Vec::new();
    for first in &names {
        let firsts = times(first);
        for then in names.iter().filter(|then| *then != first) {
            let thens = times(then);
            let follows =
                |at: &&DateTime<Utc>| thens.iter().any(|then| *at < then && *then <= later(**at, window_s));
            let followed = firsts.iter().filter(|at| follows(at)).count();
            if 0 < followed {
                // Failures of the other as they would come without the first: a Poisson process of its own rate.
                let by_chance = 1.0 - (-(thens.len() as f64) / span * window_s).exp();
                let at_least = wilson(followed, firsts.len());
                let (first, then) = ((*first).to_owned(), (*then).to_owned());
                pairs.push(Pair { first, then, failures: firsts.len(), followed, by_chance, at_least });
            }
        }
    }
    pairs
}

/// The lower end of Wilson's interval for `k` of `n`, 95 %.
///
/// ```text
/// (p + z²/2n - z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
/// ```
#[must_use]
pub(super) fn wilson(k: usize, n: usize) -> f64 {
    if n == 0 {
        return 0.0;
    }
    let (p, n) = (k as f64 / n as f64, n as f64);
    let middle = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - spread) / (1.0 + Z * Z / n)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restart::history::tests::past;

    #[test]
    fn wilsons_lower_end_is_the_published_one() {
        // R: prop.test(8, 10, correct = FALSE)$conf.int[1] is 0.4901625, of 0 of 10 it is 0, of 5 of 5 it is 0.5655175.
        for (k, n, expected) in [(8, 10, 0.490_162_5), (0, 10, 0.0), (5, 5, 0.565_517_5)] {
            assert!((wilson(k, n) - expected).abs() < 2e-5, "{k} of {n}: {}", wilson(k, n));
        }
    }

    #[test]
    fn who_fails_after_whom_is_counted() {
        let mut history = History::default();
        for day in 0..6 {
            history.past.push(past("db", 86_400 * day, &["db"]));
            history.past.push(past("app", 86_400 * day + 40, &["app"]));
            history.past.push(past("cron", 86_400 * day + 7000 * (day + 1), &["cron"]));
        }
        let pairs = together(&history, 120.0, 300.0);
        assert_eq!(pairs.len(), 1, "{pairs:?}");
        assert_eq!((pairs[0].first.as_str(), pairs[0].then.as_str(), pairs[0].followed), ("db", "app", 6));
        assert!(pairs[0].is_more_than_chance());
    }

    #[test]
    fn what_fails_all_the_time_follows_everything_by_chance() {
        let mut history = History::default();
        for k in 0..400 {
            history.past.push(past("noisy", 700 * k, &["noisy"]));
        }
        for k in 0..8 {
            history.past.push(past("db", 30_000 * k + 650, &["db"]));
        }
        history.past.sort_by_key(|past| past.began);
        let pairs = together(&history, 600.0, 300.0);
        assert!(pairs.iter().any(|pair| pair.first == "db" && 3 <= pair.followed), "{pairs:?}");
        assert!(!pairs.iter().any(Pair::is_more_than_chance), "{pairs:?}");
    }

    #[test]
    fn a_climb_to_the_root_is_one_failure() {
        let pasts =
            vec![past("a", 0, &["a"]), past("g", 30, &["g", "a", "b"]), past("r", 60, &["r", "g", "a", "b"])];
        let history = History { past: pasts, ..History::default() };
        assert_eq!(failures(&history, 300.0).iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["a"]);
    }
}
