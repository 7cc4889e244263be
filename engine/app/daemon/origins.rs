//! Where growth comes from, looked for when an alarm is told or when somebody asks; never for all series of a round.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono_tz::Tz;
use hebe::evidence::Origin;
use hebe::finding::Finding;
use hebe::watch::{Change, Lead, Watch};
use hebe_collectors::live::Named;

use super::looker::Looker;
use crate::output;

/// Looks of one round take this long together; what finds no time is looked for in the next ones.
const IN_A_ROUND: Duration = Duration::from_millis(1500);
/// One look of a round.
const EACH: Duration = Duration::from_secs(1);
/// One look for somebody who waits for a page.
const ASKED: Duration = Duration::from_secs(3);
/// What was found is shown for so long before it is looked for anew.
const FRESH: Duration = Duration::from_mins(1);
/// Series of which it is remembered that somebody asked.
const REMEMBERED: usize = 64;

/// Who looks, and what was found of late.
#[derive(Debug)]
pub(super) struct Origins {
    looker: Option<Looker>,
    asked: Mutex<HashMap<String, (Instant, Origin)>>,
}

impl Origins {
    pub(super) fn start(folder: &Path) -> Self {
        let looker = Looker::start(folder.to_path_buf());
        let looker =
            looker.map_err(|error| output::note(&format!("hebe: nobody looks for origins: {error}"))).ok();
        Self { looker, asked: Mutex::default() }
    }

    /// Gives processes the names of those who run them.
    pub(super) fn name(&self, named: &Named) {
        if let Some(looker) = &self.looker {
            looker.name(named);
        }
    }

    /// Looks for the origins of alarms that have none, of those that are told first, for as long as a round allows.
    pub(super) fn with(&self, changes: Vec<Change>, watch: &Mutex<Watch>, zone: Tz) -> Vec<Change> {
        let begin = Instant::now();
        let told: HashSet<&str> = changes.iter().map(|change| change.finding.row.series.as_str()).collect();
        let mut names = open(watch).without_origin();
        if names.is_empty() {
            return changes;
        }
        names.sort_by_key(|name| !told.contains(name.as_str()));
        for name in names {
            let left = IN_A_ROUND.saturating_sub(begin.elapsed()).min(EACH);
            if left.is_zero() {
                break;
            }
            let Some(lead) = open(watch).lead(&name) else { continue };
            let suspect = hebe::evidence::suspect(&lead.finding.row);
            let found = self.looker.as_ref().and_then(|looker| looker.ask(lead, zone, left));
            // Who took too long is not asked again before it is told anew, or somebody wants to know.
            open(watch).found(&name, found.unwrap_or(Origin { suspect, ..Origin::default() }));
        }
        open(watch).renewed(changes)
    }

    /// The finding with where its growth comes from, found out now where it is not known of late.
    pub(super) fn explained(&self, lead: Lead, watch: &Mutex<Watch>, zone: Tz) -> Finding {
        let (name, mut finding) = (lead.finding.row.series.clone(), lead.finding.clone());
        // What was found before is said by what is found now, not beside it.
        let before = open(watch).origin(&name).cloned();
        if let Some(before) = &before {
            before.take_out_of(&mut finding);
        }
        let known = self.remembered(&name).filter(|origin| origin.fits(&finding));
        let found = known.or_else(|| {
            let found = self.looker.as_ref()?.ask(lead, zone, ASKED)?;
            self.remember(&name, &found);
            if finding.row.status.is_alarm() {
                open(watch).found(&name, found.clone());
            }
            Some(found)
        });
        if let Some(origin) = found.or(before) {
            origin.put_into(&mut finding);
        }
        finding
    }

    fn remembered(&self, name: &str) -> Option<Origin> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(name).filter(|(at, _)| at.elapsed() < FRESH).map(|(_, origin)| origin.clone())
    }

    fn remember(&self, name: &str, found: &Origin) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, (at, _)| at.elapsed() < FRESH);
        if asked.len() < REMEMBERED {
            asked.insert(name.to_owned(), (Instant::now(), found.clone()));
        }
    }
}

fn open(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}
