//! The first sentence of every report: how many resources run out, and which one first.

use chrono_tz::Tz;

use super::{clean, units, when::When};
use crate::finding::{Findings, Row, Status};

/// Says in one sentence what the findings come to.
#[must_use]
pub fn verdict(findings: &Findings, zone: Tz) -> String {
    let rows: Vec<&Row> = findings.findings.iter().map(|finding| &finding.row).collect();
    verdict_of(&rows, &When::new(zone, findings.made_at))
}

/// Says the same of rows, worst first.
#[must_use]
pub fn verdict_of(rows: &[&Row], when: &When) -> String {
    let full = rows.iter().filter(|row| row.status == Status::Exhausted).count();
    let coming: Vec<&Row> =
        rows.iter().copied().filter(|row| row.status.is_alarm() && row.status != Status::Exhausted).collect();
    match (rows.len(), full, coming.len()) {
        (0, _, _) => "Nothing to judge: no resource was found.".to_owned(),
        (_, 0, 0) => quiet(rows),
        (all, 0, coming_n) => format!("{}.", running_out(&coming, &of(coming_n, all), when)),
        (all, _, 0) => format!("{}.", exhausted(full, all, rows)),
        (all, _, more) => {
            let more = if more == 1 { "1 more runs".to_owned() } else { format!("{more} more run") };
            format!("{}; {}.", exhausted(full, all, rows), running_out(&coming, &more, when))
        }
    }
}

/// Names a resource for a sentence: its scope where it has one of its own.
#[must_use]
pub fn short_name(row: &Row) -> String {
    let name = if row.scope.trim().is_empty() { &row.resource } else { &row.scope };
    let name = if name.trim().is_empty() { &row.series } else { name };
    clean::cut_middle(&clean::line(name), 60)
}

/// Names a resource in full: catalogue name and scope, as far as they differ.
#[must_use]
pub fn name(row: &Row) -> String {
    let (resource, scope) = (row.resource.trim(), row.scope.trim());
    let name = match (resource, scope) {
        ("", "") => row.series.trim().to_owned(),
        ("", name) | (name, "") => name.to_owned(),
        (resource, scope) if resource == scope => resource.to_owned(),
        (resource, scope) => format!("{resource} {scope}"),
    };
    clean::line(&name)
}

/// Names a resource in full, with its host where there are several.
pub(super) fn name_among(row: &Row, several_hosts: bool) -> String {
    match row.host.trim() {
        host if several_hosts && !host.is_empty() => format!("{}: {}", clean::line(host), name(row)),
        _ => name(row),
    }
}

/// Whether the findings are about more than one host.
pub(super) fn several_hosts(findings: &Findings) -> bool {
    findings.findings.windows(2).any(|pair| pair[0].row.host != pair[1].row.host)
}

fn exhausted(full: usize, all: usize, rows: &[&Row]) -> String {
    let first =
        rows.iter().find(|row| row.status == Status::Exhausted).map_or(String::new(), |row| short_name(row));
    match (full, all) {
        (1, 1) => format!("The only resource is exhausted: {first}"),
        (1, _) => format!("1 of {all} resources is exhausted: {first}"),
        _ => format!("{full} of {all} resources are exhausted, {first} among them"),
    }
}

fn of(n: usize, all: usize) -> String {
    match (n, all) {
        (1, 1) => "The only resource runs".to_owned(),
        (1, _) => format!("1 of {all} resources runs"),
        _ => format!("{n} of {all} resources run"),
    }
}

fn running_out(coming: &[&Row], how_many_run: &str, when: &When) -> String {
    let within = horizon(coming).map_or(String::new(), |h| format!(" within {h}"));
    let how_many = format!("{how_many_run} out{within}");
    let first = coming.iter().filter_map(|row| row.exhausts_at.map(|t| (t, *row))).min_by_key(|(t, _)| *t);
    match first {
        Some((t, row)) if coming.len() == 1 => {
            format!("{how_many}: {} {}", short_name(row), on(&when.date(t, scale(row))))
        }
        Some((t, row)) => format!("{how_many}; first {} {}", short_name(row), on(&when.date(t, scale(row)))),
        None => how_many,
    }
}

fn quiet(rows: &[&Row]) -> String {
    let all = rows.len();
    let blind =
        |row: &Row| matches!(row.status, Status::Collecting | Status::Reset | Status::Stale | Status::Error);
    let waiting = rows.iter().filter(|row| blind(row)).count();
    let within = horizon(rows).map_or(String::new(), |h| format!(" within {h}"));
    match (all, waiting) {
        (1, 1) => "No forecast yet for the only resource.".to_owned(),
        (_, n) if n == all => format!("No forecast yet for any of the {all} resources."),
        (1, _) => format!("The only resource does not run out{within}."),
        (_, 0) => format!("None of the {all} resources runs out{within}."),
        (_, n) => format!(
            "None of the {} resources with a forecast runs out{within}; {n} cannot be judged yet.",
            all - n
        ),
    }
}

/// The horizon that all rows share, in words.
fn horizon(rows: &[&Row]) -> Option<String> {
    let mut horizons = rows.iter().filter_map(|row| row.horizon_s).filter(|h| h.is_finite() && *h > 0.0);
    let first = horizons.next()?;
    horizons.all(|h| (h - first).abs() < 0.01 * first).then(|| horizon_words(first))
}

/// Says how far a row looks: `30 days`, `6 hours`.
#[must_use]
pub fn horizon_words(seconds: f64) -> String {
    let whole = |size: f64| (seconds / size).round();
    match seconds {
        s if !s.is_finite() || s > units::FAR_S => units::duration(s),
        s if s >= 2.0 * 86_400.0 => format!("{:.0} days", whole(86_400.0)),
        s if s >= 2.0 * 3_600.0 => format!("{:.0} hours", whole(3_600.0)),
        s if s >= 120.0 => format!("{:.0} minutes", whole(60.0)),
        s => units::duration(s),
    }
}

/// How far from the last sample the forecast is, which decides how precisely dates are written.
#[must_use]
pub fn scale(row: &Row) -> f64 {
    row.left_s.filter(|left| left.is_finite()).or(row.horizon_s).unwrap_or(0.0)
}

fn on(date: &str) -> String {
    let preposition = if date.starts_with(|c: char| c.is_ascii_digit()) { "at" } else { "on" };
    format!("{preposition} {date}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[track_caller]
    fn check(findings: &Findings, expected: &str) {
        assert_eq!(verdict(findings, Tz::UTC), expected);
    }

    #[test]
    fn it_counts_and_names_the_first() {
        check(
            &sample::host(),
            "1 of 11 resources is exhausted: /boot; 2 more run out within 30 days; first app-worker on Wed 25 Nov 14:00.",
        );
    }

    #[test]
    fn it_says_when_there_is_nothing() {
        check(&sample::empty(), "Nothing to judge: no resource was found.");
        check(
            &sample::only(&[Status::Steady, Status::Ok]),
            "None of the 2 resources runs out within 30 days.",
        );
        check(&sample::only(&[Status::Collecting]), "No forecast yet for the only resource.");
        check(
            &sample::only(&[Status::Steady, Status::Collecting]),
            "None of the 1 resources with a forecast runs out within 30 days; 1 cannot be judged yet.",
        );
    }
}
