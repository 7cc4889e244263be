//! What is known about a row, as pairs of a name and a value: beside a card, under an explanation.

use super::{
    clean,
    text::cells,
    units,
    verdict::{horizon_words, scale},
    when::When,
};
use crate::finding::{CandidateRow, Confidence, Culprit, Row, first_culprit};

/// The facts of a row in the order of their weight; what is unknown is left out.
pub(super) fn facts(row: &Row, when: &When) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Time left", known(cells::left(row))),
        ("Full", row.exhausts_at.map(|at| when.date_in_zone(at, scale(row)))),
        ("90 % range", row.exhausts_lo.map(|low| when.range(low, row.exhausts_hi))),
        ("Chance", chance(row)),
        ("Now / limit", known(units::used_of(row.used, row.limit, &row.unit))),
        ("Limit set by", row.limit_owner.as_deref().map(clean::line)),
        ("Growth", row.growth_per_day.map(|per_day| growth(row, per_day))),
        ("Growing since", since(row, when)),
        ("Culprit", culprit(row)),
        ("Curve", row.curve.as_deref().map(clean::line)),
        ("Evidence", known(clean::line(&row.evidence))),
        ("Confidence", confidence(row.confidence).map(str::to_owned)),
        ("Samples", Some(samples(row))),
    ];
    if row.surges_held > 0 {
        facts.push(("Surges held", Some(units::count(row.surges_held as f64))));
    }
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The cells of a candidate: curve, score, residual, time left, chosen.
pub(super) fn candidate(candidate: &CandidateRow, unit: &str) -> [String; 5] {
    let score = if candidate.score.is_finite() {
        format!("{:.1}", candidate.score)
    } else {
        units::NOTHING.to_owned()
    };
    [
        clean::line(&candidate.curve),
        score,
        units::quantity(candidate.residual_sd, unit),
        candidate.left_s.filter(|left| *left >= 0.0).map_or(units::NOTHING.to_owned(), units::duration),
        if candidate.chosen { "chosen".to_owned() } else { String::new() },
    ]
}

fn known(value: String) -> Option<String> {
    (value != units::NOTHING && !value.is_empty()).then_some(value)
}

/// The rate a day, and the rate in a time that the horizon holds where that is shorter.
fn growth(row: &Row, per_day: f64) -> String {
    let daily = units::growth(per_day, &row.unit);
    let nearer = match row.horizon_s {
        Some(horizon) if horizon < 2.0 * 3_600.0 => Some((1_440.0, "/min")),
        Some(horizon) if horizon < 2.0 * 86_400.0 => Some((24.0, "/h")),
        _ => None,
    };
    nearer.map_or(daily.clone(), |(parts, name)| {
        format!("{daily} ({})", units::growth(per_day / parts, &row.unit).replace("/day", name))
    })
}

/// Who takes the largest share of the growth, and how much of it.
pub(super) fn culprit(row: &Row) -> Option<String> {
    let first = first_culprit(&row.culprits)?;
    // A group's own series names it already.
    if row.scope.ends_with(&first.name) && 0.999 <= first.growth_share {
        return first.cause.as_deref().map(clean::line);
    }
    Some(format!("{}: {} of the growth", culprit_name(first), units::percent(first.growth_share)))
}

/// A culprit's name in a sentence: `java (unit app.service)`.
#[must_use]
pub fn culprit_name(culprit: &Culprit) -> String {
    let name = clean::cut_middle(&clean::line(&culprit.name), 40);
    match &culprit.unit {
        Some(unit) => format!("{name} (unit {})", clean::cut_middle(&clean::line(unit), 40)),
        None => name,
    }
}

/// The titles of a table of culprits.
pub(super) const CULPRIT: [&str; 8] =
    ["group", "unit", "now", "% of used", "% of growth", "slope (90 %)", "members", "since"];

/// The cells of a culprit, in the order of the titles; empty where nothing is known.
pub(super) fn culprit_cells(culprit: &Culprit, unit: &str, when: &When) -> [String; 8] {
    let name = clean::cut_middle(&clean::line(&culprit.name), 40);
    let whose =
        culprit.unit.as_deref().map_or(String::new(), |unit| clean::cut_middle(&clean::line(unit), 30));
    let since = culprit
        .since
        .map_or(String::new(), |since| when.date(since, (when.base - since).num_seconds() as f64));
    [
        if culprit.kind == "tag" { format!("[{name}]") } else { name },
        whose,
        units::quantity(culprit.used, unit),
        units::percent(culprit.used_share),
        units::percent(culprit.growth_share),
        slope(culprit, unit),
        members(culprit),
        since,
    ]
}

/// The slope with its interval, or the shape that has none.
fn slope(culprit: &Culprit, unit: &str) -> String {
    let growth = units::growth(culprit.growth_per_day, unit);
    let words = match (culprit.growth_low, culprit.growth_high) {
        (Some(low), Some(high)) if low < high => {
            format!("{growth} ({})", range(&units::growth(low, unit), &units::growth(high, unit)))
        }
        _ => growth,
    };
    match &culprit.course {
        Some(course) => format!("{words}, {}", clean::line(course)),
        None => words,
    }
}

/// Two rates as a range, the unit once where it is the same: `11.7-13.2`.
fn range(low: &str, high: &str) -> String {
    let bare = |rate: &str| rate.trim_end_matches("/day").trim_start_matches('+').to_owned();
    let (low, high) = (bare(low), bare(high));
    match (low.split_once(' '), high.split_once(' ')) {
        (Some((from, unit)), Some((to, same))) if unit == same && !to.starts_with('-') => {
            format!("{from}-{to}")
        }
        _ if high.starts_with('-') => format!("{low} to {high}"),
        _ => format!("{low}-{high}"),
    }
}

/// How many processes it has, how fast that grows, and why the group grows.
fn members(culprit: &Culprit) -> String {
    let Some(members) = culprit.members else { return String::new() };
    let pace = culprit.members_per_day.filter(|pace| *pace != 0.0);
    let pace = pace.map_or(String::new(), |pace| format!(" ({})", units::growth(pace, "")));
    let cause = culprit.cause.as_deref().map_or(String::new(), |cause| format!(", {}", clean::line(cause)));
    format!("{}{pace}{cause}", units::count(members))
}

fn chance(row: &Row) -> Option<String> {
    let probability = row.probability.filter(|p| p.is_finite())?;
    let within = row.horizon_s.map_or(String::new(), |h| format!(" within {}", horizon_words(h)));
    Some(units::chance(probability) + &within)
}

fn since(row: &Row, when: &When) -> Option<String> {
    let since = row.since?;
    let ago = (when.base - since).num_seconds() as f64;
    let event =
        row.since_event.as_deref().map_or(String::new(), |event| format!(" ({})", clean::line(event)));
    Some(format!("{}{event}", when.date(since, ago)))
}

fn confidence(confidence: Confidence) -> Option<&'static str> {
    match confidence {
        Confidence::High => Some("high"),
        Confidence::Medium => Some("medium"),
        Confidence::Low => Some("low"),
        Confidence::None => None,
    }
}

fn samples(row: &Row) -> String {
    let used = units::count(row.samples as f64);
    if row.rejected == 0 { used } else { format!("{used}, {} rejected", units::count(row.rejected as f64)) }
}
