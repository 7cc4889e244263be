//! Hangs, ends, silence.

use std::fs;
use std::thread;
use std::time::Duration;

use hebe::restart::map::{Kind, Node, Probe, Test};
use hebe::restart::suspicion::{Witness, Word};
use rustix::process::Signal;

use super::super::Found;
use super::{Kennel, PATIENCE, free_port, node, pressure, tested};

/// Whether a missing sign of life, the system and a test speak against it.
#[track_caller]
fn assert_three(witnesses: &[Witness]) {
    let has = |kind: fn(&Witness) -> bool| assert!(witnesses.iter().any(kind), "{witnesses:?}");
    has(|witness| matches!(witness, Witness::Heartbeat { silent_s: Some(_) }));
    has(|witness| matches!(witness, Witness::System { .. }));
    has(|witness| matches!(witness, Witness::Test { .. }));
}

#[test]
fn a_process_that_is_stopped_fails_by_three_witnesses_and_is_well_when_it_goes_on() {
    let http = free_port();
    let kennel = Kennel::of(vec![tested("web", http)]);
    let app = kennel.app("web", http);
    kennel.wait_heard("web");
    app.signal(Signal::STOP);
    let told = kennel.wait_told("web", Word::Failed);
    let failed = told.last().unwrap();
    assert_three(&failed.witnesses);
    assert!(failed.sentence.contains("stopped by a signal"), "{}", failed.sentence);
    assert_eq!(failed.process.unwrap().pid, app.pid());
    let standing = kennel.state_of("web");
    assert_eq!((standing.runs, standing.well), (Some(true), Some(false)));
    app.signal(Signal::CONT);
    kennel.wait_told("web", Word::Well);
    kennel.wait(|state| state.nodes[0].well == Some(true));
}

#[test]
fn a_process_that_sleeps_for_ever_fails_by_three_witnesses() {
    let http = free_port();
    let kennel = Kennel::of(vec![tested("web", http)]);
    let app = kennel.app("web", http);
    kennel.wait_heard("web");
    app.mood("hung");
    let told = kennel.wait_told("web", Word::Failed);
    assert_three(&told.last().unwrap().witnesses);
}

#[test]
fn an_end_is_known_without_witnesses() {
    let http = free_port();
    let kennel = Kennel::of(vec![tested("web", http)]);
    let app = kennel.app("web", http);
    kennel.wait_heard("web");
    app.signal(Signal::KILL);
    let told = kennel.wait_told("web", Word::Failed);
    assert_eq!(told.last().unwrap().sentence, "it has ended");
    assert_eq!(kennel.wait(|state| state.nodes[0].runs == Some(false)).nodes[0].well, Some(false));
    // The next start is a new life.
    drop(app);
    let next = kennel.app("web", http);
    kennel.wait_told("web", Word::Well);
    kennel.wait(|state| state.nodes[0].process.is_some_and(|process| process.pid == next.pid()));
}

#[test]
fn heartbeats_that_are_lost_do_no_harm_while_the_page_answers() {
    let http = free_port();
    let kennel = Kennel::of(vec![tested("web", http)]);
    let app = kennel.app("web", http);
    kennel.wait_heard("web");
    app.mood("mute");
    for _ in 0..2 {
        let told = kennel.wait_told("web", Word::Well);
        let words: Vec<Word> = told.iter().map(|suspicion| suspicion.to).collect();
        assert!(words.contains(&Word::Testing) && !words.contains(&Word::Failed), "{words:?}");
    }
}

#[test]
fn a_restart_on_purpose_is_no_failure() {
    let http = free_port();
    let kennel = Kennel::of(vec![Node { kind: Kind::Process(super::command()), ..tested("web", http) }]);
    let app = kennel.app("web", http);
    kennel.wait_heard("web");
    kennel.watchdog.process("web", Found::Away);
    kennel.wait(|state| state.nodes[0].runs == Some(false));
    drop(app);
    let next = kennel.app("web", http);
    kennel.watchdog.process("web", Found::Runs { pid: next.pid() });
    let pid = next.pid();
    kennel.wait(|state| state.nodes[0].process.is_some_and(|process| process.pid == pid));
    kennel.wait(|state| state.nodes[0].runs == Some(true));
    assert!(kennel.told.try_iter().all(|suspicion| suspicion.to != Word::Failed));
}

