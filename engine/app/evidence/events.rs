//! Events that are known of: starts in the history, marks, and what package managers did.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use chrono::DateTime;
use chrono_tz::Tz;
use hebe::evidence::{Happening, packages};
use hebe_collectors::history::Series;

use crate::config::Config;
use crate::marks::MarkFile;
use crate::read;

/// The newest bytes of a log that are read.
const TAIL: u64 = 4 << 20;

/// All events that may concern a series.
pub(super) fn all(series: &Series, paths: &[String], zone: Tz) -> Vec<Happening> {
    let mut happenings: Vec<Happening> = series
        .restarts_ms
        .iter()
        .filter_map(|&t_ms| DateTime::from_timestamp_millis(t_ms))
        .map(|at| Happening { at, scope: String::new(), text: started(series) })
        .collect();
    for path in paths {
        // Beside a file, in a folder, or in the daemon's folder about its store.
        let path = Path::new(path);
        happenings.extend([Some(path), path.parent()].into_iter().flatten().flat_map(marked));
    }
    if is_of_this_host(paths) {
        happenings.extend(marked(&Config::default().state_dir()));
        happenings.extend(packages::dpkg(&tail("/var/log/dpkg.log"), zone));
        happenings.extend(packages::rpm(&tail("/var/log/dnf.rpm.log")));
    }
    happenings
}

/// Whether the histories are those of this host: found on it, or the store of its daemon.
pub(super) fn is_of_this_host(paths: &[String]) -> bool {
    paths.is_empty() || paths.iter().any(|path| read::store_in(Path::new(path)).is_some())
}

fn started(series: &Series) -> String {
    if series.scope.is_empty() {
        "the host was started".to_owned()
    } else {
        format!("{} was started", series.scope)
    }
}

fn marked(folder: &Path) -> Vec<Happening> {
    MarkFile::new(folder)
        .all()
        .map(|(marks, _)| marks.iter().map(Happening::from).collect())
        .unwrap_or_default()
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
