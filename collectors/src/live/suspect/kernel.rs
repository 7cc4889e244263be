//! Which callers inside the kernel hold memory: `/proc/vmallocinfo`, and `/proc/allocinfo` where the kernel has it.

use std::collections::HashMap;

use crate::live::error::CollectError;
use crate::live::root::{Buffer, Root};
use crate::live::text;

/// How many tags are named.
const NAMED: usize = 15;

/// A place in the kernel that allocates, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelTag {
    /// The file that tells it, without `/proc/`.
    pub source: &'static str,
    /// Function, and line of code where it is known; fit to be shown.
    pub name: String,
    /// Bytes that it holds.
    pub bytes: u64,
    /// How many allocations that is.
    pub calls: u64,
}

/// Bytes of a file to its tags; `None` where it is not that file.
type Parser = fn(&[u8]) -> Option<Vec<KernelTag>>;

/// Reads both files, largest tags first; what cannot be read is an error beside them.
#[must_use]
pub fn kernel_tags(root: &Root) -> (Vec<KernelTag>, Vec<CollectError>) {
    let (mut tags, mut failures, mut buffer) = (Vec::new(), Vec::new(), Buffer::default());
    let readers: [(&str, Parser, &'static str); 2] =
        [("allocinfo", allocations, "version 1 or 2"), ("vmallocinfo", mapped, "ranges with sizes")];
    for (name, parse, expected) in readers {
        let file = format!("proc/{name}");
        match root.read(&file, &mut buffer).map(parse) {
            Ok(Some(found)) => tags.extend(found),
            Ok(None) => failures.push(CollectError::Malformed { path: root.path(file), expected }),
            Err(error) => failures.push(error),
        }
    }
    (tags, failures)
}

/// `size calls file:line [module] func:name accurate:no`, of version 1.0 or 2.0. Tags of one function are added up.
fn allocations(bytes: &[u8]) -> Option<Vec<KernelTag>> {
    let known =
        [b"allocinfo - version: 1.", b"allocinfo - version: 2."].iter().any(|head| bytes.starts_with(*head));
    if !known {
        return None;
    }
    let mut tags: HashMap<Vec<u8>, (u64, u64)> = HashMap::new();
    for line in text::lines(bytes).skip(1).filter(|line| !line.trim_ascii_start().starts_with(b"#")) {
        let mut fields = text::fields(line);
        let numbers = (fields.next().and_then(text::unsigned), fields.next().and_then(text::unsigned));
        let (Some(size), Some(calls)) = numbers else { continue };
        // Version 2 may say of a tag that some of its allocations are not counted.
        let name: Vec<&[u8]> = fields.filter(|field| !field.starts_with(b"accurate:")).collect();
        if 0 < size && !name.is_empty() {
            add(&mut tags, &name.join(&b' '), size, calls);
        }
    }
    Some(ranked("allocinfo", tags))
}

/// `0xfrom-0xto size caller+0x1/0x2 …`: sizes by caller.
fn mapped(bytes: &[u8]) -> Option<Vec<KernelTag>> {
    let mut tags: HashMap<Vec<u8>, (u64, u64)> = HashMap::new();
    for line in text::lines(bytes) {
        let mut fields = text::fields(line);
        let range = fields.next().filter(|range| range.starts_with(b"0x"))?;
        let (Some(size), true) = (fields.next().and_then(text::unsigned), range.contains(&b'-')) else {
            continue;
        };
        let caller = fields.next().unwrap_or(b"?");
        let name = caller.split(|&byte| byte == b'+').next().unwrap_or(caller);
        add(&mut tags, name, size, 1);
    }
    Some(ranked("vmallocinfo", tags))
}

fn add(tags: &mut HashMap<Vec<u8>, (u64, u64)>, name: &[u8], size: u64, calls: u64) {
    let held = tags.entry(name.to_vec()).or_default();
    *held = (held.0.saturating_add(size), held.1.saturating_add(calls));
}

fn ranked(source: &'static str, tags: HashMap<Vec<u8>, (u64, u64)>) -> Vec<KernelTag> {
    let tag = |(name, (bytes, calls)): (Vec<u8>, _)| KernelTag {
        source,
        name: text::printable(&name),
        bytes,
        calls,
    };
    let mut tags: Vec<KernelTag> = tags.into_iter().map(tag).collect();
    tags.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    tags.truncate(NAMED);
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: &str = "allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n 0 0 init/main.c:1314 func:do_initcalls\n\
        400 10 drivers/x.c:20 [x] func:x_start\n 5000 48 mm/slub.c:2259 func:alloc_slab_page\n";
    const TWO: &str =
        "allocinfo - version: 2.0\n#     <size>  <calls> <tag info>\n 7 1 a.c:1 func:b accurate:no\n";
    const MAPPED: &str = "0x1-0x2   20480 irq_init+0xca/0x100 vmap\n0x2-0x3 8192 load_module+0x1/0x2 pages=1 vmalloc\n\
        0x3-0x4 100 load_module+0x9/0x2\n0x4-0x5 9\n";

    fn names(tags: Option<Vec<KernelTag>>) -> Vec<(String, u64, u64)> {
        tags.unwrap().into_iter().map(|tag| (tag.name, tag.bytes, tag.calls)).collect()
    }

    #[test]
    fn tags_are_ranked_by_what_they_hold() {
        let expected = [
            ("mm/slub.c:2259 func:alloc_slab_page".to_owned(), 5000, 48),
            ("drivers/x.c:20 [x] func:x_start".to_owned(), 400, 10),
        ];
        assert_eq!(names(allocations(ONE.as_bytes())), expected);
        assert_eq!(names(allocations(TWO.as_bytes())), [("a.c:1 func:b".to_owned(), 7, 1)]);
        assert_eq!(allocations(b"allocinfo - version: 3.0\n"), None);
    }

    #[test]
    fn callers_are_added_up() {
        let expected =
            [("irq_init".to_owned(), 20480, 1), ("load_module".to_owned(), 8292, 2), ("?".to_owned(), 9, 1)];
        assert_eq!(names(mapped(MAPPED.as_bytes())), expected);
        assert_eq!(mapped(b"nothing of it\n"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..ONE.len()) {
            let _ = (allocations(&bytes), mapped(&bytes), allocations(&ONE.as_bytes()[..cut]));
            let _ = allocations(&[TWO.as_bytes(), &bytes].concat());
            let _ = mapped(&[MAPPED.as_bytes(), &bytes].concat());
        }
    }
}
