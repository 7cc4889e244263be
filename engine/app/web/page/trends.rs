//! Any resource: found by a part of its name, and shown over the last hour, day, week, or all that is kept.

use std::collections::HashMap;

use hebe::finding::Row;
use hebe::report::html::parts;
use hebe::report::{clean, units, verdict};
use maud::{Markup, html};

use super::frame::{Tab, page};
use super::{View, name, names, span, trend};

/// Names listed; who looks for another one types a part of it.
const LISTED: usize = 200;
/// Characters of a name that is looked for.
const WANTED: usize = 200;

pub(super) fn trends(view: &View<'_>, query: &HashMap<String, String>) -> String {
    let wanted: String = query.get("find").map_or("", |find| find.trim()).chars().take(WANTED).collect();
    let wanted = clean::line(&wanted);
    let chosen = view.asked(query);
    let body = html! {
        h1 { "Trends" }
        (search(&wanted))
        @if let Some(finding) = chosen {
            section id="trend" data-live class="card" aria-label="Trend" tabindex="-1" {
                (trend::panel(view, finding, span(query), "/trends"))
            }
        } @else if query.contains_key("series") { p class="warning" { "There is no such resource any more." } }
        section id="found" data-live aria-label="Resources" { (found(view, &wanted)) }
    };
    page(view, Tab::Trends, "Trends", &body)
}

fn search(wanted: &str) -> Markup {
    html! {
        form class="search" method="get" action="/trends" role="search" {
            label for="find" { "Part of a name" }
            input id="find" name="find" type="search" value=(wanted) maxlength=(WANTED) autocomplete="off"
                spellcheck="false";
            button type="submit" { "Find" }
        }
    }
}

fn found(view: &View<'_>, wanted: &str) -> Markup {
    let lower = wanted.to_lowercase();
    let fits = |row: &&Row| {
        lower.is_empty()
            || verdict::name(row).to_lowercase().contains(&lower)
            || row.series.to_lowercase().contains(&lower)
    };
    let mut rows: Vec<&Row> =
        view.snapshot.findings.iter().map(|finding| &finding.row).filter(fits).collect();
    let count = rows.len();
    rows.truncate(LISTED);
    html! {
        @if count == 0 {
            p { @if wanted.is_empty() { "There is no resource yet." } @else { "No resource has this in its name." } }
        } @else {
            table class="stack trends" {
                caption {
                    @if count > LISTED { "The worst " (LISTED) " of " (count) " resources" }
                    @else if count == 1 { "1 resource" }
                    @else { (count) " resources, worst first" }
                }
                thead {
                    tr {
                        th scope="col" { "Resource" } th scope="col" { "State" }
                        th scope="col" { "Now / limit" } th scope="col" { "Growth" }
                    }
                }
                tbody { @for row in rows { (line(row, wanted)) } }
            }
        }
    }
}

fn line(row: &Row, wanted: &str) -> Markup {
    let find = if wanted.is_empty() { String::new() } else { format!("find={}&", names::query(wanted)) };
    let growth = row.growth_per_day.map_or(units::NOTHING.to_owned(), |g| units::growth(g, &row.unit));
    html! {
        tr {
            th scope="row" data-label="Resource" {
                a href={ "/trends?" (find) "series=" (names::segment(&row.series)) "#trend" } { (name(row)) }
            }
            td data-label="State" { (parts::state(row.status)) }
            (parts::cell("Now / limit", &units::used_of(row.used, row.limit, &row.unit)))
            (parts::cell("Growth", &growth))
        }
    }
}
