//! Plans as text, a stage a line.

use std::fmt::Write as _;

use super::*;
use crate::restart::map::tests::{SHOP, map};
use crate::restart::plan::Act;
use proptest::prelude::*;

fn hand() -> Cause {
    Cause::Hand { who: "anna".to_owned() }
}

fn failure() -> Cause {
    Cause::Failure { seen: "it ended".to_owned() }
}

fn made(map: &Map, target: &str, cause: &Cause) -> Plan {
    plan(map, map.find(target).expect("in the map"), cause, DateTime::UNIX_EPOCH)
}

/// The stages of a plan, a line each.
fn text(plan: &Plan) -> String {
    let last = plan.steps.last().map_or(0, |step| step.stage + 1);
    let stage = |stage: usize| {
        let steps = plan.steps.iter().filter(|step| step.stage == stage);
        steps.map(|step| format!("{} {}", word(step.act), step.node)).collect::<Vec<_>>().join(", ")
    };
    (0..last).map(stage).collect::<Vec<_>>().join("\n")
}

fn word(act: Act) -> String {
    format!("{act:?}").to_lowercase()
}

#[track_caller]
fn check(text_of_map: &str, target: &str, cause: &Cause, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(text(&made(&map(text_of_map), target, cause)), expected.join("\n"));
}

/// `a<b,c` is unit a that needs b and c; `a(p)` is a with the parent p; `g!` is a group; `g!2` keeps two.
fn small(nodes: &str) -> String {
    let mut out = String::new();
    for node in nodes.split_whitespace() {
        let (node, needs) = node.split_once('<').unwrap_or((node, ""));
        let (node, parent) = node.split_once('(').unwrap_or((node, ""));
        let (name, keep) = node.split_once('!').map_or((node, None), |(name, keep)| (name, Some(keep)));
        let _ = writeln!(out, "[[node]]\nname = '{name}'");
        match keep {
            None => drop(writeln!(out, "unit = '{name}.service'")),
            Some("") => out += "group = true\n",
            Some(keep) => drop(writeln!(out, "group = true\nkeep = {keep}")),
        }
        if !parent.is_empty() {
            let _ = writeln!(out, "parent = '{}'", parent.trim_end_matches(')'));
        }
        let needs: Vec<String> =
            needs.split(',').filter(|need| !need.is_empty()).map(|need| format!("'{need}'")).collect();
        let _ = writeln!(out, "needs = [{}]", needs.join(", "));
    }
    out
}

#[test]
fn a_single_unit_restarts_in_one_job() {
    check(&small("a b"), "a", &failure(), "restart a");
}

#[test]
fn dependents_follow_and_never_the_reverse() {
    check(
        &small("db app<db web<app other"),
        "app",
        &failure(),
        "stop web
         stop app
         start app
         start web",
    );
    check(&small("db app<db"), "app", &failure(), "restart app");
}

#[test]
fn what_does_not_wait_for_each_other_goes_together() {
    check(
        &small("db a<db b<db web<a,b"),
        "db",
        &failure(),
        "stop web
         stop b, stop a
         stop db
         start db
         start a, start b
         start web",
    );
}

#[test]
fn who_needs_a_group_needs_all_its_members() {
    check(
        &small("g! a(g) b(g) x<g"),
        "a",
        &failure(),
        "stop x
         stop a
         start a
         start x",
    );
}

#[test]
fn who_needs_a_group_that_keeps_members_up_stays_up() {
    let text = small("g!1 a(g) b(g) x<g");
    check(&text, "a", &hand(), "restart a");
    check(
        &text,
        "g",
        &hand(),
        "restart a
         restart b",
    );
}

#[test]
fn a_group_is_not_rolled_where_one_restart_takes_all_its_members() {
    check(
        &small("db g!1<db a(g) b(g)"),
        "db",
        &hand(),
        "stop b, stop a
         stop db
         start db
         start a, start b",
    );
}

#[test]
fn hooks_run_before_planned_restarts_only() {
    check(
        SHOP,
        "app1",
        &hand(),
        "drain app1
         stop app1
         start app1
         ready app1
         resume app1",
    );
    check(
        SHOP,
        "app1",
        &failure(),
        "stop app1
         start app1
         ready app1
         resume app1",
    );
    check(
        SHOP,
        "database",
        &hand(),
        "drain app2, drain app1
         checkpoint database
         stop app2, stop app1
         stop database
         start database
         start app1, start app2
         ready app1
         probe database
         resume app1, resume app2",
    );
}

