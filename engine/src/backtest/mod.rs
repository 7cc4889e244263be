//! Replays a history: what would have been said, when, and what came; beside what simpler alarms would have said.
//!
//! Every answer sees only the samples up to its time.

mod episode;
mod protocol;
mod rival;
mod summary;

pub use episode::{Came, Episode, Record};
pub use protocol::{Answer, ProtocolError, Task, answers, tasks};
pub use rival::Rival;
pub use summary::{Summary, Tally, summary};

use hebe_collectors::history::Series;
use hebe_models::climbs;
use rayon::prelude::*;

use crate::plan::{HORIZON_PER_WINDOW, POINTS, Plan};
use crate::prepare::Prepared;
use crate::replay::steps;
use crate::settings::Settings;

/// Without a horizon from the user, the window is this part of the history, so that it slides many times.
const WINDOWS_PER_HISTORY: f64 = 20.0;

/// What the replay of one series showed.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The series.
    pub name: String,
    /// Seconds that were replayed: from the first time a forecast was possible.
    pub replayed_s: f64,
    /// How far ahead was looked, in seconds.
    pub horizon_s: f64,
    /// Times at which it came near its limit, in milliseconds since 1970 UTC.
    pub reached_ms: Vec<i64>,
    /// Rises that the default method held.
    pub surges_held: usize,
    /// Those of them in which the short line would have paged.
    pub surges_paged: usize,
    /// One record for each method, in the order of [`Rival::ALL`].
    pub records: Vec<Record>,
}

/// Replays every series that has a limit and samples enough; the names of the others come second.
#[must_use]
pub fn backtest(series: &[Series], settings: &Settings) -> (Vec<Replayed>, Vec<String>) {
    let replayed: Vec<Result<Replayed, String>> =
        series.par_iter().map(|series| replay(series, settings).ok_or_else(|| series.name.clone())).collect();
    let mut done = Vec::new();
    let mut left_out = Vec::new();
    for result in replayed {
        match result {
            Ok(replayed) => done.push(replayed),
            Err(name) => left_out.push(name),
        }
    }
    (done, left_out)
}

/// Replays one series; none without a limit or with too few samples to replay.
fn replay(series: &Series, settings: &Settings) -> Option<Replayed> {
    series.limit.as_ref()?;
    let prepared = Prepared::new(series, settings.until_ms);
    let plan = plan(&prepared.t, settings)?;
    let from = prepared.t[0] + 2.0 / 3.0 * plan.window_s;
    let steps = steps(&prepared.t, from, &plan);
    let reached = episode::reached(&prepared, from);
    let drops: Vec<f64> = climbs(&prepared.t, &prepared.y)
        .iter()
        .map(|climb| prepared.t[climb.end])
        .chain(prepared.restarts())
        .collect();
    let traces: Vec<rival::Trace> =
        Rival::ALL.iter().map(|rival| rival::trace(*rival, &prepared, &plan, &steps)).collect();
    let records: Vec<Record> =
        traces.iter().map(|trace| Record::of(trace, &prepared, &plan, &reached, &drops)).collect();
    let passed = &traces[Rival::Default.place()].passed;
    let paged = |&&(from, to): &&(f64, f64)| {
        traces[Rival::Line.place()].says.iter().any(|say| say.on && from <= say.at && say.at <= to)
    };
    Some(Replayed {
        name: series.name.clone(),
        replayed_s: prepared.t[prepared.t.len() - 1] - from,
        horizon_s: plan.horizon_s,
        reached_ms: reached.iter().map(|&t| prepared.ms(t)).collect(),
        surges_held: passed.len(),
        surges_paged: passed.iter().filter(paged).count(),
        records,
    })
}

/// A plan whose window slides over the history; none where it is too short for that.
fn plan(t: &[f64], settings: &Settings) -> Option<Plan> {
    let whole = Plan::new(t, None);
    let horizon_s = settings.horizon_s.unwrap_or_else(|| {
        HORIZON_PER_WINDOW * (whole.window_s / WINDOWS_PER_HISTORY).max(POINTS as f64 * whole.period_s)
    });
    let plan = Plan::new(t, Some(horizon_s));
    (plan.can_be_ready() && plan.window_s < whole.window_s).then_some(plan)
}
