//! (state, event) to decision, one line each.

mod budgets;
mod climb;
mod forecasts;

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
