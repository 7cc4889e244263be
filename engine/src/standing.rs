//! What has been said of one series over one horizon, from step to step; replays and the daemon take the same steps.

use hebe_models::forecast::Forecast;
use serde::{Deserialize, Serialize};

use crate::notice::{Notice, Patience, Signal};
use crate::plan::{MIN_POINTS, Plan, filled};
use crate::prepare::Prepared;
use crate::replay::{Course, STEPS};

/// A rise that passed before it had persisted. Times are seconds, levels as prepared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passed {
    /// When exhaustion was first predicted.
    pub from: f64,
    /// When it was no longer.
    pub to: f64,
    /// The highest level in between.
    pub peak: f64,
}

/// What has been said up to now, and what it hangs on. Times are seconds, as prepared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// What has been said.
    pub notice: Notice,
    /// The patience in force.
    pub patience: Patience,
    /// Rises that passed, oldest first.
    pub passed: Vec<Passed>,
    /// How many have passed in all.
    pub held: usize,
    /// Since when forecasts have been possible.
    possible_since: Option<f64>,
    /// The level at which the present rise began.
    began_at: Option<f64>,
}

impl Standing {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            notice: Notice::default(),
            patience: Patience::new(plan.window_s, 0.0, None, 0.0),
            passed: Vec::new(),
            held: 0,
            possible_since: None,
            began_at: None,
        }
    }

    /// Lives on to the sample with index `last`, later than the one before; the forecast is none where there are too
    /// few points for one.
    pub fn step(
        &mut self,
        course: &Course<'_>,
        plan: &Plan,
        last: usize,
    ) -> (Option<Forecast>, Option<Signal>) {
        let regime = course.regime(last);
        let enough = MIN_POINTS <= filled(regime.epoch().0, plan);
        let Some(forecast) = enough.then(|| course.forecast(&regime, plan)).flatten() else {
            self.start_anew();
            return (None, None);
        };
        let now = course.prepared.t[last];
        let utilisation = course.prepared.utilisation(now, forecast.level);
        let since = *self.possible_since.get_or_insert(now);
        let left = forecast.passage.quantile(0.5);
        self.patience = patience(plan, (utilisation, left, forecast.probability), now - since);
        let predicted = self.predicted(&forecast) && course.prepared.limit_at(now).is_finite();
        let signal = self.settle(course.prepared, plan, last, predicted);
        (Some(forecast), signal)
    }

    /// Lives on without a look at the samples, which have not grown.
    pub fn rest(&mut self, now: f64) {
        self.possible_since.get_or_insert(now);
    }

    /// No time of it is later than `now`, to which a clock that was ahead has come back.
    pub fn turn_back(&mut self, now: f64) {
        self.possible_since = self.possible_since.map(|since| since.min(now));
        self.notice = self.notice.not_after(now);
        self.passed.retain(|passed| passed.to <= now);
    }

    /// Whether nothing is said and nothing is about to be.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        self.notice == Notice::Unnotified
    }

    fn start_anew(&mut self) {
        self.possible_since = None;
        self.notice = Notice::default();
    }

    /// What has been said stands until its end is beyond doubt.
    fn predicted(&self, forecast: &Forecast) -> bool {
        let stands = matches!(self.notice, Notice::Notified { .. }) && !forecast.firm;
        forecast.exhausts.is_ok() || stands
    }

    fn settle(
        &mut self,
        prepared: &Prepared<'_>,
        plan: &Plan,
        last: usize,
        predicted: bool,
    ) -> Option<Signal> {
        let now = prepared.t[last];
        let recent = recent(prepared, last, plan);
        if !predicted && self.began_at.is_some_and(|began_at| recent < began_at) {
            // The rise has been given back: nothing is left to wait for.
            self.patience.release_s = 0.0;
        }
        if self.notice == Notice::Unnotified && predicted {
            self.began_at = Some(recent);
        }
        let (notice, signal) = self.notice.step(now, predicted, self.patience);
        self.notice = notice;
        if let Some(Signal::Passed { since }) = signal {
            self.held += 1;
            self.passed.push(Passed { from: since, to: now, peak: peak(prepared, since, now) });
        }
        signal
    }
}

/// The patience with a prediction of this `(utilisation, time left, probability)`.
fn patience(plan: &Plan, outlook: (f64, Option<f64>, f64), possible_s: f64) -> Patience {
    let mut patience = Patience::new(plan.window_s, outlook.0, outlook.1, outlook.2);
    // Nobody can have predicted for longer than predicting was possible: half of that is persistence enough.
    let least = 2.0 * plan.window_s / STEPS;
    patience.hold_s = patience.hold_s.min((possible_s / 2.0).max(least));
    patience
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
