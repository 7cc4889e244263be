//! `hebe map` as it is typed: checked, drawn, proposed.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta};
use hebe::restart::cause::Cause;
use hebe::restart::history::{Outcome, Past};
use hebe::restart::journal::{Entry, Journal, Limits};
use serde_json::Value;

use crate::binary::{Answer, hebe, run};

const GOOD: &str =
    "[[node]]\nname = 'db'\nunit = 'postgresql.service'\n\n[[node]]\nname = 'app'\nunit = 'app.service'\n";

fn written(dir: &Path, text: &str) -> PathBuf {
    let file = dir.join("map.toml");
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_map_is_drawn_and_what_to_type_next_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let file = written(dir.path(), GOOD);
    let answer = run(&["map".as_ref(), file.as_os_str()]);
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    assert!(
        answer.out.starts_with("Restart map of host: 3 nodes, 1 deep; at most 10 in 1 h"),
        "{}",
        answer.out
    );
    assert!(
        answer.out.contains("├─ db   postgresql.service") && answer.out.contains("Next: hebe "),
        "{}",
        answer.out
    );
    let answer = run(&["map".as_ref(), file.as_os_str(), "--format".as_ref(), "json".as_ref()]);
    let data: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(data["nodes"][1]["kind"]["unit"], "postgresql.service");
    let picture = dir.path().join("map.svg");
    let answer = run(&["map".as_ref(), file.as_os_str(), "--svg".as_ref(), picture.as_os_str()]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(fs::read_to_string(picture).unwrap().starts_with("<svg "));
}

#[test]
fn a_wrong_map_is_refused_with_every_line() {
    let dir = tempfile::tempdir().unwrap();
    let text = "zone = 'Mars/Olympus'\n[[node]]\nname = 'a'\nunit = 'a'\nneeds = 'b'\n[[node]]\nname = 'b'\nunit = 'b.service'\nneds = 'a'\n";
    let answer = run(&["map".as_ref(), written(dir.path(), text).as_os_str()]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), ""));
    for part in [
        "hebe: 3 errors in the map",
        "map.toml:1: `zone`",
        "map.toml:4: `a` is no unit",
        "map.toml:9: unknown key `neds`",
    ] {
        assert!(answer.err.contains(part), "no `{part}` in {}", answer.err);
    }
    let circle = "[[node]]\nname = 'a'\nunit = 'a.service'\nneeds = 'b'\n[[node]]\nname = 'b'\nunit = 'b.service'\nneeds = 'a'\n";
    let answer = run(&["map".as_ref(), written(dir.path(), circle).as_os_str()]);
    assert!(answer.code == Some(1) && answer.err.contains("in a circle: "), "{}", answer.err);
}

#[test]
fn where_there_is_no_map_one_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let answer = Answer::of(hebe().arg("map").env("XDG_CONFIG_HOME", dir.path()));
    if Path::new("/etc/hebe/map.toml").exists() {
        return crate::skipped::skipped("no map anywhere", "a machine without /etc/hebe/map.toml");
    }
    assert_eq!(answer.code, Some(1));
    assert!(answer.err.contains("unit = \"nginx.service\""), "{}", answer.err);
    fs::create_dir(dir.path().join("hebe")).unwrap();
    written(&dir.path().join("hebe"), GOOD);
    assert_eq!(Answer::of(hebe().arg("map").env("XDG_CONFIG_HOME", dir.path())).code, Some(0));
}

#[test]
fn who_would_stay_down_after_a_crash_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let text = "[[node]]\nname = 'shop'\ncommand = 'shop'\non_crash = 'ask'\n";
    let (file, config) = (written(dir.path(), text), dir.path().join("hebe.toml"));
    let drawn = |mode: &str| {
        fs::write(&config, format!("[restart]\nmode = '{mode}'\n")).unwrap();
        let answer = run(&["map".as_ref(), file.as_os_str(), "--config".as_ref(), config.as_os_str()]);
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        answer.out
    };
    assert!(drawn("observe").contains("Note: after a crash of shop the oracle is asked"));
    assert!(!drawn("act").contains("Note: "));
}

#[test]
fn what_the_journal_speaks_for_is_proposed_and_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let file = written(dir.path(), GOOD);
    let journal = dir.path().join("state/restart/journal");
    let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let mut open = Journal::open(&journal, Limits::default(), 1, start).unwrap();
    for day in 0..6 {
        for (node, second) in [("db", 0), ("app", 30)] {
            let began = start + TimeDelta::days(day) + TimeDelta::seconds(second);
            let past = Past {
                plan: format!("{node}@{}", began.timestamp_millis()),
                target: node.to_owned(),
                nodes: vec![node.to_owned()],
                cause: Cause::Failure { seen: "it ended".to_owned() },
                began,
                ended: began + TimeDelta::seconds(2),
                outcome: Outcome::Done,
                downtime_s: None,
                gave_back: Vec::new(),
            };
            open.append(Entry::Finished { past, note: String::new() }, began).unwrap();
        }
    }
    drop(open);
    let answer = run(&["map".as_ref(), file.as_os_str(), "--propose".as_ref(), journal.as_os_str()]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(
        answer.out.contains("# db failed 6 times, and app within 2 min after 6 of them"),
        "{}",
        answer.out
    );
    assert!(answer.out.contains("  name = \"app\"\n+ needs = [\"db\"]\n"), "{}", answer.out);
    // The same with the map and the state of the configuration.
    let config = dir.path().join("hebe.toml");
    let state = dir.path().join("state");
    fs::write(&config, format!("[store]\ndir = {state:?}\n[restart]\nmap = {file:?}\n")).unwrap();
    let by_config = run(&["map".as_ref(), "--propose".as_ref(), "--config".as_ref(), config.as_os_str()]);
    assert_eq!((by_config.code, by_config.out), (Some(0), answer.out));
    assert_eq!(fs::read_to_string(&file).unwrap(), GOOD);
    let answer =
        run(&["map".as_ref(), file.as_os_str(), "--propose".as_ref(), dir.path().join("none").as_os_str()]);
    assert_eq!(answer.code, Some(1));
}
