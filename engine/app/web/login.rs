//! The login form: the token once, then a cookie that stands for it.

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use super::gate::{self, Shown, too_soon};
use super::page;
use super::reply::{self, problem};
use super::router::Shared;
use super::serve::Peer;

/// Where to go after the login.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    token: String,
    #[serde(default)]
    next: String,
}

/// Sends a reader without a token to the form, and from there back.
pub(super) fn redirect(asked: &Uri) -> Response {
    let path = asked.path_and_query().map_or("/", |path| path.as_str());
    let next = super::names::query(path);
    see(&if path == "/" { "/login".to_owned() } else { format!("/login?next={next}") })
}

pub(super) async fn form(State(shared): State<Shared>, Query(next): Query<Next>) -> Response {
    if shared.secret.is_none() {
        return see("/");
    }
    page::login(StatusCode::OK, own_path(&next.next), None)
}

pub(super) async fn enter(
    State(shared): State<Shared>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Response {
    if is_from_elsewhere(&headers) {
        return problem(StatusCode::FORBIDDEN, "This form was sent by the page of another site.");
    }
    let next = own_path(&sent.next);
    match gate::try_token(&shared, sent.token.trim(), Some(&peer)) {
        Shown::Right => match shared.secret.as_ref().map(|secret| secret.session()).transpose() {
            Ok(session) => with_cookie(&shared, next, &session.unwrap_or_default(), ""),
            Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &format!("{error:#}.")),
        },
        Shown::Wrong => page::login(StatusCode::UNAUTHORIZED, next, Some("That is not the token.")),
        Shown::TooSoon(wait) => {
            let seconds = wait.as_secs() + 1;
            let words = format!("Too many wrong tokens. Wait {seconds} s, then try again.");
            let mut response = page::login(StatusCode::TOO_MANY_REQUESTS, next, Some(&words));
            if let Some(after) = too_soon(wait).headers_mut().remove(header::RETRY_AFTER) {
                response.headers_mut().insert(header::RETRY_AFTER, after);
            }
            response
        }
        Shown::Nothing => see("/"),
    }
}

/// Takes the cookie back.
pub(super) async fn leave(State(shared): State<Shared>, request: Request) -> Response {
    if is_from_elsewhere(request.headers()) {
        return problem(StatusCode::FORBIDDEN, "This form was sent by the page of another site.");
    }
    with_cookie(&shared, "/login", "", "; Max-Age=0")
}

fn with_cookie(shared: &Shared, next: &str, session: &str, age: &str) -> Response {
    let secure = if shared.encrypted { "; Secure" } else { "" };
    let cookie = format!("{}={session}; Path=/; HttpOnly; SameSite=Strict{secure}{age}", shared.cookie);
    let mut response = see(next);
    response.headers_mut().insert(header::SET_COOKIE, reply::value(&cookie));
    response
}

fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

fn see(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, reply::value(path))]).into_response()
}

/// A path on this server; the first page where it is anything else.
fn own_path(next: &str) -> &str {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && next.starts_with('/') && !next.starts_with("//") { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_here() {
        for own in ["/", "/trends?series=a%2Fb&span=day", "/explain/x"] {
            assert_eq!(own_path(own), own);
        }
        for elsewhere in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\r\nb", "/é"]
        {
            assert_eq!(own_path(elsewhere), "/");
        }
    }
}
