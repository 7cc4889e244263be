//! Goes through the newest part of a history as if living it: what would have been said, held and taken back.
//!
//! Every step sees only the samples up to it.

use hebe_models::forecast::{Forecast, Past, Regime, classic, default};
use hebe_models::{Climb, climbs};

use crate::notice::{Notice, Patience, Signal};
use crate::plan::{DAY_S, MIN_POINTS, Plan, filled};
use crate::prepare::Prepared;
use crate::settings::Method;

/// Evaluations per window.
const STEPS: f64 = 30.0;
/// Windows that are gone through, at most.
const WINDOWS: f64 = 4.0;
/// From this utilisation on a resource counts as exhausted.
const FULL: f64 = 0.995;
/// Below this utilisation it counts as no longer exhausted.
const NO_LONGER_FULL: f64 = 0.97;

/// A rise that passed before it had persisted. Times are seconds, levels as prepared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Passed {
    /// When exhaustion was first predicted.
    pub from: f64,
    /// When it was no longer.
    pub to: f64,
    /// The highest level in between.
    pub peak: f64,
}

/// How it stands at the end of the samples.
#[derive(Clone, Debug)]
pub struct Replay {
    /// What has been said.
    pub notice: Notice,
    /// The newest forecast; none with too few samples.
    pub forecast: Option<Forecast>,
    /// The patience in force.
    pub patience: Patience,
    /// Rises that passed.
    pub passed: Vec<Passed>,
    /// Since when it has been full, if it is.
    pub full_since: Option<f64>,
    /// Climbs that were taken back.
    pub climbs: Vec<Climb>,
    /// Index of the first sample of the present epoch.
    pub epoch: usize,
}

/// What a forecast needs to know of a series beside its samples.
#[derive(Debug)]
pub struct Course<'a> {
    prepared: &'a Prepared<'a>,
    climbs: Vec<Climb>,
    restarts: Vec<f64>,
    method: Method,
}

impl<'a> Course<'a> {
    /// Looks through the samples once for drops and restarts.
    #[must_use]
    pub fn new(prepared: &'a Prepared<'a>, method: Method) -> Self {
        let climbs = climbs(&prepared.t, &prepared.y);
        Self { prepared, climbs, restarts: prepared.restarts(), method }
    }

    /// What the forecast sees at the sample with index `last`.
    fn past(&self, last: usize) -> Past<'_> {
        let (t, y) = (&self.prepared.t[..=last], &self.prepared.y[..=last]);
        let restart = self.restarts[..self.restarts.partition_point(|&r| r <= t[last])].last();
        Past {
            t,
            y,
            start: restart.map_or(0, |&restart| t.partition_point(|&t| t < restart).min(last)),
            climbs: &self.climbs[..self.climbs.partition_point(|climb| climb.known <= last)],
            limit: self.prepared.limit_at(t[last]),
        }
    }

    /// How the level moves, as seen at the sample with index `last`.
    #[must_use]
    pub fn regime(&self, last: usize) -> Regime<'_> {
        Regime::of(self.past(last), DAY_S)
    }

    /// The forecast of a regime; none where too few points stand in the epoch's window.
    #[must_use]
    pub fn forecast(&self, regime: &Regime<'_>, plan: &Plan) -> Option<Forecast> {
        match self.method {
            Method::Default => default(regime, &plan.scale()),
            Method::Classic => classic(regime, &plan.scale()),
        }
    }

    /// Climbs that were taken back.
    #[must_use]
    pub fn climbs(&self) -> &[Climb] {
        &self.climbs
    }
}

/// Goes through the end of the history under `plan`; there is at least one sample.
#[must_use]
pub fn replay(course: &Course<'_>, plan: &Plan) -> Replay {
    let t = &course.prepared.t;
    let end = t.len() - 1;
    let from = t[end] - (WINDOWS * plan.window_s).min(t[end] - t[0]);
    let mut walk = Walk::new(course, *plan);
    for last in steps(t, from, plan) {
        walk.step(last);
    }
    let mut replay = walk.replay;
    let regime = course.regime(end);
    if replay.forecast.is_none() {
        // Too few points to say anything, but enough for growth.
        replay.forecast = course.forecast(&regime, plan);
    }
    replay.full_since = full_since(course.prepared);
    replay.epoch = t.len() - regime.epoch().0.len();
    replay
}

/// A history lived through step by step: what is known and said after each.
#[derive(Debug)]
pub struct Walk<'a> {
    course: &'a Course<'a>,
    plan: Plan,
    possible_since: Option<f64>,
    began_at: f64,
    /// How it stands after the newest step.
    pub replay: Replay,
}

