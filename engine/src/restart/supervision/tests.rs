//! Supervision step by step: what is done, and what must never be.

use proptest::prelude::*;

use super::*;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const RULES: Rules = Rules { stop: s(10), abort: None, start: s(30), intensity: 3, period: s(60) };
const GONE: View = View { main: false, group: false, clear: true };
const UP: View = View { main: true, group: true, clear: false };
const LEFT: View = View { main: false, group: true, clear: true };
const TAKEN: View = View { main: false, group: false, clear: false };

fn running() -> Supervision {
    let mut it = Supervision::new(RULES, Crashes::default());
    assert_eq!(it.step(s(0), Input::Start, GONE), [Effect::Spawn]);
    assert_eq!(it.step(s(0), Input::Begun { ready: true }, UP), []);
    assert_eq!(it.state(), State::Running);
    it
}

#[test]
fn a_restart_asks_waits_verifies_and_starts_once() {
    let mut it = running();
    assert_eq!(it.step(s(1), Input::Restart, UP), [Effect::Terminate]);
    assert_eq!(it.step(s(1), Input::Restart, UP), []);
    assert_eq!(it.step(s(2), Input::Look, LEFT), []);
    assert_eq!(it.step(s(3), Input::Look, TAKEN), []);
    assert_eq!(it.step(s(4), Input::Look, GONE), [Effect::Spawn]);
    assert_eq!(it.step(s(4), Input::Look, UP), []);
    assert_eq!((it.copies(), it.crashes().count()), (2, 0));
}

#[test]
fn what_does_not_end_is_killed_and_then_said_not_to_be_stopped() {
    let mut it = running();
    assert_eq!(it.step(s(0), Input::Restart, UP), [Effect::Terminate]);
    assert_eq!(it.step(s(9), Input::Look, UP), []);
    assert_eq!(it.step(s(10), Input::Look, UP), [Effect::Kill]);
    assert_eq!(it.step(s(11), Input::Look, UP), [Effect::Kill]);
    assert_eq!(it.step(s(15), Input::Look, UP), []);
    assert_eq!(it.state(), State::NotStopped);
    // Whatever is asked now: no second copy beside it.
    assert_eq!(it.step(s(16), Input::Start, UP), [Effect::Terminate]);
    assert_eq!(it.step(s(17), Input::Look, GONE), [Effect::Spawn]);
}

#[test]
fn a_trace_is_asked_for_before_the_kill() {
    let mut it = running();
    it.rules.abort = Some(s(2));
    assert_eq!(it.step(s(0), Input::Stop, UP), [Effect::Terminate]);
    assert_eq!(it.step(s(10), Input::Look, UP), [Effect::Abort]);
    assert_eq!(it.step(s(12), Input::Look, UP), [Effect::Kill]);
    assert_eq!(it.step(s(12), Input::Look, GONE), []);
    assert_eq!(it.state(), State::Down(Why::Told));
}

#[test]
fn a_crash_is_restarted_at_once_until_the_budget_is_spent() {
    let mut it = running();
    let mut spawned = 0;
    for ms in (0..3000).step_by(50) {
        let up = matches!(it.state(), State::Running);
        let effects = it.step(Duration::from_millis(ms), Input::Look, GONE);
        spawned += effects.len();
        if effects == [Effect::Spawn] {
            let _ = it.step(Duration::from_millis(ms), Input::Begun { ready: true }, UP);
        } else {
            assert!(!up || matches!(it.state(), State::Waiting { .. } | State::Down(_)));
        }
    }
    assert_eq!((spawned, it.state()), (3, State::Down(Why::GivenUp)));
    assert_eq!(it.step(s(9), Input::Start, GONE), [Effect::Spawn]);
}

#[test]
fn what_a_crash_leaves_behind_is_stopped_first() {
    let mut it = running();
    assert_eq!(it.step(s(1), Input::Look, LEFT), [Effect::Terminate]);
    assert_eq!(it.step(s(2), Input::Look, LEFT), []);
    assert_eq!(it.step(s(3), Input::Look, GONE), [Effect::Spawn]);
}

#[test]
fn a_place_that_stays_taken_gets_no_copy() {
    let mut it = Supervision::new(RULES, Crashes::default());
    assert_eq!(it.step(s(0), Input::Start, TAKEN), []);
    assert_eq!(it.step(s(9), Input::Look, TAKEN), []);
    assert_eq!(it.step(s(10), Input::Look, TAKEN), []);
    assert_eq!((it.state(), it.copies()), (State::NotStopped, 0));
}

#[test]
fn who_is_not_ready_in_time_has_failed_unless_it_asked_for_more() {
    let mut it = Supervision::new(RULES, Crashes::default());
    assert_eq!(it.step(s(0), Input::Start, GONE), [Effect::Spawn]);
    assert_eq!(it.step(s(20), Input::Extend(s(30)), UP), []);
    assert_eq!(it.step(s(49), Input::Look, UP), []);
    assert_eq!(it.step(s(50), Input::Look, UP), [Effect::Terminate]);
    assert_eq!(it.crashes().count(), 1);
}

#[test]
fn a_stop_wins_over_a_restart_under_way() {
    let mut it = running();
    assert_eq!(it.step(s(1), Input::Restart, UP), [Effect::Terminate]);
    assert_eq!(it.step(s(1), Input::Stop, UP), []);
    assert_eq!(it.step(s(2), Input::Look, GONE), []);
    assert_eq!(it.state(), State::Down(Why::Told));
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        Just(Input::Start),
        Just(Input::Stop),
        Just(Input::Restart),
        Just(Input::Begun { ready: true }),
        Just(Input::Begun { ready: false }),
        Just(Input::NotBegun),
        Just(Input::Ready),
        (0_u64..100).prop_map(|more| Input::Extend(s(more))),
        Just(Input::Look),
    ]
}

proptest! {
    #[test]
    fn a_copy_is_started_only_where_nothing_is_left(
        steps in prop::collection::vec((input(), any::<[bool; 3]>(), 0_u64..20), 0..200),
    ) {
        let mut it = Supervision::new(RULES, Crashes::default());
        let mut now = s(0);
        for (input, [main, group, clear], passed) in steps {
            now += s(passed);
            let view = View { main, group: group || main, clear };
            let copies = it.copies();
            let effects = it.step(now, input, view);
            let spawns = effects.iter().filter(|&&effect| effect == Effect::Spawn).count();
            prop_assert!(spawns <= 1);
            prop_assert_eq!(it.copies(), copies + spawns as u64);
            prop_assert!(spawns == 0 || view == GONE);
        }
    }
}
