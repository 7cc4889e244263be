//! What trials come to: weighed means and places, beside what was published and simulated.

use chrono::{DateTime, TimeDelta, Utc};

use super::station::Trial;
use super::trees::{Fault, SCALE, Tree};

/// The trials of one kind of failure.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) fault: &'static Fault,
    pub(crate) trials: Vec<Trial>,
}

impl Row {
    /// The mean time to recover.
    pub(crate) fn mean(&self) -> f64 {
        self.trials.iter().map(|trial| trial.took_s).sum::<f64>() / self.trials.len() as f64
    }

    /// Restarts that a failure took, in the mean.
    fn restarts(&self, began: &[DateTime<Utc>]) -> f64 {
        let within = |trial: &Trial| {
            let after = |at: &&DateTime<Utc>| (**at - trial.at).as_seconds_f64();
            began.iter().filter(|at| (0.0..trial.took_s).contains(&after(at))).count()
        };
        self.trials.iter().map(within).sum::<usize>() as f64 / self.trials.len() as f64
    }
}

/// A mean over failures, each counted as often as it comes.
pub(crate) fn weighed<'a>(rows: impl IntoIterator<Item = &'a Row>, value: impl Fn(&Row) -> f64) -> f64 {
    let (sum, rates) = rows.into_iter().fold((0.0, 0.0), |(sum, rates), row| {
        (sum + row.fault.rate() * value(row), rates + row.fault.rate())
    });
    sum / rates
}

/// The time within which that share of the failures is over.
fn place(rows: &[Row], share: f64) -> f64 {
    let weight = |row: &Row| row.fault.rate() / row.trials.len() as f64;
    let timed =
        |row: &Row| row.trials.iter().map(move |trial| (trial.took_s, weight(row))).collect::<Vec<_>>();
    let mut times: Vec<(f64, f64)> = rows.iter().flat_map(timed).collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = times.iter().map(|(_, weight)| weight).sum();
    let mut seen = 0.0;
    let reached = times.iter().find(|(_, weight)| {
        seen += weight;
        share * all <= seen
    });
    reached.or(times.last()).map_or(f64::NAN, |(time, _)| *time)
}

/// Seconds from each failure until a restart began, the shortest first.
fn noticed(rows: &[Row], began: &[DateTime<Utc>]) -> Vec<f64> {
    let first = |trial: &Trial| began.iter().filter(|at| trial.at <= **at).min().map(|at| *at - trial.at);
    let trials = rows.iter().flat_map(|row| &row.trials);
    let mut seconds: Vec<f64> = trials.filter_map(first).map(TimeDelta::as_seconds_f64).collect();
    seconds.sort_by(f64::total_cmp);
    seconds
}

/// How soon failures of a tree were answered, in a sentence.
pub(crate) fn answered(tree: &Tree, rows: &[Row], began: &[DateTime<Utc>]) -> String {
    let seconds = noticed(rows, began);
    let ms = |of: usize| seconds.get(of).map_or(f64::NAN, |seconds| 1000.0 * seconds);
    format!(
        "tree {}: from the kill until a restart began: median {:.0} ms, 95 % within {:.0} ms",
        tree.name,
        ms(seconds.len() / 2),
        ms(seconds.len() * 95 / 100),
    )
}

/// The head of the table.
pub(crate) const HEAD: &str = "\
| tree | what fails | n | restarts | mean | median | 95 % within | most | published / 10 | simulated / 10 |
|---|---|---|---|---|---|---|---|---|---|";

/// The lines of one tree: a line for each kind of failure, then all of them as often as they come.
pub(crate) fn lines(tree: &Tree, rows: &[Row], began: &[DateTime<Utc>]) -> String {
    let one = |row: &Row| {
        let name = if row.fault.joint_of_ten == 0 {
            row.fault.kills.to_owned()
        } else {
            format!("{} ({} of 10 need fedr too)", row.fault.kills, row.fault.joint_of_ten)
        };
        line(tree, &name, std::slice::from_ref(row), began)
    };
    let mut lines: Vec<String> = rows.iter().map(one).collect();
    lines.push(line(tree, "**all, weighed**", rows, began));
    lines.join("\n")
}

fn line(tree: &Tree, what: &str, rows: &[Row], began: &[DateTime<Utc>]) -> String {
    let trials = rows.iter().flat_map(|row| &row.trials);
    let most = trials.map(|trial| trial.took_s).fold(0.0, f64::max);
    let n: usize = rows.iter().map(|row| row.trials.len()).sum();
    format!(
        "| {} | {what} | {n} | {:.2} | {:.3} s | {:.3} s | {:.3} s | {most:.3} s | {:.3} s | {:.3} s |",
        tree.name,
        weighed(rows, |row| row.restarts(began)),
        weighed(rows, Row::mean),
        place(rows, 0.5),
        place(rows, 0.95),
        weighed(rows, |row| row.fault.published_s / SCALE),
        weighed(rows, |row| row.fault.simulated_s / SCALE),
    )
}