/// It was started, and had ended before anybody could look at it.
#[test]
fn an_end_that_nobody_saw_is_told_once_a_life() {
    let kennel = Kennel::of(vec![Node { kind: Kind::Process(super::command()), ..node("web") }]);
    for _ in 0..2 {
        kennel.watchdog.process("web", Found::Away);
        kennel.watchdog.process("web", Found::Lies);
        let told = kennel.wait_told("web", Word::Failed);
        assert!(told.last().unwrap().ended);
        kennel.watchdog.process("web", Found::Lies);
    }
    kennel.wait(|state| state.nodes[0].well == Some(false));
    assert!(kennel.told.try_iter().all(|suspicion| suspicion.to != Word::Failed));
}

#[test]
fn a_test_that_hangs_costs_itself_alone() {
    let argv = ["sleep", "600"].map(str::to_owned).to_vec();
    let hanging = Probe { test: Test::Exec { argv }, within_s: 300.0, every_s: 0.1 };
    let stuck = |name: &str| Node { heartbeat_s: None, probes: vec![hanging.clone()], ..node(name) };
    let http = free_port();
    // More than there are seats for tests on schedule.
    let mut nodes: Vec<Node> = (0..12).map(|at| stuck(&format!("stuck{at}"))).collect();
    nodes.push(tested("web", http));
    let kennel = Kennel::of(nodes);
    let app = kennel.app("web", http);
    kennel.wait_heard("web");
    app.signal(Signal::STOP);
    assert_three(&kennel.wait_told("web", Word::Failed).last().unwrap().witnesses);
}

#[test]
fn a_page_that_fails_is_asked_for_its_readiness_and_tested_again() {
    let (http, other) = (free_port(), free_port());
    let ready =
        Probe { test: Test::Tcp { address: format!("127.0.0.1:{other}") }, within_s: 0.5, every_s: 1.0 };
    let mut plain = Node { heartbeat_s: None, ready: vec![ready], ..tested("web", http) };
    plain.probes[0].every_s = 0.1;
    let kennel = Kennel::of(vec![plain]);
    let app = kennel.app("unknown", http);
    kennel.watchdog.process("web", Found::Runs { pid: app.pid() });
    kennel.wait(|state| state.nodes[0].well == Some(true));
    app.mood("hung");
    let told = kennel.wait_told("web", Word::Failed);
    let failed = told.last().unwrap();
    assert!(failed.witnesses.iter().any(|witness| matches!(witness, Witness::Ping { .. })), "{failed:?}");
    assert!(failed.witnesses.iter().any(|witness| matches!(witness, Witness::Test { .. })), "{failed:?}");
}

#[test]
fn hunger_for_the_disk_vetoes_until_it_is_over() {
    let http = free_port();
    let kennel = Kennel::of(vec![tested("web", http)]);
    let app = kennel.app("web", http);
    kennel.wait_heard("web");
    let root = kennel.folder.path().to_path_buf();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let squeeze = thread::spawn(move || {
        // All wait for the disk all the time, and more: the reader's clock is not this thread's.
        let mut io = 0;
        while stopped
            .recv_timeout(Duration::from_millis(20))
            .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            io += 10_000_000;
            pressure(&root, [0, io, 0]);
        }
    });
    kennel.wait(|state| state.starved.is_some());
    app.mood("hung");
    let told = kennel.wait_told("web", Word::Starved);
    assert!(told.iter().all(|suspicion| suspicion.to != Word::Failed), "{told:?}");
    let starved = &told.last().unwrap().sentence;
    assert!(starved.starts_with("all waited for a disk for 100 %"), "{starved}");
    assert_eq!(kennel.state_of("web").well, None);
    stop.send(()).unwrap();
    squeeze.join().unwrap();
    assert_three(&kennel.wait_told("web", Word::Failed).last().unwrap().witnesses);
    assert!(Duration::ZERO < PATIENCE && fs::exists(kennel.path("key")).unwrap());
}
