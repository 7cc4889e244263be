//! A verdict on a soak run: PASS, FAIL, INCONCLUSIVE or UNKNOWN, for a build that must decide.
//!
//! What lives here judges series and writes the answer down. Reading the runs and the exit are the binary's; how
//! growth and its error are measured is in `hebe_models::Soak`.

mod judge;
mod pace;
mod ruling;
mod terms;
mod verdict;
mod words;
mod write;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use hebe_collectors::history::Series;
use rayon::prelude::*;

pub use ruling::Ruling;
pub use terms::{Of, Pace, PaceError, Terms};
pub use verdict::Verdict;
pub use write::{json, junit, markdown, nagios, table};

use judge::{Run, judge};

/// Judges every series, worst first.
///
/// With a `baseline` the difference to the series of one name there is judged, a series that is in the baseline alone
/// is UNKNOWN, and one that is not in it is judged by itself.
#[must_use]
pub fn gate(series: &[Series], baseline: Option<&[Series]>, terms: &Terms) -> Vec<Ruling> {
    let newest = newest_of_sources(series);
    let mut rulings: Vec<Ruling> = series
        .par_iter()
        .map(|series| {
            let old = baseline.and_then(|old| counterpart(&series.name, old));
            let ruling = rule(series, old, newest.get(series.source.as_str()).copied().unwrap_or(0), terms);
            if baseline.is_some() && old.is_none() { alone(ruling) } else { ruling }
        })
        .collect();
    rulings.extend(
        baseline
            .into_iter()
            .flatten()
            .filter(|old| counterpart(&old.name, series).is_none())
            .map(|old| Ruling::unknown(&old.name, &old.source, "it is in the baseline, but not in this run")),
    );
    rank(&mut rulings);
    rulings
}

/// Worst first, then by name.
pub fn rank(rulings: &mut [Ruling]) {
    rulings.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.series.cmp(&b.series)));
}

/// The verdict on all: the worst, and UNKNOWN where there is none.
#[must_use]
pub fn verdict(rulings: &[Ruling]) -> Verdict {
    rulings.iter().map(|ruling| ruling.verdict).max().unwrap_or_default()
}

fn rule(series: &Series, baseline: Option<&Series>, newest_ms: i64, terms: &Terms) -> Ruling {
    let unknown = |why: &str| Ruling::unknown(&series.name, &series.source, why);
    if let Some(why) = unusable(series) {
        return unknown(&why);
    }
    if let Some(why) = baseline.and_then(unusable) {
        return unknown(&format!("the baseline: {why}"));
    }
    let few = |whose: &str| Ruling {
        verdict: Verdict::Inconclusive,
        ..unknown(&format!("{whose}too few samples for any growth"))
    };
    match (Run::of(series, terms), baseline.map(|old| Run::of(old, terms))) {
        (None, _) => few(""),
        (_, Some(None)) => few("the baseline has "),
        (Some(run), old) => judge(&run, old.flatten().as_ref(), newest_ms, terms),
    }
}

/// Why a series cannot be judged at all, if it cannot.
fn unusable(series: &Series) -> Option<String> {
    let read = series.v.len() as u64 * u64::from(series.block);
    if series.v.is_empty() {
        Some("no usable sample".to_owned())
    } else if read < series.rejected {
        Some(format!("more samples rejected ({}) than read ({read})", series.rejected))
    } else {
        None
    }
}

/// A series that the baseline does not have.
fn alone(mut ruling: Ruling) -> Ruling {
    ruling.sentence += "; it is not in the baseline";
    ruling
}

/// The series of that name; where several files made one name ambiguous, without the file.
fn counterpart<'a>(name: &str, among: &'a [Series]) -> Option<&'a Series> {
    let bare = |name: &str| name.split_once(':').map_or(name.to_owned(), |(_, bare)| bare.to_owned());
    let exact = among.iter().find(|series| series.name == name);
    exact.or_else(|| among.iter().find(|series| bare(&series.name) == bare(name)))
}

/// Time of the newest sample of each source.
fn newest_of_sources(series: &[Series]) -> HashMap<&str, i64> {
    let mut newest = HashMap::new();
    for one in series {
        if let Some(&last) = one.t_ms.last() {
            let known = newest.entry(one.source.as_str()).or_insert(last);
            *known = last.max(*known);
        }
    }
    newest
}
