//! One round of collecting: what sources read from and write to.

use std::sync::Arc;

use super::catalogue::Resource;
use super::error::{CollectError, Failure};
use super::named::Named;
use super::reading::{Limit, Processes, Reading};
use super::root::{Buffer, Root};
use super::uses::Uses;

/// Something that is read once a round. It costs only its own readings when it fails.
pub(super) trait Source: std::fmt::Debug + Send {
    /// A short name for it, as in `hebe_collector_success{collector}`.
    fn name(&self) -> &'static str;

    /// Reads it once. What it found before it failed stays.
    ///
    /// # Errors
    ///
    /// Returns what kept it from giving all its readings; further ones go to [`Round::fail`].
    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError>;
}

/// The readings and failures of one round, as they gather.
#[derive(Debug)]
pub(super) struct Round<'a> {
    pub(super) root: &'a Root,
    pub(super) buffer: &'a mut Buffer,
    pub(super) readings: Vec<Reading>,
    pub(super) failures: Vec<Failure>,
    /// Main memory in bytes; 0 until it is known.
    pub(super) memory_bytes: u64,
    /// The scope of what the host has one of.
    pub(super) host: Arc<str>,
    /// Processes that have a name of their own.
    pub(super) named: &'a Arc<Named>,
    /// Who is reading.
    pub(super) source: &'static str,
    /// What everybody uses, however little.
    pub(super) uses: Uses,
}

impl Round<'_> {
    /// Reads a whole file.
    pub(super) fn read(&mut self, file: &str) -> Result<&[u8], CollectError> {
        self.root.read(file, self.buffer)
    }

    /// Reads a file that holds a single whole number.
    pub(super) fn number(&mut self, file: &str) -> Result<u64, CollectError> {
        self.root.number(file, self.buffer)
    }

    /// Adds a reading of what the host has one of.
    pub(super) fn push(&mut self, resource: &'static Resource, value: f64, limit: Limit) {
        let scope = Arc::clone(&self.host);
        self.push_of(resource, scope, value, limit);
    }

    /// Adds a reading of one instance.
    pub(super) fn push_of(&mut self, resource: &'static Resource, scope: Arc<str>, value: f64, limit: Limit) {
        self.readings.push(Reading::new(resource, scope, value, limit));
    }

    /// Adds a reading of a group of processes.
    pub(super) fn push_group(
        &mut self,
        resource: &'static Resource,
        scope: Arc<str>,
        value: f64,
        limit: Limit,
        processes: Option<Processes>,
    ) {
        let reading = Reading { processes, ..Reading::new(resource, scope, value, limit) };
        self.readings.push(reading);
    }

    /// Notes a failure of the present source.
    pub(super) fn fail(&mut self, error: CollectError) {
        self.fail_often(error, 1);
    }

    /// Notes a failure that happened `count` times.
    pub(super) fn fail_often(&mut self, error: CollectError, count: u32) {
        let source = self.source;
        let known =
            |failure: &&mut Failure| failure.source == source && failure.error.reason() == error.reason();
        match self.failures.iter_mut().find(known) {
            Some(failure) => failure.count = failure.count.saturating_add(count),
            None => self.failures.push(Failure { source, error, count }),
        }
    }

    /// The error of a file that does not hold what it should.
    pub(super) fn malformed(&self, file: &str, expected: &'static str) -> CollectError {
        CollectError::Malformed { path: self.root.path(file), expected }
    }
}
