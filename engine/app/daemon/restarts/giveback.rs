//! How much of each resource a restart gave back: levels before it and once it has settled.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use hebe::restart::history::GaveBack;

/// What was freed shows in the second round of samples after a restart at the latest.
const ROUNDS: u32 = 2;
/// A restart whose level after it never shows is forgotten.
const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// Levels of the resources that nodes use, and the restarts that are being measured.
#[derive(Debug, Default)]
pub(super) struct Levels {
    now: HashMap<String, f64>,
    pending: Vec<Pending>,
}

/// A restart of which the levels after it are yet to come.
#[derive(Debug)]
struct Pending {
    plan: String,
    before: Vec<(String, f64)>,
    ended: Option<DateTime<Utc>>,
    rounds: u32,
}

impl Levels {
    /// A restart begins: `is_its` tells which series are its nodes'.
    pub(super) fn began(&mut self, plan: &str, is_its: impl Fn(&str) -> bool) {
        let before =
            self.now.iter().filter(|(series, _)| is_its(series)).map(|(s, v)| (s.clone(), *v)).collect();
        self.pending.push(Pending { plan: plan.to_owned(), before, ended: None, rounds: 0 });
    }

    /// It has ended; where it has failed, nothing is measured.
    pub(super) fn ended(&mut self, plan: &str, well: bool, at: DateTime<Utc>) {
        self.pending.retain(|pending| pending.plan != plan || well);
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.plan == plan) {
            pending.ended = Some(at);
        }
    }

    /// A round of samples; what has been measured by it, by plan.
    pub(super) fn round(
        &mut self,
        levels: Vec<(String, f64)>,
        now: DateTime<Utc>,
    ) -> Vec<(String, Vec<GaveBack>)> {
        self.now = levels.into_iter().collect();
        self.pending.retain(|pending| pending.ended.is_none_or(|ended| now < ended + PATIENCE));
        let mut measured = Vec::new();
        for pending in self.pending.iter_mut().filter(|pending| pending.ended.is_some()) {
            pending.rounds += 1;
        }
        let (ready, waiting) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|pending| ROUNDS <= pending.rounds && pending.ended.is_some());
        self.pending = waiting;
        for Pending { plan, before, .. } in ready as Vec<Pending> {
            let back = before.into_iter().filter_map(|(series, before)| {
                let after = *self.now.get(&series)?;
                Some(GaveBack { series, before, after })
            });
            measured.push((plan, back.collect()));
        }
        measured
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(a: f64, b: f64) -> Vec<(String, f64)> {
        vec![("fds shop".to_owned(), a), ("fds other".to_owned(), b)]
    }

    #[test]
    fn what_a_restart_gave_back_is_measured_two_rounds_after_its_end() {
        let at = DateTime::UNIX_EPOCH;
        let mut all = Levels::default();
        all.round(levels(500.0, 7.0), at);
        all.began("p", |series| series.ends_with("shop"));
        assert!(all.round(levels(400.0, 7.0), at).is_empty());
        all.ended("p", true, at);
        assert!(all.round(levels(90.0, 7.0), at).is_empty());
        let measured = all.round(levels(10.0, 7.0), at);
        let back = GaveBack { series: "fds shop".to_owned(), before: 500.0, after: 10.0 };
        assert_eq!(measured, [("p".to_owned(), vec![back])]);
        assert!(all.round(levels(10.0, 7.0), at).is_empty());
    }

    #[test]
    fn a_failed_restart_gives_nothing_back() {
        let at = DateTime::UNIX_EPOCH;
        let mut all = Levels::default();
        all.round(levels(500.0, 7.0), at);
        all.began("p", |_| true);
        all.ended("p", false, at);
        for _ in 0..4 {
            assert!(all.round(levels(1.0, 1.0), at).is_empty());
        }
    }
}
