//! Method, settings, version, and the command that makes the page again.

use maud::{Markup, html};

use crate::report::clean;

use super::Page;

pub(super) fn about(page: &Page<'_>) -> Markup {
    let findings = page.findings;
    html! {
        section aria-labelledby="method" {
            h2 id="method" { "Method" }
            dl class="about" {
                div { dt { "Method" } dd { (clean::line(&findings.method)) } }
                div { dt { "Horizon" } dd { (clean::line(&findings.horizon_note)) } }
                div { dt { "Zone" } dd { (page.when.zone.name()) } }
                div { dt { "Made" } dd { (page.when.moment(findings.made_at)) " by Hebe " (clean::line(&findings.version)) } }
            }
            @if !findings.command.is_empty() {
                p { "The same findings again:" }
                pre tabindex="0" { code { (clean::line(&findings.command)) } }
            }
            p class="soft" {
                "Curves are fitted to block medians of the newest epoch; the one with the lowest score is carried on to the limit. "
                "A range holds the date in nine of ten cases if the growth goes on as it did. "
                "The rows are in this page as JSON, in the element " code { "hebe-rows" } "."
            }
        }
    }
}
