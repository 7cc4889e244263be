//! `/api/v1/markers`: what was said to have happened; and saying so, with the token even from this machine.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use hebe::evidence::Mark;
use serde::Deserialize;

use super::reply::{JSON, data, problem, text};
use super::router::Shared;

/// What is sent to be kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
    #[serde(default)]
    at: Option<DateTime<Utc>>,
    #[serde(default)]
    scope: String,
}

/// The marks in order of time.
pub(super) async fn list(State(shared): State<Shared>, asked: HeaderMap) -> Response {
    let source = shared.source;
    shared.desk.work(move || data(&asked, &source.marks())).await
}

/// Keeps a mark. The gate has seen the token; a cookie is not enough, as browsers send it for other sites.
pub(super) async fn add(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if shared.secret.is_none() {
        return problem(
            StatusCode::FORBIDDEN,
            "Nothing can be changed without a token, even from this machine: give the daemon one, or say hebe mark.",
        );
    }
    if !headers.contains_key(header::AUTHORIZATION) {
        return problem(StatusCode::FORBIDDEN, "Send the token itself: `Authorization: Bearer TOKEN`.");
    }
    let source = shared.source;
    let keep = move || {
        let said: Said = match serde_json::from_slice(&body) {
            Ok(said) => said,
            Err(error) => {
                return problem(
                    StatusCode::BAD_REQUEST,
                    &format!("Expected {{\"text\", \"at\", \"scope\"}}: {error}."),
                );
            }
        };
        let mark = match Mark::new(said.at.unwrap_or_else(|| source.now()), &said.text, &said.scope) {
            Ok(mark) => mark,
            Err(error) => return problem(StatusCode::BAD_REQUEST, &format!("This is {error}.")),
        };
        match source.mark(&mark) {
            Ok(()) => text(StatusCode::CREATED, JSON, hebe::report::json::value(&mark)),
            Err(error) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, &format!("The mark is not kept: {error:#}."))
            }
        }
    };
    shared.desk.work(keep).await
}
