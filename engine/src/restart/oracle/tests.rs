//! (state, event) to decision, one line each.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::restart::history::tests::{at, past};
use crate::restart::history::{GaveBack, OperatorHold, Outcome, Past};
use crate::restart::map::tests::{SHOP, map};
use crate::restart::timetable::{Always, Opening, Risk};

/// The moment of the tests.
const NOW: i64 = 1_000_000;

/// All that a decision is made from, to be changed by a test.
struct Scene {
    map: Map,
    history: History,
    world: World,
    timetable: Box<dyn Timetable>,
    settings: Settings,
}

fn scene() -> Scene {
    Scene {
        map: map(SHOP),
        history: History::default(),
        world: World { mode: Mode::Act, ..World::default() },
        timetable: Box::new(Always),
        settings: Settings::default(),
    }
}

impl Scene {
    fn decide(&self, node: &str, cause: Cause, now: i64) -> Decision {
        let Self { map, history, world, timetable, settings } = self;
        let oracle = Oracle { map, history, world, timetable: timetable.as_ref(), settings };
        oracle.decide(&Event { node: node.to_owned(), cause, seen: at(now) }, at(now))
    }

    /// The decision in a line: `restart NODE`, `hold CODE`, `give up NODE`.
    #[track_caller]
    fn check(&self, node: &str, cause: Cause, expected: &str) -> String {
        let (line, sentence) = match self.decide(node, cause, NOW) {
            Decision::Restart(plan) => (format!("restart {}", plan.target), plan.why.join("; ")),
            Decision::Hold { hold, .. } => (format!("hold {}", hold.code), hold.sentence),
            Decision::GiveUp { node, sentence } => (format!("give up {node}"), sentence),
        };
        assert_eq!(line, expected, "{sentence}");
        sentence
    }

    fn after(mut self, past: Past) -> Self {
        self.history.past.push(past);
        self
    }

    fn state(mut self, node: &str, runs: Option<bool>, well: Option<bool>) -> Self {
        let since = Some(at(NOW - 100_000));
        self.world.nodes.insert(node.to_owned(), NodeState { runs, well, since, identity: None });
        self
    }
}

fn failure() -> Cause {
    Cause::Failure { seen: "it ended with signal 11".to_owned() }
}

fn hand() -> Cause {
    Cause::Hand { who: "anna".to_owned() }
}

fn timed() -> Cause {
    Cause::Timed { entry: "sundays".to_owned() }
}

/// A forecast of exhaustion in so many hours, with its range.
fn forecast(lo: i64, mid: i64, hi: Option<i64>, share: Option<f64>) -> Cause {
    let hour = |hour: i64| at(NOW + 3600 * hour);
    Cause::Forecast { series: "mem".to_owned(), lo: hour(lo), mid: hour(mid), hi: hi.map(hour), share }
}

fn sound_forecast() -> Cause {
    forecast(20, 24, Some(30), Some(0.8))
}

/// A restart that began so many seconds ago (and took ten).
fn ago(target: &str, seconds: i64, nodes: &[&str]) -> Past {
    past(target, NOW - seconds, nodes)
}

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

#[test]
fn who_was_given_up_waits_for_a_person() {
    let mut scene = scene();
    scene.history.given_up.push(("app1".to_owned(), at(NOW - 1000)));
    scene.check("app1", failure(), "give up app1");
    scene.check("app1", sound_forecast(), "give up app1");
    scene.check("app1", hand(), "restart app1");
    scene.check("app2", failure(), "restart app2");
}

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

#[test]
fn an_uncertain_forecast_restarts_nothing() {
    for (cause, part) in [
        (forecast(1, 24, Some(60), None), "the range of mem is 2 d 11 h wide, and 24 h 0 min are left"),
        (forecast(20, 24, None, None), "mem may never run out"),
        (forecast(20, 24, Some(30), Some(0.1)), "app1 is 10 % of the growth of mem; below 20 %"),
    ] {
        let why = scene().check("app1", cause, "hold low_confidence");
        assert!(why.contains(part) || why.contains(&part.replace(" 0 min", "")), "{why}");
    }
    // Close to the end every range is wide beside what is left.
    scene().check("app1", forecast(0, 0, Some(1), None), "restart app1");
}

/// Restarts of app1 that left `after` of 100 used.
fn gave(afters: &[f64]) -> Scene {
    afters.iter().zip(1..).fold(scene(), |scene, (&after, k)| {
        let gave_back = vec![GaveBack { series: "mem".to_owned(), before: 100.0, after }];
        scene.after(Past { gave_back, ..ago("app1", 400_000 - 50_000 * k, &["app1"]) })
    })
}

#[test]
fn a_restart_that_would_not_help_is_not_made() {
    let why = gave(&[97.0, 99.0]).check("app1", sound_forecast(), "hold restart_would_not_help");
    assert_eq!(
        why,
        "mem: the last 2 restarts gave back at most 3 % of what was used; a restart of app1 would not help"
    );
    let why = gave(&[20.0, 45.0, 70.0]).check("app1", sound_forecast(), "hold restart_would_not_help");
    assert!(
        why.contains(
            "the level after each of 3 restarts was higher than before, and the last gave back 37.5 % of"
        ),
        "{why}"
    );
    gave(&[20.0, 45.0]).check("app1", sound_forecast(), "restart app1");
    gave(&[20.0, 25.0, 22.0]).check("app1", sound_forecast(), "restart app1");
    let why = gave(&[20.0, 25.0, 30.0]).check("app1", sound_forecast(), "restart app1");
    assert!(why.contains("3 earlier restarts gave back 75 % of what was used (median)"), "{why}");
}

