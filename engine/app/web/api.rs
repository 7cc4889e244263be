//! The JSON API, the metrics, and the sign of life. What it answers is described in `openapi.json`.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, SecondsFormat, TimeDelta, Utc};
use hebe::finding::{Finding, Picture, Row};
use hebe::snapshot::Snapshot;
use serde_json::{Value, json};

use super::reply::{self, METRICS, data, problem, tagged};
use super::router::Shared;
use super::{Source, names, page, samples};

/// Samples in an answer where nobody says how many.
const SAMPLES: usize = 2_000;
/// Samples in an answer at most.
const MOST_SAMPLES: usize = 20_000;
/// Days of the calendar where nobody says how many.
const DAYS: u64 = 31;
/// How far back samples are given where nobody says from when.
const LOOK_BACK: TimeDelta = TimeDelta::days(1);

type Asked = Query<HashMap<String, String>>;

/// Says whether the daemon still looks: without a token, so without a word about this machine.
pub(super) async fn health(State(shared): State<Shared>) -> Response {
    let source = shared.source;
    let look = move || match page::stale_s(&source.snapshot(), source.now()) {
        None => reply::text(StatusCode::OK, "text/plain; charset=utf-8", "ok\n"),
        Some(_) => {
            problem(StatusCode::SERVICE_UNAVAILABLE, "The last look at the resources was too long ago.")
        }
    };
    shared.desk.look(look).await
}

pub(super) async fn metrics(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    let source = shared.source;
    shared.desk.work(move || tagged(&asked, METRICS, source.metrics())).await
}

/// The rows, worst first.
pub(super) async fn rows(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    let source = shared.source;
    let make = move || {
        let snapshot = source.snapshot();
        let rows: Vec<&Row> = snapshot.findings.iter().map(|finding| &finding.row).collect();
        data(&asked, &rows)
    };
    shared.desk.work(make).await
}

/// All about one series.
pub(super) async fn explain(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    asked: HeaderMap,
) -> Response {
    let source = shared.source;
    let make = move || {
        let snapshot = source.snapshot();
        let Some(known) = names::find(&snapshot, &name) else { return unknown() };
        let (finding, picture) =
            source.explain(&known.row.series).unwrap_or_else(|| (known.clone(), Picture::default()));
        data(&asked, &explained(&snapshot, &finding, &picture))
    };
    shared.desk.work(make).await
}

fn explained(snapshot: &Snapshot, finding: &Finding, picture: &Picture) -> Value {
    let own = |row: &Row| row.series == finding.row.series;
    let others: Vec<&Row> = snapshot.others.iter().map(|(_, row)| row).filter(|row| own(row)).collect();
    let epochs: Vec<Value> = (finding.epochs.iter())
        .map(|(t, reason)| json!({ "at": DateTime::from_timestamp_millis(*t), "reason": reason }))
        .collect();
    json!({
        "row": finding.row,
        "other_horizons": others,
        "surges": finding.surges,
        "candidates": finding.candidates,
        "why": finding.why,
        "unless": finding.unless,
        "quality": finding.quality,
        "epochs": epochs,
        "picture": picture,
    })
}

/// The samples of one series, thinned.
pub(super) async fn samples(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Query(query): Asked,
    asked: HeaderMap,
) -> Response {
    let source = shared.source;
    let make = move || match Range::of(&query, source.now()) {
        Ok(range) => sampled(source.as_ref(), &name, range, &asked),
        Err(wrong) => problem(StatusCode::BAD_REQUEST, wrong),
    };
    shared.desk.work(make).await
}

fn sampled(source: &dyn Source, name: &str, range: Range, asked: &HeaderMap) -> Response {
    let snapshot = source.snapshot();
    let known = names::find(&snapshot, name).map_or(name, |finding| &finding.row.series);
    let Some(series) = source.history(known, range.from, range.until) else { return unknown() };
    let thinned = samples::thin(&series, range.from, range.until, range.points);
    let all = series.t_ms.iter().filter(|t| (range.from..=range.until).contains(*t)).count();
    let answer = json!({
        "series": series.name,
        "resource": series.resource,
        "scope": series.scope,
        "host": series.host,
        "unit": series.unit.to_string(),
        "from": rfc3339(range.from),
        "until": rfc3339(range.until),
        "thinned": thinned.len() < all,
        "samples": thinned,
        "limit": samples::limit(&series, range.from, range.until),
        "limit_owner": series.limit.as_ref().map(|limit| &limit.owner),
    });
    data(asked, &answer)
}

/// What of a series is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    from: i64,
    until: i64,
    points: usize,
}

impl Range {
    fn of(query: &HashMap<String, String>, now: DateTime<Utc>) -> Result<Self, &'static str> {
        let time = |key: &str| query.get(key).map(|text| moment(text)).transpose();
        let until = time("until")?.unwrap_or(now.timestamp_millis());
        let from = time("from")?.unwrap_or(until.saturating_sub(LOOK_BACK.num_milliseconds()));
        let points = query.get("points").map_or(Ok(SAMPLES), |text| text.parse());
        let points = points.map_err(|_| "`points` is not a number.")?.clamp(2, MOST_SAMPLES);
        if from <= until { Ok(Self { from, until, points }) } else { Err("`from` is after `until`.") }
    }
}

