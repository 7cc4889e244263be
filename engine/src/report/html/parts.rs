//! Pieces that the report and the daemon's page share: what looks alike is written once.

use maud::{Markup, html};

use crate::{
    finding::{CandidateRow, Finding, Quality, Row, Status, Surge},
    report::{clean, facts, text, units, when::When},
};

pub use super::figure::figure;

/// Time left with its range, in words.
#[must_use]
pub fn left(row: &Row) -> String {
    text::cells::left(row)
}

/// The date of exhaustion, in words.
#[must_use]
pub fn date(row: &Row, when: &When) -> String {
    text::cells::date(row, when)
}

/// A state as a shape and a word.
#[must_use]
pub fn state(status: Status) -> Markup {
    let (shape, _) = text::paint::shapes(status);
    let class = format!("state s-{}", status.word().to_lowercase().replace('_', "-"));
    html! { span class=(class) { span aria-hidden="true" { (shape) } " " (status) } }
}

/// A cell of a table; an empty one is left out where the table is stacked.
#[must_use]
pub fn cell(label: &str, value: &str) -> Markup {
    html! { td class=[(value == units::NOTHING).then_some("nil")] data-label=(label) { (value) } }
}

/// Splits rows, worst first, into those with a line of their own and those that share one with their state.
#[must_use]
pub fn fold<'a>(rows: &[&'a Row]) -> (Vec<&'a Row>, Vec<(Status, Vec<&'a Row>)>) {
    text::fold::split_rows(rows)
}

/// Says what `count` rows of a state have in common: `5 more are steady`; `others` if rows stand before them.
#[must_use]
pub fn fold_words(status: Status, count: usize, others: bool) -> String {
    text::fold::words(status, count, others)
}

/// Who takes the largest share of the growth, and how much of it.
#[must_use]
pub fn culprit(row: &Row) -> Option<String> {
    facts::culprit(row)
}

/// The flaws of the samples of one resource, a few words each.
#[must_use]
pub fn flaws(quality: &Quality) -> Vec<String> {
    super::quality::words(quality)
}

/// What is known about a row, as a list of names and values.
#[must_use]
pub fn facts(row: &Row, when: &When) -> Markup {
    html! {
        dl {
            @for (name, value) in facts::facts(row, when) {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// Sentences under a title; nothing where there are none.
#[must_use]
pub fn sentences(title: &str, sentences: &[String]) -> Markup {
    html! {
        @if !sentences.is_empty() {
            div {
                h4 { (title) }
                ul { @for sentence in sentences { li { (clean::line(sentence)) } } }
            }
        }
    }
}

/// A table of surges: the name of the resource, its unit, and the surge.
#[must_use]
pub fn surges<'a>(surges: impl Iterator<Item = (String, &'a str, &'a Surge)>, when: &When) -> Markup {
    html! {
        table class="stack" {
            caption { "Rises that headed for the limit and passed" }
            thead {
                tr {
                    th scope="col" { "Resource" } th scope="col" { "From" } th scope="col" { "Lasted" }
                    th scope="col" { "Peak" } th scope="col" { "Why nothing was said" }
                }
            }
            tbody {
                @for (name, unit, surge) in surges {
                    tr {
                        th scope="row" data-label="Resource" { (name) }
                        td data-label="From" { (when.moment(surge.from)) }
                        td data-label="Lasted" { (units::duration((surge.to - surge.from).num_seconds() as f64)) }
                        td data-label="Peak" { (units::quantity(surge.peak, unit)) }
                        td data-label="Why" { (clean::line(&surge.reason)) }
                    }
                }
            }
        }
    }
}

/// Who uses a resource up, or why that is not known.
#[must_use]
pub fn culprits(finding: &Finding, when: &When) -> Markup {
    let row = &finding.row;
    html! {
        @if !row.culprits.is_empty() {
            table class="stack culprits" {
                caption { "Who uses it" }
                thead { tr { @for title in facts::CULPRIT { th scope="col" { (title) } } } }
                tbody {
                    @for culprit in &row.culprits { (culprit_row(&facts::culprit_cells(culprit, &row.unit, when))) }
                }
            }
            @if let Some(diagnosis) = &finding.diagnosis {
                p { (clean::line(&diagnosis.sentence)) }
                @for sentence in diagnosis.notes.iter().chain(&diagnosis.evidence) {
                    p class="soft" { (clean::line(sentence)) }
                }
            }
        } @else if let Some(note) = &row.culprit_note { p class="soft" { "Who uses it: " (clean::line(note)) } }
    }
}

fn culprit_row(cells: &[String; 8]) -> Markup {
    html! {
        tr {
            th scope="row" data-label=(facts::CULPRIT[0]) { (cells[0]) }
            @for (cell, title) in cells.iter().zip(facts::CULPRIT).skip(1) {
                td data-label=(title) { @if cell.is_empty() { (units::NOTHING) } @else { (cell) } }
            }
        }
    }
}

/// The curves that were tried, folded.
#[must_use]
pub fn candidates(candidates: &[CandidateRow], unit: &str) -> Markup {
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
