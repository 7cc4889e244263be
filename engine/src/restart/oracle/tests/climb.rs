//! The smallest restart first, then toward the root, then a person.

use super::*;

#[test]
fn the_smallest_restart_comes_first() {
    let why = scene().check("app1", failure(), "restart app1");
    assert_eq!(why, "app1: it ended with signal 11");
    scene().check("database", failure(), "restart database");
    let why = scene().check("datbase", failure(), "hold not_in_map");
    assert_eq!(why, "datbase is no node of the map; did you mean database?");
}

#[test]
fn seen_again_it_goes_one_node_nearer_the_root() {
    let why = scene().after(ago("app1", 60, &["app1"])).check("app1", failure(), "restart app");
    assert!(
        why.contains("app1 failed again 50 s after the restart of app1 (within 5 min): one node nearer"),
        "{why}"
    );
    let app = ago("app", 60, &["app", "app1", "app2"]);
    scene().after(ago("app1", 120, &["app1"])).after(app.clone()).check("app1", failure(), "restart shop");
    scene().after(app).check("app2", failure(), "restart shop");
}

#[test]
fn later_it_is_another_failure() {
    scene().after(ago("app1", 311, &["app1"])).check("app1", failure(), "restart app1");
    scene().after(ago("app1", 309, &["app1"])).check("app1", failure(), "restart app");
}

#[test]
fn a_restart_that_did_not_succeed_counts_too() {
    for outcome in [Outcome::Failed, Outcome::Broken] {
        let past = Past { outcome, ..ago("app1", 60, &["app1"]) };
        let why = scene().after(past).check("app1", failure(), "restart app");
        assert!(why.contains("did not succeed"), "{why}");
    }
}

#[test]
fn who_was_restarted_along_starts_at_itself() {
    scene().after(ago("database", 60, &["database", "app1"])).check("app1", failure(), "restart app1");
    // A planned restart is no attempt at a cure.
    let planned = Past { cause: hand(), ..ago("app1", 60, &["app1"]) };
    scene().after(planned).check("app1", failure(), "restart app1");
}

#[test]
fn what_cannot_be_stopped_goes_with_its_machine_only() {
    let past = Past { outcome: Outcome::NotStopped, ..ago("app1", 60, &["app1"]) };
    scene().after(past.clone()).check("app1", failure(), "restart web1");
    let mut without = scene().after(past);
    without.map.nodes[0].kind = crate::restart::map::Kind::Host { takeover: None, restart: None };
    let why = without.check("app1", failure(), "give up app1");
    assert!(why.contains("nothing was started"), "{why}");
}

/// A chain of groups with one unit at its end, `depth` below the root.
fn chain(depth: usize) -> Map {
    let node = |k: usize| {
        let what = if k == depth { "unit = 'n.service'" } else { "group = true" };
        let parent = if k == 0 { String::new() } else { format!("parent = 'n{}'", k - 1) };
        format!("[[node]]\nname = 'n{k}'\n{what}\n{parent}\n")
    };
    map(&(0..=depth).map(node).collect::<String>())
}

/// How many restarts a fault at the leaf that nothing cures causes until a person is asked; `outcome` of each.
fn restarts_until_given_up(depth: usize, outcome: impl Fn(usize) -> Outcome, pause: i64) -> usize {
    let mut scene = Scene { map: chain(depth), ..scene() };
    let mut now = NOW;
    for count in 0..100 {
        now += pause;
        match scene.decide(&format!("n{depth}"), failure(), now) {
            Decision::Restart(plan) => {
                let past = Past {
                    outcome: outcome(count),
                    nodes: plan.nodes,
                    plan: plan.id,
                    ..past(&plan.target, now, &[])
                };
                // All that is known afterwards is what was written down.
                let written = serde_json::to_string(&past).unwrap();
                scene.history.past.push(serde_json::from_str(&written).unwrap());
                now += 10;
            }
            Decision::GiveUp { sentence, .. } => {
                assert!(sentence.contains(&format!("({count} restarts)")), "{sentence}");
                return count;
            }
            Decision::Hold { hold, .. } => panic!("{}", hold.sentence),
        }
    }
    panic!("it never gives up")
}

#[test]
fn a_fault_that_nothing_cures_takes_depth_and_one_restarts_and_then_a_person() {
    for depth in 0..8 {
        assert_eq!(restarts_until_given_up(depth, |_| Outcome::Done, 5), depth + 1);
    }
}

#[test]
fn who_was_given_up_waits_for_a_person() {
    let mut scene = scene();
    scene.history.given_up.push(("app1".to_owned(), at(NOW - 1000)));
    scene.check("app1", failure(), "give up app1");
    scene.check("app1", sound_forecast(), "give up app1");
    scene.check("app1", hand(), "restart app1");
    scene.check("app2", failure(), "restart app2");
}

proptest! {
    /// Whatever became of each restart on the way: made, failed, or cut off by a crash.
    #[test]
    fn however_the_restarts_end_it_takes_depth_and_one(
        depth in 0..8_usize, ends in prop::collection::vec(0..3_u8, 10), pause in 1..299_i64,
    ) {
        let outcome = |count: usize| [Outcome::Done, Outcome::Failed, Outcome::Broken][usize::from(ends[count])];
        prop_assert_eq!(restarts_until_given_up(depth, outcome, pause), depth + 1);
    }
}
