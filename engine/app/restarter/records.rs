//! What outlives the Re/Starter: one file a node, written whole or not at all, and on the disk before the node runs.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hebe::restart::identity::GlobalPid;
use hebe::restart::supervision::{Crashes, Why};
use serde::{Deserialize, Serialize};

use super::group::Held;

/// What is written down of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its name.
    pub(super) node: String,
    /// Program and arguments.
    pub(super) argv: Vec<String>,
    /// Working folder.
    pub(super) dir: Option<PathBuf>,
    /// Variables that the map gives it.
    pub(super) env: std::collections::BTreeMap<String, String>,
    /// Its output.
    pub(super) log: Option<PathBuf>,
    /// The main process, if there is one.
    pub(super) pid: Option<GlobalPid>,
    /// How its processes are held together.
    pub(super) held: Held,
    /// Whether it was ready.
    pub(super) ready: bool,
    /// Why it does not run, where it shall not.
    pub(super) rests: Option<Why>,
    /// Its crashes, in time since the boot.
    pub(super) crashes: Crashes,
    /// The boot that these are counted from.
    pub(super) boot: String,
}

/// The folder with the records.
#[derive(Debug)]
pub(super) struct Records(PathBuf);

impl Records {
    /// Makes the folder.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        Ok(Self(folder.to_path_buf()))
    }

    fn path(&self, node: &str) -> PathBuf {
        self.0.join(format!("{}.json", file_name(node)))
    }

    /// Reads one; none where there is none.
    pub(super) fn read(&self, node: &str) -> Result<Option<Record>> {
        let path = self.path(node);
        match fs::read(&path) {
            Ok(bytes) => {
                let read = serde_json::from_slice(&bytes);
                read.with_context(|| format!("`{}` is no record of a process", path.display())).map(Some)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        }
    }

    /// Nodes that have a record.
    pub(super) fn nodes(&self) -> Vec<String> {
        let files = fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        let records = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let read = |path: PathBuf| serde_json::from_slice::<Record>(&fs::read(path).ok()?).ok();
        let mut nodes: Vec<String> = records.filter_map(read).map(|record| record.node).collect();
        nodes.sort();
        nodes
    }

    /// Writes one; it is on the disk when this returns.
    pub(super) fn write(&self, record: &Record) -> Result<()> {
        let path = self.path(&record.node);
        let beside = path.with_extension("new");
        let write = || -> Result<()> {
            let mut file = File::create(&beside)?;
            file.write_all(&serde_json::to_vec(record)?)?;
            file.sync_data()?;
            fs::rename(&beside, &path)?;
            File::open(&self.0)?.sync_all()?;
            Ok(())
        };
        write().with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Takes one away.
    pub(super) fn remove(&self, node: &str) {
        let _ = fs::remove_file(self.path(node));
    }
}

/// The name of a node as a file's or a cgroup's: what could lead elsewhere is written in hexadecimal digits.
pub(super) fn file_name(node: &str) -> String {
    node.bytes().fold("n-".to_owned(), |mut name, byte| {
        if byte.is_ascii_alphanumeric() || b"_-.".contains(&byte) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02x}");
        }
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(node: &str) -> Record {
        Record {
            node: node.to_owned(),
            argv: vec!["sleep".to_owned(), "1".to_owned()],
            dir: None,
            env: [("A".to_owned(), "b".to_owned())].into(),
            log: None,
            pid: Some(
                "3f1c0c6e5a0b4a7e9d2f8b6a1c3e5d70/9b2de6a4c1f04f0c8a7b5e3d2c1a0f9e/7/8".parse().unwrap(),
            ),
            held: Held::Session { mark: "m".to_owned() },
            ready: true,
            rests: None,
            crashes: Crashes::default(),
            boot: "b".to_owned(),
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(folder.path()).unwrap();
        assert_eq!(records.read("../a/b").unwrap(), None);
        records.write(&record("../a/b")).unwrap();
        assert_eq!(records.read("../a/b").unwrap(), Some(record("../a/b")));
        assert_eq!(records.nodes(), ["../a/b"]);
        records.remove("../a/b");
        assert_eq!(records.nodes(), Vec::<String>::new());
    }

    #[test]
    fn a_broken_record_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(folder.path()).unwrap();
        fs::write(folder.path().join("n-a.json"), "{").unwrap();
        assert!(format!("{:#}", records.read("a").unwrap_err()).contains("no record of a process"));
    }

    #[test]
    fn no_name_leads_elsewhere_and_no_two_are_one() {
        assert_eq!(file_name("../a b"), "n-..%2fa%20b");
        assert_ne!(file_name("a/b"), file_name("a%2fb"));
        assert_eq!(file_name(".."), "n-..");
    }
}
