//! How long a plan for a map of a thousand nodes takes, read, laid out and decided: as a chain, as a star, as a tree of
//! groups with random needs. `--test` runs everything once on small maps.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod support;

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use hebe::restart::cause::Cause;
use hebe::restart::decision::Event;
use hebe::restart::history::{History, Outcome, Past};
use hebe::restart::map::{Map, NodeId};
use hebe::restart::oracle::{Oracle, Settings};
use hebe::restart::timetable::Always;
use hebe::restart::world::{Mode, World};
use support::Random;

/// Restarts in the history that a decision looks through.
const PAST: usize = 1_000;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let (nodes, rounds) = if quick { (50, 1) } else { (1_000, 200) };
    println!(
        "a map of {nodes} nodes, the root as target, one thread; median ms [fastest .. slowest hundredth]"
    );
    for (name, text) in [("chain", chain(nodes)), ("star", star(nodes)), ("tree", tree(nodes))] {
        let map = Map::parse(&text, name).unwrap_or_else(|errors| panic!("{name}: {}", errors[0]));
        assert_eq!(map.nodes.len(), nodes);
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a moment");
        let cause = Cause::Hand { who: "bench".to_owned() };
        let planned = times(rounds, || hebe::restart::plan(&map, Map::ROOT, &cause, now));
        println!("{name:6} plan   {}", summary(planned));
        println!("{name:6} decide {}", summary(decided(&map, rounds, now)));
        let read = times(rounds.div_ceil(10), || Map::parse(&text, name));
        println!("{name:6} read   {}", summary(read));
    }
}

/// Decisions about the failure of the last node, whose restart a minute ago was in vain.
fn decided(map: &Map, rounds: usize, now: DateTime<Utc>) -> Vec<f64> {
    let history = history(map, now);
    let (world, settings) = (World { mode: Mode::Act, ..World::default() }, Settings::default());
    let oracle = Oracle { map, history: &history, world: &world, timetable: &Always, settings: &settings };
    let node = map.node(NodeId(map.nodes.len() - 1)).name.clone();
    let event = Event { node, cause: Cause::Failure { seen: "no heartbeat".to_owned() }, seen: now };
    times(rounds, || oracle.decide(&event, now))
}

/// A restart a day, each of another node, and one of the last node a minute ago.
fn history(map: &Map, now: DateTime<Utc>) -> History {
    let past = |name: &str, ago: TimeDelta| Past {
        plan: format!("{name}@0"),
        target: name.to_owned(),
        nodes: vec![name.to_owned()],
        cause: Cause::Failure { seen: "it ended".to_owned() },
        began: now - ago,
        ended: now - ago,
        outcome: Outcome::Done,
        downtime_s: Some(2.0),
        gave_back: Vec::new(),
    };
    let days = (1..=PAST).rev().map(|day| {
        let name = &map.nodes[day % map.nodes.len()].name;
        past(name, TimeDelta::days(i64::try_from(day).unwrap_or(1)))
    });
    let last = map.nodes.last().map(|node| past(&node.name, TimeDelta::minutes(1)));
    History { past: days.chain(last).collect(), ..History::default() }
}

fn unit(out: &mut String, k: usize, parent: usize, needs: &[usize]) {
    let _ = write!(
        out,
        "[[node]]\nname = 'n{k}'\nunit = 'n{k}.service'\nparent = 'n{parent}'\ndrain = 'lb drain n{k}'\n"
    );
    let needs: Vec<String> = needs.iter().map(|need| format!("'n{need}'")).collect();
    let _ = writeln!(out, "needs = [{}]\nprobe = {{ tcp = '127.0.0.1:80' }}", needs.join(", "));
}

fn root() -> String {
    "[[node]]\nname = 'n0'\ngroup = true\n".to_owned()
}

/// Each needs the one before it: as many rounds as nodes.
fn chain(nodes: usize) -> String {
    let mut out = root();
    for k in 1..nodes {
        let before = [k - 1];
        unit(&mut out, k, 0, if k == 1 { &[] } else { &before });
    }
    out
}

/// All need the first.
fn star(nodes: usize) -> String {
    let mut out = root();
    for k in 1..nodes {
        unit(&mut out, k, 0, if k == 1 { &[] } else { &[1] });
    }
    out
}

/// Groups of groups at random, each unit with two needs among earlier units of other groups.
fn tree(nodes: usize) -> String {
    let mut random = Random::seeded(11);
    let mut pick = |below: usize| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "below the number of nodes"
        )]
        let place = (random.uniform() * below as f64) as usize;
        place.min(below - 1)
    };
    let groups = nodes / 10;
    let mut out = root();
    for k in 1..groups {
        let parent = pick(k);
        let _ = write!(out, "[[node]]\nname = 'n{k}'\ngroup = true\nparent = 'n{parent}'\n");
    }
    for k in groups..nodes {
        let needs: Vec<usize> = (0..2).filter(|_| groups < k).map(|_| groups + pick(k - groups)).collect();
        // The first units fill the groups.
        let parent = if k < 2 * groups { k - groups } else { pick(groups) };
        unit(&mut out, k, parent, &needs);
    }
    out
}

fn times<T>(rounds: usize, work: impl Fn() -> T) -> Vec<f64> {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect()
}

fn summary(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let last = times.len() - 1;
    format!("{:8.3} [{:.3} .. {:.3}]", times[last / 2], times[0], times[last * 99 / 100])
}
