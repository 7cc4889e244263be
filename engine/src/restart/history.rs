//! What was done before: the journal, folded.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cause::Cause;

/// How a restart ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every step was made, and the node is well.
    Done,
    /// A step failed: a hook, a start, a readiness, a probe.
    Failed,
    /// It could not be stopped, so no second copy was started.
    NotStopped,
    /// The executor ended on the way, and what was begun could not be finished.
    Broken,
}

/// What a restart gave back of one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaveBack {
    /// The series.
    pub series: String,
    /// Used before the restart.
    pub before: f64,
    /// Used once it was ready again.
    pub after: f64,
}

/// A restart that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The plan's id.
    pub plan: String,
    /// The node whose button was pushed.
    pub target: String,
    /// All that restarted.
    pub nodes: Vec<String>,
    /// Why.
    pub cause: Cause,
    /// First step.
    pub began: DateTime<Utc>,
    /// Last step.
    pub ended: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// Time from stop to ready of the target, in seconds.
    pub downtime_s: Option<f64>,
    /// What came back of each resource, where it is known.
    pub gave_back: Vec<GaveBack>,
}

/// Hands off, says a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorHold {
    /// The node and all below it.
    pub node: String,
    /// Who.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when; until it is taken back if none.
    pub until: Option<DateTime<Utc>>,
}

/// All that was done and said before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Oldest first.
    pub past: Vec<Past>,
    /// In force or over.
    pub holds: Vec<OperatorHold>,
    /// Nodes that were given up, and when: a person has not looked at them yet.
    pub given_up: Vec<(String, DateTime<Utc>)>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    /// A restart after a failure that began at a second, took ten, and went well.
    pub(crate) fn past(target: &str, second: i64, nodes: &[&str]) -> Past {
        Past {
            plan: format!("{target}@{}", second * 1000),
            target: target.to_owned(),
            nodes: nodes.iter().map(|&node| node.to_owned()).collect(),
            cause: Cause::Failure { seen: "it ended".to_owned() },
            began: at(second),
            ended: at(second + 10),
            outcome: Outcome::Done,
            downtime_s: None,
            gave_back: Vec::new(),
        }
    }
}
