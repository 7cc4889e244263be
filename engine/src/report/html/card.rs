//! A card for each finding: the picture, the facts beside it, and the reasons.

use maud::{Markup, html};

use crate::{diagnose::restarts, finding::Finding, report::clean};

use super::{Page, parts, ranking};

pub(super) fn cards(page: &Page<'_>) -> Markup {
    let folded = page.folded();
    let all: Vec<(usize, &Finding)> = page.findings.findings.iter().enumerate().collect();
    let (quiet, loud): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, finding)| folded(finding));
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Findings" }
            @for (index, finding) in &loud { (card(page, *index, finding)) }
            @if !quiet.is_empty() {
                details {
                    summary { (ranking::summary(page, !loud.is_empty())) }
                    @for (index, finding) in &quiet { (card(page, *index, finding)) }
                }
            }
        }
    }
}

fn card(page: &Page<'_>, index: usize, finding: &Finding) -> Markup {
    let row = &finding.row;
    html! {
        article class="card" id={ "f-" (index) } aria-labelledby={ "h-" (index) } {
            header {
                h3 id={ "h-" (index) } { (page.name(finding)) }
                (parts::state(row.status))
            }
            p class="sentence" { (clean::line(&row.sentence)) }
            div class="body" {
                (parts::facts(row, &page.when))
                div class="main" {
                    @if let Some(picture) = page.picture(index) { (parts::figure(finding, picture, &format!("c-{index}"), &page.name(finding), page.when.zone)) }
                    @if let Some(action) = &row.action { p class="action" { strong { "Do: " } (clean::line(action)) } }
                    @if let Some(relief) = &finding.relief { p { strong { "A restart " } (restarts::sentence(relief, &row.unit)) } }
                    div class="reasons" {
                        (parts::sentences("Why we believe it", &finding.why))
                        (parts::sentences("What would change our mind", &finding.unless))
                    }
                }
            }
            (parts::culprits(finding, &page.when))
            (parts::candidates(&finding.candidates, &row.unit))
        }
    }
}
