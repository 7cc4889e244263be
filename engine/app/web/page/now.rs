//! What runs out: the ranked table, and beside it the trend of one resource.

use std::collections::HashMap;

use hebe::finding::{Finding, Row, Status};
use hebe::report::html::parts;
use hebe::report::verdict::verdict_of;
use hebe::report::{clean, units};
use maud::{Markup, html};

use super::frame::{Tab, page};
use super::names;
use super::{View, name, span, trend};

/// Rows with all that is said of them; alarms beyond have a line each.
const ROWS: usize = 60;
/// Names in all the lists below the table; the others are counted.
const NAMES: usize = 440;

pub(super) fn now(view: &View<'_>, query: &HashMap<String, String>) -> String {
    let rows: Vec<&Row> = view.snapshot.findings.iter().map(|finding| &finding.row).collect();
    let selected = view.asked(query).or_else(|| view.snapshot.findings.first().map(AsRef::as_ref));
    let body = html! {
        h1 id="verdict" data-live aria-live="polite" {
            @if rows.is_empty() { "Nothing is judged yet." } @else { (verdict_of(&rows, &view.when)) }
        }
        @if rows.is_empty() { (nothing_yet(view)) } @else {
            div class="columns" {
                section id="ranking" data-live aria-label="Ranking" { (ranking(view, &rows, selected)) }
                @if let Some(finding) = selected {
                    section id="trend" data-live class="card" aria-label="Trend" tabindex="-1" {
                        (trend::panel(view, finding, span(query), "/"))
                    }
                }
            }
        }
    };
    page(view, Tab::Now, "Now", &body)
}

/// What a reader sees in the first seconds.
fn nothing_yet(view: &View<'_>) -> Markup {
    let since = (view.now - view.snapshot.started).num_seconds().max(0) as f64;
    html! {
        div id="nothing" data-live class="card" {
            p { "The daemon started " (units::duration(since)) " ago and has not judged a resource yet." }
            p class="soft" {
                "It looks every " (units::duration(view.snapshot.own.period_s.max(1.0)))
                ". If nothing comes, " a href="/sources" { "Sources" } " says what could not be read."
            }
        }
    }
}

fn ranking(view: &View<'_>, rows: &[&Row], selected: Option<&Finding>) -> Markup {
    let (shown, folded) = parts::fold(rows);
    let (full, short) = shown.split_at(shown.len().min(ROWS));
    let selected = selected.map(|finding| finding.row.series.as_str());
    let short_names = short.len().min(NAMES);
    let mut room = NAMES - short_names;
    let folded: Vec<(Status, Vec<&Row>, usize)> = folded
        .into_iter()
        .map(|(status, rows)| {
            let named = rows.len().min(room);
            room -= named;
            (status, rows, named)
        })
        .collect();
    html! {
        @if !full.is_empty() {
            table class="stack ranking live" {
                caption { "Resources, worst first" }
                thead {
                    tr {
                        th scope="col" { "State" } th scope="col" { "Resource" }
                        th scope="col" { "Time left (90 %)" } th scope="col" { "Now / limit" }
                    }
                }
                tbody { @for row in full { (line(view, row, selected)) } }
            }
        }
        @if !short.is_empty() { (short_list(short, short_names)) }
        @for (status, rows, named) in &folded { (fold(*status, rows, *named, !full.is_empty())) }
    }
}

fn line(view: &View<'_>, row: &Row, selected: Option<&str>) -> Markup {
    let segment = names::segment(&row.series);
    let here = selected == Some(row.series.as_str());
    let date = parts::date(row, &view.when);
    html! {
        tr class=[here.then_some("selected")] {
            td data-label="State" { (parts::state(row.status)) }
            th scope="row" data-label="Resource" {
                div {
                    a href={ "/?series=" (segment) "#trend" } aria-current=[here.then_some("true")] { (name(row)) }
                    div class="soft" { (clean::line(&row.sentence)) }
                    @if let Some(culprit) = parts::culprit(row) { div class="soft" { (culprit) } }
                }
            }
            td data-label="Time left" class=[(row.left_s.is_none()).then_some("nil")] {
                div { (parts::left(row)) @if row.exhausts_at.is_some() { div class="soft" { (date) } } }
            }
            (parts::cell("Now / limit", &units::used_of(row.used, row.limit, &row.unit)))
        }
    }
}

/// The alarms beyond the table, a line each.
fn short_list(rows: &[&Row], named: usize) -> Markup {
    html! {
        ul class="names" {
            @for row in &rows[..named] {
                li { (parts::state(row.status)) " " (link(row)) " " span class="soft" { (parts::left(row)) } }
            }
            (more(rows.len() - named))
        }
    }
}

/// Rows that share a line with their state.
fn fold(status: Status, rows: &[&Row], named: usize, others: bool) -> Markup {
    html! {
        details id={ "fold-" (status.word().to_lowercase()) } open[!others] {
            summary { (parts::state(status)) " " (parts::fold_words(status, rows.len(), others)) }
            ul class="names" {
                @for row in &rows[..named] {
                    li { (link(row)) " " span class="soft" { (units::used_of(row.used, row.limit, &row.unit)) } }
                }
                (more(rows.len() - named))
            }
        }
    }
}

fn more(count: usize) -> Markup {
    html! { @if count > 0 { li { "and " (count) " more: " a href="/trends" { "find them in Trends" } } } }
}

fn link(row: &Row) -> Markup {
    html! { a href={ "/?series=" (names::segment(&row.series)) "#trend" } { (name(row)) } }
}
