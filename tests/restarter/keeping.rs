//! Starting, and starting again.

use std::fs;

use serde_json::json;

use super::lab::{Lab, signal, unique, until_there};

#[test]
fn a_process_is_started_as_the_map_says_and_told_about() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    let map = format!(
        r#"
[[node]]
name = "a"
command = ["sh", "-c", "pwd; echo $GREETING $HEBE_NODE; readlink /proc/self/fd/0; exec sleep {word}", "an 'argument'"]
dir = "{at}"
env = {{ GREETING = "hello" }}
log = "{at}/a.log"
"#,
        word = unique()
    );
    let lab = Lab::start(&map, "");
    let now = lab.until_phase("a", "running");
    assert_eq!((&now["argv"][3], &now["env"]["GREETING"]), (&json!("an 'argument'"), &json!("hello")));
    let said = until_there(&folder.path().join("a.log"));
    let said = lab.until("a", |_| {
        said.lines().count() == 3
            || fs::read_to_string(folder.path().join("a.log")).unwrap().lines().count() == 3
    });
    assert_eq!(said["phase"], "running");
    let lines = lab.order("logs", "a")["lines"].clone();
    assert_eq!(lines[0], json!(fs::canonicalize(folder.path()).unwrap()));
    assert!(lines[1].as_str().unwrap().starts_with("hello ") && lines[1].as_str().unwrap().ends_with("/a"));
    assert_eq!(lines[2], "/dev/null");
    // It leads a session of its own.
    let main = lab.main("a").unwrap();
    let stat = fs::read_to_string(format!("/proc/{main}/stat")).unwrap();
    assert_eq!(stat.rsplit_once(')').unwrap().1.split(' ').nth(4), Some(main.to_string().as_str()));
    let (done, said) = lab.says(&["list"]);
    assert!(done && said.contains(&format!("a  running  pid {main}")), "{said}");
}

#[test]
fn a_crash_is_left_to_the_oracle_where_the_map_says_so() {
    let map = format!("[[node]]\nname = \"a\"\ncommand = \"sleep {}\"\non_crash = \"ask\"\n", unique());
    let lab = Lab::start(&map, "");
    lab.until_phase("a", "running");
    signal("KILL", lab.main("a").unwrap());
    assert_eq!(lab.until_phase("a", "given_up")["copies"], 1);
    let answer = lab.order("restart", "a");
    assert_eq!((&answer["answer"], &answer["node"]["copies"]), (&json!("done"), &json!(2)));
}

#[test]
fn a_crash_is_answered_by_a_new_copy_until_the_budget_is_spent() {
    let map = format!("[[node]]\nname = \"a\"\ncommand = \"sleep {}\"\nbudget = \"2 in 1h\"\n", unique());
    let lab = Lab::start(&map, "");
    for copy in 1..=3 {
        let now = lab.until("a", |now| now["phase"] == "running" && now["copies"] == copy);
        assert_eq!(now["crashes"], copy - 1);
        signal("KILL", lab.main("a").unwrap());
    }
    let now = lab.until_phase("a", "given_up");
    assert_eq!((&now["ended"], &now["pid"]), (&json!("killed by signal 9"), &json!(null)));
    // Who starts it by hand starts anew.
    let answer = lab.order("start", "a");
    assert_eq!((&answer["answer"], &answer["node"]["crashes"]), (&json!("done"), &json!(0)));
}

#[test]
fn a_program_that_cannot_be_begun_is_said_with_its_reason() {
    let map = "[[node]]\nname = \"a\"\ncommand = \"/no/such/program\"\nbudget = \"1 in 1h\"\n";
    let lab = Lab::start(map, "");
    let now = lab.until_phase("a", "given_up");
    let ended = now["ended"].as_str().unwrap();
    assert!(ended.contains("cannot run `/no/such/program`") && ended.contains("No such file"), "{ended}");
    let (done, said) = lab.says(&["start", "a"]);
    assert!(!done && said.contains("/no/such/program"), "{said}");
}

#[test]
fn what_needs_another_is_started_after_it_is_ready_and_stopped_before() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    let script = |name: &str| {
        format!(
            "trap 'echo {name} ends >> {at}/order; exit' TERM; echo {name} begins >> {at}/order; touch {at}/{name}; sleep 1000 & wait"
        )
    };
    let map = format!(
        r#"
[[node]]
name = "all"
group = true

[[node]]
name = "front"
parent = "all"
needs = "back"
command = ["bash", "-c", "{front}"]

[[node]]
name = "back"
parent = "all"
command = ["bash", "-c", "{back}"]
ready = {{ file = "{at}/back", most = "1h" }}
"#,
        front = script("front"),
        back = script("back"),
    );
    let lab = Lab::start(&map, "");
    lab.until_phase("front", "running");
    // Its first words are written before the shell can be asked to end.
    until_there(&folder.path().join("order"));
    lab.until("front", |_| folder.path().join("front").exists());
    drop(lab);
    let order = fs::read_to_string(folder.path().join("order")).unwrap();
    assert_eq!(order, "back begins\nfront begins\nfront ends\nback ends\n");
}

#[test]
fn output_stays_within_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    let map = format!(
        "[[node]]\nname = \"a\"\ncommand = [\"sh\", \"-c\", \"seq 1 20000; exec sleep {}\"]\nlog = \"{}\"\n",
        unique(),
        log.display()
    );
    let lab = Lab::start(&map, "log_limit = \"10KiB\"");
    let old = folder.path().join("a.log.1");
    lab.until("a", |_| old.exists() && fs::metadata(&log).unwrap().len() <= 10 << 10);
    assert!(fs::metadata(&old).unwrap().len() <= 20 << 10);
}

#[test]
fn a_second_one_on_the_same_folder_is_refused() {
    let lab = Lab::start(&format!("[[node]]\nname = \"a\"\ncommand = \"sleep {}\"\n", unique()), "");
    let map = lab.path("map.toml").display().to_string();
    let (done, said) = lab.says(&["--map", &map, "--listen", "127.0.0.1:0"]);
    assert!(!done && said.contains("another Re/Starter has"), "{said}");
    assert_eq!(lab.node("a")["copies"], 1);
}

#[test]
fn it_sleeps_where_nothing_happens() {
    let map = format!("[[node]]\nname = \"a\"\ncommand = \"sleep {}\"\nnotify = false\n", unique());
    for config in ["", "cgroups = false"] {
        let lab = Lab::start(&map, config);
        lab.until_phase("a", "running");
        // Who never waits is never seen asleep, however busy the machine.
        let stat = format!("/proc/{}/stat", lab.pid());
        let asleep = || fs::read_to_string(&stat).unwrap().rsplit_once(") ").unwrap().1.starts_with('S');
        let seen = (0..100).filter(|_| {
            std::thread::sleep(std::time::Duration::from_millis(2));
            asleep()
        });
        assert!(50 < seen.count(), "it is busy with nothing");
    }
}
