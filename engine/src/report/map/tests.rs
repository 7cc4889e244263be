//! A map as it looks.

use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::report::Style;
use crate::restart::history::OperatorHold;
use crate::restart::history::tests::{at, past};
use crate::restart::map::tests::{SHOP, map};

fn style(width: usize) -> Style {
    Style { width, color: false, ascii: false, zone: Tz::UTC }
}

fn history() -> History {
    let hold = OperatorHold {
        node: "cron".to_owned(),
        owner: "anna".to_owned(),
        reason: "migration".to_owned(),
        until: None,
    };
    History {
        past: vec![past("app1", 1000, &["app1"])],
        holds: vec![hold],
        given_up: vec![("app2".to_owned(), at(5))],
    }
}

#[test]
fn the_tree_at_two_hundred_columns() {
    let (map, history) = (map(SHOP), history());
    let drawing = Drawing { map: &map, history: &history, now: at(1490) };
    insta::assert_snapshot!(text(&drawing, &style(200)), @"
    Restart map of web1: 7 nodes, 3 deep; at most 20 in 1 h, one at a time, Europe/Berlin

    web1            host, restarts by systemctl reboot if cluster standby-ready agrees · 3 in 1 h
    ├─ shop         group · schedule nightly
    │  ├─ database  postgresql.service · checkpoint · 1 probe · 3 in 1 h
    │  └─ app       group, keeps 1 of 2 up · needs database
    │     ├─ app1   process: shop --port 8081 --name the first · drain, resume · 1 probe · heartbeat every 250 ms · 2 in 10 min · 1 of 2 spent · restarted 8 min ago (after a failure)
    │     └─ app2   process: shop --port 8082 · drain, resume · 3 in 1 h · GIVEN UP: a person must look
    └─ cron         command: service cron start · after shop · 2 probes · 3 in 1 h · HELD by anna: migration
    ");
}

#[test]
fn the_tree_at_eighty_columns_in_ascii() {
    let (map, history) = (map(SHOP), history());
    let drawing = Drawing { map: &map, history: &history, now: at(1490) };
    let drawn = text(&drawing, &Style { ascii: true, ..style(80) });
    assert!(drawn.is_ascii() && drawn.lines().all(|line| line.len() <= 80), "{drawn}");
    insta::assert_snapshot!(drawn, @"
    Restart map of web1: 7 nodes, 3 deep; at most 20 in 1 h, one at a time,
    Europe/Berlin

    web1            host, restarts by systemctl reboot if cluster standby-ready agr~
    |               3 in 1 h
    |- shop         group - schedule nightly
    |  |- database  postgresql.service - checkpoint - 1 probe - 3 in 1 h
    |  `- app       group, keeps 1 of 2 up - needs database
    |     |- app1   process: shop --port 8081 --name the first - drain, resume
    |     |         1 probe - heartbeat every 250 ms - 2 in 10 min - 1 of 2 spent
    |     |         restarted 8 min ago (after a failure)
    |     `- app2   process: shop --port 8082 - drain, resume - 3 in 1 h
    |               GIVEN UP: a person must look
    `- cron         command: service cron start - after shop - 2 probes - 3 in 1 h
                    HELD by anna: migration
    ");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let map = map(SHOP);
    let drawing = Drawing { map: &map, history: &History::default(), now: at(0) };
    let colored = text(&drawing, &Style { color: true, ..style(120) });
    assert!(colored.contains("\u{1b}[1mdatabase\u{1b}[0m"));
    let mut plain = colored;
    for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m"] {
        plain = plain.replace(code, "");
    }
    assert_eq!(plain, text(&drawing, &style(120)));
}

#[test]
fn the_picture_stands_alone_and_names_everything() {
    let map = map(SHOP);
    let drawing = Drawing { map: &map, history: &History::default(), now: at(0) };
    let picture = svg(&drawing);
    assert!(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox="));
    for part in
        ["<title id=\"title\">", "<desc id=\"desc\">", "prefers-color-scheme:dark", ">database<", ">app1<"]
    {
        assert!(picture.contains(part), "{part}");
    }
    for outside in ["href", "url(", "<script", "@import"] {
        assert!(!picture.contains(outside), "{outside}");
    }
    // One arrow for each need.
    assert_eq!(picture.matches("class=\"a\"").count(), 1);
}

#[test]
fn data_has_names_and_no_secrets() {
    let map = map(&SHOP.replace("LANG = \"C\"", "PASSWORD = \"hunter2\""));
    let data: serde_json::Value = serde_json::from_str(&json(&map)).unwrap();
    let database = &data["nodes"][2];
    assert_eq!(database["name"], "database");
    assert_eq!(database["parent"], "shop");
    assert_eq!(database["restarts_with_it"], serde_json::json!(["app", "app1", "app2"]));
    assert!(!data.to_string().contains("hunter2"));
}

proptest! {
    /// Commands may hold anything; what they hold steers no terminal and breaks no picture.
    #[test]
    fn hostile_words_are_shown_and_do_nothing(word in "\\PC{1,30}|[\u{1b}\u{202e}<>&\"]{1,10}", width in 40..240_usize) {
        let mut map = map(SHOP);
        let place = map.find("app1").unwrap().0;
        if let crate::restart::map::Kind::Process(command) = &mut map.nodes[place].kind {
            command.argv = vec![word];
        }
        let drawing = Drawing { map: &map, history: &History::default(), now: at(0) };
        let drawn = text(&drawing, &style(width));
        let steers = |text: &str| text.contains(['\u{1b}', '\u{202e}']);
        let fits = drawn.lines().all(|line| crate::report::clean::columns(line) <= width);
        let picture = svg(&drawing);
        prop_assert!(fits && !steers(&drawn) && !steers(&picture), "{}", drawn);
        prop_assert_eq!(picture.matches("<text").count(), 1 + 2 * map.nodes.len());
    }
}
