//! From series to findings: all of them in parallel, each by itself, ranked in the end.

use std::borrow::Borrow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use hebe_collectors::history::Series;
use hebe_models::forecast::Forecast;
use rayon::prelude::*;

use crate::candidates;
use crate::diagnose::restarts::relief;
use crate::diagnose::{Recorded, SOMEBODY};
use crate::finding::{Confidence, Finding, Quality, Row, Status, Surge};
use crate::growth::growth;
use crate::judge::{Case, judge, left};
use crate::plan::Plan;
use crate::prepare::Prepared;
use crate::quiet::{RISK, advice};
use crate::replay::{Course, Replay, replay};
use crate::report::units::{chance, duration, percent};
use crate::settings::{Method, Settings};

/// The source of live series.
pub const LIVE: &str = "live";
/// A drop this many periods from a known restart is that restart.
const EPOCH_PERIODS: f64 = 6.0;

/// Judges every series and ranks the findings, worst first.
#[must_use]
pub fn analyze(series: &[Series], settings: &Settings) -> Vec<Finding> {
    let newest = newest_of_sources(series, settings);
    let recorded = Recorded::new(series);
    let mut findings: Vec<Finding> = series
        .par_iter()
        .map(|series| {
            let newest_ms = newest.get(series.source.as_str()).copied().unwrap_or(0);
            let mut finding = finding(series, settings, newest_ms);
            finding.relief = relief(&Prepared::new(series, settings.until_ms));
            let together = recorded.together(series, settings.until_ms);
            if let (Some(relief), Some(together)) = (&mut finding.relief, together) {
                together.put_into(relief);
            }
            match recorded.diagnose(series, &finding.row, settings.until_ms) {
                Ok(diagnosis) => diagnosis.put_into(&mut finding),
                Err(note) => finding.row.culprit_note = Some(note),
            }
            finding
        })
        .collect();
    rank(&mut findings);
    findings
}

/// Time of the newest usable sample of each source: a series that ends long before it has stopped.
fn newest_of_sources<'a>(series: &'a [Series], settings: &Settings) -> HashMap<&'a str, i64> {
    let mut newest = HashMap::new();
    for one in series {
        if let Some(last) = last_ms(one, settings) {
            let known = newest.entry(one.source.as_str()).or_insert(last);
            *known = last.max(*known);
        }
    }
    newest
}

/// Time of the newest sample that may be used.
fn last_ms(series: &Series, settings: &Settings) -> Option<i64> {
    let end =
        settings.until_ms.map_or(series.t_ms.len(), |until| series.t_ms.partition_point(|&t| t <= until));
    series.t_ms[..end].last().copied()
}

/// Judges one series; `newest_ms` is the time of the newest sample of its source.
#[must_use]
pub fn finding(series: &Series, settings: &Settings, newest_ms: i64) -> Finding {
    let prepared = Prepared::new(series, settings.until_ms);
    if prepared.t.is_empty() {
        return without_samples(series, settings);
    }
    let course = Course::new(&prepared, settings.method);
    let plan = plan(&prepared, &course, settings);
    let replay = replay(&course, &plan);
    describe(&course, &plan, &replay, settings, newest_ms)
}

