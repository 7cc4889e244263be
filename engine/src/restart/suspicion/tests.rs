//! Scripts of what is seen, a letter each, and the states that follow, a letter each.

use proptest::prelude::*;

use super::*;
use crate::restart::infer::Inference;

const PERIOD: Duration = Duration::from_millis(250);

fn terms() -> Terms {
    Terms {
        heartbeat: Some(PERIOD),
        misses: 3,
        start: 8 * PERIOD,
        ping_within: PERIOD,
        pause: PERIOD,
        can_ping: true,
        can_test: true,
    }
}

/// What a letter of a script means; a period passes before a dot, and nothing happens at another letter.
fn seen(letter: char) -> Seen {
    let failed = || Err("no answer".to_owned());
    match letter {
        'b' => Seen::Heard,
        'N' => Seen::Started,
        'g' => Seen::GivesUp,
        'e' => Seen::Patience(4 * PERIOD),
        'a' => Seen::Answered(true),
        'n' => Seen::Answered(false),
        'x' => Seen::System(Inference::Ended),
        'T' => Seen::System(Inference::Stopped),
        't' => Seen::System(Inference::Held),
        'D' => Seen::System(Inference::Blocked),
        'w' => Seen::System(Inference::Short),
        'i' => Seen::System(Inference::Idle),
        'r' => Seen::System(Inference::Runs),
        '!' => Seen::Strain(Some("some waited for a processor for 95 %".to_owned())),
        'c' => Seen::Strain(None),
        'p' => Seen::Scheduled(Ok(())),
        'f' => Seen::Scheduled(failed()),
        '+' => Seen::Tested(Ok(())),
        '-' => Seen::Tested(failed()),
        _ => Seen::Time,
    }
}

/// W well, S suspected, P pinging, T testing, H starved (hungry), F failed.
fn letter(state: State) -> char {
    match state {
        State::Well => 'W',
        State::Suspected { .. } => 'S',
        State::Pinging { .. } => 'P',
        State::Testing { .. } => 'T',
        State::Starved => 'H',
        State::Failed => 'F',
    }
}

fn play(terms: Terms, script: &str) -> (Case, Duration, String) {
    let mut now = Duration::ZERO;
    let mut case = Case::new(terms, now);
    let mut states = String::new();
    for step in script.chars() {
        if step == '.' {
            now += PERIOD;
        }
        let _ = case.see(now, seen(step));
        states.push(letter(case.state()));
    }
    (case, now, states)
}

#[track_caller]
fn check_of(terms: Terms, script: &str, expected: &str) {
    assert_eq!(play(terms, script).2, expected, "{script}");
}

#[track_caller]
fn check(script: &str, expected: &str) {
    check_of(terms(), script, expected);
}

#[test]
fn who_beats_is_well() {
    check("b.b.b..b..b.b", "WWWWWWWWWWWWW");
}

#[test]
fn silence_is_pinged_tested_and_failed_by_three_witnesses() {
    check("b...i.-", "WWWSPTF");
    let (case, now, _) = play(terms(), "b...i.-");
    let said: Vec<String> = case.witnesses(now).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "no sign of life for 1.00 s",
            "a ping was not answered within 0.25 s",
            "it sleeps, and has used no processor time",
            "test failed: no answer",
        ]
    );
}

#[test]
fn a_ping_that_is_answered_ends_the_doubt() {
    check("b...ib", "WWWSPW");
    check("b...ia", "WWWSPW");
}

#[test]
fn a_test_that_is_passed_ends_it_too_and_silence_begins_anew() {
    check("b...i.+..", "WWWSPTWWW");
    check("b...i.+...", "WWWSPTWWWS");
}

#[test]
fn heartbeats_that_come_back_end_it_at_any_time() {
    check("b....b", "WWWSPW");
    check("b.....b", "WWWSPTW");
    check("b...i.-b", "WWWSPTFW");
}

#[test]
fn a_late_result_is_a_test_like_others() {
    check("b.....b-", "WWWSPTWS");
}

#[test]
fn without_the_system_nobody_acts() {
    check("b.....-..", "WWWSPTSPT");
}

#[test]
fn a_debugger_is_a_person_at_work() {
    check("b...t.-.", "WWWSPTSP");
}

