//! The report page: one HTML file that needs no network, no script and no other file.
//!
//! Everything from outside passes through maud's escaping and [`super::clean`]; only the style sheet, the
//! pictures and the embedded JSON go in as they are, each made safe where it is written.

mod about;
mod card;
mod figure;
pub mod parts;
mod quality;

pub(super) use quality::words as flaws_in_words;
mod ranking;
mod restarts;

use chrono_tz::Tz;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::{
    chart, clean,
    json::json_for_html,
    text::fold,
    verdict::{self, verdict},
    when::When,
};
use crate::finding::{Finding, Findings, Picture, Status};

/// The style sheet of every page, but for the pictures' own ([`chart::CSS`]).
pub const CSS: &str = include_str!("html/page.css");

/// What every section of the page needs.
#[derive(Debug)]
struct Page<'a> {
    findings: &'a Findings,
    pictures: &'a [(usize, Picture)],
    when: When,
    several_hosts: bool,
}

/// Writes the report page; `pictures` go with the findings by index, and a finding may have none.
#[must_use]
pub fn html(findings: &Findings, pictures: &[(usize, Picture)], zone: Tz) -> String {
    let when = When::new(zone, findings.made_at);
    let page = Page { findings, pictures, when, several_hosts: verdict::several_hosts(findings) };
    page.write().into_string()
}

impl Page<'_> {
    fn write(&self) -> Markup {
        let verdict = verdict(self.findings, self.when.zone);
        markup! {
            (DOCTYPE)
            html lang="en" {
                (head(&verdict))
                body {
                    a class="skip" href="#ranking" { "Skip to the ranking" }
                    (self.header(&verdict))
                    main {
                        (ranking::ranking(self))
                        @if !self.findings.findings.is_empty() {
                            (card::cards(self))
                            (restarts::restarts(self))
                            (quality::surges(self))
                        }
                        (quality::quality(self))
                        (about::about(self))
                    }
                    script type="application/json" id="hebe-rows" { (PreEscaped(json_for_html(self.findings))) }
                }
            }
        }
    }

    fn header(&self, verdict: &str) -> Markup {
        let findings = self.findings;
        let alarm = findings.findings.iter().any(|finding| finding.row.status.is_alarm());
        markup! {
            header class=(if alarm { "verdict alarm" } else { "verdict" }) {
                p class="brand" { "Hebe " span { "what runs out, when, how sure" } }
                h1 { (verdict) }
                p class="soft" {
                    (self.when.moment(findings.made_at))
                    @if let Some(host) = self.host() { " · " (host) }
                    @if !findings.horizon_note.is_empty() { " · " (clean::line(&findings.horizon_note)) }
                }
            }
        }
    }

    /// The one host that all findings are about.
    fn host(&self) -> Option<String> {
        let host = &self.findings.findings.first()?.row.host;
        (!self.several_hosts && !host.trim().is_empty()).then(|| clean::line(host))
    }

    fn name(&self, finding: &Finding) -> String {
        verdict::name_among(&finding.row, self.several_hosts)
    }

    fn picture(&self, index: usize) -> Option<&Picture> {
        self.pictures.iter().find(|(of, _)| *of == index).map(|(_, picture)| picture)
    }

    /// Whether a finding shares a line with others of its state instead of having one of its own.
    fn folded(&self) -> impl Fn(&Finding) -> bool {
        let statuses: Vec<Status> =
            fold::split(self.findings).1.into_iter().map(|(status, _)| status).collect();
        move |finding| statuses.contains(&finding.row.status)
    }
}

fn head(verdict: &str) -> Markup {
    markup! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            // Nothing is fetched, and nothing could be.
            meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
            title { "Hebe: " (verdict) }
            style { (PreEscaped(CSS)) (PreEscaped(chart::CSS)) }
        }
    }
}

#[cfg(test)]
mod tests;
