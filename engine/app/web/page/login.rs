//! The form that asks for the token.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{DOCTYPE, html};

use super::super::reply::{self, HTML};
use super::frame::head;

/// The form; `next` is where it leads, `wrong` what was wrong with the last attempt.
pub(in super::super) fn login(status: StatusCode, next: &str, wrong: Option<&str>) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head("Log in · Hebe", false))
            body {
                main class="login" {
                    form class="card" method="post" action="/login" {
                        h1 { "Hebe" }
                        p { "This page is shown to those who know its token." }
                        @if let Some(wrong) = wrong { p class="warning" role="alert" { (wrong) } }
                        label for="token" { "Token" }
                        input id="token" name="token" type="password" required autofocus maxlength="512"
                            autocomplete="current-password";
                        input type="hidden" name="next" value=(next);
                        button type="submit" { "Log in" }
                    }
                }
            }
        }
    };
    reply::text(status, HTML, page.into_string())
}
