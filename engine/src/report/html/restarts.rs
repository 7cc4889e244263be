//! Would a restart help? Only past restarts can tell, so nothing is said without them.

use chrono::DateTime;
use maud::{Markup, html};

use crate::{
    finding::{Finding, Picture},
    report::{clean, units},
};

use super::Page;

/// So many samples before and after an epoch's start make its levels.
const LEVEL: usize = 5;

struct Restart {
    at: i64,
    reason: String,
    before: f64,
    after: f64,
}

pub(super) fn restarts(page: &Page<'_>) -> Markup {
    let told: Vec<(&Finding, Vec<Restart>)> = (0..)
        .zip(&page.findings.findings)
        .filter_map(|(index, finding)| Some((finding, levels(finding, page.picture(index)?))))
        .filter(|(_, restarts)| !restarts.is_empty())
        .collect();
    html! {
        @if !told.is_empty() {
            section aria-labelledby="restarts" {
                h2 id="restarts" { "Would a restart help?" }
                p { "What each past restart or large drop gave back. A level after it that rises from one to the next is not given back by restarts." }
                @for (finding, restarts) in &told { (table(page, finding, restarts)) }
            }
        }
    }
}

fn table(page: &Page<'_>, finding: &Finding, restarts: &[Restart]) -> Markup {
    let unit = &finding.row.unit;
    html! {
        table class="stack" {
            caption { (page.name(finding)) @if let Some(word) = trend(restarts) { ": " (word) } }
            thead {
                tr {
                    th scope="col" { "When" } th scope="col" { "What" }
                    th scope="col" { "Before" } th scope="col" { "After" } th scope="col" { "Given back" }
                }
            }
            tbody {
                @for restart in restarts {
                    tr {
                        th scope="row" data-label="When" { (DateTime::from_timestamp_millis(restart.at).map_or(String::new(), |t| page.when.moment(t))) }
                        td data-label="What" { (restart.reason) }
                        td data-label="Before" { (units::quantity(restart.before, unit)) }
                        td data-label="After" { (units::quantity(restart.after, unit)) }
                        td data-label="Given back" { (given_back(restart, unit)) }
                    }
                }
            }
        }
    }
}

fn given_back(restart: &Restart, unit: &str) -> String {
    let back = restart.before - restart.after;
    if back > 0.0 { units::quantity(back, unit) } else { "nothing".to_owned() }
}

/// What three or more levels in a row say.
fn trend(restarts: &[Restart]) -> Option<&'static str> {
    let rises = |pair: &[Restart]| pair[1].after > pair[0].after;
    (restarts.len() >= 3 && restarts.windows(2).all(rises)).then_some("the level after each restart rises")
}

fn levels(finding: &Finding, picture: &Picture) -> Vec<Restart> {
    let samples = if picture.raw.is_empty() { &picture.accepted } else { &picture.raw };
    let level = |points: &mut dyn Iterator<Item = &(i64, f64)>| {
        let mut values: Vec<f64> = points.map(|(_, v)| *v).filter(|v| v.is_finite()).take(LEVEL).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    finding
        .epochs
        .iter()
        .filter_map(|(at, reason)| {
            let before = level(&mut samples.iter().rev().skip_while(|(t, _)| t >= at))?;
            let after = level(&mut samples.iter().skip_while(|(t, _)| t < at))?;
            Some(Restart { at: *at, reason: clean::line(reason), before, after })
        })
        .collect()
}
