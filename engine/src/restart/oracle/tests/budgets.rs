//! What budgets, people and the state of the machine hold back.

use super::*;

/// The cases of OTP's `supervisor_SUITE` that a tree of budgets has: two within ten minutes for app1.
#[test]
fn budgets_escalate_as_supervisors_do() {
    let apart = |seconds: &[i64]| {
        seconds.iter().fold(scene(), |scene, &seconds| scene.after(ago("app1", seconds, &["app1"])))
    };
    // Below the intensity the child alone is restarted …
    apart(&[500]).check("app1", failure(), "restart app1");
    // … one more within the period is the supervisor's …
    let why = apart(&[500, 400]).check("app1", failure(), "restart app");
    assert!(
        why.contains("the budget of app1 is spent: 2 restarts within 10 min, 2 are allowed; the next at "),
        "{why}"
    );
    // … and what lies further back does not count.
    apart(&[700, 650, 400]).check("app1", failure(), "restart app1");
    apart(&[601, 400]).check("app1", failure(), "restart app1");
    apart(&[600, 400]).check("app1", failure(), "restart app1");
    apart(&[599, 400]).check("app1", failure(), "restart app");
    // The supervisor has a budget of its own (three in an hour), and so has its.
    let supervisor = |scene: Scene, name: &str| {
        [3000, 2000, 1000].iter().fold(scene, |scene, &seconds| scene.after(ago(name, seconds, &[name])))
    };
    let spent = supervisor(apart(&[500, 400]), "app");
    spent.check("app1", failure(), "restart shop");
    let spent = supervisor(supervisor(spent, "shop"), "web1");
    let why = spent.check("app1", failure(), "give up app1");
    assert!(why.contains("no budget is left"), "{why}");
    // Another child of the same supervisor is not counted.
    apart(&[500, 400]).check("app2", failure(), "restart app2");
    // Restarts that were meant to happen do not count against those that were not, nor the reverse.
    let planned = |seconds| Past { cause: timed(), ..ago("app1", seconds, &["app1"]) };
    scene().after(planned(500)).after(planned(400)).check("app1", failure(), "restart app1");
    scene().after(planned(500)).after(planned(400)).check("app1", timed(), "hold budget_spent");
    apart(&[500, 400]).check("app1", timed(), "restart app1");
}

#[test]
fn what_has_a_budget_of_none_restarts_with_what_is_above_it() {
    let mut cell = scene();
    let app1 = cell.map.find("app1").unwrap();
    cell.map.nodes[app1.0].budget.intensity = 0;
    let why = cell.check("app1", failure(), "restart app");
    assert!(why.contains("the budget of app1 is 0: it is never restarted alone"), "{why}");
    cell.check("app1", timed(), "hold budget_spent");
    cell.check("app2", failure(), "restart app2");
}

#[test]
fn the_map_as_a_whole_has_a_budget() {
    let mut full = scene();
    full.map.budget.intensity = 2;
    full = full.after(ago("cron", 900, &["cron"])).after(ago("app2", 800, &["app2"]));
    let why = full.check("app1", failure(), "hold budget_spent");
    assert!(why.starts_with("the budget of the whole map is spent: 2 restarts within 1 h"), "{why}");
}

#[test]
fn a_person_can_say_hands_off() {
    let hold = |node: &str, until: Option<i64>| {
        let mut scene = scene();
        scene.history.holds.push(OperatorHold {
            node: node.to_owned(),
            owner: "anna".to_owned(),
            reason: "migration".to_owned(),
            until: until.map(|seconds| at(NOW + seconds)),
        });
        scene
    };
    let why = hold("shop", None).check("app1", failure(), "hold operator_hold");
    assert_eq!(why, "anna holds shop until it is lifted (migration), and app1 would restart");
    hold("app1", Some(60)).check("app1", sound_forecast(), "hold operator_hold");
    hold("app1", Some(60)).check("database", failure(), "hold operator_hold");
    hold("app1", Some(0)).check("app1", failure(), "restart app1");
    hold("cron", None).check("app1", failure(), "restart app1");
    hold("gone", None).check("app1", failure(), "restart app1");
}

