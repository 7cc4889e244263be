//! One resource in depth: picture, facts, reasons, who uses it, what was tried, what was ignored.

use axum::http::StatusCode;
use hebe::diagnose::restarts;
use hebe::finding::{Finding, Picture, Row};
use hebe::report::html::parts;
use hebe::report::{clean, units, verdict};
use maud::{Markup, html};

use super::super::zoom::Span;
use super::frame::{Tab, page};
use super::{View, names, trend};

/// Surges and epochs shown, the newest ones.
const SHOWN: usize = 40;

pub(super) fn explain(view: &View<'_>, asked: &str, span: Span) -> (StatusCode, String) {
    let Some(known) = names::find(view.snapshot, asked) else {
        let body = html! {
            h1 { "There is no such resource" }
            p { "It may have ended: what has not been seen for long is forgotten. " a href="/trends" { "All resources" } }
        };
        return (StatusCode::NOT_FOUND, page(view, Tab::Trends, "Not found", &body));
    };
    let title = verdict::name(&known.row);
    (StatusCode::OK, page(view, Tab::Trends, &title, &explained(view, known, span)))
}

fn explained(view: &View<'_>, finding: &Finding, span: Span) -> Markup {
    let row = &finding.row;
    // Who uses up what does not alarm, and where its growth comes from, is found out only when somebody asks.
    let asked = view.source.explain(&row.series);
    let (asked, whole) = asked.unwrap_or_else(|| (finding.clone(), Picture::default()));
    html! {
        article id="explained" data-live class="card" {
            header {
                h1 { (verdict::name(row)) }
                (parts::state(row.status))
            }
            p class="sentence" { (clean::line(&row.sentence)) }
            div class="body" {
                (parts::facts(&asked.row, &view.when))
                div class="main" id="trend" {
                    (trend::drawn(view, &asked, &whole, span, &super::super::explain_path(&row.series)))
                    @if let Some(action) = &row.action { p class="action" { strong { "Do: " } (clean::line(action)) } }
                    @if let Some(relief) = &asked.relief { p { strong { "A restart " } (restarts::sentence(relief, &row.unit)) } }
                    div class="reasons" {
                        (parts::sentences("Why we believe it", &asked.why))
                        (parts::sentences("What would change our mind", &finding.unless))
                    }
                }
            }
            (parts::culprits(&asked, &view.when))
            (parts::candidates(&finding.candidates, &row.unit))
            (horizons(view, row))
            (past(view, finding))
            p class="soft" { "Series " code { (clean::line(&row.series)) } " from " (clean::line(&finding.quality.source)) "." }
        }
    }
}

/// The same resource over other horizons.
fn horizons(view: &View<'_>, row: &Row) -> Markup {
    let others: Vec<&(f64, Row)> =
        view.snapshot.others.iter().filter(|(_, other)| other.series == row.series).collect();
    html! {
        @if !others.is_empty() {
            table class="stack" {
                caption { "Over other horizons (short ones are provisional)" }
                thead {
                    tr {
                        th scope="col" { "Horizon" } th scope="col" { "State" } th scope="col" { "Time left (90 %)" }
                        th scope="col" { "What is said" }
                    }
                }
                tbody {
                    @for (horizon, other) in others {
                        tr {
                            th scope="row" data-label="Horizon" { (verdict::horizon_words(*horizon)) }
                            td data-label="State" { (parts::state(other.status)) }
                            (parts::cell("Time left", &parts::left(other)))
                            td data-label="Said" { (clean::line(&other.sentence)) }
                        }
                    }
                }
            }
        }
    }
}

/// Surges, epochs, and what is wrong with the samples.
fn past(view: &View<'_>, finding: &Finding) -> Markup {
    let (row, flaws) = (&finding.row, parts::flaws(&finding.quality));
    let surges = finding.surges.iter().rev().take(SHOWN);
    html! {
        @if !finding.surges.is_empty() {
            (parts::surges(surges.map(|surge| (verdict::name(row), row.unit.as_str(), surge)), &view.when))
        }
        @if !finding.epochs.is_empty() {
            table class="stack" {
                caption { "Epochs: what came before does not count" }
                thead { tr { th scope="col" { "From" } th scope="col" { "Why" } } }
                tbody {
                    @for (t, reason) in finding.epochs.iter().rev().take(SHOWN) {
                        tr {
                            th scope="row" data-label="From" { (super::moment(view, *t)) }
                            td data-label="Why" { (clean::line(reason)) }
                        }
                    }
                }
            }
        }
        @if !flaws.is_empty() { p class="soft" { "Samples every " (units::duration(finding.quality.period_s)) ": " (flaws.join("; ")) "." } }
    }
}