#[test]
fn nothing_is_done_without_leave_but_shown() {
    let mut scene = scene();
    for (mode, code) in [(Mode::Observe, Code::ObserveMode), (Mode::Plan, Code::NotApproved)] {
        scene.world.mode = mode;
        for cause in [failure(), sound_forecast(), timed()] {
            match scene.decide("app1", cause, NOW) {
                Decision::Hold { hold, plan: Some(plan) } => {
                    assert_eq!((hold.code, plan.target.as_str()), (code, "app1"));
                    assert!(!plan.steps.is_empty());
                }
                other => panic!("{other:?}"),
            }
        }
        scene.check("app1", hand(), "restart app1");
    }
}

/// A timetable that always gives the same answers.
struct Same(Option<&'static str>, Opening);

impl Timetable for Same {
    fn closed(&self, _: &[String], _: DateTime<Utc>) -> Option<String> {
        self.0.map(str::to_owned)
    }

    fn opening(&self, nodes: &[String], _: DateTime<Utc>, risk: Option<&Risk>) -> Opening {
        assert!(
            nodes.contains(&"app1".to_owned()) && risk.is_some_and(|risk| risk.lo == at(NOW + 20 * 3600))
        );
        self.1.clone()
    }
}

#[test]
fn the_calendar_places_what_is_meant_to_happen() {
    let why = || "it is quiet then".to_owned();
    let later = at(NOW + 7200);
    let with = |closed, opening| Scene { timetable: Box::new(Same(closed, opening)), ..scene() };
    let at_night = with(None, Opening::At { at: later, why: why() });
    let Decision::Restart(plan) = at_night.decide("app1", sound_forecast(), NOW) else {
        panic!("no restart")
    };
    assert_eq!((plan.at, plan.deadline), (Some(later), Some(at(NOW + 20 * 3600))));
    assert!(plan.why.contains(&why()));
    let text = with(None, Opening::TooLate { opens: later, why: why() }).check(
        "app1",
        sound_forecast(),
        "hold window_too_late",
    );
    assert!(text.contains("it may begin at") && text.contains("it is quiet then"), "{text}");
    with(None, Opening::Never { why: why() }).check("app1", sound_forecast(), "hold blackout");
    let shut = || with(Some("shop hours"), Opening::Never { why: why() });
    shut().check("app1", timed(), "hold blackout");
    shut().check("app1", failure(), "restart app1");
    assert!(shut().check("app1", hand(), "restart app1").contains("shop hours"));
}

#[test]
fn the_window_of_recurrence_is_learnt() {
    // It failed every 100 000 s: 5 % of that is 5 000 s.
    let mut scene = scene();
    for k in (1..=5).rev() {
        scene = scene.after(past("app2", NOW - 3000 - 100_000 * k, &["app2"]));
    }
    let scene = scene.after(past("app2", NOW - 3000, &["app2"]));
    scene.check("app2", failure(), "restart app");
    self::scene().after(past("app2", NOW - 3000, &["app2"])).check("app2", failure(), "restart app2");
}

#[test]
fn what_gives_back_most_is_restarted_first_until_enough_is_free() {
    let map = map(SHOP);
    let mut history = History::default();
    for (k, (node, given)) in (0..).zip([("app1", 10.0), ("app2", 30.0), ("cron", 20.0), ("database", -1.0)])
    {
        let gave_back = vec![GaveBack { series: "mem".to_owned(), before: 100.0, after: 100.0 - given }];
        history.past.push(Past { gave_back, ..past(node, k, &[node]) });
    }
    let ids: Vec<NodeId> =
        ["app1", "app2", "cron", "database", "app"].iter().filter_map(|name| map.find(name)).collect();
    let names = |wanted| -> Vec<String> {
        let chosen = rejuvenations(&map, &history, &ids, "mem", wanted, at(NOW));
        chosen.iter().map(|one| map.node(one.node).name.clone()).collect()
    };
    assert_eq!(names(25.0), ["app2"]);
    assert_eq!(names(45.0), ["app2", "cron"]);
    assert_eq!(names(60.0), ["app2", "cron", "app1"]);
    assert_eq!(names(100.0), ["app2", "cron", "app1", "app"], "what gave nothing back is left alone");
    assert_eq!(names(0.0), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any history, any order, any clock: a decision, and never a restart beyond a budget.
    #[test]
    fn any_history_gives_a_decision_within_the_budgets(
        pasts in prop::collection::vec((0..8_usize, -5000..500_i64, 0..4_u8, any::<bool>()), 0..30),
        node in 0..8_usize, planned in any::<bool>(), ahead in -100_000..100_000_i64,
    ) {
        let names = ["web1", "shop", "database", "app", "app1", "app2", "cron", "gone"];
        let mut scene = scene();
        for (name, second, outcome, planned) in pasts {
            let outcome = [Outcome::Done, Outcome::Failed, Outcome::NotStopped, Outcome::Broken][usize::from(outcome)];
            let cause = if planned { timed() } else { failure() };
            scene.history.past.push(Past { cause, outcome, ..past(names[name], NOW + second, &[names[name]]) });
        }
        let cause = if planned { forecast(ahead, ahead + 1, Some(ahead + 2), None) } else { failure() };
        if let Decision::Restart(plan) = scene.decide(names[node], cause.clone(), NOW) {
            let target = scene.map.node(scene.map.find(&plan.target).unwrap());
            let period = TimeDelta::from_std(std::time::Duration::from_secs_f64(target.budget.period_s)).unwrap();
            let spent = scene.history.past.iter().filter(|past| {
                past.target == plan.target && past.cause.is_planned() == cause.is_planned() && at(NOW) < past.began + period
            });
            prop_assert!(spent.count() < target.budget.intensity);
        }
    }
}