/// Puts into words and numbers how it stands with one series; `newest_ms` is the time of the newest sample of its
/// source.
#[must_use]
pub(crate) fn describe(
    course: &Course<'_>,
    plan: &Plan,
    replay: &Replay,
    settings: &Settings,
    newest_ms: i64,
) -> Finding {
    let prepared = course.prepared;
    let series = prepared.series;
    let last = prepared.t.len() - 1;
    let (t, y) = (&prepared.t[replay.epoch..], &prepared.y[replay.epoch..]);
    let growth = growth(t, y, plan);
    let newest = (newest_ms - prepared.ms(0.0)) as f64 / 1000.0;
    let case = Case { prepared, plan, replay, settings, growth, newest };
    let (status, sentence) = judge(&case);
    let tried = candidates::rows(&course.regime(last), plan, replay.forecast.as_ref());
    let mut row = empty_row(series, settings, status, sentence);
    fill(&mut row, &case, last);
    if let Some(forecast) = &replay.forecast
        && (status.is_alarm() || status == Status::SurgeHeld)
        && status != Status::Exhausted
    {
        date(&mut row, &case, forecast);
    }
    let epochs = epochs(prepared, replay, plan);
    row.epochs = 1 + epochs.len();
    row.curve = tried.curve.map(|curve| curve.name().to_owned());
    row.since = (case_grows(&case) && plan.ready()).then(|| prepared.date(tried.since)).flatten();
    row.evidence = evidence(&case);
    Finding {
        why: why(&case, &row),
        unless: unless(&case, status),
        surges: surges(prepared, replay),
        candidates: tried.rows,
        quality: quality(prepared, plan),
        epochs,
        diagnosis: None,
        relief: None,
        row,
    }
}

/// The plan: for the user's horizon, or the longest one that the present epoch fills.
fn plan(prepared: &Prepared<'_>, course: &Course<'_>, settings: &Settings) -> Plan {
    let regime = course.regime(prepared.t.len() - 1);
    let (epoch, _) = regime.epoch();
    let own = Plan::new(epoch, settings.horizon_s);
    if own.ready() || settings.horizon_s.is_some() {
        return own;
    }
    // Relearning: the window is the one that the whole history would fill, so that what is missing can be told.
    let whole = Plan::new(&prepared.t, None);
    if whole.ready() { Plan { have: own.have, ..whole } } else { own }
}

fn case_grows(case: &Case<'_>) -> bool {
    case.growth.is_some_and(|(slope, z)| 0.0 < slope && 2.58 <= z)
}

fn empty_row(series: &Series, settings: &Settings, status: Status, sentence: String) -> Row {
    Row {
        series: series.name.clone(),
        sentence,
        unit: series.unit.to_string(),
        limit_owner: series.limit.as_ref().map(|limit| limit.owner.clone()),
        method: settings.method.name().to_owned(),
        rejected: series.rejected,
        culprit_note: Some("nobody has looked who uses it up".to_owned()),
        ..Row::bare(&series.resource, &series.scope, &series.host, status)
    }
}

fn without_samples(series: &Series, settings: &Settings) -> Finding {
    let sentence = match series.t_ms.first() {
        None => "no usable sample".to_owned(),
        Some(_) => "no sample until then".to_owned(),
    };
    let quality = Quality { rejected: series.rejected, source: series.source.clone(), ..Quality::default() };
    Finding::bare(empty_row(series, settings, Status::Error, sentence), quality)
}

/// What is known whatever the status.
fn fill(row: &mut Row, case: &Case<'_>, last: usize) {
    let prepared = case.prepared;
    row.at = prepared.date(prepared.t[last]);
    row.used = Some(prepared.value(prepared.y[last]));
    let limit = prepared.limit_at(prepared.t[last]);
    row.limit = limit.is_finite().then(|| prepared.value(limit));
    row.horizon_s = Some(case.plan.horizon_s).filter(|horizon| 0.0 < *horizon);
    row.growth_per_day = case.growth.map(|(slope, _)| prepared.value(slope) * 86_400.0);
    row.samples = prepared.t.len();
    row.surges_held = case.replay.standing.held;
    if let Some(forecast) = &case.replay.forecast
        && limit.is_finite()
        && case.plan.ready()
    {
        row.probability = Some(forecast.probability);
    }
}

/// The date, its range and what follows from it.
fn date(row: &mut Row, case: &Case<'_>, forecast: &Forecast) {
    let prepared = case.prepared;
    let Some((low, middle, high)) = left(forecast) else { return };
    let now = prepared.t[prepared.t.len() - 1];
    (row.left_s, row.left_lo_s, row.left_hi_s) = (Some(middle), Some(low), high);
    row.exhausts_at = prepared.date(now + middle);
    row.exhausts_lo = prepared.date(now + low);
    row.exhausts_hi = high.and_then(|high| prepared.date(now + high));
    row.confidence = match high {
        Some(high) if high - low < 0.5 * middle => Confidence::High,
        Some(high) if high - low < 2.0 * middle => Confidence::Medium,
        _ => Confidence::Low,
    };
    if row.status.is_alarm() {
        row.action = Some(action(&row.resource, case, forecast));
    }
}

