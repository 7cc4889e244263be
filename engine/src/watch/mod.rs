//! All live series: takes in samples, looks at each as often as its horizons ask, and tells what has changed.
//!
//! The daemon calls; here are no clock, no files and no threads of its own. A look at a series takes the same steps
//! as a replay of its history ([`crate::standing`]).

mod diagnosed;
mod lane;
mod memory;
mod origins;
mod packed;
mod parts;
#[cfg(test)]
mod tests;
mod watched;

use std::collections::HashMap;
use std::sync::Arc;

use hebe_collectors::history::Series;
use rayon::prelude::*;

use crate::diagnose::Ledger;
use crate::event::Kind;
use crate::finding::{Finding, Row, Status};
use crate::plan::{DAY_S, HORIZON_PER_WINDOW, MIN_POINTS, POINTS};
use crate::settings::Settings;
use lane::Pace;
use memory::Step;
use parts::Parts;
use watched::Watched;

pub use origins::Lead;
pub use parts::{Looked, Wanted};
pub use watched::WatchedState;

/// Windows of the longest horizon that are remembered: the forecast's ladder.
const WINDOWS: f64 = 8.0;
/// The coarsest memory still tells the half hours of a day.
const COARSEST_S: f64 = DAY_S / 48.0;
/// A series without a sample for this long is forgotten, in milliseconds.
const FORGOTTEN_MS: i64 = 86_400_000;
/// One that lived for a short time is forgotten after so many times that, but not before [`SOON_MS`]: programs that
/// come once would fill the memory.
const FORGOTTEN_LIVES: i64 = 10;
const SOON_MS: i64 = 600_000;

/// What is to be told of a series.
#[derive(Clone, Debug)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// How it stands.
    pub finding: Arc<Finding>,
}

/// One reading of one series.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// When, in milliseconds since 1970 UTC.
    pub t_ms: i64,
    /// The value.
    pub value: f64,
    /// The limit and who enforces it, where one binds.
    pub limit: Option<(f64, &'a str)>,
    /// Whether it was started anew since the reading before.
    pub restarted: bool,
}

/// All live series.
#[derive(Debug)]
pub struct Watch {
    horizons: Vec<f64>,
    period_s: f64,
    settings: Settings,
    /// How much more seldom than the horizons ask for series are looked at.
    sparing: f64,
    steps: Vec<Step>,
    series: HashMap<String, Watched>,
    /// Who used how much when.
    ledger: Ledger,
    /// Who held what of totals that are taken apart on demand.
    parts: Parts,
    /// What was kept of series that have not shown themselves since the start.
    waiting: HashMap<String, WatchedState>,
    first_look_ms: Option<i64>,
    /// Surges held since the start.
    pub surges_held: u64,
}

impl Watch {
    /// Watches over these horizons (seconds, ascending) samples that come every `period_s`.
    #[must_use]
    pub fn new(horizons: &[f64], period_s: f64, settings: Settings) -> Self {
        Self {
            horizons: horizons.to_vec(),
            period_s,
            settings,
            sparing: 1.0,
            steps: steps(horizons, period_s),
            series: HashMap::new(),
            ledger: ledger(horizons, period_s),
            parts: Parts::default(),
            waiting: HashMap::new(),
            first_look_ms: None,
            surges_held: 0,
        }
    }

    /// Takes in what was said before the daemon was restarted.
    pub fn restore(&mut self, states: Vec<WatchedState>) {
        self.waiting = states.into_iter().map(|state| (state.series.clone(), state)).collect();
    }

    /// What must be kept over a restart of the daemon.
    #[must_use]
    pub fn state(&self) -> Vec<WatchedState> {
        self.series.values().map(Watched::state).chain(self.waiting.values().cloned()).collect()
    }

    /// Takes in a recorded history of a series, before its first sample.
    pub fn remember(&mut self, history: &Series) {
        let Some(&first) = history.t_ms.first() else { return };
        let known = self.entry(history, first);
        known.series.limit.clone_from(&history.limit);
        known.series.restarts_ms.clone_from(&history.restarts_ms);
        history.t_ms.iter().zip(&history.v).for_each(|(&t_ms, &v)| known.memory.push(t_ms, v));
    }

