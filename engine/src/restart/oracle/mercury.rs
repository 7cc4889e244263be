//! Mercury's restart trees, climbed by this oracle and laid out by this planner, with simulated times.
//!
//! Candea, Cutler, Fox, Doshi, Garg, Gowda: "Reducing recovery time in a small recursively restartable system", DSN 2002,
//! doi 10.1109/DSN.2002.1029006. Five programs of a ground station for satellites; its time to recover fell from
//! 24.75 s, when everything was restarted, to about 6 s for nearly all failures.
//! What is checked here is the order of the trees, and that each transformation pays where the paper says so.

use super::*;
use crate::restart::budget::later;
use crate::restart::cause::Cause;
use crate::restart::history::{Outcome, Past};
use crate::restart::map::tests::map;
use crate::restart::plan::Act;
use crate::restart::timetable::Always;

/// Seconds from start to well of each program alone. The paper gives times to recover, so these are those times less
/// the second that detection takes there; `ses` and `str` are what each adds where they go one after the other.
const STARTS: [(&str, f64); 7] = [
    ("mbus", 4.73),
    ("ses", 4.75),
    ("str", 3.75),
    ("rtu", 4.59),
    ("fedrcom", 19.93),
    ("fedr", 4.76),
    ("pbcom", 20.24),
];
/// Seconds until a failure is seen.
const DETECT_S: f64 = 1.0;
/// Seconds that each further program that starts at the same time adds: they wait for the processor. From tree I: all
/// five take 24.75 s, the slowest of them alone 20.93 s.
const CROWD_S: f64 = (24.75 - 20.93) / 4.0;
/// Mean seconds between failures: the paper's, where `fedrcom` fails every ten minutes, `mbus` once a month, and the others
/// every five hours; of `fedrcom`'s failures nearly all are `fedr`'s once it is split.
const BETWEEN_S: [(&str, f64); 7] = [
    ("mbus", 2_592_000.0),
    ("ses", 18_000.0),
    ("str", 18_000.0),
    ("rtu", 18_000.0),
    ("fedrcom", 600.0),
    ("fedr", 660.0),
    ("pbcom", 18_000.0),
];

/// A failure: where it shows, and what must all restart, one after the other or together, to cure it.
struct Fault {
    shows: &'static str,
    cures: &'static [&'static str],
    /// Whether one restart must hold all of `cures`.
    together: bool,
}

fn of(table: &[(&str, f64)], name: &str) -> f64 {
    table.iter().find(|(known, _)| *known == name).map_or(0.0, |(_, value)| *value)
}

/// Seconds of a plan: of each stage the slowest start, and a little for each that starts beside it.
fn takes(plan: &Plan) -> f64 {
    let last = plan.steps.last().map_or(0, |step| step.stage);
    (0..=last)
        .map(|stage| {
            let starts = plan.steps.iter().filter(|step| step.stage == stage);
            let starts = starts.filter(|step| matches!(step.act, Act::Start | Act::Restart));
            let times: Vec<f64> = starts.map(|step| of(&STARTS, &step.node)).collect();
            let slowest = times.iter().copied().fold(0.0, f64::max);
            slowest + CROWD_S * times.len().saturating_sub(1) as f64
        })
        .sum()
}

/// Seconds from a failure until all is well, by the decisions of the oracle.
fn recovers(map: &Map, fault: &Fault) -> f64 {
    let (world, settings) = (World { mode: Mode::Act, ..World::default() }, Settings::default());
    let (mut history, mut waits) = (History::default(), fault.cures.to_vec());
    let start = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
    let (mut elapsed, mut shows) = (0.0, fault.shows);
    for _ in 0..20 {
        elapsed += DETECT_S;
        let now = later(start, elapsed);
        let oracle =
            Oracle { map, history: &history, world: &world, timetable: &Always, settings: &settings };
        let cause = Cause::Failure { seen: "no heartbeat".to_owned() };
        let event = Event { node: shows.to_owned(), cause: cause.clone(), seen: now };
        let Decision::Restart(plan) = oracle.decide(&event, now) else { panic!("no restart") };
        elapsed += takes(&plan);
        let ended = later(start, elapsed);
        let restarted = |name: &&str| plan.nodes.iter().any(|node| node == name);
        if !fault.together || waits.iter().all(restarted) {
            waits.retain(|name| !restarted(name));
        }
        history.past.push(Past {
            plan: plan.id.clone(),
            target: plan.target.clone(),
            nodes: plan.nodes.clone(),
            cause,
            began: now,
            ended,
            outcome: Outcome::Done,
            downtime_s: None,
            gave_back: Vec::new(),
        });
        match waits.first() {
            None => return elapsed,
            // What was not cured shows again where it did; what fails because the other was restarted, at itself.
            Some(next) if !fault.together => shows = next,
            Some(_) => {}
        }
    }
    panic!("it never recovers")
}

