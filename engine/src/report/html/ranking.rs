//! The ranked table.

use maud::{Markup, html};

use crate::{
    finding::Finding,
    report::{clean, facts, text, units},
};

use super::{Page, parts};

pub(super) fn ranking(page: &Page<'_>) -> Markup {
    let folded = page.folded();
    let all: Vec<(usize, &Finding)> = page.findings.findings.iter().enumerate().collect();
    let (quiet, loud): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, finding)| folded(finding));
    html! {
        section aria-labelledby="ranking" {
            h2 id="ranking" { "Ranking" }
            @if loud.is_empty() && quiet.is_empty() { p { "No resource was found in what was read." } }
            @if !loud.is_empty() { (table(page, &loud, "Resources, worst first")) }
            @if !quiet.is_empty() {
                details open[loud.is_empty()] {
                    summary { (summary(page, !loud.is_empty())) }
                    (table(page, &quiet, "Resources that need no attention"))
                }
            }
        }
    }
}

/// What the folded rows have in common, one part a state.
pub(super) fn summary(page: &Page<'_>, others: bool) -> String {
    let (_, folds) = text::fold::split(page.findings);
    let parts: Vec<String> =
        folds.iter().map(|(status, rows)| text::fold::words(*status, rows.len(), others)).collect();
    parts.join(", ")
}

fn table(page: &Page<'_>, rows: &[(usize, &Finding)], caption: &str) -> Markup {
    let zone = page.when.zone_name(page.findings.made_at);
    html! {
        table class="stack ranking" {
            caption { (caption) }
            thead {
                tr {
                    th scope="col" { "State" }
                    th scope="col" { "Resource" }
                    th scope="col" { "Time left (90 %)" }
                    th scope="col" { "Full (" (zone) ")" }
                    th scope="col" { "Now / limit" }
                    th scope="col" { "Growth" }
                    th scope="col" { "Why" }
                }
            }
            tbody { @for (index, finding) in rows { (row(page, *index, finding)) } }
        }
    }
}

fn row(page: &Page<'_>, index: usize, finding: &Finding) -> Markup {
    let row = &finding.row;
    let growth =
        row.growth_per_day.map_or(units::NOTHING.to_owned(), |growth| units::growth(growth, &row.unit));
    html! {
        tr {
            td data-label="State" { (parts::state(row.status)) }
            th scope="row" data-label="Resource" { a href={ "#f-" (index) } { (page.name(finding)) } }
            (parts::cell("Time left", &text::cells::left(row)))
            (parts::cell("Full", &text::cells::date(row, &page.when)))
            (parts::cell("Now / limit", &units::used_of(row.used, row.limit, &row.unit)))
            (parts::cell("Growth", &growth))
            td class="why" data-label="Why" {
                div {
                    (clean::line(&row.sentence))
                    @if let Some(culprit) = facts::culprit(row) { div class="soft" { (culprit) } }
                }
            }
        }
    }
}