    /// Takes in a sample of a series; `what` says which, and its own samples do not count.
    pub fn see(&mut self, what: &Series, seen: &Seen<'_>) {
        if seen.value.is_finite() {
            self.entry(what, seen.t_ms).push(seen.t_ms, seen.value, seen.limit, seen.restarted);
        }
    }

    fn entry(&mut self, what: &Series, now_ms: i64) -> &mut Watched {
        let Self { horizons, period_s, steps, series, waiting, .. } = self;
        series.entry(what.name.clone()).or_insert_with(|| {
            let bare = Series { t_ms: Vec::new(), v: Vec::new(), limit: None, ..what.clone() };
            let mut watched = Watched::new(bare, steps, horizons, *period_s, now_ms);
            if let Some(state) = waiting.remove(&what.name) {
                watched.restore(&state);
            }
            watched
        })
    }

    /// Looks at every series that is due, in parallel, and tells what has changed.
    pub fn look(&mut self, now_ms: i64) -> Vec<Change> {
        let (pace, settings) = (Pace { period_s: self.period_s, sparing: self.sparing }, &self.settings);
        let mut due: Vec<&mut Watched> = self.series.values_mut().filter(|one| one.is_due(now_ms)).collect();
        // To wake other threads for a few looks would cost more than these.
        let mut changes: Vec<Change> = if due.len() < MANY {
            due.iter_mut().flat_map(|one| one_look(one, pace, settings, now_ms)).collect()
        } else {
            due.par_iter_mut().flat_map_iter(|one| one_look(one, pace, settings, now_ms)).collect()
        };
        self.diagnose_what_alarms(&mut changes);
        changes.extend(self.forget(now_ms));
        self.surges_held += changes.iter().filter(|change| change.kind == Kind::SurgeHeld).count() as u64;
        changes.sort_by(|a, b| a.finding.row.series.cmp(&b.finding.row.series));
        changes
    }

    /// Lets series go that have shown nothing for a day.
    fn forget(&mut self, now_ms: i64) -> Vec<Change> {
        let gone = |one: &Watched| one.memory.last().is_none_or(|(t, _)| t < now_ms - one.remembered_ms(t));
        let mut changes = Vec::new();
        // What was said of series that have not come back is not kept for ever.
        if *self.first_look_ms.get_or_insert(now_ms) < now_ms - FORGOTTEN_MS {
            self.waiting.clear();
        }
        self.series.retain(|_, one| {
            if gone(one)
                && let (Some(_), Some(finding)) = (one.told, one.finding())
            {
                changes.push(Change { kind: Kind::Cleared, finding: Arc::clone(finding) });
            }
            !gone(one)
        });
        changes
    }

    /// One finding a series, worst first.
    #[must_use]
    pub fn findings(&self) -> Vec<Arc<Finding>> {
        let mut findings: Vec<Arc<Finding>> =
            self.series.values().filter_map(|one| one.finding().cloned()).collect();
        crate::analyze::rank(&mut findings);
        findings
    }

    /// The rows of the other horizons: `(horizon in seconds, row)`.
    #[must_use]
    pub fn others(&self) -> Vec<(f64, Row)> {
        let others = self.series.values().flat_map(|one| {
            let stands = one.finding();
            one.lanes.iter().filter_map(move |lane| {
                let finding = lane.finding.as_ref()?;
                let other = stands.is_none_or(|stands| !Arc::ptr_eq(stands, finding));
                other.then(|| (lane.horizon_s, finding.row.clone()))
            })
        });
        others.collect()
    }

    /// The newest level of every series.
    #[must_use]
    pub fn levels(&self) -> Vec<(String, f64)> {
        let level = |(name, one): (&String, &Watched)| Some((name.clone(), one.memory.last()?.1));
        self.series.iter().filter_map(level).collect()
    }

    /// All that is remembered of a series.
    #[must_use]
    pub fn history(&self, name: &str) -> Option<Series> {
        self.series.get(name).map(Watched::history)
    }

    /// The finding of a series.
    #[must_use]
    pub fn finding(&self, name: &str) -> Option<Arc<Finding>> {
        self.series.get(name)?.finding().cloned()
    }

