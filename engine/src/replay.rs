//! Goes through the newest part of a history as if living it: what would have been said, held and taken back.
//!
//! Every step sees only the samples up to it.

use hebe_models::forecast::{Forecast, Past, Regime, classic, default};
use hebe_models::{Climb, climbs};

use crate::notice::Signal;
use crate::plan::{DAY_S, Plan};
use crate::prepare::Prepared;
use crate::settings::Method;
use crate::standing::Standing;

/// Evaluations per window.
pub(crate) const STEPS: f64 = 30.0;
/// Windows that are gone through, at most.
const WINDOWS: f64 = 4.0;
/// From this utilisation on a resource counts as exhausted.
const FULL: f64 = 0.995;
/// Below this utilisation it counts as no longer exhausted.
const NO_LONGER_FULL: f64 = 0.97;

/// How it stands at the end of the samples.
#[derive(Clone, Debug)]
pub struct Replay {
    /// What has been said.
    pub standing: Standing,
    /// The newest forecast; none with too few samples.
    pub forecast: Option<Forecast>,
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
    pub(crate) prepared: &'a Prepared<'a>,
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
    Replay::of(course, plan, walk.standing, walk.forecast)
}

impl Replay {
    /// How it stands, with what the samples themselves tell.
    #[must_use]
    pub fn of(course: &Course<'_>, plan: &Plan, standing: Standing, forecast: Option<Forecast>) -> Self {
        let end = course.prepared.t.len() - 1;
        let regime = course.regime(end);
        Self {
            // Too few points to say anything may be enough for growth.
            forecast: forecast.or_else(|| course.forecast(&regime, plan)),
            full_since: full_since(course.prepared),
            climbs: course.climbs.clone(),
            epoch: end + 1 - regime.epoch().0.len(),
            standing,
        }
    }
}

/// A history lived through step by step.
#[derive(Debug)]
pub struct Walk<'a> {
    course: &'a Course<'a>,
    plan: Plan,
    /// What has been said up to the newest step.
    pub standing: Standing,
    /// The forecast of the newest step.
    pub forecast: Option<Forecast>,
}

impl<'a> Walk<'a> {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(course: &'a Course<'a>, plan: Plan) -> Self {
        Self { course, plan, standing: Standing::new(&plan), forecast: None }
    }

    /// Lives on to the sample with index `last`, later than the one before.
    pub fn step(&mut self, last: usize) -> Option<Signal> {
        let (forecast, signal) = self.standing.step(self.course, &self.plan, last);
        self.forecast = forecast;
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
