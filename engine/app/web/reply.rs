//! Forms of answers: pages, JSON, text, problems; each with a tag, so that what has not changed is not sent again.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hebe::report::{chart, html as report, json};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::json;

use super::secret::hex;

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const JSON: &str = "application/json";
/// The text format of Prometheus.
pub(super) const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
/// RFC 9457.
const PROBLEM: &str = "application/problem+json";

/// A text with its tag; without a body where the reader has it already.
pub(super) fn tagged(asked: &HeaderMap, kind: &'static str, body: String) -> Response {
    let tag = format!("\"{}\"", &hex(digest(&SHA256, body.as_bytes()).as_ref())[..24]);
    let known = asked.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or("");
    let mut response = if known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        text(StatusCode::OK, kind, body)
    };
    response.headers_mut().insert(header::ETAG, value(&tag));
    response
}

/// A value as JSON. Characters that would steer a terminal are escaped in it.
pub(super) fn data<T: Serialize + ?Sized>(asked: &HeaderMap, data: &T) -> Response {
    tagged(asked, JSON, json::value(data))
}

/// What went wrong, in a sentence, as RFC 9457 has it.
pub(super) fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    text(status, PROBLEM, json::value(&body))
}

/// A text of any kind.
pub(super) fn text(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A header's value; what cannot be one becomes empty.
pub(super) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

pub(super) async fn style(asked: HeaderMap) -> Response {
    tagged(&asked, CSS, [report::CSS, chart::CSS, include_str!("assets/page.css")].concat())
}

pub(super) async fn script(asked: HeaderMap) -> Response {
    tagged(&asked, JS, include_str!("assets/page.js").to_owned())
}

pub(super) async fn icon(asked: HeaderMap) -> Response {
    tagged(&asked, SVG, include_str!("assets/icon.svg").to_owned())
}

pub(super) async fn nowhere() -> Response {
    problem(StatusCode::NOT_FOUND, "There is nothing here. The paths are in /api/v1/openapi.json.")
}

pub(super) async fn other_method() -> Response {
    problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "Nothing is done here by this method: /api/v1/openapi.json has those that are.",
    )
}
