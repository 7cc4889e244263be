//! Who may act: only those who have shown the token, and a browser only from a form of this page.
//!
//! A program shows the token with each request, which no page of another site can make a browser do. A browser shows
//! its cookie by itself; so a form must also hold what only a page of this session could know, and must come from here.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use super::reply::problem;
use super::router::Shared;

/// How a request has shown the token. Requests carry it as an extension, once they are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// There is no token to show.
    Open,
    /// The token itself.
    Token,
    /// The cookie of a session.
    Session(String),
}

/// The answer to those who may not act by a form with that `proof`; none to those who may.
pub(super) fn refuse_form(
    shared: &Shared,
    pass: &Pass,
    headers: &HeaderMap,
    proof: &str,
) -> Option<Response> {
    let Some(secret) = &shared.secret else { return Some(without_token()) };
    if is_from_elsewhere(shared, headers) {
        return Some(elsewhere());
    }
    match pass {
        Pass::Token => None,
        Pass::Session(session) if secret.is_proof(session, proof) => None,
        Pass::Session(_) => {
            Some(problem(StatusCode::FORBIDDEN, "This form is not of your session: load the page again."))
        }
        Pass::Open => Some(without_token()),
    }
}

/// The answer to those who may not act through the API; none to those who may.
pub(super) fn refuse_program(shared: &Shared, pass: &Pass, headers: &HeaderMap) -> Option<Response> {
    match pass {
        _ if shared.secret.is_none() => Some(without_token()),
        _ if is_from_elsewhere(shared, headers) => Some(elsewhere()),
        Pass::Token => None,
        Pass::Session(_) | Pass::Open => Some(problem(
            StatusCode::FORBIDDEN,
            "To act through the API, send the token with the request: `Authorization: Bearer TOKEN`.",
        )),
    }
}

/// What a form of this session must hold.
pub(super) fn proof(shared: &Shared, pass: &Pass) -> Option<String> {
    match (&shared.secret, pass) {
        (Some(secret), Pass::Session(session)) => Some(secret.proof(session)),
        (Some(_), Pass::Token) => Some(String::new()),
        _ => None,
    }
}

fn without_token() -> Response {
    problem(
        StatusCode::FORBIDDEN,
        "Nothing is done through a page that has no token: set `web.token_file`, also on this machine.",
    )
}

fn elsewhere() -> Response {
    problem(StatusCode::FORBIDDEN, "This was sent by the page of another site.")
}

/// Whether a browser says that another site's page sends this. What says nothing is no browser of our days.
fn is_from_elsewhere(shared: &Shared, headers: &HeaderMap) -> bool {
    let scheme = if shared.encrypted { "https" } else { "http" };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = format!("{scheme}://{host}");
    let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
    // Under our referrer policy browsers name no origin even to ourselves, but say that the site is the same.
    let says_site = sites.peek().is_some();
    let is_own =
        |origin: &[u8]| origin.eq_ignore_ascii_case(own.as_bytes()) || (says_site && origin == b"null");
    sites.any(|site| site != "same-origin")
        || headers.get_all(header::ORIGIN).iter().any(|origin| !is_own(origin.as_bytes()))
}