/// Mean time to recover of all failures, weighed by how often each happens.
fn mean(map: &Map, faults: &[(Fault, f64)]) -> f64 {
    let rate: f64 = faults.iter().map(|(_, rate)| rate).sum();
    faults.iter().map(|(fault, share)| share * recovers(map, fault)).sum::<f64>() / rate
}

const TOGETHER: bool = true;

fn fault(shows: &'static str, cures: &'static [&'static str], of_rate: &str) -> (Fault, f64) {
    (Fault { shows, cures, together: !TOGETHER }, 1.0 / of(&BETWEEN_S, of_rate))
}

/// Everything is one cell: whatever fails, the station is restarted.
fn tree_one() -> f64 {
    let tree = map(&cells("station", &["mbus", "fedrcom", "ses", "str", "rtu"]));
    let any = ["mbus", "fedrcom", "ses", "str", "rtu"].map(|name| fault("station", &["mbus"], name));
    mean(&tree, &any)
}

fn cells(root: &str, names: &[&str]) -> String {
    let units = names.iter().map(|name| cell(name, root));
    format!("[[node]]\nname='{root}'\ngroup=true\nbudget='9 in 1h'\n{}", units.collect::<String>())
}

fn cell(name: &str, parent: &str) -> String {
    format!("[[node]]\nname='{name}'\nunit='{name}.service'\nparent='{parent}'\n")
}

/// `ses` and `str` each make the other fail when they restart alone.
fn apart() -> [(Fault, f64); 4] {
    [
        fault("mbus", &["mbus"], "mbus"),
        fault("rtu", &["rtu"], "rtu"),
        fault("ses", &["ses", "str"], "ses"),
        fault("str", &["str", "ses"], "str"),
    ]
}

/// Depth augmented: a cell for each.
fn tree_two() -> f64 {
    let tree = map(&cells("station", &["mbus", "fedrcom", "ses", "str", "rtu"]));
    mean(&tree, &apart().into_iter().chain([fault("fedrcom", &["fedrcom"], "fedrcom")]).collect::<Vec<_>>())
}

/// `fedrcom` split into what fails often and what starts slowly.
fn split() -> [(Fault, f64); 2] {
    [fault("fedr", &["fedr"], "fedr"), fault("pbcom", &["pbcom"], "pbcom")]
}

fn tree_three() -> f64 {
    let tree = map(&cells("station", &["mbus", "fedr", "pbcom", "ses", "str", "rtu"]));
    mean(&tree, &apart().into_iter().chain(split()).collect::<Vec<_>>())
}

/// `ses` and `str` consolidated into one cell, and `fedr` with `pbcom` in a cell above both.
fn four() -> Map {
    let radio = "[[node]]\nname='radio'\ngroup=true\nparent='station'\n[[node]]\nname='track'\ngroup=true\nparent='station'\n";
    let members = [("fedr", "radio"), ("pbcom", "radio"), ("ses", "track"), ("str", "track")];
    let members = members.map(|(name, parent)| cell(name, parent)).concat();
    map(&format!("{}{radio}{members}", cells("station", &["mbus", "rtu"])))
}

fn consolidated() -> [(Fault, f64); 4] {
    let both = || fault("track", &["ses", "str"], "ses");
    [fault("mbus", &["mbus"], "mbus"), fault("rtu", &["rtu"], "rtu"), both(), both()]
}

fn tree_four() -> f64 {
    mean(&four(), &consolidated().into_iter().chain(split()).collect::<Vec<_>>())
}

/// Failures that show at `pbcom`: of ten, three are cured only by a restart of `fedr` with it, and the smallest restart
/// that the oracle tries first is a wrong guess for those.
fn mistaken(tree: &Map) -> f64 {
    let joint = Fault { shows: "pbcom", cures: &["pbcom", "fedr"], together: TOGETHER };
    let alone = Fault { shows: "pbcom", cures: &["pbcom"], together: !TOGETHER };
    mean(tree, &[(joint, 0.3), (alone, 0.7)])
}

/// `pbcom` promoted: its button restarts `fedr` too.
fn five() -> Map {
    let radio = [("pbcom", "station"), ("fedr", "pbcom")].map(|(name, parent)| cell(name, parent)).concat();
    map(&format!("{}{radio}", cells("station", &["mbus", "rtu"])))
}

#[test]
fn the_trees_recover_in_the_published_order() {
    let times = [tree_one(), tree_two(), tree_three(), tree_four()];
    assert!(times.windows(2).all(|pair| pair[1] < pair[0]), "{times:?}");
    // 24.75 s when all restart; about 6 s in the end, four times less.
    assert!((times[0] - 24.75).abs() < 0.01, "{times:?}");
    assert!((5.5..7.0).contains(&times[3]), "{times:?}");
    assert!(times[3] < times[0] / 3.5, "{times:?}");
}

#[test]
fn promotion_pays_where_the_first_guess_is_wrong() {
    let (four, five) = (mistaken(&four()), mistaken(&five()));
    assert!(five < four, "{five} is not below {four}");
    // Published: 29.19 s in tree IV and 21.63 s in tree V.
    assert!((26.0..31.0).contains(&four) && (21.0..23.0).contains(&five), "{four} {five}");
}

#[test]
fn what_recovers_together_takes_as_long_as_the_slowest_not_as_the_sum() {
    let apart = recovers(&map(&cells("station", &["ses", "str"])), &apart()[2].0);
    let together = recovers(&four(), &consolidated()[2].0);
    // Published: 9.50 s and 6.25 s.
    assert!(
        together < apart && (9.0..11.0).contains(&apart) && (5.5..7.0).contains(&together),
        "{apart} {together}"
    );
}

/// Programs that leak at different speeds, the slowest to start hardly at all; restarts when little is free: those that
/// gave back most, or all. Seconds down and restarts made.
fn leaks(all: bool) -> (f64, usize) {
    /// What each takes in a minute.
    const LEAKS: [(&str, f64); 6] =
        [("mbus", 0.5), ("ses", 1.0), ("str", 40.0), ("rtu", 2.0), ("pbcom", 0.2), ("fedr", 25.0)];
    /// Restarts begin here, and are enough there.
    const ALARM: f64 = 8_000.0;
    const ENOUGH: f64 = 5_000.0;
    let tree = map(&cells("station", &LEAKS.map(|(name, _)| name)));
    let ids: Vec<NodeId> = LEAKS.iter().filter_map(|(name, _)| tree.find(name)).collect();
    let (mut used, mut history, mut down, mut restarts) = ([0.0_f64; 6], History::default(), 0.0, 0);
    for minute in 0..10_000_i64 {
        for (used, (_, speed)) in used.iter_mut().zip(LEAKS) {
            *used += speed;
        }
        let total: f64 = used.iter().sum();
        if total < ALARM {
            continue;
        }
        let now = DateTime::from_timestamp(60 * minute, 0).unwrap();
        let wanted = total - ENOUGH;
        let chosen = if all {
            ids.clone()
        } else {
            rejuvenations(&tree, &history, &ids, "memory", wanted, now)
                .into_iter()
                .map(|one| one.node)
                .collect()
        };
        for id in chosen {
            let total: f64 = used.iter().sum();
            if !all && total <= ENOUGH {
                break;
            }
            let place = ids.iter().position(|known| *known == id).unwrap();
            let name = tree.node(id).name.clone();
            let gave_back = vec![crate::restart::history::GaveBack {
                series: "memory".to_owned(),
                before: used[place],
                after: 0.0,
            }];
            used[place] = 0.0;
            down += of(&STARTS, &name);
            restarts += 1;
            let cause = Cause::Hand { who: "test".to_owned() };
            history.past.push(Past {
                cause,
                gave_back,
                ..crate::restart::history::tests::past(&name, 60 * minute, &[&name])
            });
        }
    }
    (down, restarts)
}

#[test]
fn restarting_what_gives_back_most_costs_less_than_restarting_all() {
    let ((some_down, some), (all_down, all)) = (leaks(false), leaks(true));
    assert!(some_down < 0.7 * all_down, "{some_down} s in {some} restarts, {all_down} s in {all}");
}

/// Means over all failures, weighed by how often each comes, beside what the paper measured.
#[test]
fn the_numbers_themselves() {
    let line =
        |tree: &str, ours: f64, published: &str| format!("tree {tree:9} {ours:6.2} s  published {published}");
    let table = [
        line("I", tree_one(), "24.75 s"),
        line("II", tree_two(), "5.73 to 20.93 s by program"),
        line("III", tree_three(), "5.59 to 21.24 s by program"),
        line("IV", tree_four(), "5.59 to 21.24 s by program"),
        line("IV faulty", mistaken(&four()), "29.19 s (failures of pbcom)"),
        line("V faulty", mistaken(&five()), "21.63 s (failures of pbcom)"),
    ];
    insta::assert_snapshot!(table.join("\n"), @"
    tree I          24.75 s  published 24.75 s
    tree II         19.83 s  published 5.73 to 20.93 s by program
    tree III         6.55 s  published 5.59 to 21.24 s by program
    tree IV          6.31 s  published 5.59 to 21.24 s by program
    tree IV faulty  27.90 s  published 29.19 s (failures of pbcom)
    tree V faulty   22.20 s  published 21.63 s (failures of pbcom)
    ");
}
