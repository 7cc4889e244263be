//! A restart, step by step, before it is made: what is shown is what is done.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cause::Cause;

/// What is done to one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The hook that takes load off the node.
    Drain,
    /// The hook that saves what the node would lose.
    Checkpoint,
    /// Stop it, and see that it is gone: process, group, ports, locks.
    Stop,
    /// Start it.
    Start,
    /// Stop and start in one go, where the service manager does both as one job.
    Restart,
    /// Wait until it says or shows that it is ready.
    Ready,
    /// Test it end to end.
    Probe,
    /// The hook that gives load back to the node.
    Resume,
}

/// One step. Steps of the same `stage` may run at the same time; stages come one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Counts from 0.
    pub stage: usize,
    /// Name of the node.
    pub node: String,
    /// What is done.
    pub act: Act,
    /// How long it may take, in seconds; then it has failed.
    pub within_s: f64,
}

/// A restart, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Unique: `TARGET@MILLISECONDS`, of the moment it was made.
    pub id: String,
    /// Why.
    pub cause: Cause,
    /// The node whose button is pushed.
    pub target: String,
    /// All nodes that restart with it, in the order of their starts: its subtree, and what depends on it.
    pub nodes: Vec<String>,
    /// How many nodes below the root of the map the target is; the root is 0.
    pub depth: usize,
    /// The steps.
    pub steps: Vec<Step>,
    /// When to begin; at once if none.
    pub at: Option<DateTime<Utc>>,
    /// When it must have begun: the risk is too high later.
    pub deadline: Option<DateTime<Utc>>,
    /// How long the target will be away, learnt from earlier restarts; none where there were none.
    pub downtime_s: Option<f64>,
    /// Why this node, this moment: one sentence each.
    pub why: Vec<String>,
}
