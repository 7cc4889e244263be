//! What stands around every page: head, tabs, what is wrong with the daemon itself, foot.

use hebe::report::{clean, units};
use hebe::restart::world::Mode;
use maud::{DOCTYPE, Markup, html};

use super::{View, stale_s};

/// The tabs, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Now,
    Trends,
    Calendar,
    Actions,
    Events,
    Sources,
    Settings,
}

const TABS: [(Tab, &str, &str); 7] = [
    (Tab::Now, "/", "Now"),
    (Tab::Trends, "/trends", "Trends"),
    (Tab::Calendar, "/calendar", "Calendar"),
    (Tab::Actions, "/actions", "Actions"),
    (Tab::Events, "/events", "Events"),
    (Tab::Sources, "/sources", "Sources"),
    (Tab::Settings, "/settings", "Settings"),
];

/// A whole page; `reload` is where it is to be had again.
pub(super) fn page(view: &View<'_>, tab: Tab, title: &str, body: &Markup) -> String {
    let host = clean::line(&view.snapshot.host);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("{title} · {host} · Hebe"), true))
            body {
                a class="skip" href="#main" { "Skip to the content" }
                header class="bar" {
                    p class="brand" { "Hebe" @if !host.is_empty() { " " span { (host) } } }
                    nav aria-label="Pages" {
                        ul {
                            @for (this, path, word) in TABS {
                                li { a href=(path) aria-current=[(this == tab).then_some("page")] { (word) } }
                            }
                        }
                    }
                    p class="soft fresh" {
                        span id="fresh" data-live { "As of " (view.when.moment(view.snapshot.at)) }
                        " " a id="refresh" href="" { "Refresh" }
                    }
                }
                main id="main" tabindex="-1" {
                    div id="warnings" data-live { (warnings(view)) }
                    (body)
                }
                (foot(view))
            }
        }
    };
    markup.into_string()
}

/// The head of a page, with the script where there is something to keep fresh.
pub(super) fn head(title: &str, script: bool) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            link rel="stylesheet" href="/assets/page.css";
            link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
            @if script { script src="/assets/page.js" defer {} }
        }
    }
}

/// What the reader should know before trusting the page.
fn warnings(view: &View<'_>) -> Markup {
    let snapshot = view.snapshot;
    let failing = snapshot.sources.iter().filter(|source| !source.success).count();
    html! {
        @if let Some(ago) = stale_s(snapshot, view.now) {
            p class="warning" role="alert" {
                strong { "Not up to date: " } "the last look at the resources was " (units::duration(ago)) " ago."
            }
        }
        @if let Some(why) = snapshot.store.as_ref().and_then(|store| store.failing.as_deref()) {
            p class="warning" {
                strong { "The store is not writing: " } (clean::line(why))
                " Forecasts go on from memory. " a href="/sources" { "Sources" }
            }
        }
        @if failing > 0 {
            p class="warning mild" {
                (failing) " of " (snapshot.sources.len())
                @if failing == 1 { " sources was" } @else { " sources were" }
                " not read in full. " a href="/sources" { "What is missing" }
            }
        }
    }
}

/// What Hebe does on this host, in a few words.
fn does(view: &View<'_>) -> &'static str {
    match view.source.hands().map(|hands| hands.mode()) {
        None | Some(Mode::Observe) => " looks, and changes nothing.",
        Some(Mode::Plan) => " restarts what you approve.",
        Some(Mode::Act) => " restarts what its map allows.",
    }
}

fn foot(view: &View<'_>) -> Markup {
    html! {
        footer class="soft" {
            p { "Hebe " (env!("CARGO_PKG_VERSION")) (does(view)) " The same as data: "
                a href="/api/v1/rows" { "rows" } ", " a href="/api/v1/events" { "events" } ", "
                a href="/api/v1/openapi.json" { "OpenAPI" } ", " a href="/metrics" { "metrics" } "." }
            @if view.guarded {
                form method="post" action="/logout" { button type="submit" { "Log out" } }
            }
        }
    }
}
