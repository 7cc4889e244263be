//! What a diagnosis says: the shares in one sentence, corrections, and the culprit in what is recommended.

use hebe_models::attribution::Attribution;

use super::SOMEBODY;
use crate::finding::{Culprit, first_culprit};
use crate::report::culprit_name as name;
use crate::report::{clean, units};

/// From this share of the growth on, an action is about the culprit.
const NAMED: f64 = 0.5;
/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// `Of 34.0 GiB used and +1.2 GiB/day, 3.7 % / 12 % is diagnosed to processes, …, 3.3 % / 8 % is unattributed.`
pub(super) fn sentence(
    culprits: &[Culprit],
    found: &Attribution,
    unit: &str,
    of: Option<&str>,
    holders: &str,
) -> String {
    let grows = culprits.iter().any(|culprit| 0.0 < culprit.growth_share);
    let used = units::quantity(found.used, unit);
    let of = of.map_or(String::new(), |of| format!(" ({})", clean::line(of)));
    let head = match (grows, found.growth.slope) {
        (true, slope) if 0.0 < slope => {
            format!("Of {used} used{of} and {}, ", units::growth(slope * DAY_S, unit))
        }
        (true, _) => format!("Of {used} used{of} and what of it grows, "),
        (false, _) => format!("Of {used} used{of}, of which nothing surely grows, "),
    };
    let share = |kinds: &[&str], verb: &str| {
        let all = || culprits.iter().filter(|culprit| kinds.contains(&culprit.kind.as_str()));
        all().next()?;
        let used = units::percent(all().map(|culprit| culprit.used_share).sum());
        let growth = units::percent(all().map(|culprit| culprit.growth_share).sum());
        Some(if grows { format!("{used} / {growth} is {verb}") } else { format!("{used} is {verb}") })
    };
    let parts = [
        share(&["group", "process"], &format!("diagnosed to {holders}")),
        share(&["tag"], "diagnosed to kernel tags and shared memory"),
        share(&["unattributed"], "unattributed"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{head}{}.", parts.join(", "))
}

/// What was counted once that the sum of processes counts more often.
pub(super) fn shared(excess: f64, unit: &str) -> String {
    format!(
        "processes that were forked share {}; it is counted once, and taken off the groups with several processes",
        units::quantity(excess, unit)
    )
}

/// The members hold more than the total.
pub(super) fn overcounted(share: f64) -> String {
    format!(
        "the members together hold {} more than the total: they share some of it, or were read at other times",
        units::percent(share)
    )
}

/// The action with the culprit in the place of somebody, where one takes most of the growth.
pub(super) fn action(action: &str, culprits: &[Culprit]) -> String {
    let share = |of: &Culprit| units::percent(of.growth_share);
    let rest = culprits.iter().find(|culprit| culprit.kind == "unattributed");
    if let Some(rest) = rest.filter(|rest| NAMED <= rest.growth_share) {
        return format!(
            "{action}; {} of the growth is no process's: look at the kernel and at shared memory first",
            share(rest)
        );
    }
    let Some(first) = first_culprit(culprits).filter(|first| NAMED <= first.growth_share) else {
        return action.to_owned();
    };
    if first.kind == "tag" {
        return format!(
            "{} holds {} of the growth, which no restart of a service gives back; {}",
            name(first),
            share(first),
            action.replacen(SOMEBODY, "the host", 1)
        );
    }
    let restart = action.replacen(SOMEBODY, &name(first), 1);
    if !action.contains(SOMEBODY) {
        // Nobody is to be restarted: what grows is named all the same.
        return format!("{action}; {} takes {} of the growth", name(first), share(first));
    }
    let holds = format!("it holds {} of the growth", share(first));
    match restart.rsplit_once(", or ") {
        Some((restart, or)) => format!("{restart}: {holds}; or {or}"),
        None => format!("{restart}: {holds}"),
    }
}

/// What is said of a group that is restarted by schedule.
pub(super) fn by_schedule(period_s: f64) -> String {
    format!("restarted every {}", units::duration(period_s))
}

/// Which groups of a family grow: `of the growth of rss_kb over 142 series, I takes 96 %, C 2 %`.
pub(super) fn standing(family: &super::Diagnosis, measured: &str, count: usize) -> Option<String> {
    const SAID: usize = 3;
    let mut grow: Vec<&Culprit> =
        family.culprits.iter().filter(|culprit| 0.005 <= culprit.growth_share).collect();
    grow.sort_by(|a, b| b.growth_share.total_cmp(&a.growth_share));
    if grow.is_empty() {
        return None;
    }
    let said: Vec<String> = grow
        .iter()
        .take(SAID)
        .map(|culprit| format!("{} {}", name(culprit), units::percent(culprit.growth_share)))
        .collect();
    Some(format!("the growth of {} over {count} series: {}", clean::line(measured), said.join(", ")))
}
