//! What a map may say, what it may not, and the file of placed entries.

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::super::{Calendar, Draft, Placed, Repeat};
use super::{at, calendar, map};
use crate::restart::map::Map;

#[track_caller]
fn refuse(text: &str, expected: &str) {
    let error = Calendar::read("map.toml", text, Tz::UTC).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_cannot_be_is_refused_with_its_line() {
    refuse(
        "# zones\n[schedule.default]\nzone = \"Europe/Berln\"",
        "map.toml:3: `zone`: there is no zone `Europe/Berln`; did you mean `Europe/Berlin`?",
    );
    refuse(
        "[schedule.nights]\nnever = [\n  \"Sat\",\n  \"Feb 30\",\n]",
        "map.toml:4: `never`: there is no Feb 30: that month has 29 days",
    );
    refuse(
        "[schedule.x]\nnever = [\"2026-12-24..2026-12-02\"]",
        "map.toml:2: `never`: `2026-12-24..2026-12-02` ends before it begins",
    );
    refuse(
        "[schedule.x]\nnever = [\"Sat 22:00-23:00\"]",
        "map.toml:2: `never`: `Sat 22:00-23:00` has hours, and whole days are meant here; hours belong to `quiet`",
    );
    refuse(
        "[schedule.x]\nnevr = []",
        "map.toml:2: unknown field `nevr`, expected one of `zone`, `never`, `holidays`, `quiet`, `only`; did you mean \
         `never`?",
    );
    refuse("\n[[timed]]\nnode = \"a\"", "map.toml:2: expected either `at`, or `every` and `from`");
    refuse("[[timed]]\nnode = \"a\"\nat = \"0 3 31 2 *\"", "map.toml:3: `at`: `0 3 31 2 *` never comes");
    refuse(
        "[[timed]]\nnode = \"a\"\nat = \"* * * * *\"",
        "map.toml:3: `at`: `* * * * *` is 1440 times a day; 24 are allowed",
    );
    refuse(
        "[[timed]]\nnode = \"a\"\nat = \"Sun 3:00\"\n[[timed]]\nnode = \"a\"\nat = \"Sun 3:00\"",
        "map.toml:4: `a, Sun 3:00` is in line 1 already; give one of them another `name`",
    );
}

#[test]
fn a_node_keeps_the_schedule_of_the_nearest_above() {
    let read = || {
        calendar("[schedule.nights]\nonly = [\"22:00-06:00\"]\n[[timed]]\nnode = \"web\"\nat = \"Sun 03:00\"")
    };
    let nodes = [("host", None, None), ("shop", Some(0), Some("nights")), ("web", Some(1), None)];
    let bound = read().bind(&map(&nodes)).unwrap();
    let kept = |node: &str| bound.schedule(node).name().to_owned();
    assert_eq!(
        (kept("host"), kept("shop"), kept("web")),
        ("default".into(), "nights".into(), "nights".into())
    );
    assert!(bound.knows("web") && !bound.knows("db"));

    let error = read().bind(&map(&nodes[..2])).unwrap_err();
    assert_eq!(error.to_string(), "map.toml:3: there is no node `web`");
    let error = read().bind(&map(&[("host", None, Some("nigths")), ("web", Some(0), None)])).unwrap_err();
    assert_eq!(error.to_string(), "map.toml:1: there is no schedule `nigths`; did you mean `nights`?");
}

fn draft(node: &str, repeat: Repeat) -> Draft {
    Draft {
        node: node.to_owned(),
        date: NaiveDate::from_ymd_opt(2026, 12, 5).unwrap(),
        time: NaiveTime::from_hms_opt(3, 0, 0).unwrap(),
        repeat,
    }
}

#[test]
fn what_is_placed_is_read_back() {
    let hostile = "we\"b\n[[timed]]\u{1}";
    let calendar = calendar("").bind(&map(&[(hostile, None, None)])).unwrap();
    let (mut placed, now) = (Placed::default(), at("2026-11-28 12:00"));
    for repeat in Repeat::ALL {
        placed.place(&calendar, &draft(hostile, repeat), "web \u{7}page", now).unwrap();
    }
    let again = placed.place(&calendar, &draft(hostile, Repeat::Weekly), "x", now).unwrap_err();
    assert_eq!(again, "it is placed there already");
    let read = Placed::read("placed.toml", &placed.text()).unwrap();
    let shown = |placed: &Placed| -> Vec<(String, String, String, Option<String>)> {
        placed.entries().map(|t| (t.name.clone(), t.node.clone(), t.text.clone(), t.by.clone())).collect()
    };
    assert_eq!(shown(&read), shown(&placed));
    assert_eq!(shown(&read)[2].2, "every 7d from 2026-12-05 03:00");
    assert_eq!(shown(&read)[2].3.as_deref(), Some("web page"));
    let due = calendar.occurrences(&read, at("2026-12-05 00:00"), at("2026-12-06 00:00"));
    assert_eq!(due.len(), 5, "each once on the first day");
    assert_eq!(due[0].at, at("2026-12-05 02:00"), "three o'clock in Berlin");

    assert!(placed.remove("placed-3").is_some() && placed.remove("placed-3").is_none());
    placed.place(&calendar, &draft(hostile, Repeat::Weekly), "x", now).unwrap();
    assert_eq!(placed.entries().last().unwrap().name, "placed-6", "a name is not given twice");
}

#[test]
fn what_cannot_be_placed_is_refused() {
    let calendar = calendar("").bind(&map(&[("web", None, None)])).unwrap();
    let mut placed = Placed::default();
    let mut refused =
        |node, repeat, now| placed.place(&calendar, &draft(node, repeat), "x", at(now)).unwrap_err();
    assert_eq!(refused("db", Repeat::Once, "2026-11-28 12:00"), "the restart map has no such node");
    assert_eq!(refused("web", Repeat::Once, "2026-12-05 02:00"), "2026-12-05 03:00 is over already");
    for day in 0..200 {
        let mut draft = draft("web", Repeat::Once);
        draft.date = draft.date + chrono::Days::new(day);
        placed.place(&calendar, &draft, "x", at("2026-11-28 12:00")).unwrap();
    }
    let full = placed.place(&calendar, &draft("web", Repeat::Daily), "x", at("2026-11-28 12:00"));
    assert!(full.unwrap_err().contains("remove one"));
    let error = Placed::read("placed.toml", "[[timed]]\nnode = \"a\"\nat = \"x\"").unwrap_err();
    assert!(error.to_string().starts_with("placed.toml:3: `at`"), "{error}");
}

proptest! {
    #[test]
    fn any_text_is_a_calendar_or_refused(text in ".{0,200}", word in ".{0,20}", key in "zone|never|only|at|every|from|within") {
        let _ = Calendar::read("map.toml", &text, Tz::UTC);
        let _ = Placed::read("placed.toml", &text);
        let quoted = toml::Value::String(word).to_string();
        let _ = Calendar::read("map.toml", &format!("[schedule.default]\n{key} = {quoted}"), Tz::UTC);
        let _ = Calendar::read("map.toml", &format!("[schedule.default]\n{key} = [{quoted}]"), Tz::UTC);
        let _ = Calendar::read("map.toml", &format!("[[timed]]\nnode = \"a\"\nat = \"Sun 03:00\"\n{key} = {quoted}"), Tz::UTC);
        let every = format!("[[timed]]\nnode = \"a\"\nevery = {quoted}\nfrom = {quoted}");
        let _ = Calendar::read("map.toml", &every, Tz::UTC);
    }
}

#[test]
fn a_map_and_its_calendar_are_one_file() {
    let text = "zone = \"Australia/Lord_Howe\"\n[schedule.nights]\nonly = [\"22:00-06:00\"]\n\
                [[node]]\nname = \"web\"\nunit = \"nginx.service\"\nschedule = \"nights\"\n\
                [[timed]]\nnode = \"web\"\nat = \"Sun 03:00\"";
    let map = Map::parse(text, "map.toml").unwrap();
    let calendar = Calendar::read("map.toml", text, Tz::UTC).unwrap().bind(&map).unwrap();
    assert_eq!(
        (calendar.schedule("web").name(), calendar.schedule("web").zone()),
        ("nights", Tz::Australia__Lord_Howe)
    );
}