fn action(resource: &str, case: &Case<'_>, forecast: &Forecast) -> String {
    if resource.starts_with("disk") {
        "find what fills it and free space, or enlarge the file system; a restart rarely gives disk back"
            .to_owned()
    } else {
        format!("restart {SOMEBODY} {}, or raise the limit", restart_at(case, forecast))
    }
}

/// `Sun 03:10, the quietest half hour before the 5 % risk (Mon 14:00)`.
fn restart_at(case: &Case<'_>, forecast: &Forecast) -> String {
    let prepared = case.prepared;
    let now = prepared.t[prepared.t.len() - 1];
    let when = |ahead: f64| prepared.date(now + ahead).map(|at| case.when().date_in_zone(at, ahead));
    let Some(advice) = advice(prepared, forecast) else { return "soon".to_owned() };
    let Some(risk) = when(advice.risk_s) else { return "in good time".to_owned() };
    let share = percent(RISK);
    match advice.quietest_s.and_then(when) {
        Some(at) => format!("{at}, the quietest half hour before the {share} risk ({risk})"),
        None => format!("before {risk}, when the risk reaches {share}"),
    }
}

/// The numbers that decided, in a few words.
fn evidence(case: &Case<'_>) -> String {
    let Some(forecast) = case.replay.forecast.as_ref().filter(|_| case.plan.ready()) else {
        return String::new();
    };
    let mut words = vec![format!("{} points in {}", case.plan.have, duration(case.plan.window_s))];
    if case.prepared.series.limit.is_some() {
        words.push(format!("P {}", chance(forecast.probability)));
    }
    if let Some((_, z)) = case.growth {
        words.push(format!("trend z {z:.1}"));
    }
    words.join(", ")
}

fn why(case: &Case<'_>, row: &Row) -> Vec<String> {
    let mut why = Vec::new();
    let Some(forecast) = case.replay.forecast.as_ref().filter(|_| case.plan.ready()) else { return why };
    why.push(format!(
        "a window of {} with {} points, for a horizon of {}",
        duration(case.plan.window_s),
        case.plan.have,
        duration(case.plan.horizon_s)
    ));
    for view in &forecast.views {
        let per_day = case.prepared.value(view.slope) * 86_400.0;
        why.push(format!(
            "the last {} grow {}, weight {}",
            duration(view.span),
            crate::report::units::growth(per_day, &row.unit),
            percent(view.weight)
        ));
    }
    if case.prepared.series.limit.is_some() {
        let horizon = duration(case.plan.horizon_s);
        why.push(format!("probability of exhaustion within {horizon}: {}", chance(forecast.probability)));
    }
    why
}

fn unless(case: &Case<'_>, status: Status) -> Vec<String> {
    match status {
        Status::Critical | Status::Warning | Status::Watch => vec![
            format!(
                "no prediction for {}, as after a restart or when the growth stops",
                duration(case.replay.standing.patience.release_s)
            ),
            "growth in the newest quarter of the window below 0.3 of the whole".to_owned(),
        ],
        Status::SurgeHeld => {
            vec![format!("the rise lasts {} without a break", duration(case.replay.standing.patience.hold_s))]
        }
        _ => Vec::new(),
    }
}

fn surges(prepared: &Prepared<'_>, replay: &Replay) -> Vec<Surge> {
    replay
        .standing
        .passed
        .iter()
        .filter_map(|passed| {
            Some(Surge {
                from: prepared.date(passed.from)?,
                to: prepared.date(passed.to)?,
                peak: prepared.value(passed.peak),
                reason: format!("passed after {}", duration(passed.to - passed.from)),
            })
        })
        .collect()
}

