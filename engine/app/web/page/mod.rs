//! The pages: what the daemon knows as HTML, drawn here on the server.
//!
//! Everything from outside passes through maud's escaping and `clean`; only the pictures go in as they are, made safe
//! where they are drawn.

mod actions;
mod calendar;
mod events;
mod explain;
mod frame;
mod login;
mod now;
mod settings;
mod sources;
mod trend;
mod trends;

use std::collections::HashMap;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use hebe::finding::{Finding, Row};
use hebe::report::{When, clean, verdict};
use hebe::snapshot::Snapshot;

use super::pass::{self, Pass};
use super::reply::{self, HTML, tagged};
use super::router::Shared;
use super::zoom::Span;
use super::{Source, names};

pub(super) use login::login;
pub(super) use settings::shown as shown_settings;

/// Columns of a name in a table; the page that explains it shows it whole.
const NAME: usize = 60;
/// So many sampling periods without a look are too many.
const PERIODS: f64 = 6.0;
/// So many seconds without a look are not.
const PATIENCE_S: f64 = 120.0;

/// What every page is made from.
struct View<'a> {
    source: &'a dyn Source,
    snapshot: &'a Snapshot,
    now: DateTime<Utc>,
    when: When,
    /// Whether the reader has logged in, and may leave.
    guarded: bool,
    /// What a form that acts must hold; none where the reader may not act.
    proof: Option<String>,
}

impl View<'_> {
    /// The finding that a query names.
    fn asked<'s>(&'s self, query: &HashMap<String, String>) -> Option<&'s Finding> {
        names::find(self.snapshot, query.get("series")?)
    }
}

/// How long ago the last look was, in seconds, where that is too long.
pub(super) fn stale_s(snapshot: &Snapshot, now: DateTime<Utc>) -> Option<f64> {
    let ago = (now - snapshot.at).num_milliseconds() as f64 / 1_000.0;
    (ago > (PERIODS * snapshot.own.period_s).max(PATIENCE_S)).then_some(ago)
}

/// The name of a row, cut for a table.
fn name(row: &Row) -> String {
    clean::cut_middle(&verdict::name(row), NAME)
}

fn span(query: &HashMap<String, String>) -> Span {
    query.get("span").map_or(Span::default(), |word| Span::of(word))
}

/// Makes a page on the desk: `draw` gives its status and its text.
async fn serve(
    shared: Shared,
    asked: HeaderMap,
    draw: impl FnOnce(&View<'_>) -> (StatusCode, String) + Send + 'static,
) -> Response {
    serve_to(shared, &Pass::Open, asked, draw).await
}

/// The same for a reader who may act.
async fn serve_to(
    shared: Shared,
    pass: &Pass,
    asked: HeaderMap,
    draw: impl FnOnce(&View<'_>) -> (StatusCode, String) + Send + 'static,
) -> Response {
    let proof = pass::proof(&shared, pass);
    let Shared { source, zone, secret, desk, .. } = shared;
    let make = move || {
        let snapshot = source.snapshot();
        let view = View {
            source: source.as_ref(),
            snapshot: &snapshot,
            now: source.now(),
            when: When::new(zone, snapshot.at),
            guarded: secret.is_some(),
            proof,
        };
        match draw(&view) {
            (StatusCode::OK, page) => tagged(&asked, HTML, page),
            (status, page) => reply::text(status, HTML, page),
        }
    };
    desk.work(make).await
}

type Asked = Query<HashMap<String, String>>;

pub(super) async fn now(State(shared): State<Shared>, Query(query): Asked, asked: HeaderMap) -> Response {
    serve(shared, asked, move |view| (StatusCode::OK, now::now(view, &query))).await
}

pub(super) async fn trends(State(shared): State<Shared>, Query(query): Asked, asked: HeaderMap) -> Response {
    serve(shared, asked, move |view| (StatusCode::OK, trends::trends(view, &query))).await
}

pub(super) async fn explain(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Query(query): Asked,
    asked: HeaderMap,
) -> Response {
    serve(shared, asked, move |view| explain::explain(view, &name, span(&query))).await
}

pub(super) async fn calendar(
    State(shared): State<Shared>,
    Extension(pass): Extension<Pass>,
    Query(query): Asked,
    asked: HeaderMap,
) -> Response {
    serve_to(shared, &pass, asked, move |view| (StatusCode::OK, calendar::calendar(view, &query))).await
}

pub(super) async fn actions(
    State(shared): State<Shared>,
    Extension(pass): Extension<Pass>,
    asked: HeaderMap,
) -> Response {
    serve_to(shared, &pass, asked, |view| (StatusCode::OK, actions::actions(view))).await
}

pub(super) async fn events(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    serve(shared, asked, |view| (StatusCode::OK, events::events(view))).await
}

pub(super) async fn sources(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    serve(shared, asked, |view| (StatusCode::OK, sources::sources(view))).await
}

pub(super) async fn settings(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    serve(shared, asked, |view| (StatusCode::OK, settings::settings(view))).await
}

/// A time in milliseconds since 1970, in words.
fn moment(view: &View<'_>, ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map_or(String::new(), |t| view.when.moment(t))
}
