//! What may come of forecasts and the calendar.

use super::*;

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
