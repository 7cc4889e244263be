//! A Re/Starter that is killed, and the next one.

use std::fs;

use serde_json::Value;

use super::lab::{Lab, lives, processes, signal, unique};
use super::stopping::rounds;

#[test]
fn its_processes_outlive_it_and_are_found_again() {
    for config in ["", "cgroups = false"] {
        let word = unique();
        let map = format!("[[node]]\nname = \"a\"\ncommand = \"sleep {word}\"\nstop_within = \"1m\"\n");
        let mut lab = Lab::start(&map, config);
        lab.until_phase("a", "running");
        let first = lab.node("a")["pid"].clone();
        for _ in 0..rounds(20) {
            lab.kill();
            lab.begin();
            let now = lab.node("a");
            assert_eq!((&now["phase"], &now["pid"]), (&"running".into(), &first));
            assert_eq!(processes(&word).len(), 1);
        }
        // It is kept as before: its end is noticed, though it is nobody's child of ours.
        signal("KILL", lab.main("a").unwrap());
        let another = |now: &Value| now["pid"].is_string() && now["pid"] != first;
        let now = lab.until("a", |now| now["phase"] == "running" && another(now));
        assert_eq!(now["crashes"], 1);
        assert_eq!(processes(&word).len(), 1);
        lab.kill();
        lab.begin();
        assert_eq!(lab.order("stop", "a")["answer"], "done");
        assert_eq!(processes(&word).len(), 0);
    }
}

#[test]
fn whenever_it_is_killed_there_is_never_a_second_copy() {
    let word = unique();
    let map = format!(
        "[[node]]\nname = \"a\"\ncommand = \"sleep {word}\"\nstop_within = \"1m\"\nbudget = \"100000 in 1s\"\n"
    );
    let mut lab = Lab::start(&map, "");
    for round in 0..rounds(20) {
        lab.until_phase("a", "running");
        assert_eq!(processes(&word).iter().filter(|&&pid| lives(pid)).count(), 1);
        // Somewhere between the end of one copy and the beginning of the next.
        signal("KILL", lab.main("a").unwrap());
        std::thread::sleep(std::time::Duration::from_micros(300 * (round as u64 % 20)));
        lab.kill();
        lab.begin();
    }
    lab.until_phase("a", "running");
    assert_eq!(lab.order("stop", "a")["answer"], "done");
    assert_eq!(processes(&word).len(), 0);
}

#[test]
fn what_was_told_to_stop_stays_so_and_what_was_left_behind_goes() {
    let word = unique();
    let map = format!(
        "[[node]]\nname = \"a\"\ncommand = \"sleep {word}\"\n\n[[node]]\nname = \"b\"\nparent = \"a\"\ncommand = [\"bash\", \"-c\", \"sleep {word} & sleep {word}\"]\n"
    );
    let map = format!(
        "[[node]]\nname = \"all\"\ngroup = true\n\n{}",
        map.replace("parent = \"a\"", "parent = \"all\"").replacen("command", "parent = \"all\"\ncommand", 1)
    );
    let mut lab = Lab::start(&map, "");
    lab.until_phase("a", "running");
    lab.until_phase("b", "running");
    assert_eq!(lab.order("stop", "a")["answer"], "done");
    let main = lab.main("b").unwrap();
    lab.kill();
    // Its main process ends while nobody looks; a child stays.
    signal("KILL", main);
    lab.begin();
    lab.until("b", |now| now["phase"] == "running" && now["pid"].as_str().is_some());
    assert!(lab.main("b") != Some(main));
    assert_eq!((&lab.node("a")["phase"], &lab.node("a")["copies"]), (&"stopped".into(), &0.into()));
    assert_eq!(lab.order("stop", "b")["answer"], "done");
    assert_eq!(processes(&word).len(), 0);
}

#[test]
fn it_may_end_alone() {
    let word = unique();
    let map = format!("[[node]]\nname = \"a\"\ncommand = \"sleep {word}\"\n");
    let mut lab = Lab::start(&map, "");
    lab.until_phase("a", "running");
    let main = lab.main("a").unwrap();
    assert!(lab.says(&["leave"]).0);
    assert!(lab.ended());
    assert!(lives(main));
    lab.begin();
    assert_eq!(lab.main("a"), Some(main));
}

#[test]
fn a_record_that_is_broken_starts_no_second_copy() {
    let word = unique();
    let mut lab = Lab::start(&format!("[[node]]\nname = \"a\"\ncommand = \"sleep {word}\"\n"), "");
    lab.until_phase("a", "running");
    let main = lab.main("a").unwrap();
    lab.kill();
    fs::write(lab.path("restarter/nodes/n-a.json"), "{").unwrap();
    lab.begin();
    lab.until("a", |now| now["phase"] == "running" && now["copies"] == 1);
    assert!(!lives(main) && processes(&word).len() == 1);
}
