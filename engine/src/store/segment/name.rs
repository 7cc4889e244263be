//! Names of segments, which say what is in them and prove their footers.

use std::path::{Path, PathBuf};

/// Which rows a segment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Kind {
    /// Every sample.
    Raw,
    /// Block medians.
    Tier,
}

impl Kind {
    /// Its folder, and the first word of its files' names.
    pub(in super::super) fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Tier => "tier",
        }
    }
}

/// `raw-000000012-000000023-1a2b3c4d.parquet`: its kind, the numbers of the first and last write-ahead file whose
/// samples it has, and the CRC-32 of its footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Name {
    pub(in super::super) kind: Kind,
    pub(in super::super) first: u32,
    pub(in super::super) last: u32,
    pub(in super::super) footer_sum: u32,
}

impl Name {
    /// Reads a file's name; `None` where it is no segment's.
    pub(in super::super) fn read(path: &Path) -> Option<Self> {
        let mut words = path.file_name()?.to_str()?.strip_suffix(".parquet")?.split('-');
        let kind = match words.next()? {
            "raw" => Kind::Raw,
            "tier" => Kind::Tier,
            _ => return None,
        };
        let (first, last) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let footer_sum = u32::from_str_radix(words.next()?, 16).ok()?;
        let name = Self { kind, first, last, footer_sum };
        (words.next().is_none() && first <= last).then_some(name)
    }

    /// Its file in the store at `dir`.
    pub(in super::super) fn path(self, dir: &Path) -> PathBuf {
        let Self { kind, first, last, footer_sum } = self;
        let word = kind.word();
        dir.join(word).join(format!("{word}-{first:09}-{last:09}-{footer_sum:08x}.parquet"))
    }

    /// Whether all that is in `other` is in this one too, as samples or as blocks.
    pub(in super::super) fn covers(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back() {
        let name = Name { kind: Kind::Tier, first: 12, last: 1_000_000_023, footer_sum: 0xab };
        let path = name.path(Path::new("store"));
        assert_eq!(path, Path::new("store/tier/tier-000000012-1000000023-000000ab.parquet"));
        assert_eq!(Name::read(&path), Some(name));
    }

    #[test]
    fn what_is_no_segment_has_no_name() {
        for text in [
            "raw-1-2.parquet",
            "raw-1-2-3.parquet.tmp",
            "raw-2-1-0.parquet",
            "x-1-2-3.parquet",
            "raw-1-2-3-4.parquet",
        ] {
            assert_eq!(Name::read(Path::new(text)), None, "{text}");
        }
    }
}
