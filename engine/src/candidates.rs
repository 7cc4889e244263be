//! The six candidate curves on the newest window, as evidence: which fits best, and since when.

use hebe_models::forecast::{Forecast, Regime};
use hebe_models::{Candidates, Curve, Window, ranked, resample, split};

use crate::finding::CandidateRow;
use crate::plan::Plan;

/// The candidates, and what the best of them says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tried {
    /// Best first.
    pub(crate) rows: Vec<CandidateRow>,
    /// The best one.
    pub(crate) curve: Option<Curve>,
    /// Start of its last segment, or of the epoch's part of the window.
    pub(crate) since: f64,
}

/// Fits the six curves to the smoothed newest window of a regime.
#[must_use]
pub(crate) fn rows(regime: &Regime<'_>, plan: &Plan, forecast: Option<&Forecast>) -> Tried {
    let (t, y) = regime.epoch();
    let (Some(&now), Some(&start)) = (t.last(), t.first()) else { return Tried::default() };
    let since = start.max(now - plan.window_s);
    let nothing = Tried { since, ..Tried::default() };
    if !plan.ready() {
        return nothing;
    }
    let grid = resample(t, y, now - plan.window_s, now, plan.points);
    let smooth = split(&grid.y).smooth;
    let Ok(window) = Window::new(&grid.t, &smooth) else { return nothing };
    let candidates = Candidates::fit(&window);
    let ranked = ranked(&window, &candidates);
    let Some(best) = ranked.first() else { return nothing };
    let n = window.len() as f64;
    let rows = ranked
        .iter()
        .map(|choice| CandidateRow {
            curve: choice.fit.curve.name().to_owned(),
            score: choice.score,
            residual_sd: (choice.fit.rss / n).sqrt(),
            left_s: choice
                .fit
                .crossing(regime.past.limit, now)
                .map(|at| at - now)
                .filter(|left| left.is_finite()),
            chosen: choice.fit.curve == best.fit.curve,
        })
        .collect();
    let segments = best.fit.segments();
    let broken = 1 < segments.len();
    let since = if broken { segments[segments.len() - 1].first_t } else { earliest(forecast, now, since) };
    Tried { rows, curve: Some(best.fit.curve), since }
}

/// An unbroken growth began before the window where longer stretches grow alike.
fn earliest(forecast: Option<&Forecast>, now: f64, since: f64) -> f64 {
    let Some(views) = forecast.map(|forecast| &forecast.views) else { return since };
    let Some(base) = views.first() else { return since };
    views
        .iter()
        .filter(|view| (view.slope - base.slope).abs() < 0.5 * base.slope.abs())
        .map(|view| now - view.span)
        .fold(since, f64::min)
}