#[test]
fn one_at_a_time_and_one_for_two_triggers() {
    let mut scene = scene();
    scene.world.under_way.push("cron@5".to_owned());
    scene.check("app1", failure(), "hold lock_held");
    scene.map.parallel = 2;
    scene.check("app1", failure(), "restart app1");
    scene.check("cron", failure(), "hold lock_held");
    // Seen before the last restart ended.
    let scene = self::scene().after(ago("app1", 5, &["app1"]));
    let why = scene.check("app1", failure(), "hold min_uptime");
    assert!(why.contains("before restart app1@999995000 of it ended"), "{why}");
}

#[test]
fn while_alerts_are_firing_what_can_wait_waits() {
    let mut scene = scene();
    scene.world.firing = Some("DiskFull is firing".to_owned());
    assert_eq!(scene.check("app1", sound_forecast(), "hold alerts_firing"), "DiskFull is firing");
    scene.check("app1", timed(), "hold alerts_firing");
    // A failure is why alerts are firing, and a person sees them.
    scene.check("app1", failure(), "restart app1");
    scene.check("app1", Cause::Hand { who: "anna".to_owned() }, "restart app1");
}

#[test]
fn starved_is_not_hung() {
    let mut scene = scene();
    scene.world.starved = Some("some tasks waited 85 % of the last ten seconds for the processor".to_owned());
    scene.check("app1", failure(), "hold starved_not_hung");
    scene.state("app1", Some(false), None).check("app1", failure(), "restart app1");
}

#[test]
fn what_is_needed_is_restarted_first() {
    let why = scene().state("database", None, Some(false)).check("app1", failure(), "restart database");
    assert!(why.contains("app1 needs database, which is not well itself, and restarts with it"), "{why}");
    scene().state("database", Some(false), None).check("app1", failure(), "hold dependency_unhealthy");
    scene().state("database", None, Some(true)).check("app1", failure(), "restart app1");
    scene().state("database", None, Some(false)).check("app1", sound_forecast(), "hold dependency_unhealthy");
    scene().state("app2", None, Some(false)).check("app1", failure(), "restart app1");
}

#[test]
fn what_does_not_run_is_not_started_on_purpose() {
    scene().state("app1", Some(false), None).check("app1", sound_forecast(), "hold not_running");
    scene().state("app1", Some(false), None).check("app1", hand(), "hold not_running");
    scene().state("app1", Some(false), None).check("app1", failure(), "restart app1");
}

#[test]
fn the_last_instance_stays() {
    let why = scene().state("app2", Some(false), None).check("app1", sound_forecast(), "hold last_instance");
    assert_eq!(why, "without app1, 0 of app would be up and well, and it keeps 1");
    scene().state("app2", None, Some(true)).check("app1", sound_forecast(), "restart app1");
    // A failed one takes nothing away.
    scene().state("app2", Some(false), None).check("app1", failure(), "restart app1");
    let why = scene().check("database", timed(), "hold last_instance");
    assert_eq!(why, "the restart of database would leave 0 of app up, and it keeps 1");
    scene().check("database", failure(), "restart database");
    scene().check("app", timed(), "restart app");
}

#[test]
fn a_node_is_left_alone_after_its_start() {
    let why = scene().after(ago("app1", 60, &["app1"])).check("app1", sound_forecast(), "hold min_uptime");
    assert!(
        why.ends_with("and is left alone for 1 min 0 s") || why.ends_with("and is left alone for 1 min"),
        "{why}"
    );
    scene().after(ago("app1", 70, &["app1"])).check("app1", sound_forecast(), "restart app1");
    scene().after(ago("app1", 60, &["app1"])).check("app1", hand(), "restart app1");
}
