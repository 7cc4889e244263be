//! Where a growth comes from: when it began, what happened then, and what its host shows now.

use std::path::Path;
use std::time::Duration;

use chrono_tz::Tz;
use hebe::evidence::{Origin, growth_began, hardware_sentence, since_event, survival, suspect};
use hebe::finding::Finding;
use hebe_collectors::history::Series;
use hebe_collectors::live::Named;

use super::{events, host};

/// What is asked, and where may be looked.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    /// The finding, with who uses it up.
    pub(crate) finding: &'a Finding,
    /// Its series.
    pub(crate) history: &'a Series,
    /// The series of its first culprit, or its own.
    pub(crate) suspect: &'a Series,
    /// Samples after this do not count.
    pub(crate) until_ms: Option<i64>,
    /// The zone of logs, and of what is told.
    pub(crate) zone: Tz,
    /// Where marks may lie.
    pub(crate) folders: Vec<&'a Path>,
    /// Whether it is about this host, at whatever time.
    pub(crate) is_here: bool,
    /// Whether it is about this host as it is now.
    pub(crate) is_now: bool,
    /// Processes that have a name of their own.
    pub(crate) named: &'a Named,
    /// How long the look may take.
    pub(crate) time: Duration,
}

/// Finds out what can be found out.
pub(crate) fn origin(asked: &Question<'_>) -> Origin {
    let Question { finding, history, suspect: series, .. } = asked;
    let seen = if asked.is_now { host::look(asked) } else { host::Seen::default() };
    let epoch = if series.name == history.name {
        finding.epochs.last().map(|(t_ms, _)| *t_ms)
    } else {
        series.restarts_ms.last().copied()
    };
    let own = growth_began(series, epoch.max(began_within(series, seen.started_ms)), asked.until_ms);
    // What is looked at on demand was not seen when it began; its total was.
    let of_total = || growth_began(history, finding.epochs.last().map(|(t_ms, _)| *t_ms), asked.until_ms);
    let since = own.or_else(of_total);
    let mut happenings = events::all(series, asked);
    happenings.extend(seen.happenings);
    let names = [finding.row.scope.as_str(), finding.row.resource.as_str(), series.scope.as_str()];
    let event = since.and_then(|span| since_event(span, &happenings, &names));
    let hardware = hardware_sentence(seen.hardware.as_ref(), survival(series, history, asked.until_ms));
    let why =
        since.map(|span| span.sentence(asked.zone)).into_iter().chain(seen.words).chain(hardware).collect();
    Origin { suspect: suspect(&finding.row), since, event, why }
}

/// The start of a group's oldest process, where the history has seen it: up to two samples may have missed it.
fn began_within(series: &Series, started_ms: Option<i64>) -> Option<i64> {
    let (first, second) = (series.t_ms.first()?, series.t_ms.get(1)?);
    started_ms.filter(|&started| first - 2 * (second - first) <= started)
}
