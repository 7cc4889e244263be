//! Where the growth of what alarms comes from: what has to be looked at, and what was found, kept with its series.
//!
//! The look itself needs files and a clock, and is made elsewhere.

use std::sync::Arc;

use hebe_collectors::history::Series;

use super::{Change, Watch};
use crate::diagnose::HELD_OPEN;
use crate::evidence::Origin;
use crate::finding::{Culprit, Finding, Row, first_culprit};

/// What to look at to know where a growth comes from.
#[derive(Clone, Debug)]
pub struct Lead {
    /// The finding, with who uses it up.
    pub finding: Finding,
    /// The series that it is about.
    pub history: Series,
    /// The series of its first culprit; that of the finding where nobody is known, or has none.
    pub suspect: Series,
}

impl Watch {
    /// What to look at for a series.
    #[must_use]
    pub fn lead(&self, name: &str) -> Option<Lead> {
        let finding = self.explained(name)?;
        let history = self.history(name)?;
        let suspect = self.suspect(&finding.row, &history).unwrap_or_else(|| history.clone());
        Some(Lead { finding, history, suspect })
    }

    /// The series of a culprit: its own of the same kind as the total's members.
    fn suspect(&self, row: &Row, of: &Series) -> Option<Series> {
        let culprit = first_culprit(&row.culprits)?;
        if row.resource.starts_with("process.") {
            return None;
        }
        let scope = scope_of(culprit);
        let is_its = |series: &Series| series.scope == scope && series.resource != "process.count";
        // Its own series reaches further back than the ledger, and knows its restarts.
        let own = self.series.values().map(|one| &one.series).filter(|series| is_its(series));
        let fits = |series: &&Series| series.unit == of.unit && series.resource.starts_with("process.");
        let longest = own.filter(fits).filter_map(|series| self.history(&series.name));
        let longest = longest.max_by_key(|series| (series.t_ms.len(), series.name.clone()));
        // What is looked at on demand is no part of what a process uses otherwise.
        let is_looked_at = ["swap", "disk.bytes"].contains(&row.resource.as_str());
        longest.filter(|_| !is_looked_at).or_else(|| self.apart(of, row).1.into_iter().find(is_its))
    }

    /// Keeps where the growth of a series comes from, for as long as it alarms.
    pub fn found(&mut self, name: &str, origin: Origin) {
        let Some(one) = self.series.get_mut(name) else { return };
        let before = one.origin.take();
        if let Some(finding) = one.finding_mut() {
            if let Some(before) = before {
                before.take_out_of(finding);
            }
            origin.put_into(finding);
        }
        one.origin = Some(origin);
    }

    /// What was found of a series.
    #[must_use]
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.series.get(name)?.origin.as_ref()
    }

    /// The series that alarm and that nobody has looked for where their growth comes from, or for another culprit.
    #[must_use]
    pub fn without_origin(&self) -> Vec<String> {
        let lacks = |one: &super::Watched| {
            let Some(finding) = one.finding().filter(|finding| finding.row.status.is_alarm()) else {
                return false;
            };
            one.told.is_some() && one.origin.as_ref().is_none_or(|origin| !origin.fits(finding))
        };
        let mut names: Vec<String> =
            self.series.iter().filter(|(_, one)| lacks(one)).map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }

    /// Changes with the findings as they are now.
    #[must_use]
    pub fn renewed(&self, mut changes: Vec<Change>) -> Vec<Change> {
        for change in &mut changes {
            let same = |now: &Arc<Finding>| now.row.status == change.finding.row.status;
            if let Some(now) = self.finding(&change.finding.row.series).filter(same) {
                change.finding = now;
            }
        }
        changes
    }
}

/// The scope of a culprit's series: who keeps deleted files open goes by his own name.
fn scope_of(culprit: &Culprit) -> String {
    let name = culprit.name.strip_prefix(HELD_OPEN).unwrap_or(&culprit.name);
    Culprit { name: name.to_owned(), unit: culprit.unit.clone(), ..Culprit::default() }.full_name()
}
