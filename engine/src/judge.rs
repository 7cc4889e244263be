//! The status of a series, in a word and a sentence.

use hebe_models::forecast::{Forecast, Quiet};

use crate::finding::Status;
use crate::notice::Notice;
use crate::plan::{MIN_POINTS, Plan};
use crate::prepare::Prepared;
use crate::replay::Replay;
use crate::report::units::{duration, growth, quantity};
use crate::report::when::When;
use crate::settings::{Risk, Settings};

/// A growth is a trend from this z on (Mann-Kendall, 99 % two-sided).
const TREND_Z: f64 = 2.58;
/// The lead time, as a part of the horizon, where the user names none.
const LEAD_PER_HORIZON: f64 = 0.1;
/// Below this part of the lead time a warning is critical.
const CRITICAL_PER_LEAD: f64 = 0.25;
/// A series whose newest sample is older than this many of its periods has stopped.
const STALE_PERIODS: f64 = 30.0;

/// What a verdict is made of.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    /// The samples.
    pub(crate) prepared: &'a Prepared<'a>,
    /// The plan.
    pub(crate) plan: &'a Plan,
    /// How it went.
    pub(crate) replay: &'a Replay,
    /// The settings.
    pub(crate) settings: &'a Settings,
    /// Growth in levels per second, and the z of its trend.
    pub(crate) growth: Option<(f64, f64)>,
    /// Time of the newest sample of the whole history, in this series' seconds.
    pub(crate) newest: f64,
}

/// The status and its sentence.
#[must_use]
pub(crate) fn judge(case: &Case<'_>) -> (Status, String) {
    stale(case)
        .or_else(|| exhausted(case))
        .or_else(|| too_few(case))
        .or_else(|| no_limit(case))
        .or_else(|| said_or_held(case))
        .unwrap_or_else(|| quiet(case))
}

/// Middle and 90 % range of the time left.
#[must_use]
pub(crate) fn left(forecast: &Forecast) -> Option<(f64, f64, Option<f64>)> {
    let middle = forecast.passage.quantile(0.5)?;
    let low = forecast.passage.quantile(0.05)?;
    Some((low, middle, forecast.passage.quantile(0.95)))
}

impl Case<'_> {
    fn now(&self) -> f64 {
        self.prepared.t[self.prepared.t.len() - 1]
    }

    fn unit(&self) -> String {
        self.prepared.series.unit.to_string()
    }

    pub(crate) fn when(&self) -> When {
        When::new(self.settings.zone, self.prepared.date(self.now()).unwrap_or_default())
    }

    fn grows(&self) -> bool {
        self.growth.is_some_and(|(slope, z)| 0.0 < slope && TREND_Z <= z)
    }

    /// `+1.2 GiB/day`, as the series counts it.
    fn growth_words(&self) -> String {
        let per_day = self.growth.map_or(0.0, |(slope, _)| self.prepared.value(slope) * 86_400.0);
        growth(per_day, &self.unit())
    }
}

fn stale(case: &Case<'_>) -> Option<(Status, String)> {
    let age = case.newest - case.now();
    let patience = (STALE_PERIODS * case.plan.period_s).max(case.plan.window_s / 10.0);
    (patience < age).then(|| {
        let sentence = format!("no sample for the last {}, while others go on", duration(age));
        (Status::Stale, sentence)
    })
}

fn exhausted(case: &Case<'_>) -> Option<(Status, String)> {
    let since = case.replay.full_since?;
    let limit = case.prepared.value(case.prepared.limit_at(case.now()));
    let since = case.prepared.date(since).map(|date| case.when().date_in_zone(date, 0.0)).unwrap_or_default();
    Some((Status::Exhausted, format!("at its limit of {} since {since}", quantity(limit, &case.unit()))))
}

