//! Would a restart help? Only past restarts can tell, so nothing is said without them.

use chrono::DateTime;
use hebe_models::{Outcome, Relief, Restart};
use maud::{Markup, html};

use crate::{diagnose::restarts as past, finding::Finding, report::units};

use super::Page;

/// Resources with a table of their own; what is said of the others stands in their cards.
const TABLES: usize = 30;
/// Restarts in a table, the newest ones.
const SHOWN: usize = 8;

pub(super) fn restarts(page: &Page<'_>) -> Markup {
    let told: Vec<(&Finding, &Relief)> = page
        .findings
        .findings
        .iter()
        .filter_map(|finding| Some((finding, finding.relief.as_ref()?)))
        .filter(|(_, relief)| relief.outcome != Outcome::Unknown)
        .collect();
    html! {
        @if !told.is_empty() {
            section aria-labelledby="restarts" {
                h2 id="restarts" { "Would a restart help?" }
                p { "What each past restart or large drop gave back. A level after it that rises from one to the next is not given back by restarts." }
                (dropped(page, &told))
                @for (finding, relief) in told.iter().take(TABLES) { (table(page, finding, relief)) }
                @if TABLES < told.len() { p class="soft" { (told.len() - TABLES) " more resources were restarted: what that gave back stands in their cards." } }
            }
        }
    }
}

/// Scheduled restarts that could be left out.
fn dropped(page: &Page<'_>, told: &[(&Finding, &Relief)]) -> Markup {
    let dropped: Vec<(&Finding, String)> =
        told.iter().filter_map(|(finding, relief)| Some((*finding, past::dropped(relief)?))).collect();
    html! {
        @if !dropped.is_empty() {
            h3 { "Scheduled restarts that could be dropped" }
            ul { @for (finding, why) in dropped.iter().take(TABLES) { li { (page.name(finding)) ": " (why) } } }
            @if TABLES < dropped.len() { p class="soft" { "and " (dropped.len() - TABLES) " more" } }
        }
    }
}

fn table(page: &Page<'_>, finding: &Finding, relief: &Relief) -> Markup {
    let unit = &finding.row.unit;
    html! {
        table class="stack" {
            caption { (page.name(finding)) ": a restart " (past::sentence(relief, unit)) }
            thead {
                tr {
                    th scope="col" { "When" } th scope="col" { "Before" } th scope="col" { "After" }
                    th scope="col" { "Given back" }
                }
            }
            tbody {
                @for restart in relief.restarts.iter().rev().take(SHOWN) {
                    tr {
                        th scope="row" data-label="When" { (moment(page, restart)) }
                        td data-label="Before" { (units::quantity(restart.before, unit)) }
                        td data-label="After" { (units::quantity(restart.after, unit)) }
                        td data-label="Given back" { (given_back(restart, unit)) }
                    }
                }
            }
        }
    }
}

fn moment(page: &Page<'_>, restart: &Restart) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "saturates, and is then no date")]
    let ms = (1000.0 * restart.at) as i64;
    DateTime::from_timestamp_millis(ms).map_or(String::new(), |t| page.when.moment(t))
}

fn given_back(restart: &Restart, unit: &str) -> String {
    let back = restart.before - restart.after;
    if back > 0.0 { units::quantity(back, unit) } else { "nothing".to_owned() }
}