fn quality(prepared: &Prepared<'_>, plan: &Plan) -> Quality {
    let series = prepared.series;
    let gap = 3.0 * plan.period_s;
    let gaps = prepared
        .t
        .windows(2)
        .filter(|pair| gap < pair[1] - pair[0])
        .filter_map(|pair| Some((prepared.date(pair[0])?, prepared.date(pair[1])?)))
        .collect();
    Quality {
        period_s: plan.period_s,
        gaps,
        restarts: prepared.restarts().iter().filter_map(|&t| prepared.date(t)).collect(),
        rejected: series.rejected,
        block: series.block,
        source: series.source.clone(),
        also: series.also.clone(),
    }
}

fn epochs(prepared: &Prepared<'_>, replay: &Replay, plan: &Plan) -> Vec<(i64, String)> {
    let restarts = prepared.restarts();
    // The drop that a known restart explains is that restart, seen a few samples later.
    let near = EPOCH_PERIODS * plan.period_s;
    let explained = |t: f64| restarts.iter().any(|restart| (t - restart).abs() <= near);
    let drops = replay.climbs.iter().map(|climb| prepared.t[climb.end]).filter(|&t| !explained(t));
    let drops = drops.map(|t| (prepared.ms(t), "large drop".to_owned()));
    let known = restarts.iter().map(|&t| (prepared.ms(t), "restart".to_owned()));
    let mut epochs: Vec<(i64, String)> = drops.chain(known).collect();
    epochs.sort();
    epochs
}

/// Worst first; among equals the soonest, then the fastest growing against what is used.
pub(crate) fn rank<F: Borrow<Finding>>(findings: &mut [F]) {
    let key = |finding: &F| {
        let row = &finding.borrow().row;
        let left = row.left_s.unwrap_or(f64::INFINITY);
        let relative = relative_growth(row);
        (row.status.rank(), left, -relative)
    };
    findings.sort_by(|a, b| {
        let (a_key, b_key) = (key(a), key(b));
        a_key
            .0
            .cmp(&b_key.0)
            .then(a_key.1.total_cmp(&b_key.1))
            .then(a_key.2.total_cmp(&b_key.2))
            .then_with(|| a.borrow().row.series.cmp(&b.borrow().row.series))
    });
}

/// Growth a day against the limit, or against what is used where there is none; towards exhaustion positive.
fn relative_growth(row: &Row) -> f64 {
    let base = row.limit.filter(|limit| *limit != 0.0).or(row.used).map_or(0.0, f64::abs);
    let growth = row.growth_per_day.unwrap_or(0.0);
    if base == 0.0 { 0.0 } else { growth / base }
}

/// When the newest finding was made; none without samples.
#[must_use]
pub fn newest(findings: &[Finding]) -> Option<DateTime<Utc>> {
    findings.iter().filter_map(|finding| finding.row.at).max()
}

/// How the horizon was chosen, in one sentence.
#[must_use]
pub fn horizon_note(findings: &[Finding], settings: &Settings) -> String {
    if let Some(horizon) = settings.horizon_s {
        return format!("horizon {}, as asked; the window is a tenth of it", duration(horizon));
    }
    let horizons = findings.iter().filter_map(|finding| finding.row.horizon_s);
    let (low, high) = horizons.fold((f64::INFINITY, 0.0_f64), |(low, high), h| (low.min(h), high.max(h)));
    if high <= 0.0 {
        return "no horizon: too few samples".to_owned();
    }
    let (low, high) = (duration(low), duration(high));
    let which = if low == high { low } else { format!("{low} to {high}") };
    format!(
        "horizon {which}: the longest whose window (a tenth of it) the history fills; --horizon chooses another"
    )
}

/// Whether the settings ask for the classic method.
#[must_use]
pub fn is_classic(settings: &Settings) -> bool {
    settings.method == Method::Classic
}
