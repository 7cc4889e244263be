//! One series over one horizon: when it is looked at again, what has been said, what the newest look gave.

use std::sync::Arc;

use hebe_collectors::history::Series;
use serde::{Deserialize, Serialize};

use crate::analyze::describe;
use crate::finding::Finding;
use crate::notice::Signal;
use crate::plan::{HORIZON_PER_WINDOW, MIN_POINTS, POINTS, Plan, filled};
use crate::prepare::Prepared;
use crate::replay::{Course, Replay, STEPS};
use crate::settings::Settings;
use crate::standing::Standing;

/// Surges that are remembered.
const REMEMBERED: usize = 20;
/// Every tenth look is a thorough one, however quiet.
const THOROUGH: u32 = 10;

/// One horizon of one series.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) horizon_s: f64,
    pub(super) standing: Standing,
    pub(super) finding: Option<Arc<Finding>>,
    /// When to look again, in milliseconds since 1970 UTC.
    pub(super) due_ms: i64,
    looks: u32,
}

/// How often there are samples, and looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Seconds between samples.
    pub(super) period_s: f64,
    /// How much more seldom than the horizon asks for it is looked.
    pub(super) sparing: f64,
}

/// What a lane keeps over a restart of the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LaneState {
    pub(super) horizon_s: f64,
    pub(super) standing: Standing,
}

/// The plan of a horizon for samples every `period_s`: the window is a tenth of it, or what holds points enough.
pub(super) fn plan(horizon_s: f64, period_s: f64) -> Plan {
    let window_s = (horizon_s / HORIZON_PER_WINDOW).max(MIN_POINTS as f64 * period_s);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by POINTS")]
    let points = (1.001 * window_s / period_s).floor().min(POINTS as f64) as usize;
    Plan { horizon_s, window_s, points, have: 0, period_s, chosen: true }
}

impl Lane {
    pub(super) fn new(horizon_s: f64, period_s: f64) -> Self {
        let standing = Standing::new(&plan(horizon_s, period_s));
        Self { horizon_s, standing, finding: None, due_ms: i64::MIN, looks: 0 }
    }

    /// Looks at the series as it is now; tells whether a surge has passed.
    pub(super) fn look(
        &mut self,
        series: &Series,
        origin_ms: i64,
        pace: Pace,
        settings: &Settings,
        now_ms: i64,
    ) -> bool {
        let prepared = Prepared::from(series, origin_ms);
        let Some(last) = prepared.t.len().checked_sub(1) else { return false };
        let course = Course::new(&prepared, settings.method);
        let mut plan = plan(self.horizon_s, pace.period_s);
        if !self.standing.is_calm() && filled(&prepared.t, &plan) < MIN_POINTS {
            // Too few samples for want of samples, not for a restart: what was said stands.
            self.again(&plan, pace, now_ms);
            return false;
        }
        plan.have = filled(course.regime(last).epoch().0, &plan);
        let (forecast, signal) = self.standing.step(&course, &plan, last);
        let forgotten = self.standing.passed.len().saturating_sub(REMEMBERED);
        self.standing.passed.drain(..forgotten);
        let replay = Replay::of(&course, &plan, self.standing.clone(), forecast);
        self.finding = Some(Arc::new(describe(&course, &plan, &replay, settings, now_ms)));
        self.again(&plan, pace, now_ms);
        matches!(signal, Some(Signal::Passed { .. }))
    }

    /// Whether a look can be spared: nothing is said, and the level has not grown.
    pub(super) fn may_rest(&self) -> bool {
        let quiet = self.finding.as_ref().is_some_and(|finding| !finding.row.status.is_alarm());
        quiet && self.standing.is_calm() && !self.looks.is_multiple_of(THOROUGH)
    }

    /// Spares a look.
    pub(super) fn rest(&mut self, now_s: f64, pace: Pace, now_ms: i64) {
        self.standing.rest(now_s);
        self.again(&plan(self.horizon_s, pace.period_s), pace, now_ms);
    }

    /// The clock was ahead: nothing waits for a time that it only seemed to be.
    pub(super) fn turn_back(&mut self, now_s: f64, now_ms: i64) {
        self.standing.turn_back(now_s);
        self.due_ms = self.due_ms.min(now_ms);
    }

    fn again(&mut self, plan: &Plan, pace: Pace, now_ms: i64) {
        // What is about to be said, or stands, is not looked at more seldom.
        let sparing = if self.standing.is_calm() { pace.sparing } else { 1.0 };
        #[allow(clippy::cast_possible_truncation, reason = "a horizon in milliseconds")]
        let step_ms = (1000.0 * sparing * plan.window_s / STEPS) as i64;
        self.due_ms = now_ms + step_ms.max(1);
        self.looks = self.looks.wrapping_add(1);
    }
}
