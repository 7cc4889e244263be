//! What can run out on a Linux host, as data: where it is read, who limits it, what happens then.
//!
//! Names and units are those of recorded histories where these have the resource too.

mod kernel;
mod memory;
mod processes;
mod storage;

use crate::history::{Kind, Sense, Unit};

pub use kernel::*;
pub use memory::*;
pub use processes::*;
pub use storage::*;

/// One kind of thing that can run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The name that its series carry.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Level or running count.
    pub kind: Kind,
    /// Which way leads to exhaustion.
    pub sense: Sense,
    /// Where the value is read.
    pub used: &'static str,
    /// Where the limit is read; empty where there is none.
    pub limit: &'static str,
    /// What happens at the limit.
    pub exhausted: &'static str,
    /// What gives it back.
    pub freed: Freed,
}

/// What gives back what was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freed {
    /// A restart of the process or service that holds it.
    ByRestart,
    /// A restart of the host.
    ByReboot,
    /// No restart: somebody must clean up.
    ByCleaning,
}

impl Resource {
    /// A level that rises towards its limit.
    const fn level(name: &'static str, unit: Unit, used: &'static str) -> Self {
        Self {
            name,
            unit,
            kind: Kind::Gauge,
            sense: Sense::Rises,
            used,
            limit: "",
            exhausted: "",
            freed: Freed::ByRestart,
        }
    }

    const fn bytes(name: &'static str, used: &'static str) -> Self {
        Self::level(name, Unit::Bytes, used)
    }

    const fn count(name: &'static str, used: &'static str) -> Self {
        Self::level(name, Unit::Count, used)
    }

    const fn counter(name: &'static str, used: &'static str) -> Self {
        Self { kind: Kind::Counter, ..Self::level(name, Unit::Count, used) }
    }

    const fn until(self, limit: &'static str, exhausted: &'static str) -> Self {
        Self { limit, exhausted, ..self }
    }

    const fn freed(self, freed: Freed) -> Self {
        Self { freed, ..self }
    }
}

/// Every resource.
pub fn all() -> impl Iterator<Item = &'static Resource> {
    [memory::ALL, storage::ALL, processes::ALL, kernel::ALL].into_iter().flatten().copied()
}

/// The resource of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Resource> {
    all().find(|resource| resource.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_is_there_once_and_a_limit_says_what_happens() {
        let mut seen = HashSet::new();
        for resource in all() {
            assert!(seen.insert(resource.name), "{} twice", resource.name);
            assert_eq!(resource.limit.is_empty(), resource.exhausted.is_empty(), "{}", resource.name);
            assert!(!resource.used.is_empty(), "{}", resource.name);
        }
        assert_eq!(find("disk.bytes"), Some(&DISK_BYTES));
        assert_eq!(find("none"), None);
    }
}
