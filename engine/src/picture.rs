//! What a chart of a finding draws, made only for the findings that are shown.

use hebe_collectors::history::Series;
use hebe_models::resample;

use crate::evidence::{Mark, concerns, suspect};
use crate::finding::{Finding, Picture, Row};
use crate::judge::left;
use crate::prepare::Prepared;
use crate::replay::Course;
use crate::settings::Settings;

/// Columns of the raw samples: what a wide chart can show.
const COLUMNS: usize = 600;
/// Points of the curve and of the band.
const CURVE: usize = 60;
/// Marks of a picture at most.
const MARKS: usize = 60;

/// The picture of `finding`, which was made from `series` under `settings`.
#[must_use]
pub fn picture(series: &Series, finding: &Finding, settings: &Settings) -> Picture {
    let prepared = Prepared::new(series, settings.until_ms);
    let Some(&now) = prepared.t.last() else { return Picture::default() };
    let window = finding.row.horizon_s.map_or(0.0, |horizon| horizon / crate::plan::HORIZON_PER_WINDOW);
    let mut picture = Picture {
        raw: raw(&prepared),
        surges: finding
            .surges
            .iter()
            .map(|surge| (surge.from.timestamp_millis(), surge.to.timestamp_millis()))
            .collect(),
        epochs: finding.epochs.iter().map(|(t, _)| *t).collect(),
        limit: limit(&prepared),
        now: prepared.ms(now),
        ..Picture::default()
    };
    if finding.row.probability.is_none() && finding.row.growth_per_day.is_none() {
        return picture;
    }
    picture.accepted = accepted(&prepared, now, window);
    extrapolate(&mut picture, &prepared, finding, settings, window);
    picture
}

impl Picture {
    /// The picture with the newest marks that concern `row`: those of the host, and those of its own scope.
    #[must_use]
    pub fn marked(mut self, marks: &[Mark], row: &Row) -> Self {
        let culprit = suspect(row);
        let names = [row.scope.as_str(), row.resource.as_str(), culprit.as_str()];
        let concern = marks.iter().rev().filter(|mark| concerns(&mark.scope, &names)).take(MARKS);
        self.marks = concern.map(|mark| (mark.at.timestamp_millis(), mark.text.clone())).collect();
        self.marks.reverse();
        self
    }
}

/// Lowest and highest sample of each column, in time order.
fn raw(prepared: &Prepared<'_>) -> Vec<(i64, f64)> {
    let point = |i: usize| (prepared.ms(prepared.t[i]), prepared.value(prepared.y[i]));
    let n = prepared.t.len();
    if n <= 2 * COLUMNS {
        return (0..n).map(point).collect();
    }
    let mut points = Vec::with_capacity(2 * COLUMNS);
    for column in 0..COLUMNS {
        let (from, to) = (column * n / COLUMNS, (column + 1) * n / COLUMNS);
        let lowest = (from..to).min_by(|&a, &b| prepared.y[a].total_cmp(&prepared.y[b])).unwrap_or(from);
        let highest = (from..to).max_by(|&a, &b| prepared.y[a].total_cmp(&prepared.y[b])).unwrap_or(from);
        points.push(point(lowest.min(highest)));
        if lowest != highest {
            points.push(point(lowest.max(highest)));
        }
    }
    points
}

fn accepted(prepared: &Prepared<'_>, now: f64, window: f64) -> Vec<(i64, f64)> {
    let grid = resample(&prepared.t, &prepared.y, now - window, now, CURVE);
    grid.t.iter().zip(&grid.y).map(|(&t, &y)| (prepared.ms(t), prepared.value(y))).collect()
}

fn limit(prepared: &Prepared<'_>) -> Vec<(i64, f64)> {
    let (Some(&first), Some(&last)) = (prepared.t.first(), prepared.t.last()) else { return Vec::new() };
    let Some(limit) = &prepared.series.limit else { return Vec::new() };
    let (from, to) = (prepared.ms(first), prepared.ms(last));
    let mut steps = vec![(from, limit.at(from))];
    steps.extend(limit.steps.iter().copied().filter(|&(t, _)| from < t && t <= to));
    steps.push((to, limit.at(to)));
    steps
}

/// The line or curve over the window and on, with its band, where there is a date.
fn extrapolate(
    picture: &mut Picture,
    prepared: &Prepared<'_>,
    finding: &Finding,
    settings: &Settings,
    window: f64,
) {
    let last = prepared.t.len() - 1;
    let now = prepared.t[last];
    let course = Course::new(prepared, settings.method);
    let regime = course.regime(last);
    let plan = crate::plan::Plan::new(regime.epoch().0, finding.row.horizon_s);
    let Some(forecast) = course.forecast(&regime, &plan) else { return };
    let dated = finding.row.exhausts_at.is_some();
    let ahead = match left(&forecast).filter(|_| dated) {
        Some((low, middle, high)) => {
            let date = |left: f64| prepared.ms(now + left);
            picture.exhaustion = Some((date(low), date(middle), high.map(date)));
            high.unwrap_or(1.5 * middle).min(2.5 * middle)
        }
        None => window / 3.0,
    };
    let back = window.min(now - regime.epoch().0[0]);
    let line = |dt: f64| prepared.value(forecast.level + forecast.drift.mean * dt);
    for k in 0..=CURVE {
        let dt = -back + (back + ahead) * k as f64 / CURVE as f64;
        picture.curve.push((prepared.ms(now + dt), line(dt)));
    }
    for k in 0..=CURVE / 2 {
        let dt = ahead * k as f64 / (CURVE / 2) as f64;
        let drift = &forecast.drift;
        let spread = 1.645 * (drift.error * dt).hypot((drift.diffusion * dt).sqrt());
        let middle = forecast.level + drift.mean * dt;
        let ends = (prepared.value(middle - spread), prepared.value(middle + spread));
        picture.band.push((prepared.ms(now + dt), ends.0.min(ends.1), ends.0.max(ends.1)));
    }
}