#[test]
fn stopped_is_a_doubt_at_once_and_no_failure_before_its_heartbeats_are_overdue() {
    check("bT", "WS");
    check("bT..-.", "WSPTTF");
    check("bT..-b", "WSPTTS");
    check("bTi", "WSW");
}

#[test]
fn an_end_is_known_at_once() {
    check("bx", "WF");
    check("bx.b", "WFFF");
    check("bxN.b", "WFWWW");
    check("b...!x", "WWWSHF");
}

#[test]
fn what_gets_processor_time_is_tested_three_times() {
    check("b...r.---", "WWWSPTTTF");
    check("b...r.--+", "WWWSPTTTW");
}

#[test]
fn starved_is_not_hung() {
    check("b!...", "WWWWS");
    check("b!....", "WWWWSH");
    check("b!...i.-..", "WWWWSHHHHH");
    check("b...i.!-", "WWWSPTTH");
    check("b...w.", "WWWSHH");
}

#[test]
fn after_hunger_everything_is_asked_anew() {
    check("b...!.c.i.-", "WWWSHHSPPTF");
    check("b...!.cb", "WWWSHHSW");
}

#[test]
fn no_hunger_excuses_who_was_stopped() {
    check("b!T..-.", "WWSPTTF");
}

#[test]
fn a_start_has_its_time() {
    check(".......", "WWWWWWW");
    check("........", "WWWWWWWS");
}

#[test]
fn who_asks_for_patience_gets_it() {
    check("be....", "WWWWWS");
}

#[test]
fn who_says_that_it_failed_is_asked_at_once() {
    check("bgi.-", "WSPTF");
}

#[test]
fn tests_on_schedule_raise_a_doubt_and_take_it_back() {
    check("bfb.-b.", "WSPTTSP");
    check("bfp", "WSW");
    check("bf_a+", "WSPTW");
}

#[test]
fn heartbeats_and_a_failing_test_are_not_enough() {
    check("bif.b.b-.", "WWSPTTTSP");
}

#[test]
fn without_heartbeats_ping_system_and_test_must_agree() {
    let terms = Terms { heartbeat: None, ..terms() };
    check_of(terms, "....", "WWWW");
    check_of(terms, "if.n-", "WSPTF");
    check_of(terms, "if.a-.", "WSPTSP");
    let alone = Terms { can_ping: false, ..terms };
    check_of(alone, "if.-..", "WSTSTT");
}

#[test]
fn what_cannot_be_tested_stays_in_doubt() {
    let terms = Terms { can_test: false, ..terms() };
    check_of(terms, "b...i...", "WWWSPSPS");
    check_of(terms, "b...i..b", "WWWSPSPW");
}

#[test]
fn hunger_says_its_numbers() {
    let (case, now, _) = play(terms(), "b...!");
    let words = "some waited for a processor for 95 %; no sign of life for 0.75 s";
    assert_eq!(case.sentence(now), words);
}

proptest! {
    #[test]
    fn nobody_fails_without_three_witnesses(script in "[bNgeanTtDwir!cpf+\\-.]{0,60}") {
        let mut now = Duration::ZERO;
        let mut case = Case::new(terms(), now);
        for step in script.chars() {
            if step == '.' {
                now += PERIOD;
            }
            let before = case.state();
            let _ = case.see(now, seen(step));
            if case.state() == State::Failed && before != State::Failed {
                let witnesses = case.witnesses(now);
                let by = |kind: fn(&Witness) -> bool| witnesses.iter().any(kind);
                prop_assert!(by(|witness| matches!(witness, Witness::Heartbeat { .. } | Witness::Ping { .. })), "{}", script);
                prop_assert!(by(|witness| matches!(witness, Witness::System { .. })), "{}", script);
                prop_assert!(by(|witness| matches!(witness, Witness::Test { .. })), "{}", script);
            }
        }
    }

    #[test]
    fn nobody_fails_while_the_machine_is_short_unless_it_was_stopped(script in "[bNgeantDirpf+\\-.]{0,60}") {
        let (_, _, states) = play(terms(), &format!("!{script}"));
        prop_assert!(!states.contains('F'), "{} {}", script, states);
    }

    #[test]
    fn who_beats_and_passes_never_leaves_well(script in "[b!cireapw]{0,60}") {
        let (_, _, states) = play(terms(), &script);
        prop_assert!(states.chars().all(|state| state == 'W'), "{} {}", script, states);
    }
}
