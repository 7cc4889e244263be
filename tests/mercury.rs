//! Mercury's parts as real processes, under a Re/Starter and a daemon that acts: what only shows when all work together.

use std::thread;
use std::time::{Duration, Instant};

#[path = "../benches/mercury/station.rs"]
mod station;
#[path = "../benches/mercury/trees.rs"]
mod trees;

use station::Station;
use trees::{Fault, TREES, Tree};

fn tree(name: &str) -> &'static Tree {
    TREES.iter().find(|tree| tree.name == name).unwrap()
}

fn fault(tree: &Tree, kills: &str) -> Fault {
    *tree.faults.iter().find(|fault| fault.kills == kills).unwrap()
}

#[test]
fn what_fails_while_another_restarts_is_restarted_right_after_it() {
    let station = Station::start(tree("II"));
    let fedrcom = station.kill("fedrcom");
    thread::sleep(Duration::from_millis(500));
    let (rtu, began) = (station.kill("rtu"), Instant::now());
    station.until_new("fedrcom", fedrcom);
    station.until_new("rtu", rtu);
    // Sooner than what still fails is decided about again: nothing was waited for but the other restart.
    assert!(began.elapsed() < Duration::from_millis(4500), "{:?}", began.elapsed());
}

/// `pbcom` ends as soon as it has started, before anybody has looked at its new process.
#[test]
fn an_end_right_after_a_restart_is_seen_and_restarted_one_node_nearer_the_root() {
    let tree = tree("IV faulty");
    let station = Station::start(tree);
    station.trial(&fault(tree, "pbcom"), true);
    assert_eq!(station.restarts().len(), 2);
}
