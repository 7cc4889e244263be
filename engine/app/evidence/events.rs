//! Events that are known of: starts in the history, marks, and what package managers did.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use chrono::DateTime;
use hebe::evidence::{Happening, Mark, packages};
use hebe::restart::history::{Outcome, Past};
use hebe::restart::journal::Journals;
use hebe_collectors::history::Series;

use super::origin::Question;
use crate::marks::MarkFile;
use crate::read;
use crate::restart::folder as journal;

/// The newest bytes of a log that are read.
const TAIL: u64 = 4 << 20;

/// All events that may concern a series.
pub(super) fn all(series: &Series, asked: &Question<'_>) -> Vec<Happening> {
    let mut happenings: Vec<Happening> = series
        .restarts_ms
        .iter()
        .filter_map(|&t_ms| DateTime::from_timestamp_millis(t_ms))
        .map(|at| Happening { at, scope: String::new(), text: started(&series.scope) })
        .collect();
    happenings.extend(asked.folders.iter().copied().flat_map(marks_in).map(|mark| Happening::from(&mark)));
    happenings.extend(asked.folders.iter().copied().flat_map(restarts_in));
    if asked.is_here {
        let apt = packages::apt(&tail("/var/log/apt/history.log"), asked.zone);
        let dpkg = packages::dpkg(&tail("/var/log/dpkg.log"), asked.zone);
        happenings.extend(packages::joined(apt, dpkg));
        happenings.extend(packages::rpm(&tail("/var/log/dnf.rpm.log")));
    }
    happenings
}

/// Whether the histories are those of this host: found on it, or the store of its daemon.
pub(super) fn is_of_this_host(paths: &[String]) -> bool {
    paths.is_empty() || paths.iter().any(|path| read::store_in(Path::new(path)).is_some())
}

/// `a.service/web was started`; the host, where the scope is empty.
pub(super) fn started(scope: &str) -> String {
    let what = if scope.is_empty() { "the host" } else { scope };
    format!("{what} was started")
}

/// The marks that lie in a folder.
pub(super) fn marks_in(folder: &Path) -> Vec<Mark> {
    MarkFile::new(folder).all().map(|(marks, _)| marks).unwrap_or_default()
}

/// The restarts that the journal in a daemon's folder tells of.
fn restarts_in(folder: &Path) -> Vec<Happening> {
    let past = Journals::read(&journal(folder)).map(|read| read.fold.history.past).unwrap_or_default();
    past.iter().flat_map(restarted).collect()
}

/// One event for every node that a restart was about.
fn restarted(past: &Past) -> Vec<Happening> {
    let how = if past.outcome == Outcome::Done { "" } else { ", and failed" };
    let event = |node: &String| Happening {
        at: past.ended,
        scope: node.clone(),
        text: format!("Hebe restarted {node}{how}"),
    };
    past.nodes.iter().map(event).collect()
}

/// The end of a text file; empty where it cannot be read.
pub(super) fn tail(path: &str) -> String {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use hebe::restart::cause::Cause;
    use hebe::restart::journal::{Entry, Journal, Limits};

    use super::*;

    #[test]
    fn restarts_of_the_journal_are_events_of_their_nodes() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(restarts_in(folder.path()), []);
        let now = Utc::now();
        let mut journal = Journal::open(&journal(folder.path()), Limits::default(), 1, now).unwrap();
        let past = Past {
            plan: "db@1".to_owned(),
            target: "db".to_owned(),
            nodes: vec!["db".to_owned(), "web".to_owned()],
            cause: Cause::Failure { seen: "gone".to_owned() },
            began: now,
            ended: now,
            outcome: Outcome::Done,
            downtime_s: None,
            gave_back: Vec::new(),
        };
        journal.append(Entry::Finished { past, note: String::new() }, now).unwrap();
        let told = restarts_in(folder.path());
        let words: Vec<(&str, &str)> =
            told.iter().map(|one| (one.scope.as_str(), one.text.as_str())).collect();
        assert_eq!(words, [("db", "Hebe restarted db"), ("web", "Hebe restarted web")]);
        assert!(told.iter().all(|one| one.at == now));
    }
}
