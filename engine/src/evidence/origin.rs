//! Where the growth of a finding comes from: whose it is, since when, what happened then, and what a look showed.

use super::Span;
use crate::finding::{Culprit, Finding, Row, first_culprit};

/// Sentences that an origin adds to a finding at most.
const SENTENCES: usize = 24;

/// Where a growth comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// Full name of the culprit whose growth was looked at; empty where nobody is known.
    pub suspect: String,
    /// When it began.
    pub since: Option<Span>,
    /// What happened then.
    pub event: Option<String>,
    /// What else speaks for it, one sentence each.
    pub why: Vec<String>,
}

impl Origin {
    /// Whether the finding is still about the same culprit.
    #[must_use]
    pub fn fits(&self, finding: &Finding) -> bool {
        self.suspect == suspect(&finding.row)
    }

    /// Takes back what it has said in the finding beside the row, so that another one can say it anew.
    pub fn take_out_of(&self, finding: &mut Finding) {
        finding.why.retain(|sentence| !self.why.contains(sentence));
    }

    /// Says it in the finding, which says it once however often it is put there.
    pub fn put_into(&self, finding: &mut Finding) {
        if !self.fits(finding) {
            return;
        }
        if let Some(span) = self.since {
            finding.row.since = Some(span.at);
            finding.row.since_event.clone_from(&self.event);
            let first = |culprit: &&mut Culprit| {
                culprit.kind != "unattributed" && culprit.full_name() == self.suspect
            };
            if let Some(first) = finding.row.culprits.iter_mut().find(first) {
                first.since = Some(span.at);
            }
        }
        let new = self.why.iter().filter(|sentence| !finding.why.contains(sentence)).take(SENTENCES);
        let new: Vec<String> = new.cloned().collect();
        finding.why.extend(new);
    }
}

/// Full name of the first culprit; empty where nobody is known.
#[must_use]
pub fn suspect(row: &Row) -> String {
    first_culprit(&row.culprits).map(Culprit::full_name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::finding::Status;
    use crate::report::sample;

    fn finding() -> Finding {
        let mut finding = sample::finding(sample::row("memory.available", "", Status::Warning));
        let culprit = |name: &str, unit: Option<&str>, growth_share| Culprit {
            name: name.to_owned(),
            unit: unit.map(str::to_owned),
            kind: "group".to_owned(),
            growth_share,
            ..Culprit::default()
        };
        finding.row.culprits = vec![culprit("db", None, 0.1), culprit("web", Some("a.service"), 0.9)];
        finding.why = vec!["it grows".to_owned()];
        finding
    }

    fn origin(suspect: &str) -> Origin {
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let around = TimeDelta::minutes(3);
        Origin {
            suspect: suspect.to_owned(),
            since: Some(Span { at, earliest: at - around, latest: at + around }),
            event: Some("deployed 4.14.6, 2 min before".to_owned()),
            why: vec!["it was started then".to_owned()],
        }
    }

    #[test]
    fn it_is_said_once_and_at_the_culprit() {
        let (mut finding, origin) = (finding(), origin("a.service/web"));
        origin.put_into(&mut finding);
        origin.put_into(&mut finding);
        assert_eq!(finding.row.since, origin.since.map(|span| span.at));
        assert_eq!(finding.row.since_event, origin.event);
        assert_eq!(finding.row.culprits[1].since, finding.row.since);
        assert_eq!(finding.row.culprits[0].since, None);
        assert_eq!(finding.why, ["it grows", "it was started then"]);
        origin.take_out_of(&mut finding);
        assert_eq!(finding.why, ["it grows"]);
    }

    #[test]
    fn what_is_known_of_another_culprit_is_not_said() {
        let (mut found, origin) = (finding(), origin("db"));
        origin.put_into(&mut found);
        assert_eq!((found.row.since_event, found.why.len()), (None, 1));
        assert!(origin.suspect != suspect(&finding().row) && !origin.fits(&finding()));
    }
}
