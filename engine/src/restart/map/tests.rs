//! Maps as people write them, well and badly.

use proptest::prelude::*;

use super::*;

/// A map of three tiers, with most of what a map can say.
pub(crate) const SHOP: &str = r#"
zone = "Europe/Berlin"
budget = "20 in 1h"

[schedule.nightly]
quiet = ["Mon-Fri 08:00-18:00"]

[[timed]]
node = "cron"
at = "Sun 03:00"

[[node]]
name = "web1"
host = { takeover = "cluster standby-ready", restart = { command = "systemctl reboot", within = "10m" } }

[[node]]
name = "shop"
group = true
parent = "web1"
schedule = "nightly"

[[node]]
name = "database"
parent = "shop"
unit = "postgresql.service"
checkpoint = { command = "psql -c CHECKPOINT", within = "2m" }
probe = { exec = ["psql", "-c", "select 1"], within = "3s" }
stop_within = "90s"

[[node]]
name = "app"
parent = "shop"
group = true
keep = 1
needs = "database"

[[node]]
name = "app1"
parent = "app"
command = "shop --port 8081 --name 'the first'"
dir = "/srv/shop"
env = { LANG = "C" }
notify = true
on_crash = "ask"
drain = "lb drain app1"
resume = "lb undrain app1"
ready = [{ http = "http://127.0.0.1:8081/health", status = 200, contains = "ok", every = "100ms" }]
ports_free = 8081
gone = ["/run/shop1.lock"]
budget = { intensity = 2, period = "10m" }
heartbeat = "250ms"
series = ["process.fds shop*"]

[[node]]
name = "app2"
parent = "app"
command = ["shop", "--port", "8082"]
drain = "lb drain app2"
resume = "lb undrain app2"

[[node]]
name = "cron"
parent = "web1"
stop = "service cron stop"
start = "service cron start"
status = "service cron status"
after = ["shop"]
min_uptime = "5m"
probe = [{ tcp = "127.0.0.1:80" }, { file = "/run/beat", most = "5m" }]
"#;

#[track_caller]
pub(crate) fn map(text: &str) -> Map {
    Map::parse(text, "map.toml").unwrap_or_else(|errors| panic!("{}", all(&errors)))
}

