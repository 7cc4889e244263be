//! A source that costs the kernel much, and moves little: it is read in some rounds, and its readings stand in between.

use super::error::CollectError;
use super::reading::Reading;
use super::round::{Round, Source};

/// A source that is read in every so many rounds.
#[derive(Debug)]
pub(super) struct Seldom<S> {
    source: S,
    every: u32,
    /// Rounds for which what it gave stands still.
    stands: u32,
    readings: Vec<Reading>,
    caches: Vec<(std::sync::Arc<str>, f64)>,
}

impl<S: Source> Seldom<S> {
    pub(super) fn new(source: S, every: u32) -> Self {
        Self { source, every, stands: 0, readings: Vec::new(), caches: Vec::new() }
    }
}

impl<S: Source> Source for Seldom<S> {
    fn name(&self) -> &'static str {
        self.source.name()
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        if let Some(left) = self.stands.checked_sub(1) {
            self.stands = left;
            round.readings.extend_from_slice(&self.readings);
            round.uses.caches.extend_from_slice(&self.caches);
            return Ok(());
        }
        let (readings, caches) = (round.readings.len(), round.uses.caches.len());
        // What fails is tried again in the next round.
        self.source.collect(round)?;
        self.readings = round.readings[readings..].to_vec();
        self.caches = round.uses.caches[caches..].to_vec();
        self.stands = self.every.saturating_sub(1);
        Ok(())
    }
}