    /// The rows that alarm.
    #[must_use]
    pub fn alarms(&self) -> Vec<Row> {
        let found = self.series.values().filter(|one| one.told.is_some()).filter_map(Watched::finding);
        found.filter(|finding| finding.row.status.is_alarm()).map(|finding| finding.row.clone()).collect()
    }

    /// All that is remembered of every series.
    pub fn histories(&self) -> impl Iterator<Item = Series> {
        self.series.values().map(Watched::history)
    }

    /// Samples come every `period_s` from now on, and a series is looked at `sparing` times more seldom than its
    /// horizons ask for. What was said stands until there are samples enough to say more.
    pub fn set_pace(&mut self, period_s: f64, sparing: f64) {
        self.sparing = sparing;
        if self.period_s.to_bits() != period_s.to_bits() {
            self.period_s = period_s;
            self.steps = steps(&self.horizons, period_s);
            self.series.values_mut().for_each(|one| one.memory = one.memory.regrouped(&self.steps));
        }
    }

    /// How many series there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }
}

/// So many looks are made by several threads.
const MANY: usize = 64;

/// Looks at one series and tells what has changed.
fn one_look(one: &mut Watched, pace: Pace, settings: &Settings, now_ms: i64) -> Vec<Change> {
    let passed = one.look(pace, settings, now_ms);
    let Some(finding) = one.finding().cloned() else { return Vec::new() };
    let status = finding.row.status;
    let now = Some(status).filter(|status| status.is_alarm());
    let kind = match (one.told, now) {
        (None, Some(_)) => Some(Kind::Predicted),
        (Some(before), Some(now)) if before != now => Some(Kind::Updated),
        // Silence of the source is no recovery.
        (Some(_), None) if status != Status::Stale => Some(Kind::Cleared),
        _ => None,
    };
    if kind.is_some() {
        one.told = now;
        // What speaks for an alarm may be another thing when it is told anew.
        one.origin = None;
    }
    let surge = (0 < passed && now.is_none()).then_some(Kind::SurgeHeld);
    kind.into_iter().chain(surge).map(|kind| Change { kind, finding: Arc::clone(&finding) }).collect()
}

/// A ledger that reaches over the window of the longest horizon.
fn ledger(horizons: &[f64], period_s: f64) -> Ledger {
    let longest = horizons.last().copied().unwrap_or(0.0) / HORIZON_PER_WINDOW;
    Ledger::new(period_s, longest.max(MIN_POINTS as f64 * period_s))
}

/// The memory that these horizons need.
fn steps(horizons: &[f64], period_s: f64) -> Vec<Step> {
    #[allow(clippy::cast_possible_truncation, reason = "days in milliseconds")]
    let ms = |seconds: f64| (seconds * 1000.0) as i64;
    let windows: Vec<f64> =
        horizons.iter().map(|h| (h / HORIZON_PER_WINDOW).max(MIN_POINTS as f64 * period_s)).collect();
    let first = windows.first().copied().unwrap_or(MIN_POINTS as f64 * period_s);
    // The finest samples also tell fine sawtooths.
    let finest = first.max(POINTS as f64 * period_s);
    let last = windows.last().copied().unwrap_or(first);
    let coarsest = (last / 60.0).min(COARSEST_S.max(last / POINTS as f64));
    let coarse = windows.iter().skip(1).map(|window| (window / POINTS as f64, *window));
    let mut steps = vec![step(0, ms(1.05 * finest), ms(period_s), 0)];
    for (width, window) in coarse.chain([(coarsest, WINDOWS * last)]) {
        let (span_ms, finer) = (ms(1.05 * window), steps.last().map_or(0, |finer| finer.span_ms));
        if finer < span_ms {
            steps.push(step(ms(width), span_ms, ms(width), finer));
        }
    }
    steps
}

/// A step with values every `every_ms`, of which the finer one keeps the newest `finer_ms`.
fn step(width_ms: i64, span_ms: i64, every_ms: i64, finer_ms: i64) -> Step {
    // The newest, and one that is about to go.
    let values = 2 + (span_ms - finer_ms) / every_ms.max(1);
    Step { width_ms, span_ms, most: usize::try_from(values).unwrap_or(0) }
}