fn too_few(case: &Case<'_>) -> Option<(Status, String)> {
    if case.plan.ready() {
        return None;
    }
    if !case.plan.can_be_ready() && case.plan.chosen {
        let shortest = duration(case.plan.shortest_horizon_s());
        let sentence = format!(
            "a sample every {} gives {} of {MIN_POINTS} points in a window of {}; the shortest horizon for it is {shortest}",
            duration(case.plan.period_s),
            case.plan.have,
            duration(case.plan.window_s),
        );
        return Some((Status::Collecting, sentence));
    }
    let ready_in = case.plan.ready_in_s();
    let started = case.prepared.t[case.replay.epoch];
    let have = case.plan.have;
    if 0 < case.replay.epoch {
        let ago = duration(case.now() - started);
        let sentence = format!("started anew {ago} ago, relearning: {have} of {MIN_POINTS} points");
        return Some((Status::Reset, sentence));
    }
    let ready =
        case.prepared.date(case.now() + ready_in).map(|date| case.when().date_in_zone(date, ready_in));
    let growth = if case.grows() { format!("; grows {} so far", case.growth_words()) } else { String::new() };
    let ready =
        ready.filter(|_| 0.0 < ready_in).map_or_else(String::new, |ready| format!(", ready about {ready}"));
    Some((Status::Collecting, format!("{have} of {MIN_POINTS} points{ready}{growth}")))
}

fn no_limit(case: &Case<'_>) -> Option<(Status, String)> {
    if case.prepared.series.limit.is_some() {
        return None;
    }
    let sentence = if case.grows() {
        let name = &case.prepared.series.name;
        format!("grows {}; no limit is known, so no date: say --limit '{name}=VALUE'", case.growth_words())
    } else {
        "no growth (and no limit is known)".to_owned()
    };
    Some((if case.grows() { Status::Ok } else { Status::Steady }, sentence))
}

fn said_or_held(case: &Case<'_>) -> Option<(Status, String)> {
    let forecast = case.replay.forecast.as_ref()?;
    match case.replay.standing.notice {
        Notice::Unnotified => None,
        Notice::Ready { since, .. } => {
            let rises = duration(case.now() - since);
            let needs = duration(case.replay.standing.patience.hold_s);
            let sentence = format!("has headed for the limit for {rises}; held until that lasts {needs}");
            Some((Status::SurgeHeld, sentence))
        }
        Notice::Notified { .. } => {
            let (low, middle, high) = left(forecast)?;
            let sentence = format!("grows {}, full in {}", case.growth_words(), duration(middle));
            Some((urgency(case, low, middle, high), sentence))
        }
    }
}

/// How bad a date is, against the time that the reader needs to react.
fn urgency(case: &Case<'_>, low: f64, middle: f64, high: Option<f64>) -> Status {
    let judged = match case.settings.risk {
        Risk::Cautious => low,
        Risk::Balanced => middle,
        Risk::Bold => high.unwrap_or(f64::INFINITY),
    };
    let lead = case.settings.lead_time_s.unwrap_or(LEAD_PER_HORIZON * case.plan.horizon_s);
    if judged <= CRITICAL_PER_LEAD * lead {
        Status::Critical
    } else if judged <= lead {
        Status::Warning
    } else {
        Status::Watch
    }
}

fn quiet(case: &Case<'_>) -> (Status, String) {
    let reason = case
        .replay
        .forecast
        .as_ref()
        .map_or(Quiet::NoGrowth, |forecast| forecast.exhausts.err().unwrap_or(Quiet::Later));
    match reason {
        Quiet::NoGrowth => (Status::Steady, "no growth".to_owned()),
        Quiet::Flattens => (Status::Ok, format!("grew {}, and is levelling off", case.growth_words())),
        Quiet::Later => {
            let horizon = duration(case.plan.horizon_s);
            (Status::BeyondHorizon, format!("grows {}, not full within {horizon}", case.growth_words()))
        }
        Quiet::ComesAndGoes => {
            (Status::Ok, "climbs and is taken back again and again, no higher than before".to_owned())
        }
        Quiet::Seasonal => (Status::Seasonal, "rises as it does every day; more days would tell".to_owned()),
    }
}
