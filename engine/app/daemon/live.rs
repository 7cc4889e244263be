//! From readings to series: what is sampled goes to the watch and to the store.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use hebe::analyze::LIVE;
use hebe::finding::Row;
use hebe::snapshot::SourceState;
use hebe::store::{Meta, Reading as Kept, SeriesId, Store, StoreError, Tick};
use hebe::watch::{Change, Seen, Watch};
use hebe_collectors::history::{Kind, Series};
use hebe_collectors::live::{self, Identity, Limit, Named, Reading, Root, Sampler};

use super::own::Own;
use crate::config::{Collect, Config};

/// Everything that is sampled.
pub(super) struct Live {
    sampler: Option<Sampler>,
    watch: Arc<Mutex<Watch>>,
    known: HashMap<(Cow<'static, str>, Arc<str>), Known>,
    rounds: u32,
    boot_id: Arc<str>,
    ignore: Vec<String>,
    /// The newest readings of endpoints, and why there are none.
    scraped: HashMap<String, Scraped>,
    sources: Vec<SourceState>,
}

/// A series as the daemon knows it.
struct Known {
    what: Series,
    id: Option<SeriesId>,
    oldest: Option<Identity>,
    seen_ms: i64,
}

/// A series that did not show itself for so long is no longer known here, in milliseconds.
const UNKNOWN_MS: i64 = 86_400_000;
/// How often these are looked for, in rounds.
const TIDY: u32 = 256;

#[derive(Default)]
struct Scraped {
    readings: Vec<Reading>,
    start_ms: Option<i64>,
    restarted: bool,
    failure: Option<String>,
}

impl Live {
    pub(super) fn new(config: &Config) -> Result<Self> {
        let watch = Watch::new(&config.horizons, config.period, config.settings()?);
        Ok(Self {
            sampler: sampler(&config.collect)?,
            watch: Arc::new(Mutex::new(watch)),
            known: HashMap::new(),
            rounds: 0,
            boot_id: Arc::from(""),
            ignore: config.collect.ignore.clone(),
            scraped: HashMap::new(),
            sources: Vec::new(),
        })
    }

    pub(super) fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The watch, for those who show it.
    pub(super) fn shared(&self) -> Arc<Mutex<Watch>> {
        Arc::clone(&self.watch)
    }

    /// Takes on another configuration; what is known and said is kept.
    pub(super) fn reload(&mut self, config: &Config) -> Result<()> {
        let sampler = sampler(&config.collect)?;
        let mut watch = Watch::new(&config.horizons, config.period, config.settings()?);
        {
            let mut old = self.watch();
            watch.restore(old.state());
            old.histories().for_each(|history| watch.remember(&history));
            watch.surges_held = old.surges_held;
            watch.take_ledger(&mut old);
        }
        *self.watch() = watch;
        self.sampler = sampler;
        self.ignore.clone_from(&config.collect.ignore);
        self.scraped.clear();
        Ok(())
    }

    pub(super) fn set_pace(&self, own: &Own) {
        self.watch().set_pace(own.period_s(), own.sparing());
    }

    /// Gives processes the names of those who run them.
    pub(super) fn name(&mut self, named: Named) {
        if let Some(sampler) = &mut self.sampler {
            sampler.name(named);
        }
    }

    /// The newest level of every series.
    pub(super) fn levels(&self) -> Vec<(String, f64)> {
        self.watch().levels()
    }

    /// Looks at what is due.
    pub(super) fn look(&self, now_ms: i64) -> Vec<Change> {
        self.watch().look(now_ms)
    }

    /// The rows that alarm.
    pub(super) fn alarms(&self) -> Vec<Row> {
        self.watch().alarms()
    }

    pub(super) fn sources(&self) -> Vec<SourceState> {
        let scraped = self.scraped.iter().map(|(name, scraped)| SourceState {
            name: name.clone(),
            success: scraped.failure.is_none(),
            failures: scraped.failure.iter().cloned().collect(),
        });
        self.sources.iter().cloned().chain(scraped).collect()
    }

    /// Takes in what an endpoint gave.
    pub(super) fn scraped(&mut self, name: String, readings: Result<(Vec<Reading>, Option<i64>), String>) {
        let scraped = self.scraped.entry(name).or_default();
        match readings {
            Ok((readings, start_ms)) => {
                let moved = |before: i64| start_ms.is_some_and(|now| 1000 < (now - before).abs());
                scraped.restarted |= scraped.start_ms.is_some_and(moved);
                *scraped = Scraped { readings, start_ms, restarted: scraped.restarted, failure: None };
            }
            Err(failure) => {
                scraped.readings.clear();
                scraped.failure = Some(failure);
            }
        }
    }

    /// Names every series that a first round gives, without taking in its values.
    pub(super) fn names(&mut self, now_ms: i64) -> Vec<Series> {
        let readings =
            self.sampler.as_mut().map(|sampler| sampler.sample(now_ms).readings).unwrap_or_default();
        readings.iter().filter(|reading| self.counts(reading)).map(what).collect()
    }

