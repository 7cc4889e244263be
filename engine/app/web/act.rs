//! Requests that act: forms of the page, and their equals in the API. What is asked for is done by [`Hands`].

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, ExtensionRejection, FormRejection};
use axum::extract::{Form, FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{NaiveDate, NaiveTime};
use hebe::restart::calendar::{Draft, Repeat};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::hands::{Hands, Refusal};
use super::pass::{self, Pass};
use super::reply::{self, problem};
use super::router::Shared;
use super::serve::Peer;

/// Bytes of what such a request says at most.
pub(super) const BODY: usize = 8 * 1_024;
/// Characters of a reason at most.
pub(super) const REASON: usize = 500;

/// A form of the page.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    proof: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    node: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    time: String,
    #[serde(default)]
    repeat: String,
}

/// What a request asks for.
enum Wish {
    Approve(String),
    Skip(String, String),
    Place(Draft),
    Remove(String),
}

type FromForm = Result<Form<Sent>, FormRejection>;
type FromProgram = Result<Bytes, BytesRejection>;

/// Who asks, and by which right.
pub(super) struct Asker {
    shared: Shared,
    pass: Pass,
    peer: Peer,
    headers: HeaderMap,
}

impl FromRequestParts<Shared> for Asker {
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Self::Rejection> {
        let Extension(pass) = Extension::from_request_parts(parts, shared).await?;
        let Extension(peer) = Extension::from_request_parts(parts, shared).await?;
        Ok(Self { shared: shared.clone(), pass, peer, headers: parts.headers.clone() })
    }
}

/// A form that is sent: `read` makes a wish of it, and the path where the answer is to be seen.
async fn form(
    asker: Asker,
    sent: FromForm,
    read: impl FnOnce(Sent) -> Result<(Wish, String), String>,
) -> Response {
    let sent = match sent {
        Ok(Form(sent)) => sent,
        Err(rejected) => return problem(rejected.status(), "This is not the form of this page."),
    };
    if let Some(refused) = pass::refuse_form(&asker.shared, &asker.pass, &asker.headers, &sent.proof) {
        return refused;
    }
    match read(sent) {
        Err(wrong) => problem(StatusCode::UNPROCESSABLE_ENTITY, &wrong),
        Ok((wish, next)) => {
            done(asker.shared, wish, format!("page, {}", asker.peer.0), move |_| {
                (StatusCode::SEE_OTHER, [(header::LOCATION, reply::value(&next))]).into_response()
            })
            .await
        }
    }
}

/// A request of a program.
async fn program(asker: Asker, read: impl FnOnce() -> Result<Wish, Box<Response>>) -> Response {
    if let Some(refused) = pass::refuse_program(&asker.shared, &asker.pass, &asker.headers) {
        return refused;
    }
    match read() {
        Err(refused) => *refused,
        Ok(wish) => {
            done(asker.shared, wish, format!("API, {}", asker.peer.0), |entry| match entry {
                Some(entry) => {
                    let body = json!({ "entry": entry });
                    reply::text(StatusCode::CREATED, reply::JSON, hebe::report::json::value(&body))
                }
                None => StatusCode::NO_CONTENT.into_response(),
            })
            .await
        }
    }
}

/// Has a wish done off the thread that talks.
async fn done(
    shared: Shared,
    wish: Wish,
    who: String,
    answer: impl FnOnce(Option<String>) -> Response + Send + 'static,
) -> Response {
    let Shared { source, desk, .. } = shared;
    let make = move || {
        let Some(hands) = source.hands() else {
            return problem(StatusCode::CONFLICT, "There is no restart map, so nothing can be done.");
        };
        match fulfil(hands, wish, &who) {
            Ok(entry) => answer(entry),
            Err(Refusal::Unknown(why)) => problem(StatusCode::NOT_FOUND, &why),
            Err(Refusal::Impossible(why)) => problem(StatusCode::CONFLICT, &why),
            Err(Refusal::Failed(why)) => problem(StatusCode::INTERNAL_SERVER_ERROR, &why),
        }
    };
    desk.work(make).await
}

#[allow(clippy::needless_pass_by_value, reason = "the source gives a share of its own")]
fn fulfil(hands: Arc<dyn Hands>, wish: Wish, who: &str) -> Result<Option<String>, Refusal> {
    match wish {
        Wish::Approve(id) => hands.approve(&id, who).map(|()| None),
        Wish::Skip(id, reason) => hands.skip(&id, who, &reason).map(|()| None),
        Wish::Place(draft) => hands.place(&draft, who).map(Some),
        Wish::Remove(entry) => hands.remove(&entry, who).map(|()| None),
    }
}

