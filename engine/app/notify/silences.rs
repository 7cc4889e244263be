//! The file of silences: read again when it changes, replaced whole.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use hebe::silence::{Silence, Silences};

use super::{board, files, lock};

/// The file. Another program may change it at any time: by hand, or by a command beside the daemon.
#[derive(Debug)]
pub(crate) struct SilenceFile {
    path: PathBuf,
    known: Mutex<Known>,
}

/// What was read last.
#[derive(Debug, Default)]
struct Known {
    stamp: Option<Stamp>,
    silences: Silences,
    failing: Option<String>,
}

/// What tells one state of the file from another: time of change, size and file.
type Stamp = (i64, i64, u64, u64);

impl SilenceFile {
    /// The file at `path`, which need not exist.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, known: Mutex::default() }
    }

    /// The name of the silence that holds for a resource at `now`, if any does.
    pub(crate) fn holding(&self, resource: &str, scope: &str, now: DateTime<Utc>) -> Option<String> {
        let mut known = lock(&self.known);
        known.renew(&self.path);
        known.silences.holding(resource, scope, now).map(|silence| silence.id.clone())
    }

    /// The silences that are not over at `now`, and what is wrong with the file.
    pub(crate) fn all(&self, now: DateTime<Utc>) -> (Vec<Silence>, Option<String>) {
        let mut known = lock(&self.known);
        known.renew(&self.path);
        let mut silences = known.silences.clone();
        silences.expire(now);
        (silences.all().to_vec(), known.failing.clone())
    }

    /// Adds a silence, and forgets those that are over at `now`.
    ///
    /// # Errors
    ///
    /// Where it is not a whole silence, where its name is taken, and where the file is not understood: what a person
    /// wrote is not thrown away.
    pub(crate) fn add(&self, silence: Silence, now: DateTime<Utc>) -> Result<()> {
        self.change(now, |silences| Ok(silences.add(silence)?))
    }

    /// Takes a silence away; whether there was one of that name.
    ///
    /// # Errors
    ///
    /// Where the file is not understood or cannot be written.
    pub(crate) fn remove(&self, id: &str, now: DateTime<Utc>) -> Result<bool> {
        let mut found = false;
        self.change(now, |silences| {
            found = silences.remove(id);
            Ok(())
        })?;
        Ok(found)
    }

    fn change(&self, now: DateTime<Utc>, change: impl FnOnce(&mut Silences) -> Result<()>) -> Result<()> {
        let shown = self.path.display();
        let _alone = self.alone().with_context(|| format!("cannot lock `{shown}`"))?;
        let mut silences = read(&self.path).with_context(|| format!("cannot use `{shown}`"))?;
        silences.expire(now);
        change(&mut silences)?;
        files::replace(&self.path, silences.to_json()?.as_bytes())
            .with_context(|| format!("cannot write `{shown}`"))
    }

    /// Keeps other programs of ours from changing the file for as long as the answer lives.
    fn alone(&self) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = self.path.as_os_str().to_owned();
        name.push(".lock");
        let file = File::create(name)?;
        file.lock()?;
        Ok(file)
    }
}

impl Known {
    /// Reads the file if it has changed. A file that is not understood changes nothing.
    fn renew(&mut self, path: &Path) {
        let stamp =
            fs::metadata(path).ok().map(|meta| (meta.mtime(), meta.mtime_nsec(), meta.size(), meta.ino()));
        if stamp == self.stamp {
            return;
        }
        self.stamp = stamp;
        match read(path) {
            Ok(silences) => (self.silences, self.failing) = (silences, None),
            Err(error) => {
                let why = format!("`{}`: {error:#}; the silences before it hold", path.display());
                board::say("silences", &why);
                self.failing = Some(why);
            }
        }
    }
}

fn read(path: &Path) -> Result<Silences> {
    match fs::read(path) {
        Ok(text) => Ok(Silences::parse(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Silences::default()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silence(id: &str, ends: i64) -> Silence {
        Silence {
            id: id.to_owned(),
            resource: "disk.*".to_owned(),
            scope: "*".to_owned(),
            owner: "ann".to_owned(),
            reason: "moving house".to_owned(),
            starts: None,
            ends: at(ends),
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn a_silence_of_another_program_holds_at_once_and_one_that_is_over_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("silences.json");
        let (ours, theirs) = (SilenceFile::new(path.clone()), SilenceFile::new(path.clone()));
        assert_eq!(ours.holding("disk.bytes", "/", at(0)), None);
        theirs.add(silence("a", 100), at(0)).unwrap();
        assert_eq!(ours.holding("disk.bytes", "/", at(0)).as_deref(), Some("a"));
        assert_eq!(ours.holding("disk.bytes", "/", at(100)), None);
        theirs.add(silence("b", 200), at(150)).unwrap();
        assert!(!fs::read_to_string(&path).unwrap().contains("\"a\""));
        assert!(theirs.remove("b", at(150)).unwrap());
        assert!(!theirs.remove("b", at(150)).unwrap());
        assert_eq!(ours.all(at(150)), (vec![], None));
    }

    #[test]
    fn a_file_that_is_not_understood_changes_nothing_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("silences.json");
        let file = SilenceFile::new(path.clone());
        file.add(silence("a", 100), at(0)).unwrap();
        assert!(file.holding("disk.bytes", "/", at(0)).is_some());
        fs::write(&path, "[{\"id\":").unwrap();
        assert!(file.holding("disk.bytes", "/", at(0)).is_some());
        assert!(file.all(at(0)).1.unwrap().contains("the silences before it hold"));
        assert!(file.add(silence("b", 100), at(0)).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "[{\"id\":");
    }
}
