//! Caches that the kernel has merged with others of their size: slabinfo names one of them, `/sys/kernel/slab` all.

use std::collections::HashMap;
use std::mem::MaybeUninit;

use rustix::fs::{OFlags, readlinkat_raw};

use crate::live::root::{Root, entries};
use crate::live::text;

const FOLDER: &str = "sys/kernel/slab";
/// So many others are named; of more, the number.
const NAMED: usize = 3;
/// The longest name of the memory behind a cache, such as `:A-0001152`.
const LONGEST: usize = 256;

/// Names of caches by the memory behind them. Nothing where the kernel merges none, or does not tell.
#[derive(Debug, Default)]
pub(super) struct Merged {
    behind: HashMap<Vec<u8>, Vec<u8>>,
}

impl Merged {
    /// Reads the links of all caches.
    pub(super) fn read(root: &Root) -> Self {
        let mut behind = HashMap::new();
        let Ok(folder) = root.open(FOLDER, OFlags::RDONLY | OFlags::DIRECTORY) else {
            return Self::default();
        };
        let mut space = [MaybeUninit::uninit(); LONGEST];
        // What was read before a failure is true.
        let _ = entries(&folder, |name| {
            if let Ok((target, _)) = readlinkat_raw(&folder, name, &mut space) {
                behind.insert(name.to_vec(), target.to_vec());
            }
        });
        Self { behind }
    }

    /// The name of a cache and of those that are counted with it: `signal_cache (with UNIX, UNIX-STREAM)`.
    pub(super) fn name(&self, cache: &[u8]) -> String {
        let own = text::printable(cache);
        let Some(memory) = self.behind.get(cache) else { return own };
        let mut others: Vec<&[u8]> = self
            .behind
            .iter()
            .filter(|&(name, behind)| behind == memory && name != cache)
            .map(|(name, _)| &name[..])
            .collect();
        if others.is_empty() {
            return own;
        }
        others.sort_unstable();
        let more = others.len().saturating_sub(NAMED);
        let named: Vec<String> = others.iter().take(NAMED).map(|name| text::printable(name)).collect();
        let rest = if 0 < more { format!(" and {more} more") } else { String::new() };
        format!("{own} (with {}{rest})", named.join(", "))
    }
}
