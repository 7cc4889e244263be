//! Nodes that have ended: those who keep them are let act first.
//!
//! The Re/Starter and systemd start again what crashed, by rules of their own. Only what they leave lying calls for the
//! oracle: two who act on one crash would restart it twice.

use chrono::{DateTime, TimeDelta, Utc};

use crate::watchdog::Suspicion;

/// Those who keep a node have so long to act before it is looked at.
const GRACE: TimeDelta = TimeDelta::milliseconds(500);
/// What is on its way is waited for so long.
const LONGEST: TimeDelta = TimeDelta::seconds(60);

/// How a node that has ended is found a moment later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Now {
    /// It runs again, or was stopped on purpose.
    Settled,
    /// It is on its way.
    Coming,
    /// Nobody does anything about it.
    Lies,
    /// Who keeps it has said that it is left to others: nothing is waited for.
    Left,
}

/// Nodes that have ended, until it is known what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Ended(Vec<(Suspicion, DateTime<Utc>)>);

impl Ended {
    /// A node has ended.
    pub(super) fn add(&mut self, suspicion: Suspicion) {
        self.0.retain(|(other, _)| other.node != suspicion.node);
        let due = suspicion.at + GRACE;
        self.0.push((suspicion, due));
    }

    /// Those that nobody takes care of.
    pub(super) fn lying(&mut self, now: DateTime<Utc>, look: impl Fn(&Suspicion) -> Now) -> Vec<Suspicion> {
        let mut lying = Vec::new();
        self.0.retain_mut(|(suspicion, due)| match look(suspicion) {
            Now::Left => {
                lying.push(suspicion.clone());
                false
            }
            _ if now < *due => true,
            Now::Settled => false,
            Now::Coming if now < suspicion.at + LONGEST => {
                *due = now + GRACE;
                true
            }
            Now::Coming | Now::Lies => {
                lying.push(suspicion.clone());
                false
            }
        });
        lying
    }

    /// Whether one of them has ended so lately that who keeps it may be about to say what becomes of it.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.0.iter().any(|(suspicion, _)| now < suspicion.at + GRACE)
    }

    /// Whether anything is waited for.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use hebe::restart::suspicion::Word;

    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    /// After how many milliseconds a node that is always found so is the oracle's; looked at every 100 ms for a second.
    fn check(now: Now, expected: Option<i64>) {
        let mut ended = Ended::default();
        ended.add(Suspicion {
            node: "shop".to_owned(),
            from: Word::Well,
            to: Word::Failed,
            witnesses: Vec::new(),
            sentence: String::new(),
            process: None,
            ended: true,
            at: at(0),
        });
        let lies = (0..10).map(|look| 100 * look).find(|&ms| !ended.lying(at(ms), |_| now).is_empty());
        assert_eq!(lies, expected, "{now:?}");
    }

    #[test]
    fn who_keeps_a_node_acts_first_unless_it_says_that_it_will_not() {
        check(Now::Left, Some(0));
        check(Now::Lies, Some(500));
        check(Now::Coming, None);
        check(Now::Settled, None);
    }
}
