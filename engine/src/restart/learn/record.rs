//! One node's record.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::median;
use crate::restart::budget::later;
use crate::restart::cause::Cause;
use crate::restart::history::{GaveBack, History, Outcome, Past};

/// What restarts gave back of one resource.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GivenBack {
    /// Restarts that are known.
    pub restarts: usize,
    /// The median of what they gave back.
    pub median: f64,
    /// What the last one gave back.
    pub last: f64,
    /// Used after each, the oldest first: a rising baseline is not given back.
    pub after: Vec<f64>,
    /// Given back by each, the oldest first.
    pub given: Vec<f64>,
    /// The same as shares of what was used before.
    pub shares: Vec<f64>,
}

/// What earlier restarts of a node teach.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Learnt {
    /// Restarts in which it was the target.
    pub restarts: usize,
    /// Restarts after failures of which it is known whether they cured it.
    pub judged: usize,
    /// Those after which it stayed well.
    pub cured: usize,
    /// Median time from stop to ready, in seconds.
    pub downtime_s: Option<f64>,
    /// Median time from one failure to the next, in seconds.
    pub between_failures_s: Option<f64>,
    /// By series.
    pub gave_back: BTreeMap<String, GivenBack>,
}

impl Learnt {
    /// Share of restarts that cured it.
    #[must_use]
    pub fn cure_rate(&self) -> Option<f64> {
        (0 < self.judged).then(|| self.cured as f64 / self.judged as f64)
    }
}

/// What the history teaches about a node at `now`; a failure within `recurrence_s` after a restart is the same one.
#[must_use]
pub fn learnt(history: &History, node: &str, recurrence_s: f64, now: DateTime<Utc>) -> Learnt {
    let own: Vec<&Past> = history.past.iter().filter(|past| past.target == node).collect();
    let cures: Vec<bool> = own.iter().filter_map(|past| cured(history, past, recurrence_s, now)).collect();
    let failures: Vec<&&Past> = own.iter().filter(|past| is_failure(past)).collect();
    let gaps = failures.windows(2).map(|pair| (pair[1].began - pair[0].ended).as_seconds_f64());
    Learnt {
        restarts: own.len(),
        judged: cures.len(),
        cured: cures.iter().filter(|cured| **cured).count(),
        downtime_s: median(own.iter().filter_map(|past| past.downtime_s).filter(|s| s.is_finite()).collect()),
        // A failure soon after a restart is the old one.
        between_failures_s: median(gaps.filter(|gap| recurrence_s < *gap).collect()),
        gave_back: gave_back(history, node),
    }
}

pub(in crate::restart) fn is_failure(past: &Past) -> bool {
    matches!(past.cause, Cause::Failure { .. })
}

/// Whether a restart cured its target; none where it was no failure, or where it is too early to tell.
fn cured(history: &History, past: &Past, recurrence_s: f64, now: DateTime<Utc>) -> Option<bool> {
    if !is_failure(past) {
        return None;
    }
    if past.outcome != Outcome::Done {
        return Some(false);
    }
    let until = later(past.ended, recurrence_s);
    let again = history.past.iter().any(|other| {
        is_failure(other)
            && past.ended <= other.began
            && other.began < until
            && other.nodes.contains(&past.target)
    });
    if again { Some(false) } else { (until <= now).then_some(true) }
}

/// What restarts of the node alone, or with others, gave back.
fn gave_back(history: &History, node: &str) -> BTreeMap<String, GivenBack> {
    let mut by_series: BTreeMap<&str, Vec<&GaveBack>> = BTreeMap::new();
    for past in history.past.iter().filter(|past| past.target == node && past.outcome == Outcome::Done) {
        for gave in past.gave_back.iter().filter(|gave| gave.before.is_finite() && gave.after.is_finite()) {
            by_series.entry(&gave.series).or_default().push(gave);
        }
    }
    by_series.into_iter().map(|(series, all)| (series.to_owned(), given(&all))).collect()
}

fn given(all: &[&GaveBack]) -> GivenBack {
    let given: Vec<f64> = all.iter().map(|gave| gave.before - gave.after).collect();
    GivenBack {
        restarts: all.len(),
        median: median(given.clone()).unwrap_or(0.0),
        last: given.last().copied().unwrap_or(0.0),
        after: all.iter().map(|gave| gave.after).collect(),
        shares: all.iter().zip(&given).map(|(gave, given)| share(*given, gave.before)).collect(),
        given,
    }
}

fn share(given: f64, before: f64) -> f64 {
    if 0.0 < before.abs() { given / before.abs() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restart::history::tests::{at, past};

    #[test]
    fn medians_are_middles() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 100.0]), Some(3.0));
        assert_eq!(median(vec![1.0, 4.0]), Some(2.5));
    }

    #[test]
    fn a_cure_is_a_restart_after_which_it_stays_well() {
        let pasts = vec![past("a", 0, &["a"]), past("r", 30, &["r", "a", "b"]), past("a", 5000, &["a"])];
        let history = History { past: pasts, ..History::default() };
        let learnt = learnt(&history, "a", 300.0, at(5100));
        // The first was followed by another 30 s later, the last is 100 s old.
        assert_eq!((learnt.restarts, learnt.judged, learnt.cured), (2, 1, 0));
        let learnt = super::learnt(&history, "a", 300.0, at(6000));
        assert_eq!((learnt.judged, learnt.cured, learnt.cure_rate()), (2, 1, Some(0.5)));
        assert_eq!(learnt.between_failures_s, Some(4990.0), "a restart takes ten seconds here");
    }

    #[test]
    fn what_was_given_back_is_told_by_series() {
        let mut history =
            History { past: vec![past("a", 0, &["a"]), past("a", 100, &["a"])], ..History::default() };
        for (past, (before, after)) in history.past.iter_mut().zip([(100.0, 20.0), (100.0, 60.0)]) {
            past.gave_back = vec![GaveBack { series: "mem".to_owned(), before, after }];
            past.downtime_s = Some(before / after);
        }
        let learnt = learnt(&history, "a", 10.0, at(1000));
        let mem = &learnt.gave_back["mem"];
        assert_eq!((mem.restarts, mem.median, mem.last), (2, 60.0, 40.0));
        assert_eq!((&mem.shares, &mem.after), (&vec![0.8, 0.4], &vec![20.0, 60.0]));
        assert!((learnt.downtime_s.unwrap() - f64::midpoint(5.0, 5.0 / 3.0)).abs() < 1e-12);
    }
}
