//! A card for each finding: the picture, the facts beside it, and the reasons.

use maud::{Markup, PreEscaped, html};

use crate::{
    finding::{CandidateRow, Culprit, Finding, Picture},
    report::{chart, clean, facts, units},
};

use super::{Page, ranking, state};

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
                (state(row.status))
            }
            p class="sentence" { (clean::line(&row.sentence)) }
            div class="body" {
                (facts_list(page, finding))
                div class="main" {
                    @if let Some(picture) = page.picture(index) { (figure(page, index, finding, picture)) }
                    @if let Some(action) = &row.action { p class="action" { strong { "Do: " } (clean::line(action)) } }
                    div class="reasons" {
                        (sentences("Why we believe it", &finding.why))
                        (sentences("What would change our mind", &finding.unless))
                    }
                }
            }
            (culprits(&row.culprits, row.culprit_note.as_deref(), &row.unit))
            (candidates(&finding.candidates, &row.unit))
        }
    }
}

fn facts_list(page: &Page<'_>, finding: &Finding) -> Markup {
    html! {
        dl {
            @for (name, value) in facts::facts(&finding.row, &page.when) {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

fn figure(page: &Page<'_>, index: usize, finding: &Finding, picture: &Picture) -> Markup {
    let svg = chart::svg(finding, picture, &format!("c-{index}"), page.when.zone);
    let points = chart::key_points(finding, picture, page.when.zone);
    html! {
        @if svg.is_empty() { p class="soft" { "There are no samples to draw." } }
        @else {
            figure {
                (PreEscaped(svg))
                figcaption { (legend(picture)) }
                details class="points" {
                    summary { "The numbers behind the picture" }
                    table {
                        caption class="unseen" { "Key points of " (page.name(finding)) }
                        thead { tr { th scope="col" { "Time" } th scope="col" { "What" } th scope="col" { "Value" } } }
                        tbody {
                            @for point in &points { tr { td { (point.time) } td { (point.what) } td { (point.value) } } }
                        }
                    }
                }
            }
        }
    }
}

/// The marks that this picture has, each beside its name.
fn legend(picture: &Picture) -> Markup {
    let dots = |class| format!("<path class=\"{class}\" d=\"M4,8h0M12,5h0M20,7h0M28,4h0\"/>");
    let line = |class| format!("<path class=\"{class}\" d=\"M2,6h28\"/>");
    let area = |class| format!("<rect class=\"{class}\" x=\"2\" y=\"1\" width=\"28\" height=\"10\"/>");
    let entries = [
        (picture.raw.is_empty(), dots("k-raw"), "samples"),
        (picture.accepted.is_empty(), dots("k-accepted"), "medians fitted"),
        (picture.curve.is_empty(), line("k-curve"), "curve"),
        (picture.band.is_empty(), area("k-band"), "90 % band"),
        (picture.limit.is_empty(), line("k-limit"), "limit"),
        (picture.exhaustion.is_none(), line("k-full"), "exhaustion"),
        (
            picture.surges.is_empty(),
            "<path class=\"k-hatch\" d=\"M4,11l8-10M12,11l8-10M20,11l8-10\"/>".to_owned(),
            "surge held",
        ),
        (
            picture.epochs.is_empty(),
            "<path class=\"k-epoch\" d=\"M12,11V1\"/><polygon class=\"k-epoch\" points=\"12,1 20,4 12,7\"/>"
                .to_owned(),
            "new epoch",
        ),
    ];
    html! {
        @for (absent, mark, name) in entries {
            @if !absent {
                span class="key" {
                    svg viewBox="0 0 32 12" width="32" height="12" aria-hidden="true" { (PreEscaped(mark)) }
                    " " (name)
                }
            }
        }
    }
}

fn sentences(title: &str, sentences: &[String]) -> Markup {
    html! {
        @if !sentences.is_empty() {
            div {
                h4 { (title) }
                ul { @for sentence in sentences { li { (clean::line(sentence)) } } }
            }
        }
    }
}

fn culprits(culprits: &[Culprit], note: Option<&str>, unit: &str) -> Markup {
    html! {
        @if !culprits.is_empty() {
            table class="stack culprits" {
                caption { "Who uses it" }
                thead {
                    tr {
                        th scope="col" { "Name" } th scope="col" { "Kind" } th scope="col" { "Uses" }
                        th scope="col" { "Share" } th scope="col" { "Growth" } th scope="col" { "Share of growth" }
                    }
                }
                tbody { @for culprit in culprits { (culprit_row(culprit, unit)) } }
            }
        } @else if let Some(note) = note { p class="soft" { "Who uses it: " (clean::line(note)) } }
    }
}

fn culprit_row(culprit: &Culprit, unit: &str) -> Markup {
    html! {
        tr {
            th scope="row" data-label="Name" { (clean::line(&culprit.name)) }
            td data-label="Kind" { (clean::line(&culprit.kind)) }
            td data-label="Uses" { (units::quantity(culprit.used, unit)) }
            td data-label="Share" { (units::percent(culprit.used_share)) }
            td data-label="Growth" { (units::growth(culprit.growth_per_day, unit)) }
            td data-label="Share of growth" { (units::percent(culprit.growth_share)) }
        }
    }
}

fn candidates(candidates: &[CandidateRow], unit: &str) -> Markup {
    html! {
        @if !candidates.is_empty() {
            details {
                summary { "The curves that were tried (" (candidates.len()) ")" }
                table {
                    caption class="unseen" { "Curves, best first" }
                    thead {
                        tr {
                            th scope="col" { "Curve" } th scope="col" { "Score (lowest wins)" }
                            th scope="col" { "Residual" } th scope="col" { "Time left" } th scope="col" { "Chosen" }
                        }
                    }
                    tbody {
                        @for candidate in candidates {
                            @let cells = facts::candidate(candidate, unit);
                            tr {
                                th scope="row" { (cells[0]) }
                                @for cell in &cells[1..] { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