#[test]
fn instances_are_drained_and_restarted_one_after_the_other() {
    check(
        SHOP,
        "app",
        &hand(),
        "drain app1
         stop app1
         start app1
         ready app1
         resume app1
         drain app2
         stop app2
         start app2
         resume app2",
    );
}

#[test]
fn a_machine_takes_what_is_on_it_along() {
    check(
        SHOP,
        "web1",
        &hand(),
        "drain app1, drain app2
         checkpoint database
         restart web1
         probe database, probe cron
         resume app1, resume app2",
    );
}

#[test]
fn a_command_without_a_stop_restarts_in_one_go() {
    check(
        "[[node]]\nname='a'\nunit='a.service'\n[[node]]\nname='b'\nstart='b restart'\nneeds='a'",
        "a",
        &failure(),
        "stop a
         start a
         restart b",
    );
}

#[test]
fn ports_are_looked_at_between_stop_and_start() {
    check(
        "[[node]]\nname='a'\nunit='a.service'\nports_free=[80]",
        "a",
        &failure(),
        "stop a
         start a",
    );
}

#[test]
fn a_group_is_ready_before_who_needs_it_starts() {
    check(
        "[[node]]\nname='g'\ngroup=true\nready={exec='g'}\n[[node]]\nname='a'\nparent='g'\nunit='a.service'\n[[node]]\nname='x'\nunit='x.service'\nneeds='g'",
        "g",
        &failure(),
        "stop x
         stop a
         start a
         ready g
         start x",
    );
}

#[test]
fn an_order_without_a_need_is_kept_where_both_restart() {
    let text = "[[node]]\nname='g'\ngroup=true\n[[node]]\nname='a'\nparent='g'\nunit='a.service'\nafter='b'\n[[node]]\nname='b'\nparent='g'\nunit='b.service'";
    check(
        text,
        "g",
        &failure(),
        "stop a
         stop b
         start b
         start a",
    );
    check(text, "b", &failure(), "restart b");
}

#[test]
fn a_part_starts_with_the_whole_unless_it_says_after() {
    check(
        &small("a b(a)"),
        "a",
        &failure(),
        "stop b, stop a
         start a, start b",
    );
    check(&small("a b(a)"), "b", &failure(), "restart b");
    // It begins no sooner than the whole may.
    check(
        &small("x a<x b(a)"),
        "x",
        &failure(),
        "stop b, stop a
         stop x
         start x
         start a, start b",
    );
    check(
        "[[node]]\nname='a'\nunit='a.service'\n[[node]]\nname='b'\nparent='a'\nunit='b.service'\nafter='a'",
        "a",
        &failure(),
        "stop b
         stop a
         start a
         start b",
    );
}

#[test]
fn the_plan_names_itself_and_its_nodes() {
    let plan = made(&map(SHOP), "database", &hand());
    assert_eq!(plan.id, "database@0");
    assert_eq!(plan.nodes, ["database", "app", "app1", "app2"]);
    assert_eq!(plan.depth, 2);
    let within = |act: Act| plan.steps.iter().find(|step| step.act == act).map(|step| step.within_s);
    assert_eq!((within(Act::Checkpoint), within(Act::Probe)), (Some(120.0), Some(60.0)));
    assert_eq!(
        plan.steps.iter().find(|step| step.node == "database" && step.act == Act::Stop).map(|s| s.within_s),
        Some(90.0)
    );
}