/// Milliseconds since 1970 of a date as RFC 3339 has it, or of such a number.
fn moment(text: &str) -> Result<i64, &'static str> {
    let number = text.parse().ok().filter(|&ms| DateTime::from_timestamp_millis(ms).is_some());
    number
        .or_else(|| Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis()))
        .ok_or("`from` and `until` are dates like 2026-11-21T12:00:00Z, or milliseconds since 1970.")
}

fn rfc3339(ms: i64) -> Option<String> {
    Some(DateTime::from_timestamp_millis(ms)?.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// What is planned, under way, done and not done, newest first; nothing where there is no restart map.
pub(super) async fn actions(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    let source = shared.source;
    let make = move || data(&asked, &source.hands().map(|hands| hands.actions()).unwrap_or_default());
    shared.desk.work(make).await
}

/// Days of the calendar.
pub(super) async fn calendar(
    State(shared): State<Shared>,
    Query(query): Asked,
    asked: HeaderMap,
) -> Response {
    let source = shared.source;
    let make = move || {
        let today = source.now().date_naive();
        let day = |key: &str, or: NaiveDate| query.get(key).map_or(Ok(or), |day| day.parse());
        let (Ok(from), Ok(until)) = (day("from", today), day("until", today + Days::new(DAYS - 1))) else {
            return problem(StatusCode::BAD_REQUEST, "`from` and `until` are days like 2026-12-05.");
        };
        if !(1970..2300).contains(&from.year()) || until < from {
            return problem(StatusCode::BAD_REQUEST, "`from` is after `until`, or too far away.");
        }
        let node = query.get("node").map(String::as_str);
        let days = source.hands().map(|hands| hands.calendar(node, from, until));
        data(&asked, &days.unwrap_or_default())
    };
    shared.desk.work(make).await
}

/// What happened, newest first.
pub(super) async fn events(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    let source = shared.source;
    let make = move || {
        let snapshot = source.snapshot();
        let events: Vec<_> = snapshot.events.iter().map(AsRef::as_ref).collect();
        data(&asked, &events)
    };
    shared.desk.work(make).await
}

/// The settings in force, without what is secret.
pub(super) async fn settings(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    let source = shared.source;
    shared.desk.work(move || data(&asked, &page::shown_settings(&source.snapshot()))).await
}

/// The daemon itself: sources, its own use, the store.
pub(super) async fn state(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    let source = shared.source;
    shared.desk.work(move || data(&asked, &described(&source.snapshot()))).await
}

fn described(snapshot: &Snapshot) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "at": snapshot.at,
        "started": snapshot.started,
        "host": snapshot.host,
        "series": snapshot.findings.len(),
        "surges_held": snapshot.surges_held,
        "sources": snapshot.sources,
        "silences": snapshot.silences,
        "own": snapshot.own,
        "store": snapshot.store,
    })
}

/// The description of all this.
pub(super) async fn openapi(asked: HeaderMap) -> Response {
    let text = include_str!("assets/openapi.json").replace("HEBE_VERSION", env!("CARGO_PKG_VERSION"));
    tagged(&asked, reply::JSON, text)
}

fn unknown() -> Response {
    problem(StatusCode::NOT_FOUND, "There is no such series; /api/v1/rows names them all.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(pairs: &[(&str, &str)]) -> Result<Range, &'static str> {
        let query = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Range::of(&query, DateTime::from_timestamp_millis(1_700_000_000_000).unwrap())
    }

    #[test]
    fn a_range_is_the_last_day_unless_said_otherwise() {
        let day = Range { from: 1_699_913_600_000, until: 1_700_000_000_000, points: 2_000 };
        assert_eq!(range(&[]), Ok(day));
        let said = range(&[("from", "2023-11-14T22:13:10Z"), ("until", "1700000000000"), ("points", "9")]);
        assert_eq!(said, Ok(Range { from: 1_699_999_990_000, points: 9, ..day }));
        assert!(range(&[("from", "1700000000001")]).is_err());
        assert!(range(&[("until", "yesterday")]).is_err());
        assert!(range(&[("until", "9223372036854775807")]).is_err());
        assert!(range(&[("points", "-1")]).is_err());
    }

    proptest! {
        #[test]
        fn any_query_is_a_range_or_refused(from in any::<String>(), until in any::<i64>(), points in any::<u32>()) {
            let (until, points) = (until.to_string(), points.to_string());
            if let Ok(range) = range(&[("from", &from), ("until", &until), ("points", &points)]) {
                prop_assert!(range.from <= range.until && (2..=MOST_SAMPLES).contains(&range.points));
            }
        }
    }
}
