//! Which path leads where.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, delete, get, post};
use axum::{Router, middleware};
use chrono_tz::Tz;

use super::attempts::Attempts;
use super::secret::Secret;
use super::work::Desk;
use super::{Options, Source, act, api, gate, headers, listen, login, markers, page, reply};

/// Bytes of a login form; only what acts may be longer.
const BODY: usize = 1_024;

/// What every request needs.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) source: Arc<dyn Source>,
    pub(super) zone: Tz,
    pub(super) secret: Option<Arc<Secret>>,
    pub(super) attempts: Arc<Mutex<Attempts>>,
    pub(super) desk: Desk,
    /// Whether the names that a browser asks for are checked.
    pub(super) only_own_names: bool,
    /// The name of the cookie: one a port, as browsers share cookies between the ports of a host.
    pub(super) cookie: String,
    pub(super) encrypted: bool,
}

/// All paths behind the gate and under strict headers.
pub(super) fn router(options: &Options, address: SocketAddr, source: Arc<dyn Source>) -> Result<Router> {
    let secret = options.token.as_deref().map(Secret::new).transpose()?.map(Arc::new);
    let encrypted = options.tls.is_some();
    let shared = Shared {
        source,
        zone: options.zone,
        // Who has to show a token cannot be impersonated by a name.
        only_own_names: secret.is_none() && listen::is_local(address),
        secret,
        attempts: Arc::default(),
        desk: Desk::default(),
        cookie: format!("{}hebe-{}", if encrypted { "__Host-" } else { "" }, address.port()),
        encrypted,
    };
    Ok(paths()
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn_with_state(shared.clone(), gate::gate))
        .layer(middleware::from_fn(headers::strict))
        .with_state(shared))
}

fn paths() -> Router<Shared> {
    Router::new()
        .route("/", get(page::now))
        .route("/trends", get(page::trends))
        .route("/explain/{name}", get(page::explain))
        .route("/calendar", get(page::calendar))
        .route("/calendar/place", acting(post(act::place)))
        .route("/calendar/remove", acting(post(act::remove)))
        .route("/actions", get(page::actions))
        .route("/actions/approve", acting(post(act::approve)))
        .route("/actions/skip", acting(post(act::skip)))
        .route("/events", get(page::events))
        .route("/sources", get(page::sources))
        .route("/settings", get(page::settings))
        .route("/login", get(login::form).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/assets/page.css", get(reply::style))
        .route("/assets/page.js", get(reply::script))
        .route("/assets/icon.svg", get(reply::icon))
        .route("/healthz", get(api::health))
        .route("/metrics", get(api::metrics))
        .route("/api/v1/rows", get(api::rows))
        .route("/api/v1/series/{name}/samples", get(api::samples))
        .route("/api/v1/explain/{name}", get(api::explain))
        .route("/api/v1/events", get(api::events))
        .route("/api/v1/actions", get(api::actions))
        .route("/api/v1/actions/{id}/approve", acting(post(act::approve_by_program)))
        .route("/api/v1/actions/{id}/skip", acting(post(act::skip_by_program)))
        .route("/api/v1/calendar", acting(get(api::calendar).post(act::place_by_program)))
        .route("/api/v1/calendar/{entry}", acting(delete(act::remove_by_program)))
        .route("/api/v1/settings", get(api::settings))
        .route("/api/v1/state", get(api::state))
        .route("/api/v1/markers", get(markers::list).post(markers::add))
        .route("/api/v1/openapi.json", get(api::openapi))
        .fallback(reply::nowhere)
        .method_not_allowed_fallback(reply::other_method)
}

/// Paths on which something can be done, and more said than on others.
fn acting(method: MethodRouter<Shared>) -> MethodRouter<Shared> {
    method.layer(DefaultBodyLimit::max(act::BODY))
}