impl<'a> Walk<'a> {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(course: &'a Course<'a>, plan: Plan) -> Self {
        let replay = Replay {
            notice: Notice::default(),
            forecast: None,
            patience: Patience::new(plan.window_s, 0.0, None, 0.0),
            passed: Vec::new(),
            full_since: None,
            climbs: course.climbs.clone(),
            epoch: 0,
        };
        Self { course, plan, possible_since: None, began_at: f64::NEG_INFINITY, replay }
    }

    /// Lives on to the sample with index `last`, later than the one before.
    pub fn step(&mut self, last: usize) -> Option<Signal> {
        let regime = self.course.regime(last);
        if filled(regime.epoch().0, &self.plan) < MIN_POINTS {
            self.possible_since = None;
            self.replay.notice = Notice::default();
            self.replay.forecast = None;
            return None;
        }
        self.replay.forecast = self.course.forecast(&regime, &self.plan);
        let (predicted, utilisation, left, likely) = self.outlook(last)?;
        let now = regime.past.t[last];
        let since = *self.possible_since.get_or_insert(now);
        self.replay.patience = self.patience(utilisation, left, likely, now - since);
        self.settle(last, predicted)
    }

    /// Whether exhaustion is predicted, how full it is, what is left, and how likely that is.
    fn outlook(&self, last: usize) -> Option<(bool, f64, Option<f64>, f64)> {
        let forecast = self.replay.forecast.as_ref()?;
        let (prepared, now) = (self.course.prepared, self.course.prepared.t[last]);
        // What has been said stands until its end is beyond doubt.
        let stands = matches!(self.replay.notice, Notice::Notified { .. }) && !forecast.firm;
        let predicted = (forecast.exhausts.is_ok() || stands) && prepared.limit_at(now).is_finite();
        let utilisation = prepared.utilisation(now, forecast.level);
        Some((predicted, utilisation, forecast.passage.quantile(0.5), forecast.probability))
    }

    fn patience(&self, utilisation: f64, left: Option<f64>, likely: f64, possible_s: f64) -> Patience {
        let mut patience = Patience::new(self.plan.window_s, utilisation, left, likely);
        // Nobody can have predicted for longer than predicting was possible: half of that is persistence enough.
        let least = 2.0 * self.plan.window_s / STEPS;
        patience.hold_s = patience.hold_s.min((possible_s / 2.0).max(least));
        patience
    }

    fn settle(&mut self, last: usize, predicted: bool) -> Option<Signal> {
        let (prepared, now) = (self.course.prepared, self.course.prepared.t[last]);
        let recent = recent(prepared, last, &self.plan);
        if !predicted && recent < self.began_at {
            // The rise has been given back: nothing is left to wait for.
            self.replay.patience.release_s = 0.0;
        }
        if self.replay.notice == Notice::Unnotified && predicted {
            self.began_at = recent;
        }
        let (notice, signal) = self.replay.notice.step(now, predicted, self.replay.patience);
        self.replay.notice = notice;
        if let Some(Signal::Passed { since }) = signal {
            let peak = peak(prepared, since, now);
            self.replay.passed.push(Passed { from: since, to: now, peak });
        }
        signal
    }
}

/// Indices of the samples at which a history is gone through from `from` on; the newest one is the last.
#[must_use]
pub fn steps(t: &[f64], from: f64, plan: &Plan) -> Vec<usize> {
    let Some(&now) = t.last() else { return Vec::new() };
    let step = plan.window_s / STEPS;
    if step <= 0.0 {
        return vec![t.len() - 1];
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that saturates")]
    let count = ((now - from) / step).floor() as usize;
    let at = |back: usize| t.partition_point(|&t| t <= now - back as f64 * step).saturating_sub(1);
    let mut indices: Vec<usize> = (0..=count).rev().map(at).collect();
    indices.dedup();
    indices
}

/// Since when the series has been at its limit; none if it is not.
fn full_since(prepared: &Prepared<'_>) -> Option<f64> {
    let mut since = None;
    for (&t, &y) in prepared.t.iter().zip(&prepared.y) {
        let limit = prepared.limit_at(t);
        let (full, no_longer) =
            if 0.0 < limit { (FULL * limit, NO_LONGER_FULL * limit) } else { (limit, limit) };
        if full <= y {
            since.get_or_insert(t);
        } else if y < no_longer {
            since = None;
        }
    }
    since
}

/// The median level of the newest step.
fn recent(prepared: &Prepared<'_>, last: usize, plan: &Plan) -> f64 {
    let from = prepared.t.partition_point(|&t| t <= prepared.t[last] - plan.window_s / STEPS).min(last);
    let mut levels = prepared.y[from..=last].to_vec();
    let middle = levels.len() / 2;
    *levels.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// The highest level in `[from, to]`.
fn peak(prepared: &Prepared<'_>, from: f64, to: f64) -> f64 {
    let start = prepared.t.partition_point(|&t| t < from);
    let end = prepared.t.partition_point(|&t| t <= to);
    prepared.y[start..end].iter().copied().fold(f64::NEG_INFINITY, f64::max)
}
