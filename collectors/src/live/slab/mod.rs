//! `/proc/slabinfo`: memory of the kernel by the kind of object, which tells which part of it leaks. For root only.

mod merged;

use std::collections::HashMap;
use std::sync::Arc;

use rustix::param::page_size;

use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::sampler::Options;
use super::text;
use super::top::{OTHERS, Top};
use merged::Merged;

const FILE: &str = "proc/slabinfo";

/// Reads `/proc/slabinfo`.
#[derive(Debug)]
pub(super) struct Slab {
    top: Top,
    names: HashMap<Vec<u8>, Arc<str>>,
    others: Arc<str>,
}

impl Slab {
    pub(super) fn new(options: &Options) -> Self {
        Self { top: Top::new(options.top), names: HashMap::new(), others: Arc::from(OTHERS) }
    }
}

/// Name and pages of every cache, of version 2 of the format. `None` for another version.
fn parse(bytes: &[u8]) -> Option<impl Iterator<Item = (&[u8], u64)>> {
    bytes.starts_with(b"slabinfo - version: 2.").then(|| text::lines(bytes).skip(1).filter_map(cache))
}

/// `name active objects size objects/slab pages/slab : tunables a b c : slabdata active slabs shared`
fn cache(line: &[u8]) -> Option<(&[u8], u64)> {
    let mut fields = text::fields(line).filter(|&field| field != b":");
    let name = fields.next().filter(|name| !name.starts_with(b"#"))?;
    let pages = text::unsigned(fields.nth(4)?)?;
    let mut data = fields.skip_while(|&field| field != b"slabdata").skip(2);
    Some((name, pages.saturating_mul(text::unsigned(data.next()?)?)))
}

impl Source for Slab {
    fn name(&self) -> &'static str {
        "slab"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let (names, root) = (&mut self.names, round.root);
        let Some(found) = parse(round.read(FILE)?) else {
            return Err(round.malformed(FILE, "version 2"));
        };
        let mut merged = None;
        let mut pages: HashMap<Arc<str>, u64> = HashMap::new();
        for (name, count) in found.filter(|&(_, count)| 0 < count) {
            let name = if let Some(known) = names.get(name) {
                known
            } else {
                // A name stays as it was first, whatever is merged with it later.
                let merged = merged.get_or_insert_with(|| Merged::read(root));
                names.entry(name.to_vec()).or_insert_with(|| merged.name(name).into())
            };
            let held = pages.entry(Arc::clone(name)).or_default();
            *held = held.saturating_add(count);
        }
        let mut caches: Vec<(Arc<str>, f64)> =
            pages.into_iter().map(|(name, pages)| (name, pages as f64 * page_size() as f64)).collect();
        round.uses.caches.extend_from_slice(&caches);
        let count = self.top.choose(&mut caches, |cache| &cache.0, |cache| cache.1);
        let rest: f64 = caches[count..].iter().map(|cache| cache.1).sum();
        for (name, bytes) in caches.drain(..count) {
            round.push_of(&catalogue::SLAB_CACHE, name, bytes, Limit::None);
        }
        if !caches.is_empty() {
            round.push_of(&catalogue::SLAB_CACHE, Arc::clone(&self.others), rest, Limit::None);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::root::Root;
    use proptest::prelude::*;
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    const HEAD: &str = "slabinfo - version: 2.1\n# name <active_objs> <num_objs>\n";

    fn read(file: &str) -> Vec<(String, u64)> {
        let found = parse(file.as_bytes()).unwrap();
        found.map(|(name, pages)| (text::printable(name), pages)).collect()
    }

    #[test]
    fn slabs_times_pages() {
        let line = "dentry  21 42 192 21 2 : tunables 0 0 0 : slabdata      1      3      0\n";
        assert_eq!(read(&format!("{HEAD}{line}")), [("dentry".to_owned(), 6)]);
        assert_eq!(read(&format!("{HEAD}{}", &line[..line.len() - 16])), []);
        assert!(parse(b"slabinfo - version: 1.1\n").is_none());
    }

    #[test]
    fn caches_that_are_counted_together_are_named_together() {
        let folder = tempfile::tempdir().unwrap();
        let slabs = folder.path().join("sys/kernel/slab");
        fs::create_dir_all(slabs.join("task_struct")).unwrap();
        for (name, behind) in [
            ("signal_cache", ":A-0001152"),
            ("UNIX", ":A-0001152"),
            ("UNIX-STREAM", ":A-0001152"),
            ("alone", ":0000024"),
            ("cred", ":A-0000192"),
        ] {
            symlink(behind, slabs.join(name)).unwrap();
        }
        (1..6).for_each(|k| symlink(":A-0000192", slabs.join(format!("pid_{k}"))).unwrap());
        let merged = Merged::read(&Root::new(folder.path()).unwrap());
        assert_eq!(merged.name(b"signal_cache"), "signal_cache (with UNIX, UNIX-STREAM)");
        assert_eq!(merged.name(b"cred"), "cred (with pid_1, pid_2, pid_3 and 2 more)");
        for name in ["alone", "task_struct", "unknown"] {
            assert_eq!(merged.name(name.as_bytes()), name);
        }
    }

    #[test]
    fn what_this_kernel_merges_is_found() {
        let folder = Path::new("/sys/kernel/slab");
        let Some(link) = fs::read_dir(folder).ok().and_then(|all| {
            all.flatten().find(|entry| entry.path().is_symlink()).map(|entry| entry.file_name())
        }) else {
            return;
        };
        let behind = fs::read_link(folder.join(&link)).unwrap();
        let same = |entry: &fs::DirEntry| fs::read_link(entry.path()).is_ok_and(|other| other == behind);
        let together = fs::read_dir(folder).unwrap().flatten().filter(same).count();
        let name = Merged::read(&Root::new("/").unwrap()).name(link.as_bytes());
        assert_eq!(name.contains(" (with "), 1 < together, "{name}");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let file = [HEAD.as_bytes(), &bytes].concat();
            prop_assert!(parse(&file).unwrap().count() <= bytes.len());
            let _ = parse(&bytes).map(Iterator::count);
        }

        #[test]
        fn what_is_written_is_read(name in "[a-z0-9_-]{1,20}", pages in 0_u64..16, slabs in 0_u64..1 << 40) {
            let file = format!("{HEAD}{name} 1 2 3 4 {pages} : tunables 0 0 0 : slabdata 0 {slabs} 0\n");
            prop_assert_eq!(read(&file), [(name, pages * slabs)]);
        }
    }
}
