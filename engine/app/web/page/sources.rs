//! What is read and what could not be, what the daemon itself uses, and where it keeps the samples.

use hebe::report::{clean, units};
use hebe::snapshot::{SourceState, StoreState};
use maud::{Markup, html};

use super::View;
use super::frame::{Tab, page};

/// Failures shown of one source; the API has all.
const FAILURES: usize = 20;

pub(super) fn sources(view: &View<'_>) -> String {
    let body = html! {
        h1 { "Sources" }
        section id="read" data-live aria-label="What is read" { (read(&view.snapshot.sources)) }
        section id="own" data-live aria-labelledby="own-use" {
            h2 id="own-use" { "What Hebe itself uses" }
            (own(view))
        }
        section id="store" data-live aria-labelledby="kept" {
            h2 id="kept" { "What is kept" }
            (store(view.snapshot.store.as_ref()))
        }
    };
    page(view, Tab::Sources, "Sources", &body)
}

fn read(sources: &[SourceState]) -> Markup {
    html! {
        @if sources.is_empty() { p { "Nothing has been read yet." } } @else {
            table class="stack" {
                caption { "What is read" }
                thead { tr { th scope="col" { "Source" } th scope="col" { "State" } th scope="col" { "What was not read, and why" } } }
                tbody { @for source in sources { (line(source)) } }
            }
        }
    }
}

fn line(source: &SourceState) -> Markup {
    html! {
        tr {
            th scope="row" data-label="Source" { (clean::line(&source.name)) }
            td data-label="State" {
                @if source.success { span class="state s-ok" { span aria-hidden="true" { "●" } " READ" } }
                @else { span class="state s-warning" { span aria-hidden="true" { "▲" } " IN PART" } }
            }
            td data-label="Missing" class=[source.failures.is_empty().then_some("nil")] {
                @if source.failures.is_empty() { (units::NOTHING) } @else {
                    ul class="plain" {
                        @for failure in source.failures.iter().take(FAILURES) { li { (clean::line(failure)) } }
                        @if source.failures.len() > FAILURES { li { "and " (source.failures.len() - FAILURES) " more" } }
                    }
                }
            }
        }
    }
}

fn own(view: &View<'_>) -> Markup {
    let (own, snapshot) = (view.snapshot.own, view.snapshot);
    let up = (snapshot.at - snapshot.started).num_seconds().max(0) as f64;
    html! {
        dl class="about card" {
            div { dt { "Processor" } dd { (share(own.cpu)) " of one core" } }
            div { dt { "Memory" } dd { (units::quantity(own.rss_bytes as f64, "bytes")) } }
            div { dt { "Descriptors" } dd { (units::used_of(Some(own.fds as f64), own.most_fds, "count")) } }
            div { dt { "Threads" } dd { (own.threads) } }
            div {
                dt { "Looks every" }
                dd { (units::duration(own.period_s)) @if own.stretched { ", stretched: it used too much of the processor" } }
            }
            div { dt { "Series" } dd { (units::count(snapshot.findings.len() as f64)) } }
            div { dt { "Runs since" } dd { (view.when.moment(snapshot.started)) " (" (units::duration(up)) ")" } }
            div { dt { "Version" } dd { (env!("CARGO_PKG_VERSION")) } }
        }
    }
}

/// A small share with its digits: 0.04 %.
fn share(of_one: f64) -> String {
    if of_one.is_finite() { format!("{:.2} %", 100.0 * of_one.max(0.0)) } else { units::NOTHING.to_owned() }
}

fn store(store: Option<&StoreState>) -> Markup {
    html! {
        @match store {
            None => p { "Nothing on the disk: this daemon forgets its samples when it ends." },
            Some(store) => {
                @if let Some(why) = &store.failing { p class="warning" { strong { "It is not writing: " } (clean::line(why)) } }
                dl class="about card" {
                    div { dt { "Folder" } dd { (clean::line(&store.dir)) } }
                    div {
                        dt { "Used / at most" }
                        dd { (units::used_of(Some(store.bytes as f64), Some(store.size_limit as f64), "bytes")) }
                    }
                }
            }
        }
    }
}
