//! Mercury's restart trees I to V with real processes, ten times as fast: parts are killed, and the time is taken until
//! all of them answer again, through exit, watchdog, oracle, plan, executor with its journal, and Re/Starter.
//!
//! `cargo bench -p hebe --bench mercury [-- TRIALS]`; `--test` makes one trial a tree. Ends with 1 where the trees do
//! not recover in the published order.
#![allow(clippy::disallowed_methods, reason = "a bench starts programs and reads the clock")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench is a program of its own")]

use std::process::ExitCode;

#[path = "mercury/figures.rs"]
mod figures;
#[path = "mercury/station.rs"]
mod station;
#[path = "mercury/trees.rs"]
mod trees;

use figures::{HEAD, Row, answered, lines, weighed};
use station::Station;
use trees::{TREES, Tree};

/// Trials of each tree, if not told otherwise.
const TRIALS: usize = 100;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let is_test = words.iter().any(|word| word == "--test");
    let trials = words.iter().find_map(|word| word.parse().ok());
    let trials = if is_test { 1 } else { trials.unwrap_or(TRIALS) };
    println!("{HEAD}");
    let (rows, answered): (Vec<Vec<Row>>, Vec<String>) = TREES.iter().map(|tree| tried(tree, trials)).unzip();
    println!("\n{}", answered.join("\n"));
    if is_test || in_published_order(&rows) {
        return ExitCode::SUCCESS;
    }
    println!("The trees do not recover in the published order.");
    ExitCode::FAILURE
}

/// The trials of a tree, which are printed, and how soon failures were answered.
fn tried(tree: &'static Tree, trials: usize) -> (Vec<Row>, String) {
    let station = Station::start(tree);
    let mut rows: Vec<Row> = tree.faults.iter().map(|fault| Row { fault, trials: Vec::new() }).collect();
    let mut last = None;
    for _ in 0..trials {
        let next = next(&rows, last);
        let Row { fault, trials } = &mut rows[next];
        // The first, fifth and eighth of every ten where there are three.
        let is_joint = (trials.len() * fault.joint_of_ten) % 10 < fault.joint_of_ten;
        trials.push(station.trial(fault, is_joint));
        last = Some(next);
    }
    rows.retain(|row| !row.trials.is_empty());
    let began = station.restarts();
    println!("{}", lines(tree, &rows, &began));
    let answered = answered(tree, &rows, &began);
    (rows, answered)
}

/// What fails next: what lies furthest behind its share, and never the same twice, so that no failure can be taken for
/// the one before.
fn next(rows: &[Row], last: Option<usize>) -> usize {
    let done = |row: &Row| row.trials.len() as f64 / row.fault.share as f64;
    let others = (0..rows.len()).filter(|row| Some(*row) != last);
    others.min_by(|a, b| done(&rows[*a]).total_cmp(&done(&rows[*b]))).unwrap_or(0)
}

/// I, II, III, IV recover ever faster; and where the first guess is often wrong, V does from failures of `pbcom`.
fn in_published_order(rows: &[Vec<Row>]) -> bool {
    let [one, two, three, four, four_faulty, five_faulty] = rows else { return false };
    let means = [one, two, three, four].map(|rows| weighed(rows, Row::mean));
    let pbcom = |rows: &[Row]| rows.iter().find(|row| row.fault.kills == "pbcom").map_or(f64::NAN, Row::mean);
    means.windows(2).all(|pair| pair[1] < pair[0]) && pbcom(five_faulty) < pbcom(four_faulty)
}
