//! What a round of collecting gives: readings of resources, and what could not be read.

use std::borrow::Cow;
use std::sync::Arc;

use super::catalogue::Resource;
use super::error::Failure;
use super::uses::Uses;
use crate::history::{Kind, Sense, Unit};

/// One resource at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Catalogue name (`memory.available`, `process.fds`); with `scope` it names the series.
    pub resource: Cow<'static, str>,
    /// Mount, cgroup, process group, slab cache or user; empty where the host has only one. Printable, without
    /// process numbers or anything else that a restart changes.
    pub scope: Arc<str>,
    /// What is used, in `unit`; for a counter, the running count.
    pub value: f64,
    /// Where it runs out.
    pub limit: Limit,
    /// What value and limit are counted in.
    pub unit: Unit,
    /// Level or running count.
    pub kind: Kind,
    /// Which way leads to exhaustion.
    pub sense: Sense,
    /// The processes it is about, if it is about processes.
    pub processes: Option<Processes>,
}

/// Where a resource runs out, and who says so.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Limit {
    /// Nobody sets one, or it could not be read (then a failure says so).
    #[default]
    None,
    /// A limit is set that cannot be reached: nothing is forecast against it.
    Unbound {
        /// Which limit, and why it does not bind.
        owner: Cow<'static, str>,
    },
    /// Where it runs out.
    At {
        /// In the unit of the reading.
        value: f64,
        /// Who enforces it; where several limits apply, the one that binds.
        owner: Cow<'static, str>,
    },
}

/// A process for as long as it lives: the same number is used again, the start is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// Its start, in clock ticks since boot (the host's boot is in [`Sample::boot_id`]).
    pub start_ticks: u64,
    /// Its number.
    pub pid: u32,
}

/// Which processes a reading is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processes {
    /// The oldest of the group. When it changes, the group was restarted and a new epoch begins.
    pub oldest: Identity,
    /// The one that holds the most.
    pub fullest: Identity,
    /// How many there are.
    pub count: u32,
}

/// What one round of collecting gave.
#[derive(Debug, Default)]
pub struct Sample {
    /// When, in milliseconds since 1970 UTC, as the caller said.
    pub t_ms: i64,
    /// The kernel's name of this boot; empty where it cannot be read. A new one is a new epoch of every series.
    pub boot_id: Arc<str>,
    /// What was read.
    pub readings: Vec<Reading>,
    /// What was not read, and why.
    pub failures: Vec<Failure>,
    /// Every source that was asked, with or without success.
    pub sources: Vec<&'static str>,
    /// What everybody uses, however little.
    pub uses: Uses,
}

impl Limit {
    /// A limit that binds.
    pub(super) fn at(value: f64, owner: impl Into<Cow<'static, str>>) -> Self {
        Self::At { value, owner: owner.into() }
    }

    /// A limit that cannot bind.
    pub(super) fn unbound(owner: impl Into<Cow<'static, str>>) -> Self {
        Self::Unbound { owner: owner.into() }
    }

    /// A limit of the kernel: one as large as this is how it writes "none".
    pub(super) fn kernel(value: u64, owner: &'static str) -> Self {
        const NONE: u64 = 1 << 62;
        if NONE <= value { Self::unbound(owner) } else { Self::at(value as f64, owner) }
    }

    /// The number, where one binds.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::At { value, .. } => Some(*value),
            Self::None | Self::Unbound { .. } => None,
        }
    }

    /// Who enforces it, or why none binds; empty where nobody sets one.
    #[must_use]
    pub fn owner(&self) -> &str {
        match self {
            Self::At { owner, .. } | Self::Unbound { owner } => owner,
            Self::None => "",
        }
    }

    /// The one that is met first.
    pub(super) fn tighter(self, other: Self) -> Self {
        match (self.value(), other.value()) {
            (Some(a), Some(b)) if b < a => other,
            (None, Some(_)) => other,
            (None, None) if self == Self::None => other,
            _ => self,
        }
    }
}

impl Reading {
    /// A reading of a resource in the catalogue.
    pub(super) fn new(resource: &'static Resource, scope: Arc<str>, value: f64, limit: Limit) -> Self {
        Self {
            resource: Cow::Borrowed(resource.name),
            scope,
            value,
            limit,
            unit: resource.unit,
            kind: resource.kind,
            sense: resource.sense,
            processes: None,
        }
    }
}

impl Sample {
    /// Whether a source gave all that it should.
    #[must_use]
    pub fn is_whole(&self, source: &str) -> bool {
        !self.failures.iter().any(|failure| failure.source == source)
    }
}
