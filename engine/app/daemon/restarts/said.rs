//! What was decided last about each node and cause: said again only when it changes, or once in a while.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use hebe::restart::cause::Cause;
use hebe::restart::decision::{Decision, Event};

/// A decision that stays the same is written down again after so long.
const AGAIN: TimeDelta = TimeDelta::hours(6);
/// No more are remembered.
const MOST: usize = 1000;

/// The decisions that stand.
#[derive(Debug, Default)]
pub(super) struct Said(HashMap<(String, String), (String, DateTime<Utc>)>);

impl Said {
    /// Whether a decision is to be carried out: it is a restart, or another one than before.
    pub(super) fn is_news(&mut self, event: &Event, decision: &Decision, now: DateTime<Utc>) -> bool {
        let word = match decision {
            // Every failure that was seen is an event of its own, and so is every restart.
            Decision::Restart(_) => return true,
            Decision::GiveUp { node, .. } => format!("gave up {node}"),
            Decision::Hold { hold, .. } => hold.code.word().to_owned(),
        };
        let key = (event.node.clone(), about(&event.cause));
        if self.0.get(&key).is_some_and(|(before, at)| *before == word && now < *at + AGAIN) {
            return false;
        }
        if MOST <= self.0.len() {
            self.0.clear();
        }
        self.0.insert(key, (word, now));
        true
    }
}

/// What tells causes apart that are not each other's repetition.
fn about(cause: &Cause) -> String {
    match cause {
        Cause::Failure { .. } => "failure".to_owned(),
        Cause::Forecast { series, .. } => series.clone(),
        Cause::Timed { entry } => entry.clone(),
        Cause::Hand { who } => who.clone(),
    }
}

#[cfg(test)]
mod tests {
    use hebe::restart::hold::{Code, Hold};

    use super::*;

    fn held(code: Code) -> Decision {
        Decision::Hold { hold: Hold::new(code, ""), plan: None }
    }

    fn event(series: &str) -> Event {
        let seen = DateTime::UNIX_EPOCH;
        let cause = Cause::Forecast { series: series.to_owned(), lo: seen, mid: seen, hi: None, share: None };
        Event { node: "shop".to_owned(), cause, seen }
    }

    #[test]
    fn a_decision_is_said_when_it_changes_and_once_in_a_while() {
        let mut said = Said::default();
        let at = |minutes: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        assert!(said.is_news(&event("a"), &held(Code::Blackout), at(0)));
        assert!(!said.is_news(&event("a"), &held(Code::Blackout), at(1)));
        assert!(said.is_news(&event("b"), &held(Code::Blackout), at(1)));
        assert!(said.is_news(&event("a"), &held(Code::BudgetSpent), at(2)));
        assert!(!said.is_news(&event("a"), &held(Code::BudgetSpent), at(300)));
        assert!(said.is_news(&event("a"), &held(Code::BudgetSpent), at(363)));
    }
}
