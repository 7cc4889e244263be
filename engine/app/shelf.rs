//! The calendar as the daemon keeps it: the map's part, and the file of entries placed through the page.
//!
//! A change is on the disk, whole, before anybody is told that it was made.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use hebe::restart::calendar::{Calendar, Day, Draft, Occurrence, Placed};

use crate::notify::files::replace;
use crate::web::Refusal;

/// Name of the file in the state folder.
const FILE: &str = "placed.toml";
/// Bytes that are read of it at most; the library takes less.
const MOST: u64 = 1 << 20;

/// The calendar, and where its placed entries are kept.
#[derive(Debug)]
pub(crate) struct Shelf {
    path: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    calendar: Calendar,
    placed: Placed,
}

impl Shelf {
    /// Opens the file of placed entries in `dir`; none is an empty one.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or is not as it was written; the error names the line.
    pub(crate) fn open(calendar: Calendar, dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        let placed = Placed::read(&path.display().to_string(), &text(&path)?)?;
        Ok(Self { path, kept: Mutex::new(Kept { calendar, placed }) })
    }

    /// The calendar itself, for who decides.
    pub(crate) fn calendar(&self) -> Calendar {
        self.kept().calendar.clone()
    }

    /// The timed restarts that are due from one instant until before another.
    pub(crate) fn due(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Occurrence> {
        let kept = self.kept();
        kept.calendar.all_occurrences(&kept.placed, from, until)
    }

    /// See [`crate::web::Hands::zone`].
    pub(crate) fn zone(&self, node: Option<&str>) -> Tz {
        self.kept().calendar.schedule(node.unwrap_or_default()).zone()
    }

    /// See [`crate::web::Hands::calendar`].
    pub(crate) fn sheet(&self, node: Option<&str>, from: NaiveDate, until: NaiveDate) -> Vec<Day> {
        let kept = self.kept();
        kept.calendar.sheet(&kept.placed, node, from, until)
    }

    /// See [`crate::web::Hands::place`].
    pub(crate) fn place(&self, draft: &Draft, who: &str, now: DateTime<Utc>) -> Result<String, Refusal> {
        let mut kept = self.kept();
        let mut placed = kept.placed.clone();
        let entry = placed.place(&kept.calendar, draft, who, now);
        let entry = entry.map_err(|why| Refusal::Impossible(format!("It is not placed: {why}.")))?;
        self.write(&placed)?;
        kept.placed = placed;
        Ok(entry.name)
    }

    /// See [`crate::web::Hands::remove`].
    pub(crate) fn remove(&self, entry: &str) -> Result<(), Refusal> {
        let mut kept = self.kept();
        let mut placed = kept.placed.clone();
        let unknown = "There is no such entry among those placed through the page.";
        placed.remove(entry).ok_or_else(|| Refusal::Unknown(unknown.to_owned()))?;
        self.write(&placed)?;
        kept.placed = placed;
        Ok(())
    }

    fn write(&self, placed: &Placed) -> Result<(), Refusal> {
        let failed =
            |error| Refusal::Failed(format!("`{}` cannot be written: {error}.", self.path.display()));
        replace(&self.path, placed.text().as_bytes()).map_err(failed)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text of a file; none is an empty one.
fn text(path: &Path) -> Result<String> {
    let cannot = || format!("cannot read `{}`", path.display());
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
        file => file.with_context(cannot)?,
    };
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).with_context(cannot)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use hebe::restart::calendar::Repeat;
    use hebe::restart::map::Map;

    use super::*;

    const MAP: &str = "[[node]]\nname = \"web\"\nunit = \"nginx.service\"";

    fn open(dir: &Path) -> Result<Shelf> {
        let map = Map::parse(MAP, "map.toml").unwrap();
        Shelf::open(Calendar::read("map.toml", MAP, Tz::UTC).unwrap().bind(&map).unwrap(), dir)
    }

    fn draft(day: &str) -> Draft {
        let (date, time) = (day.parse().unwrap(), "03:00:00".parse().unwrap());
        Draft { node: "web".to_owned(), date, time, repeat: Repeat::Once }
    }

    #[test]
    fn what_is_placed_is_there_again_and_what_could_not_be_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (now, from) = ("2026-11-28T12:00:00Z".parse().unwrap(), "2026-12-01".parse().unwrap());
        let shelf = open(folder.path()).unwrap();
        assert_eq!(shelf.place(&draft("2026-12-05"), "me", now), Ok("placed-1".to_owned()));
        let shown = |shelf: &Shelf| shelf.sheet(None, from, from + chrono::Days::new(30));
        let before = shown(&shelf);
        assert_eq!(before.iter().flat_map(|day| &day.due).count(), 1);
        assert_eq!(shown(&open(folder.path()).unwrap()), before);

        // A folder in the way of the new file, as a full disk would be.
        fs::create_dir(folder.path().join("placed.toml.tmp")).unwrap();
        assert!(matches!(shelf.place(&draft("2026-12-06"), "me", now), Err(Refusal::Failed(_))));
        assert!(matches!(shelf.remove("placed-1"), Err(Refusal::Failed(_))));
        assert_eq!(shown(&shelf), before);
        assert_eq!(shown(&open(folder.path()).unwrap()), before);

        fs::remove_dir(folder.path().join("placed.toml.tmp")).unwrap();
        assert_eq!(shelf.remove("placed-1"), Ok(()));
        assert!(matches!(shelf.remove("placed-1"), Err(Refusal::Unknown(_))));
        assert!(matches!(shelf.place(&draft("2026-11-05"), "me", now), Err(Refusal::Impossible(_))));
        assert_eq!(shelf.due(now, now + chrono::TimeDelta::days(60)), Vec::new());
    }

    /// A small file system of its own, while it is there.
    struct Disk<'a>(&'a Path);

    impl Drop for Disk<'_> {
        fn drop(&mut self) {
            let _ = std::process::Command::new("umount").arg(self.0).status();
        }
    }

    #[test]
    fn a_full_disk_takes_nothing_away_that_was_placed() {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(folder.path());
        if !mount.status().is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: placing on a full disk needs the right to mount a tmpfs");
            return;
        }
        let _disk = Disk(folder.path());
        let now = "2026-11-28T12:00:00Z".parse().unwrap();
        let shelf = open(folder.path()).unwrap();
        shelf.place(&draft("2026-12-05"), "me", now).unwrap();
        let ballast = folder.path().join("ballast");
        fs::write(&ballast, vec![7; 1 << 20]).unwrap_err();
        let Err(Refusal::Failed(why)) = shelf.place(&draft("2026-12-06"), "me", now) else {
            panic!("it was written on a full disk");
        };
        assert!(why.contains("No space left"), "{why}");
        let due = |shelf: &Shelf| shelf.due(now, now + chrono::TimeDelta::days(60)).len();
        assert_eq!((due(&shelf), due(&open(folder.path()).unwrap())), (1, 1));
        fs::remove_file(&ballast).unwrap();
        shelf.place(&draft("2026-12-06"), "me", now).unwrap();
        assert_eq!(due(&open(folder.path()).unwrap()), 2);
    }

    #[test]
    fn a_file_that_somebody_broke_is_said_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "[[timed]]\nnode = \"web\"\nat = \"Feb 30 03:00\"\n").unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("placed.toml:3: `at`: there is no Feb 30"), "{error}");
    }
}