    /// One round: everything is read, watched and kept.
    pub(super) fn sample(
        &mut self,
        now_ms: i64,
        store: Option<&mut Store>,
        own: &Own,
    ) -> Result<(), StoreError> {
        self.rounds = self.rounds.wrapping_add(1);
        if self.rounds.is_multiple_of(TIDY) {
            self.known.retain(|_, known| now_ms - known.seen_ms < UNKNOWN_MS);
        }
        let sample = self.sampler.as_mut().map(|sampler| sampler.sample(now_ms)).unwrap_or_default();
        let rebooted = !self.boot_id.is_empty() && sample.boot_id != self.boot_id;
        self.boot_id = Arc::clone(&sample.boot_id);
        self.sources = sources(&sample);
        self.watch().note(now_ms, &sample.uses);
        let mut readings: Vec<(Reading, bool)> =
            sample.readings.into_iter().map(|reading| (reading, rebooted)).collect();
        readings.extend(own.readings().map(|reading| (reading, false)));
        for scraped in self.scraped.values_mut() {
            readings.extend(scraped.readings.drain(..).map(|reading| (reading, scraped.restarted)));
            scraped.restarted = false;
        }
        readings.retain(|(reading, _)| self.counts(reading));
        self.take(now_ms, &readings, store)
    }

    /// Whether a reading is a level, and not left out.
    fn counts(&self, reading: &Reading) -> bool {
        if reading.kind == Kind::Counter {
            return false;
        }
        if self.ignore.is_empty() {
            return true;
        }
        let name = name(reading);
        !self.ignore.iter().any(|pattern| hebe::silence::matches(pattern, &name))
    }

    fn take(
        &mut self,
        now_ms: i64,
        readings: &[(Reading, bool)],
        mut store: Option<&mut Store>,
    ) -> Result<(), StoreError> {
        let mut kept = Vec::with_capacity(readings.len());
        let mut anew = Vec::new();
        {
            let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            for (reading, restarted) in readings {
                let known =
                    self.known.entry((reading.resource.clone(), Arc::clone(&reading.scope))).or_insert_with(
                        || Known { what: what(reading), id: None, oldest: None, seen_ms: now_ms },
                    );
                known.seen_ms = now_ms;
                let restarted = known.was_restarted(reading) || *restarted;
                let limit = match &reading.limit {
                    Limit::At { value, owner } => Some((*value, owner.as_ref())),
                    Limit::None | Limit::Unbound { .. } => None,
                };
                watch.see(&known.what, &Seen { t_ms: now_ms, value: reading.value, limit, restarted });
                if let Some(store) = store.as_deref_mut() {
                    let id = known.id(store, reading);
                    kept.push(Kept { id, used: reading.value, limit: reading.limit.value() });
                    anew.extend(restarted.then_some(id));
                }
            }
        }
        let Some(store) = store else { return Ok(()) };
        if !anew.is_empty() {
            anew.sort_unstable();
            anew.dedup();
            store.restarted(now_ms, &anew);
        }
        let appended = store.append(&Tick { t_ms: now_ms, readings: &kept })?;
        if 0 < appended.rejected {
            // Forgotten by the store after a long absence: named anew with the next tick.
            self.known.values_mut().for_each(|known| known.id = None);
        }
        Ok(())
    }
}

impl Known {
    /// Whether the oldest process of the group is another one, and younger.
    fn was_restarted(&mut self, reading: &Reading) -> bool {
        let Some(processes) = reading.processes else { return false };
        let before = self.oldest.replace(processes.oldest);
        before.is_some_and(|before| before.start_ticks < processes.oldest.start_ticks)
    }

    fn id(&mut self, store: &mut Store, reading: &Reading) -> SeriesId {
        *self.id.get_or_insert_with(|| {
            let owner = reading.limit.owner().to_owned();
            store.register(&Meta { limit_owner: owner, ..Meta::of(&self.what) })
        })
    }
}

fn sampler(collect: &Collect) -> Result<Option<Sampler>> {
    if !collect.enabled {
        return Ok(None);
    }
    let options = live::Options {
        top: collect.top,
        cgroups: collect.cgroups,
        pseudo_mounts: collect.pseudo_mounts,
        ..live::Options::default()
    };
    Ok(Some(Sampler::new(Root::new("/").context("the files of the kernel")?, &options)))
}

/// The name of a reading's series.
fn name(reading: &Reading) -> String {
    if reading.scope.is_empty() {
        reading.resource.to_string()
    } else {
        format!("{} {}", reading.resource, reading.scope)
    }
}

/// The series of a reading, without samples.
fn what(reading: &Reading) -> Series {
    let none = (Vec::new(), Vec::new());
    let sense = reading.sense;
    Series { sense, ..Series::here(&reading.resource, &reading.scope, reading.unit, LIVE, none) }
}

fn sources(sample: &live::Sample) -> Vec<SourceState> {
    let state = |name: &&'static str| {
        let failures: Vec<String> = sample
            .failures
            .iter()
            .filter(|failure| failure.source == *name)
            .map(|failure| {
                let times =
                    if 1 < failure.count { format!(" ({} times)", failure.count) } else { String::new() };
                format!("{}{times}", failure.error)
            })
            .collect();
        SourceState { name: (*name).to_owned(), success: sample.is_whole(name), failures }
    };
    sample.sources.iter().map(state).collect()
}
