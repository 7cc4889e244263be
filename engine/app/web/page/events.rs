//! What happened, newest first.

use hebe::event::{Event, Kind};
use hebe::report::clean;
use hebe::report::html::parts;
use hebe::silence::Silence;
use maud::{Markup, html};

use super::frame::{Tab, page};
use super::{View, name, names};

/// Events shown; the API has all that are kept.
const SHOWN: usize = 200;

pub(super) fn events(view: &View<'_>) -> String {
    let events = &view.snapshot.events;
    let body = html! {
        h1 { "Events" }
        section id="happened" data-live aria-label="What happened" {
            @if events.is_empty() {
                p { "Nothing has happened yet: no alarm was raised and no surge was held." }
            } @else {
                table class="stack events" {
                    caption {
                        @if events.len() > SHOWN { "The newest " (SHOWN) " of " (events.len()) } @else { "Newest first" }
                    }
                    thead {
                        tr {
                            th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Resource" }
                            th scope="col" { "State then" } th scope="col" { "What was said" }
                        }
                    }
                    tbody { @for event in events.iter().take(SHOWN) { (line(view, event)) } }
                }
            }
        }
        p class="soft" { (surges_held(view.snapshot.surges_held)) }
        section id="silences" data-live aria-labelledby="silenced" {
            h2 id="silenced" { "Silences" }
            (silences(view))
        }
    };
    page(view, Tab::Events, "Events", &body)
}

fn line(view: &View<'_>, event: &Event) -> Markup {
    let row = &event.data;
    let known = names::find(view.snapshot, &event.subject).is_some();
    html! {
        tr {
            td data-label="When" { (view.when.moment(event.time)) }
            td data-label="What" { (words(event.kind)) }
            th scope="row" data-label="Resource" {
                @if known { a href=(super::super::explain_path(&event.subject)) { (name(row)) } } @else { (name(row)) }
            }
            td data-label="State" { (parts::state(row.status)) }
            td data-label="Said" { (clean::line(&row.sentence)) }
        }
    }
}

/// What is not told for a while, and who said so.
fn silences(view: &View<'_>) -> Markup {
    let silences = &view.snapshot.silences;
    html! {
        @if silences.is_empty() {
            p { "Nothing is silenced. " code { "hebe silence add --for 2h --owner NAME --reason WHY" } " keeps alarms back." }
        } @else {
            table class="stack" {
                caption { "Logged all the same, and told to nobody" }
                thead {
                    tr {
                        th scope="col" { "Silence" } th scope="col" { "Resource" } th scope="col" { "Scope" }
                        th scope="col" { "From" } th scope="col" { "Until" } th scope="col" { "Owner" } th scope="col" { "Reason" }
                    }
                }
                tbody { @for silence in silences.iter().take(SHOWN) { (silenced(view, silence)) } }
            }
        }
    }
}

fn silenced(view: &View<'_>, silence: &Silence) -> Markup {
    let starts = silence.starts.map_or_else(|| "at once".to_owned(), |starts| view.when.moment(starts));
    html! {
        tr {
            th scope="row" data-label="Silence" { (clean::line(&silence.id)) }
            td data-label="Resource" { code { (clean::line(&silence.resource)) } }
            td data-label="Scope" { code { (clean::line(&silence.scope)) } }
            td data-label="From" { (starts) }
            td data-label="Until" { (view.when.moment(silence.ends)) }
            td data-label="Owner" { (clean::line(&silence.owner)) }
            td data-label="Reason" { (clean::line(&silence.reason)) }
        }
    }
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Predicted => "alarm raised",
        Kind::Updated => "alarm changed",
        Kind::Cleared => "alarm over",
        Kind::SurgeHeld => "surge held",
    }
}

fn surges_held(count: u64) -> String {
    match count {
        0 => "No surge was held since the start.".to_owned(),
        1 => "1 surge was held since the start, and nobody was told.".to_owned(),
        _ => format!("{count} surges were held since the start, and nobody was told."),
    }
}
