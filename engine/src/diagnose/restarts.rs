//! Would a restart help? What the past ones gave back, in words, and which scheduled ones could be left out.

use hebe_models::{Outcome, Relief};

use crate::finding::Finding;
use crate::prepare::Prepared;
use crate::report::units;

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// What the restarts in a series did, at times in seconds since 1970 UTC; none where there were none.
#[must_use]
pub fn relief(prepared: &Prepared<'_>) -> Option<Relief> {
    let mut relief = Relief::of(&prepared.t, &prepared.y, &prepared.restarts())?;
    for restart in &mut relief.restarts {
        restart.at = prepared.ms(restart.at) as f64 / 1000.0;
        restart.before = prepared.value(restart.before);
        restart.after = prepared.value(restart.after);
    }
    Some(relief)
}

/// The outcome in a few words.
#[must_use]
pub fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Helps => "helps",
        Outcome::RisingBaseline => "helps less every time: the level after it rises",
        Outcome::DoesNotHelp => "does not help",
        Outcome::Unknown => "not known from one restart",
    }
}

/// What a restart would do, in a sentence: `helps: the last 6 gave back 2.3 GiB each (median); the level before was
/// reached again after 18 h`.
#[must_use]
pub fn sentence(relief: &Relief, unit: &str) -> String {
    let count = relief.restarts.len();
    let given = units::quantity(relief.given_back.max(0.0), unit);
    let gave = match (relief.outcome, count) {
        (Outcome::DoesNotHelp, _) => format!("the last {count} gave nothing back"),
        (_, 1) => format!("it gave back {given}"),
        _ => format!("the last {count} gave back {given} each (median)"),
    };
    let buys = match (relief.outcome, relief.buys) {
        (Outcome::DoesNotHelp, _) => String::new(),
        (_, Some(buys)) => format!("; the level before was reached again after {}", units::duration(buys)),
        (_, None) => "; the level before was not reached again before the next".to_owned(),
    };
    let rises = match relief.outcome {
        Outcome::RisingBaseline => {
            format!("; the level after it rises {}", units::growth(relief.baseline * DAY_S, unit))
        }
        _ => String::new(),
    };
    let schedule =
        dropped(relief).or_else(|| Some(format!("they come every {}", units::duration(relief.period?))));
    let schedule = schedule.map_or(String::new(), |schedule| format!("; {schedule}"));
    format!("{}: {gave}{buys}{rises}{schedule}", words(relief.outcome))
}

/// Which scheduled restarts could be left out, and why.
#[must_use]
pub fn dropped(relief: &Relief) -> Option<String> {
    let period = units::duration(relief.period.filter(|_| relief.could_be_dropped())?);
    let why = match relief.outcome {
        Outcome::DoesNotHelp => "they give nothing back",
        _ => "what they give back is taken again and then stops growing",
    };
    Some(format!("the restarts every {period} could be dropped: {why}"))
}

/// Why a restart of what a finding is about would not help, where that is known: for the oracle's
/// `restart_would_not_help`.
#[must_use]
pub fn would_not_help(finding: &Finding) -> Option<String> {
    let unit = &finding.row.unit;
    let relief = finding.relief.as_ref();
    let past = relief.filter(|relief| {
        // A baseline that rises is still given back in part, as long as the limit is not met by it.
        let full = finding
            .row
            .limit
            .is_some_and(|limit| relief.restarts.last().is_some_and(|last| 0.95 * limit <= last.after));
        relief.outcome == Outcome::DoesNotHelp || relief.outcome == Outcome::RisingBaseline && full
    });
    if let Some(relief) = past {
        return Some(sentence(relief, unit));
    }
    let tag = crate::finding::first_culprit(&finding.row.culprits)
        .filter(|first| first.kind == "tag" && 0.5 <= first.growth_share)?;
    Some(format!(
        "{} of the growth is {}, which no restart of a service gives back",
        units::percent(tag.growth_share),
        crate::report::culprit_name(tag)
    ))
}