fn all(errors: &[MapError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The errors of a map, one a line.
#[track_caller]
fn check(text: &str, expected: &str) {
    let errors = Map::parse(text, "map.toml").expect_err("the map is wrong");
    let errors = all(&errors);
    for part in expected.lines().map(str::trim).filter(|part| !part.is_empty()) {
        assert!(errors.lines().any(|line| line.contains(part)), "no `{part}` in:\n{errors}");
    }
}

#[test]
fn a_map_is_read() {
    let map = map(SHOP);
    let names: Vec<&str> = map.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["web1", "shop", "database", "app", "app1", "app2", "cron"]);
    let app1 = map.node(map.find("app1").unwrap());
    let Kind::Process(command) = &app1.kind else { panic!("{app1:?}") };
    assert_eq!(command.argv, ["shop", "--port", "8081", "--name", "the first"]);
    assert_eq!(command.on_crash, OnCrash::Ask);
    assert_eq!((app1.heartbeat_s, app1.budget.period_s), (Some(0.25), 600.0));
    assert_eq!(app1.schedule.as_deref(), Some("nightly"), "from the group above");
    assert_eq!(map.node(map.find("cron").unwrap()).schedule, None);
    assert_eq!((map.zone, map.parallel), (Some(Tz::Europe__Berlin), 1));
    assert_eq!(map.depth(map.find("app1").unwrap()), 3);
}

#[test]
fn children_may_come_before_their_parents() {
    let map = map("[[node]]\nname='a'\nparent='g'\nunit='a.service'\n[[node]]\nname='g'\ngroup=true");
    assert_eq!(map.nodes[0].name, "g");
    assert_eq!(map.nodes[1].parent, Some(Map::ROOT));
}

#[test]
fn a_host_is_thought_above_nodes_without_a_parent() {
    let map = map("[[node]]\nname='a'\nunit='a.service'\n[[node]]\nname='b'\nunit='b.service'\nneeds='a'");
    assert_eq!(map.nodes[0].name, "host");
    assert_eq!(map.nodes[2].needs, [NodeId(1)]);
    assert_eq!(self::map("[[node]]\nname='a'\nunit='a.service'").nodes.len(), 1);
    let one = self::map("[[node]]\nname='a'\nunit='a.service'\n[[node]]\nname='web'\nhost=true");
    assert_eq!(one.nodes[0].name, "web", "the only host is the root");
}

#[test]
fn every_error_is_told_with_its_line_and_what_was_meant() {
    let text = "[[node]]\nname = \"a\"\nunit = \"nginx\"\nneedz = [\"b\"]\nstop_within = 5\n\n[[node]]\nname = \"b\"\nparent = \"a\"\ncommand = \"x | y\"\nbudget = \"3 per hour\"\nready = { htp = \"x\" }";
    check(
        text,
        "map.toml:3: `nginx` is no unit that can be restarted: it has no suffix; did you mean `nginx.service`?
         map.toml:4: unknown key `needz` of a node; did you mean `needs`?
         map.toml:5: `stop_within` is 5; expected a length of time such as \"250ms\"
         map.toml:10: `command` holds `|`, and no shell reads it
         map.toml:11: `budget` is \"3 per hour\"; expected a budget such as \"3 in 1h\"
         map.toml:12: unknown key `htp` of a probe; did you mean `http`?",
    );
}

#[test]
fn names_must_be_known_and_unique() {
    check(
        "[[node]]\nname='web'\ngroup=true\n[[node]]\nname='app'\nparent='wep'\nunit='a.service'\nneeds=['databse']\n[[node]]\nname='app'\nparent='web'\nunit='a.service'\n[[node]]\nname='database'\nparent='web'\nunit='d.service'\nneeds='database'",
        "map.toml:6: `parent` of node `app` names `wep`, and there is no such node; did you mean `web`?
         map.toml:8: `needs` of node `app` names `databse`, and there is no such node; did you mean `database`?
         map.toml:9: a second node `app`; the first is in line 4
         map.toml:9: `a.service` is node `app` already
         map.toml:17: node `database` has itself in `needs`",
    );
}

#[test]
fn circles_are_told_with_their_path() {
    check(
        "[[node]]\nname='r'\ngroup=true\n[[node]]\nname='a'\nparent='b'\nunit='a.service'\n[[node]]\nname='b'\nparent='a'\nunit='b.service'\n[[node]]\nname='c'\nparent='r'\nunit='c.service'",
        "map.toml:4: parents in a circle: a → b → a",
    );
    check(
        "[[node]]\nname='a'\nunit='a.service'\nneeds='c'\n[[node]]\nname='b'\nunit='b.service'\nneeds='a'\n[[node]]\nname='c'\nunit='c.service'\nafter='b'",
        "nodes wait for each other in a circle: ",
    );
    // A member needs what needs the whole group.
    check(
        "[[node]]\nname='g'\ngroup=true\n[[node]]\nname='m'\nparent='g'\nunit='m.service'\nneeds='x'\n[[node]]\nname='x'\nunit='x.service'\nneeds='g'",
        "nodes wait for each other in a circle: ",
    );
}

#[test]
fn a_node_does_not_depend_on_its_own_tree() {
    check(
        "[[node]]\nname='g'\ngroup=true\nneeds='m'\n[[node]]\nname='m'\nparent='g'\nunit='m.service'\nneeds='g'",
        "node `g` has `m` in `needs`, which is part of it
         node `m` has `g` in `needs`, and is part of it",
    );
}

#[test]
fn a_group_holds_something_and_keeps_no_more_than_that() {
    check(
        "[[node]]\nname='r'\nhost={}\n[[node]]\nname='g'\ngroup=true\n[[node]]\nname='h'\ngroup=true\nkeep=2\n[[node]]\nname='m'\nparent='h'\nunit='m.service'",
        "map.toml:4: group `g` holds nothing; a member says parent = \"g\"
         map.toml:10: `keep` of node `h` is 2, and it has 1 child",
    );
}

#[test]
fn a_node_is_one_thing() {
    check(
        "[[node]]\nname='a'\nunit='a.service'\ncommand='a'\n[[node]]\nname='b'\n[[node]]\nname='c'\nunit='c.service'\ndir='/'\nstop='x'\n[[node]]\nunit='d.service'\n[[node]]\nname='a b'\ngroup=false\n[[node]]\nname='h1'\nhost={takeover='t'}",
        "map.toml:1: node `a` says `unit` and `command`; it can be only one of them
         map.toml:5: node `b` does not say what it is; expected unit
         map.toml:10: `dir` goes with `command`, and node `c` is a `unit`
         map.toml:11: `stop` goes with `start`
         map.toml:12: a node has no `name`
         map.toml:15: `name` is \"a b\"; expected a name
         map.toml:19: `takeover` proves",
    );
}

#[test]
fn zones_schedules_and_roots_are_checked() {
    check(
        "zone = 'Europe/Berln'\nparallel = 0\n[schedule.nightly]\n[[node]]\nname='a'\nunit='a.service'\nschedule='nightli'",
        "map.toml:1: `zone` is \"Europe/Berln\"; did you mean \"Europe/Berlin\"?
         map.toml:2: `parallel` is 0; expected a whole number from 1 on
         map.toml:7: there is no schedule `nightli`; did you mean `nightly`?",
    );
    check(
        "[[node]]\nname='a'\nhost=true\n[[node]]\nname='b'\nhost=true",
        "map.toml:4: hosts `a` and `b` both have no parent; put a group above them",
    );
    check("calm = 3\n[[node]]\nname='a'\nunit='a.service'", "map.toml:1: `calm` is 3; expected a command");
    check("", "map.toml:1: the map has no node");
    check("node = 3", "map.toml:1: `node` is 3; expected tables");
    check("[[node]]\nname = 'a\nunit = 'b.service'\n[[nod", "map.toml:2: ");
}

#[test]
fn probes_say_what_they_test() {
    let node = |probe: &str| format!("[[node]]\nname='a'\nunit='a.service'\nprobe = {probe}");
    for (probe, why) in [
        ("{ http = 'ftp://x' }", "expected an address"),
        ("{ http = 'http://' }", "expected an address"),
        ("{ http = 'http://x', status = 99 }", "expected a status"),
        ("{ http = 'http://x', status = 70000 }", "expected a status"),
        ("{ tcp = ':80' }", "expected a host and a port"),
        ("{ tcp = 'h:0' }", "expected a host and a port"),
        ("{ file = '/x' }", "has no `most`"),
        ("{ file = 'x', most = '1m' }", "expected an absolute path"),
        ("{ exec = [] }", "names no program"),
        ("{ exec = 'x', tcp = 'h:1' }", "tests one thing"),
        ("{ exec = 'x', most = '1m' }", "`most` says nothing about a probe of `exec`"),
        ("{ }", "this one nothing"),
        ("5", "expected a probe"),
    ] {
        check(&node(probe), why);
    }
}

#[test]
fn a_map_is_written_as_it_is_read() {
    let map = map(SHOP);
    // Lines move, and nothing else; the schedules themselves are the calendar's to write.
    assert_eq!(without_lines(self::map(&map.to_toml())), without_lines(map));
}

fn without_lines(mut map: Map) -> Map {
    map.nodes.iter_mut().for_each(|node| node.line = 0);
    map
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
        let _ = Map::parse(&text, "x");
    }

    /// Text that looks like a map, so that deep places are reached.
    #[test]
    fn anything_like_a_map_is_read_without_panic(lines in proptest::collection::vec(line(), 0..25)) {
        if let Ok(map) = Map::parse(&lines.join("\n"), "x") {
            let again = Map::parse(&map.to_toml(), "x").map_err(|errors| TestCaseError::fail(all(&errors)))?;
            prop_assert_eq!(without_lines(again), without_lines(map));
        }
    }
}

/// One line of something like a map.
fn line() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c", "é", "host"]);
    let value = prop::sample::select(vec![
        "true",
        "'a'",
        "'b'",
        "['a', 'c']",
        "3",
        "'x.service'",
        "'a b'",
        "{}",
        "{ exec = 'x' }",
        "'3 in 1h'",
        "'1.5s'",
        "{ command = 'a \"b c\"', within = '7s' }",
        "[8080]",
        "'/run/x'",
        "'\u{7}'",
        "-1",
        "{ 'ä \\n' = \"q\\\"\\\\\" }",
    ]);
    let key = prop::sample::select(vec![
        "parent",
        "unit",
        "command",
        "start",
        "stop",
        "group",
        "host",
        "needs",
        "after",
        "ready",
        "probe",
        "budget",
        "drain",
        "stop_within",
        "ports_free",
        "gone",
        "keep",
        "env",
        "series",
        "schedule",
        "heartbeat",
        "on_crash",
    ]);
    prop_oneof![
        3 => name.prop_map(|name| format!("[[node]]\nname = '{name}'")),
        5 => (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => Just("unit = 'u.service'".to_owned()),
        1 => Just("command = ['a', 'b\\c', '\"']".to_owned()),
    ]
}
