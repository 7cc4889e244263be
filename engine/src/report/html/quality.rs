//! What was ignored and what may be wrong: surges, gaps, rejected samples, notes.

use maud::{Markup, html};

use crate::{
    finding::{Finding, Quality, Surge},
    report::{clean, text, units},
};

use super::{Page, parts};

/// Surges shown before the others are counted.
const SURGES_SHOWN: usize = 60;
/// Notes shown before the others are counted.
const NOTES_SHOWN: usize = 40;

pub(super) fn surges(page: &Page<'_>) -> Markup {
    let all: Vec<(&Finding, &Surge)> = page
        .findings
        .findings
        .iter()
        .flat_map(|finding| finding.surges.iter().map(move |surge| (finding, surge)))
        .collect();
    html! {
        section aria-labelledby="surges" {
            h2 id="surges" { "Surges ignored" }
            @if all.is_empty() { p { "None: nothing headed for its limit and turned back." } }
            @else {
                (parts::surges(all.iter().take(SURGES_SHOWN).map(|(finding, surge)| (page.name(finding), finding.row.unit.as_str(), *surge)), &page.when))
                @if all.len() > SURGES_SHOWN { p class="soft" { "And " (all.len() - SURGES_SHOWN) " more." } }
            }
        }
    }
}

pub(super) fn quality(page: &Page<'_>) -> Markup {
    html! {
        section aria-labelledby="quality" {
            h2 id="quality" { "Data quality" }
            (sources(page))
            (flaws(page))
            (notes(page))
        }
    }
}

fn sources(page: &Page<'_>) -> Markup {
    html! {
        @if page.findings.sources.is_empty() { p { "Nothing was read." } } @else {
            table class="stack" {
                caption { "What was read" }
                thead { tr { th scope="col" { "Source" } th scope="col" { "Samples" } th scope="col" { "Rejected" } } }
                tbody {
                    @for (source, samples, rejected) in &page.findings.sources {
                        tr {
                            th scope="row" data-label="Source" { (clean::line(source)) }
                            td data-label="Samples" { (units::count(*samples as f64)) }
                            td data-label="Rejected" { (units::count(*rejected as f64)) }
                        }
                    }
                }
            }
        }
    }
}

fn flaws(page: &Page<'_>) -> Markup {
    let flawed: Vec<(&Finding, Vec<String>)> = page
        .findings
        .findings
        .iter()
        .map(|finding| (finding, words(&finding.quality)))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    let rejected: u64 = page.findings.sources.iter().map(|(_, _, rejected)| *rejected).sum();
    html! {
        @if flawed.is_empty() {
            @if rejected == 0 && !page.findings.findings.is_empty() { p { "No gap, no restart and no rejected sample was found." } }
        } @else {
            table class="stack" {
                caption { "Flaws by resource" }
                thead { tr { th scope="col" { "Resource" } th scope="col" { "What was found" } } }
                tbody {
                    @for (finding, words) in &flawed {
                        tr {
                            th scope="row" data-label="Resource" { (page.name(finding)) }
                            td data-label="Found" { (words.join("; ")) }
                        }
                    }
                }
            }
        }
    }
}

/// The flaws of the samples of one resource, a few words each.
pub(in crate::report) fn words(quality: &Quality) -> Vec<String> {
    let mut words = Vec::new();
    let longest = quality.gaps.iter().map(|(from, to)| (*to - *from).num_seconds()).max();
    if let Some(longest) = longest {
        words.push(format!(
            "{}, the longest {}",
            plural(quality.gaps.len(), "gap"),
            units::duration(longest as f64)
        ));
    }
    if !quality.restarts.is_empty() {
        words.push(plural(quality.restarts.len(), "restart"));
    }
    if quality.rejected > 0 {
        words.push(format!("{} rejected samples", units::count(quality.rejected as f64)));
    }
    if quality.block > 1 {
        words.push(format!("one value stands for {} samples", quality.block));
    }
    if !quality.also.is_empty() {
        let names: Vec<String> = quality.also.iter().take(4).map(|name| clean::line(name)).collect();
        let more = quality.also.len().saturating_sub(4);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        words.push(format!("tells the same as {}{more}", names.join(", ")));
    }
    words
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn notes(page: &Page<'_>) -> Markup {
    let grouped = text::group(&page.findings.notes);
    html! {
        @if !grouped.is_empty() {
            h3 { "Assumed, left out or rejected" }
            ul {
                @for (sentence, sources) in grouped.iter().take(NOTES_SHOWN) {
                    li { strong { (text::sources_in_words(sources)) } ": " (sentence) }
                }
                @if grouped.len() > NOTES_SHOWN { li { "and " (grouped.len() - NOTES_SHOWN) " more" } }
            }
        }
    }
}