pub(super) async fn approve(asker: Asker, sent: FromForm) -> Response {
    let read = |sent: Sent| Ok((Wish::Approve(sent.id), "/actions".to_owned()));
    form(asker, sent, read).await
}

pub(super) async fn skip(asker: Asker, sent: FromForm) -> Response {
    let read = |sent: Sent| Ok((Wish::Skip(sent.id, short(&sent.reason)?), "/actions".to_owned()));
    form(asker, sent, read).await
}

pub(super) async fn place(asker: Asker, sent: FromForm) -> Response {
    let read = |sent: Sent| {
        let draft = draft(sent.node, &sent.date, &sent.time, &sent.repeat)?;
        let next = format!("/calendar?day={}", draft.date);
        Ok((Wish::Place(draft), next))
    };
    form(asker, sent, read).await
}

pub(super) async fn remove(asker: Asker, sent: FromForm) -> Response {
    let read = |sent: Sent| {
        let day = sent.date.parse::<NaiveDate>();
        let next = day.map_or("/calendar".to_owned(), |day| format!("/calendar?day={day}"));
        Ok((Wish::Remove(sent.id), next))
    };
    form(asker, sent, read).await
}

/// `POST /api/v1/actions/{id}/approve`
pub(super) async fn approve_by_program(Path(id): Path<String>, asker: Asker) -> Response {
    program(asker, || Ok(Wish::Approve(id))).await
}

/// What a program says when it skips.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Because {
    #[serde(default)]
    reason: String,
}

/// `POST /api/v1/actions/{id}/skip`
pub(super) async fn skip_by_program(Path(id): Path<String>, asker: Asker, body: FromProgram) -> Response {
    let read = || {
        let bytes = body.map_err(|rejected| Box::new(rejected_body(&rejected)))?;
        let because = if bytes.is_empty() { Because::default() } else { value::<Because>(&bytes)? };
        let reason = short(&because.reason).map_err(|why| Box::new(unreadable(&why)))?;
        Ok(Wish::Skip(id, reason))
    };
    program(asker, read).await
}

/// What a program says when it places a service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Placing {
    node: String,
    date: String,
    time: String,
    #[serde(default = "once")]
    repeat: String,
}

fn once() -> String {
    Repeat::Once.word().to_owned()
}

/// `POST /api/v1/calendar`
pub(super) async fn place_by_program(asker: Asker, body: FromProgram) -> Response {
    let read = || {
        let bytes = body.map_err(|rejected| Box::new(rejected_body(&rejected)))?;
        let Placing { node, date, time, repeat } = value::<Placing>(&bytes)?;
        let draft = draft(node, &date, &time, &repeat);
        draft.map(Wish::Place).map_err(|why| Box::new(unreadable(&why)))
    };
    program(asker, read).await
}

/// `DELETE /api/v1/calendar/{entry}`
pub(super) async fn remove_by_program(Path(entry): Path<String>, asker: Asker) -> Response {
    program(asker, || Ok(Wish::Remove(entry))).await
}

fn rejected_body(rejected: &BytesRejection) -> Response {
    problem(rejected.status(), "What was sent could not be taken.")
}

fn unreadable(why: &str) -> Response {
    problem(StatusCode::UNPROCESSABLE_ENTITY, why)
}

fn value<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Box<Response>> {
    serde_json::from_slice(bytes)
        .map_err(|error| Box::new(unreadable(&format!("What was sent cannot be read: {error}."))))
}

/// A reason that is short enough to be kept.
fn short(reason: &str) -> Result<String, String> {
    let reason = reason.trim();
    match reason.chars().count() {
        0 => Ok("no reason given".to_owned()),
        long if REASON < long => Err(format!("A reason has at most {REASON} characters.")),
        _ => Ok(reason.to_owned()),
    }
}

fn draft(node: String, date: &str, time: &str, repeat: &str) -> Result<Draft, String> {
    let day: NaiveDate = date.parse().map_err(|_| "`date` is not a day such as 2026-12-05.")?;
    let times = ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok());
    let time = times.ok_or("`time` is not a time such as 03:00.")?;
    let repeat = Repeat::ALL.into_iter().find(|known| known.word() == repeat);
    let words = Repeat::ALL.map(Repeat::word).join(", ");
    let repeat = repeat.ok_or_else(|| format!("`repeat` is none of {words}."))?;
    Ok(Draft { node, date: day, time, repeat })
}
