//! The findings as Markdown: a table and a section for each finding, for tickets and chat.
//!
//! Text from outside is escaped: a name can neither break a table nor become a link, markup or HTML.

use std::fmt::Write as _;

use chrono_tz::Tz;

use super::{
    clean, facts,
    text::{self, cells, fold},
    units,
    verdict::{name_among, several_hosts, verdict},
    when::When,
};
use crate::diagnose::restarts;
use crate::finding::{Finding, Findings, Row};

/// Writes the findings as a Markdown document.
#[must_use]
pub fn markdown(findings: &Findings, zone: Tz) -> String {
    let when = When::new(zone, findings.made_at);
    let (shown, folded) = fold::split(findings);
    let several = several_hosts(findings);
    let mut out = format!("# {}\n\n", escape(&verdict(findings, zone)));
    if !shown.is_empty() {
        table(&mut out, &shown, several, &when);
    }
    for (status, rows) in &folded {
        let names: Vec<String> = rows.iter().map(|row| escape(&name_among(row, several))).collect();
        let _ =
            writeln!(out, "{}: {}.\n", fold::words(*status, rows.len(), !shown.is_empty()), names.join(", "));
    }
    for finding in findings.findings.iter().filter(|finding| shown.contains(&&finding.row)) {
        section(&mut out, finding, several, &when);
    }
    ending(&mut out, findings, &when);
    out
}

fn table(out: &mut String, rows: &[&Row], several: bool, when: &When) {
    let _ = writeln!(
        out,
        "| State | Resource | Time left (90 %) | Full ({}) | Now / limit | Growth |",
        when.zone_name(when.base)
    );
    out.push_str("|---|---|---|---|---|---|\n");
    for row in rows {
        let growth =
            row.growth_per_day.map_or(units::NOTHING.to_owned(), |growth| units::growth(growth, &row.unit));
        let cells = [
            row.status.to_string(),
            name_among(row, several),
            cells::left(row),
            cells::date(row, when),
            units::used_of(row.used, row.limit, &row.unit),
            growth,
        ];
        let _ = writeln!(out, "| {} |", cells.map(|cell| escape(&cell)).join(" | "));
    }
    out.push('\n');
}

fn section(out: &mut String, finding: &Finding, several: bool, when: &When) {
    let row = &finding.row;
    let _ = writeln!(out, "## {}: {}\n", row.status, escape(&name_among(row, several)));
    let _ = writeln!(out, "{}\n", escape(&row.sentence));
    for (name, value) in facts::facts(row, when) {
        let _ = writeln!(out, "- {name}: {}", escape(&value));
    }
    if let Some(action) = &row.action {
        let _ = writeln!(out, "- Do: {}", escape(action));
    }
    if let Some(relief) = &finding.relief {
        let _ = writeln!(out, "- A restart {}", escape(&restarts::sentence(relief, &row.unit)));
    }
    out.push('\n');
    sentences(out, "Why we believe it", &finding.why);
    sentences(out, "What would change our mind", &finding.unless);
    culprits(out, finding, when);
    for surge in &finding.surges {
        let lasted = units::duration((surge.to - surge.from).num_seconds() as f64);
        let peak = units::quantity(surge.peak, &row.unit);
        let _ = writeln!(
            out,
            "- Surge held {}, lasted {lasted}, peak {peak}: {}",
            when.moment(surge.from),
            escape(&surge.reason)
        );
    }
    if !finding.surges.is_empty() {
        out.push('\n');
    }
}

fn sentences(out: &mut String, title: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}:\n");
    for sentence in sentences {
        let _ = writeln!(out, "- {}", escape(sentence));
    }
    out.push('\n');
}

fn culprits(out: &mut String, finding: &Finding, when: &When) {
    let row = &finding.row;
    if row.culprits.is_empty() {
        if let Some(note) = &row.culprit_note {
            let _ = writeln!(out, "Who uses it: {}\n", escape(note));
        }
        return;
    }
    let _ = writeln!(out, "| {} |\n|{}", facts::CULPRIT.join(" | "), "---|".repeat(facts::CULPRIT.len()));
    for culprit in &row.culprits {
        let cells = facts::culprit_cells(culprit, &row.unit, when);
        let _ = writeln!(out, "| {} |", cells.map(|cell| escape(&cell)).join(" | "));
    }
    out.push('\n');
    if let Some(diagnosis) = &finding.diagnosis {
        let _ = writeln!(out, "{}\n", escape(&diagnosis.sentence));
        for sentence in diagnosis.notes.iter().chain(&diagnosis.evidence) {
            let _ = writeln!(out, "- {}", escape(sentence));
        }
        if !diagnosis.notes.is_empty() || !diagnosis.evidence.is_empty() {
            out.push('\n');
        }
    }
}

fn ending(out: &mut String, findings: &Findings, when: &When) {
    out.push_str("## Data and method\n\n");
    for (sentence, sources) in text::group(&findings.notes) {
        let _ = writeln!(out, "- {}: {}", escape(&text::sources_in_words(&sources)), escape(&sentence));
    }
    for (source, samples, rejected) in &findings.sources {
        let (samples, rejected) = (units::count(*samples as f64), units::count(*rejected as f64));
        let _ = writeln!(out, "- {}: {samples} samples, {rejected} rejected", escape(source));
    }
    let _ = writeln!(out, "- {}", escape(&findings.horizon_note));
    let made = when.moment(findings.made_at);
    let _ = writeln!(
        out,
        "- Made {made} by Hebe {}, method {}",
        escape(&findings.version),
        escape(&findings.method)
    );
    if !findings.command.is_empty() {
        // A code span cannot be escaped, so a backtick would end it.
        let _ = writeln!(out, "- Again: `{}`", clean::line(&findings.command).replace('`', "'"));
    }
}

/// Escapes what Markdown, and the HTML in it, would take for markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean::line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finding::Status, report::sample};

    #[test]
    fn a_name_cannot_break_the_table() {
        let mut row = sample::row("a|b\nc", "<img src=x>[link](http://x)`", Status::Watch);
        row.sentence.clear();
        let text = markdown(&sample::findings(vec![sample::finding(row)]), Tz::UTC);
        let line = text.lines().find(|line| line.starts_with("| WATCH")).unwrap();
        assert_eq!(line, "| WATCH | a\\|b c &lt;img src=x&gt;\\[link\\](http://x)\\` | - | - | - | - |");
    }

    #[test]
    fn the_head_of_a_host() {
        let text = markdown(&sample::host(), Tz::UTC);
        let head: Vec<&str> = text.lines().take(9).collect();
        insta::assert_snapshot!(head.join("\n"), @r"
            # 1 of 11 resources is exhausted: /boot; 2 more run out within 30 days; first app-worker on Wed 25 Nov 14:00.

            | State | Resource | Time left (90 %) | Full (UTC) | Now / limit | Growth |
            |---|---|---|---|---|---|
            | EXHAUSTED | disk.bytes /boot | none | - | 0.98 / 0.98 GiB | - |
            | WARNING | process.fds app-worker | 4 d 1 h (3.4-5.1 d) | Wed 25 Nov 14:00 | 41,203 / 65,536 | +5,960/day |
            | WATCH | disk.bytes /var | 17 d (12 d or more) | Tue 8 Dec | 41.2 / 50 GiB | +522 MiB/day |
            | SURGE HELD | memory.used postgres.service | - | - | 6.2 / 8 GiB | - |
            | COLLECTING | app.sessions sessions\_open | - | - | 1,284 | - |
            ");
    }
}
