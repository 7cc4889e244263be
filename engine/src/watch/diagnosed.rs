//! Who uses up what alarms: asked for few series, at the moment they are told of, or when somebody wants to know.

use std::sync::Arc;

use hebe_collectors::history::Series;
use hebe_collectors::live::Uses;

use super::watched::Watched;
use super::{Change, Watch};
use crate::analyze::LIVE;
use crate::diagnose::restarts::relief;
use crate::diagnose::{Diagnosis, Recorded};
use crate::finding::{Finding, Row, Status};
use crate::plan::HORIZON_PER_WINDOW;
use crate::prepare::Prepared;

/// Series that are taken apart after one round of looks; the others wait for the next.
const AT_ONCE: usize = 8;
/// From this part of the window on, what the ledger covers is better than the largest groups' own series.
const COVERED: f64 = 0.5;

impl Watch {
    /// Takes in what everybody used at `t_ms`.
    pub fn note(&mut self, t_ms: i64, uses: &Uses) {
        self.ledger.take(t_ms, uses);
    }

    /// Goes on with the ledger of another watch, where its samples came as often.
    pub fn take_ledger(&mut self, from: &mut Self) {
        if self.ledger.goes_on(&from.ledger) {
            std::mem::swap(&mut self.ledger, &mut from.ledger);
        }
        std::mem::swap(&mut self.parts, &mut from.parts);
    }

    /// The finding of a series with who uses it up, found out now where it is not known yet.
    #[must_use]
    pub fn explained(&self, name: &str) -> Option<Finding> {
        let mut finding = Finding::clone(self.series.get(name)?.finding()?);
        if finding.diagnosis.is_none() {
            fill(&mut finding, self.diagnose(name));
            finding.relief = self.history(name).and_then(|history| relief(&Prepared::new(&history, None)));
        }
        Some(finding)
    }

    /// Finds out who uses up what alarms and was looked at anew, and says so in what is told.
    pub(super) fn diagnose_what_alarms(&mut self, changes: &mut [Change]) {
        let alarms = |status: Status| status.is_alarm() || status == Status::SurgeHeld;
        let fresh = self.series.iter().filter(|(_, one)| one.fresh);
        let mut names: Vec<(bool, String)> = fresh
            .filter(|(_, one)| one.finding().is_some_and(|finding| alarms(finding.row.status)))
            .map(|(name, _)| (!changes.iter().any(|change| change.finding.row.series == *name), name.clone()))
            .collect();
        // What is told of comes first, and cannot wait.
        names.sort();
        let told = names.iter().filter(|(waits, _)| !waits).count();
        for (_, name) in names.into_iter().take(AT_ONCE.max(told)) {
            let found = self.diagnose(&name);
            let given_back = self.history(&name).and_then(|history| relief(&Prepared::new(&history, None)));
            let Some(one) = self.series.get_mut(&name) else { continue };
            one.fresh = false;
            let origin = one.origin.take();
            if let Some(finding) = one.finding_mut() {
                fill(finding, found);
                finding.relief = given_back;
                if let Some(origin) = &origin {
                    origin.put_into(finding);
                }
            }
            one.origin = origin;
            let Some(finding) = one.finding() else { continue };
            for change in changes.iter_mut().filter(|change| change.finding.row.series == name) {
                change.finding = Arc::clone(finding);
            }
        }
    }

    /// Who uses a series up, or why that is not known.
    fn diagnose(&self, name: &str) -> Result<Diagnosis, String> {
        let one = self.series.get(name).ok_or("it is not watched")?;
        let row = &one.finding().ok_or("it was not looked at yet")?.row;
        let (history, members) = self.apart(&one.history(), row);
        let found = Recorded::new(&members).with_memory(self.ledger.memory()).diagnose(&history, row, None);
        found.map_err(|note| self.parts.note(&history).map_or(note, str::to_owned))
    }

    /// A series over the time in which it can be taken apart, and those that may explain it.
    pub(super) fn apart(&self, history: &Series, row: &Row) -> (Series, Vec<Series>) {
        let mut members = self.members(history, row);
        let history = match self.parts.apart(history) {
            Some((cut, parts)) => {
                members.extend(parts);
                cut
            }
            None => history.clone(),
        };
        (of_this_host(history), members.into_iter().map(of_this_host).collect())
    }

    /// The series that may explain one.
    pub(super) fn members(&self, of: &Series, row: &Row) -> Vec<Series> {
        let window_s = row.horizon_s.unwrap_or(0.0) / HORIZON_PER_WINDOW;
        let needed = Recorded::needed(&of.resource);
        let covered = COVERED * window_s <= self.ledger.covers_s(window_s);
        // With its own groups and caches, the ledger stands for the largest ones' series.
        let stands = |series: &Series| covered && is_listed(&series.resource);
        let wanted = |series: &Series| {
            needed.contains(&series.resource.as_str())
                || series.resource == of.resource
                || of.resource.starts_with("process.") && series.resource == "process.count"
        };
        let live = self.series.values().filter(|one| wanted(&one.series) && !stands(&one.series));
        let mut members: Vec<Series> = live.map(Watched::history).collect();
        if covered {
            let listed = self.ledger.series(window_s);
            members.extend(listed.into_iter().filter(|series| wanted(series)));
        }
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members
    }
}

/// Whatever file a series began in, what is watched is of one place.
fn of_this_host(series: Series) -> Series {
    Series { host: String::new(), source: LIVE.to_owned(), ..series }
}

/// Whether the ledger has every member of a resource.
fn is_listed(resource: &str) -> bool {
    const LISTED: [&str; 7] = [
        "process.anonymous",
        "process.memory",
        "process.fds_total",
        "process.threads",
        "process.count",
        "slab.cache",
        "kernel.threads",
    ];
    LISTED.contains(&resource)
}

fn fill(finding: &mut Finding, found: Result<Diagnosis, String>) {
    match found {
        Ok(diagnosis) => diagnosis.put_into(finding),
        Err(note) => finding.row.culprit_note = Some(note),
    }
}