/// A map of units and groups: each has an earlier one as parent and needs some earlier ones that are no relatives.
fn random_map() -> impl Strategy<Value = Map> {
    let node =
        (any::<prop::sample::Index>(), prop::collection::vec(any::<prop::sample::Index>(), 0..3), 0..3_u8);
    let nodes = prop::collection::vec(node, 1..14);
    nodes.prop_filter_map("nodes wait for each other", |nodes| {
        let mut out = "[[node]]\nname='n0'\nhost=true\n".to_owned();
        let mut parents = vec![0];
        for (place, (parent, needs, kind)) in (1..).zip(nodes) {
            let parent = parent.index(place);
            parents.push(parent);
            let above: Vec<usize> =
                std::iter::successors(Some(place), |&id| (id != 0).then(|| parents[id])).collect();
            let needs = needs.iter().map(|need| need.index(place)).filter(|need| !above.contains(need));
            let needs: Vec<String> = needs.map(|need| format!("'n{need}'")).collect();
            let what = if kind == 0 { "group=true".to_owned() } else { format!("unit='n{place}.service'") };
            let _ = writeln!(
                out,
                "[[node]]\nname='n{place}'\n{what}\nparent='n{parent}'\nneeds=[{}]",
                needs.join(",")
            );
            if kind == 0 {
                let _ =
                    writeln!(out, "[[node]]\nname='m{place}'\nunit='m{place}.service'\nparent='n{place}'");
            }
        }
        Map::parse(&out, "x").ok()
    })
}

/// Who needs whom, with all that a need of a group and a need of a parent mean.
fn depends(map: &Map, id: NodeId, on: NodeId) -> bool {
    let needs = std::iter::once(id).chain(map.ancestors(id)).flat_map(|id| map.node(id).needs.clone());
    needs
        .into_iter()
        .any(|need| need == on || (map.node(need).is_container() && members(map, need).contains(&on)))
}

/// What a container is made of: its children, and those of containers among them.
fn members(map: &Map, group: NodeId) -> Vec<NodeId> {
    let mut all: Vec<NodeId> = map.children(group).collect();
    for child in all.clone() {
        if map.node(child).is_container() {
            all.extend(members(map, child));
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The closure is the least set that holds the subtree, all below its nodes, and who depends on them.
    #[test]
    fn the_closure_holds_dependents_and_nothing_else(map in random_map(), pick in any::<prop::sample::Index>()) {
        let target = NodeId(pick.index(map.nodes.len()));
        let inside = closure(&map, target);
        let mut expected = vec![false; map.nodes.len()];
        expected[target.0] = true;
        loop {
            let before = expected.clone();
            for id in map.ids() {
                let joins = map.node(id).parent.is_some_and(|parent| before[parent.0])
                    || map.node(id).needs.iter().any(|&need| {
                        before[need.0]
                            || map.node(need).is_container() && members(&map, need).iter().any(|member| before[member.0])
                    });
                expected[id.0] |= joins;
            }
            if before == expected { break; }
        }
        prop_assert_eq!(inside, expected);
    }

    #[test]
    fn every_node_restarts_once_and_after_what_it_depends_on(map in random_map(), pick in any::<prop::sample::Index>()) {
        let target = NodeId(pick.index(map.nodes.len()));
        let plan = plan(&map, target, &failure(), DateTime::UNIX_EPOCH);
        let place = |act: Act, name: &str| plan.steps.iter().position(|step| step.act == act && step.node == name);
        let mut names = plan.nodes.clone();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), plan.nodes.len());
        let inside = closure(&map, target);
        prop_assert_eq!(inside.iter().filter(|inside| **inside).count(), plan.nodes.len());
        let own: Vec<NodeId> = map.ids().filter(|id| inside[id.0] && !map.node(*id).is_container()).collect();
        if own.len() < 2 { return Ok(()); }
        for &id in &own {
            let name = &map.node(id).name;
            let of = |act| plan.steps.iter().filter(|step| step.act == act && &step.node == name).count();
            prop_assert_eq!((of(Act::Stop), of(Act::Start), of(Act::Restart)), (1, 1, 0));
            for &on in own.iter().filter(|&&on| depends(&map, id, on)) {
                let on = &map.node(on).name;
                prop_assert!(place(Act::Start, on) < place(Act::Start, name), "{} starts before {}", name, on);
                prop_assert!(place(Act::Stop, name) < place(Act::Stop, on), "{} stops after {}", name, on);
            }
        }
        // Stops are the starts read backwards.
        let read = |act| plan.steps.iter().filter(|step| step.act == act).map(|step| step.node.clone()).collect::<Vec<_>>();
        let mut stops = read(Act::Stop);
        stops.reverse();
        prop_assert_eq!(stops, read(Act::Start));
        // Stages only count up.
        prop_assert!(plan.steps.windows(2).all(|pair| pair[0].stage == pair[1].stage || pair[0].stage + 1 == pair[1].stage));
    }
}
