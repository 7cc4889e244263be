//! Who is let in: names of this machine, then a token or a cookie that stands for it; and for how long.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::timeout;

use super::pass::Pass;
use super::reply::{self, problem};
use super::router::Shared;
use super::serve::Peer;
use super::{host, login};

/// Time for one request, from its head to its answer.
pub(super) const REQUEST: Duration = Duration::from_secs(10);

/// What someone has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The token.
    Right,
    /// Nothing.
    Nothing,
    /// A token that is not ours.
    Wrong,
    /// Something, too soon after something wrong.
    TooSoon(Duration),
}

/// Lets a request in, or answers it here.
pub(super) async fn gate(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    if shared.only_own_names && !asks_for_this_machine(request.headers()) {
        return problem(
            StatusCode::MISDIRECTED_REQUEST,
            "This page is served to this machine only, under the names localhost, 127.0.0.1 and [::1]. \
             To read it elsewhere, give it a token.",
        );
    }
    match admit(&shared, &request) {
        Ok(pass) => request.extensions_mut().insert(pass),
        Err(refused) => return *refused,
    };
    let late = || problem(StatusCode::SERVICE_UNAVAILABLE, "The answer takes too long; try again.");
    timeout(REQUEST, next.run(request)).await.unwrap_or_else(|_| late())
}

fn asks_for_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let first = hosts.next().and_then(|host| host.to_str().ok());
    first.is_some_and(host::names_this_machine) && hosts.next().is_none()
}

/// The pass of those who may come in, or the answer to those who may not.
fn admit(shared: &Shared, request: &Request) -> Result<Pass, Box<Response>> {
    if shared.secret.is_none() || is_open(request.uri().path()) {
        return Ok(Pass::Open);
    }
    if let Some(session) = session(shared, request.headers()) {
        return Ok(Pass::Session(session));
    }
    match shown(shared, request) {
        Shown::Right => Ok(Pass::Token),
        Shown::TooSoon(wait) => Err(Box::new(too_soon(wait))),
        Shown::Nothing if wants_page(request) => Err(Box::new(login::redirect(request.uri()))),
        Shown::Nothing | Shown::Wrong => Err(Box::new(unauthorized())),
    }
}

/// The session whose cookie a request shows.
fn session(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    let secret = shared.secret.as_ref()?;
    cookies(headers, &shared.cookie).find(|session| secret.is_session(session)).map(str::to_owned)
}

/// Paths that say nothing about this machine.
fn is_open(path: &str) -> bool {
    matches!(path, "/healthz" | "/login" | "/assets/page.css" | "/assets/page.js" | "/assets/icon.svg")
}

fn wants_page(request: &Request) -> bool {
    let path = request.uri().path();
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !path.starts_with("/api/")
        && path != "/metrics"
}

/// What the request shows of the token.
fn shown(shared: &Shared, request: &Request) -> Shown {
    let Some(sent) = request.headers().get(header::AUTHORIZATION) else { return Shown::Nothing };
    let bearer = sent.to_str().ok().and_then(|sent| sent.split_once(' '));
    match bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
        Some((_, token)) => try_token(shared, token.trim(), request.extensions().get::<Peer>()),
        None => Shown::Nothing,
    }
}

/// Looks at a token, unless its sender has to wait.
pub(super) fn try_token(shared: &Shared, token: &str, peer: Option<&Peer>) -> Shown {
    let Some((secret, Peer(address))) = shared.secret.as_ref().zip(peer) else { return Shown::Nothing };
    let now = Instant::now();
    let mut attempts = shared.attempts.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(wait) = attempts.wait(*address, now) {
        return Shown::TooSoon(wait);
    }
    if secret.is_token(token) {
        attempts.succeeded(*address);
        Shown::Right
    } else {
        attempts.failed(*address, now);
        Shown::Wrong
    }
}

/// The values of one cookie.
fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(found, _)| *found == name).map(|(_, value)| value)
}

/// The answer to those who have to wait.
pub(super) fn too_soon(wait: Duration) -> Response {
    let mut response =
        problem(StatusCode::TOO_MANY_REQUESTS, "A wrong token was sent from your address a moment ago.");
    let seconds = wait.as_secs().saturating_add(1);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn unauthorized() -> Response {
    let mut response =
        problem(StatusCode::UNAUTHORIZED, "Send the token of this page: `Authorization: Bearer TOKEN`.");
    let challenge = HeaderValue::from_static("Bearer realm=\"hebe\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// The busy answer, here because it is the gate's as well: there are too many requests under way.
pub(super) fn busy() -> Response {
    let mut response =
        problem(StatusCode::SERVICE_UNAVAILABLE, "Too many requests are under way; try again.");
    response.headers_mut().insert(header::RETRY_AFTER, reply::value("1"));
    response
}
