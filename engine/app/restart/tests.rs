//! What several tests of the executor use.

use hebe::restart::map::{Budget, Kind, Node};

/// A node that says nothing.
pub(super) fn plain_node() -> Node {
    Node {
        name: "a".to_owned(),
        parent: None,
        kind: Kind::Group,
        needs: Vec::new(),
        after: Vec::new(),
        drain: None,
        checkpoint: None,
        resume: None,
        ready: Vec::new(),
        probes: Vec::new(),
        conditions: Vec::new(),
        budget: Budget::default(),
        stop_s: 90.0,
        start_s: 90.0,
        min_uptime_s: 0.0,
        keep: None,
        series: Vec::new(),
        heartbeat_s: None,
        schedule: None,
        line: 1,
    }
}
