//! Who used how much when, on the running host: block medians of every group and tag, the older the coarser.
//!
//! Bounded: so many accounts, so many blocks each. Who finds no room is added up as one member, so that the remainder
//! stays honest. An account that nobody was seen in for as long as the coarsest blocks reach is closed.

mod account;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use hebe_collectors::history::{Series, Unit};
use hebe_collectors::live::{GroupUse, Uses};

use self::account::{ABSENT, Account, Entry, KEPT, Quantity};
use super::Part;
use crate::analyze::LIVE;

/// Widths that the coarsest blocks reach back.
const REACH: i64 = 64;
/// Samples in the finest block.
const SAMPLES: f64 = 6.0;
/// Each coarser block holds so many finer ones.
const COARSER: i64 = 4;
/// Coarsenesses at most.
const TIERS: usize = 8;
/// Groups with an account of their own.
const GROUPS: usize = 400;
/// Tags with an account of their own.
const TAGS: usize = 250;
/// Whoever finds no room.
const OTHERS: &str = "(others)";

/// Block medians of all groups and tags.
#[derive(Debug)]
pub struct Ledger {
    tiers: Vec<Tier>,
    groups: HashMap<Arc<str>, Account>,
    tags: HashMap<Arc<str>, Account>,
    memory: Vec<Part>,
    /// Samples in the finest open block.
    open: usize,
}

/// Blocks of one width, counted from 1970 UTC.
#[derive(Clone, Copy, Debug)]
struct Tier {
    width_ms: i64,
    /// The block that is being filled.
    block: Option<i64>,
}

impl Ledger {
    /// A ledger for samples every `period_s` that reaches back `longest_s` at least, as far as tiers go.
    #[must_use]
    pub fn new(period_s: f64, longest_s: f64) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "a few seconds in milliseconds")]
        let mut width_ms = ((SAMPLES * period_s.max(0.01) * 1000.0) as i64).max(1);
        let mut tiers = Vec::new();
        loop {
            tiers.push(Tier { width_ms, block: None });
            let reaches = width_ms as f64 / 1000.0 * KEPT as f64;
            if longest_s <= reaches || tiers.len() == TIERS {
                break;
            }
            width_ms *= COARSER;
        }
        Self { tiers, groups: HashMap::new(), tags: HashMap::new(), memory: Vec::new(), open: 0 }
    }

    /// Takes in what everybody used at `t_ms`.
    pub fn take(&mut self, t_ms: i64, uses: &Uses) {
        self.turn(t_ms);
        self.memory = uses.memory.iter().map(|&(name, value)| Part { name, value }).collect();
        let open = self.open;
        let mut others = None;
        for group in &uses.groups {
            match account(&mut self.groups, &group.name, GROUPS) {
                Some(account) => account.see(t_ms, open, entry(group)),
                None => others = Some(add(others.unwrap_or_default(), entry(group))),
            }
        }
        if let Some(others) = others
            && let Some(account) = account(&mut self.groups, &Arc::from(OTHERS), usize::MAX)
        {
            account.see(t_ms, open, others);
        }
        for (name, bytes) in &uses.caches {
            if let Some(account) = account(&mut self.tags, name, TAGS) {
                account.see(t_ms, open, [narrow(*bytes), 0.0, 0.0, 0.0]);
            }
        }
        if 0 < uses.kernel_threads
            && let Some(account) = account(&mut self.tags, &Arc::from(KERNEL_THREADS), usize::MAX)
        {
            account.see(t_ms, open, [0.0, 0.0, narrow(uses.kernel_threads as f64), 0.0]);
        }
        self.open += 1;
    }

    /// Whether blocks of another ledger are as long as those of this one.
    #[must_use]
    pub fn goes_on(&self, other: &Self) -> bool {
        let widths = |ledger: &Self| ledger.tiers.iter().map(|tier| tier.width_ms).collect::<Vec<_>>();
        widths(self) == widths(other)
    }

    /// Closes the blocks that end before `t_ms`.
    fn turn(&mut self, t_ms: i64) {
        for k in 0..self.tiers.len() {
            let now = t_ms.div_euclid(self.tiers[k].width_ms);
            let Some(before) = self.tiers[k].block.replace(now) else { continue };
            if now == before {
                // A coarser block cannot have ended where a finer one has not.
                return;
            }
            // Time that jumps back begins anew: what was kept stays in its order.
            let missed = usize::try_from(now - before - 1).unwrap_or(0).min(KEPT);
            let (open, tiers) = (std::mem::take(&mut self.open), self.tiers.len());
            for account in self.groups.values_mut().chain(self.tags.values_mut()) {
                account.close(k, open, tiers);
                (0..missed).for_each(|_| account.push(k, ABSENT, tiers));
            }
            if k == self.tiers.len() - 1 {
                self.forget(t_ms);
            }
        }
    }

    /// Closes accounts that nobody was seen in.
    fn forget(&mut self, t_ms: i64) {
        let reach = self.tiers.last().map_or(0, |tier| tier.width_ms * REACH);
        let stays = |account: &Account| t_ms - account.seen_ms <= reach;
        self.groups.retain(|_, account| stays(account));
        self.tags.retain(|_, account| stays(account));
    }

    /// The tier that covers a window best: fine enough, and reaching as far back as there is.
    fn tier(&self, window_s: f64) -> usize {
        let reaches = |tier: &Tier| window_s <= KEPT as f64 * tier.width_ms as f64 / 1000.0;
        self.tiers.iter().position(reaches).unwrap_or(self.tiers.len() - 1)
    }

    /// What is known of a window as series under the catalogue's names: every group's anonymous memory, descriptors,
    /// threads and processes, every cache, and the kernel's own threads.
    #[must_use]
    pub fn series(&self, window_s: f64) -> Vec<Series> {
        const OF_A_GROUP: [(Quantity, &str, Unit); 4] = [
            (Quantity::Anonymous, "process.anonymous", Unit::Bytes),
            (Quantity::Files, "process.fds_total", Unit::Count),
            (Quantity::Threads, "process.threads", Unit::Count),
            (Quantity::Number, "process.count", Unit::Count),
        ];
        let k = self.tier(window_s);
        let tier = self.tiers[k];
        let Some(end) = tier.block else { return Vec::new() };
        let mut all = Vec::new();
        for (name, account) in &self.groups {
            for (quantity, resource, unit) in OF_A_GROUP {
                all.extend(
                    account
                        .series(k, quantity, tier.width_ms, end)
                        .map(|points| told(resource, name, unit, points)),
                );
            }
        }
        for (name, account) in &self.tags {
            let (quantity, resource, unit) = if &**name == KERNEL_THREADS {
                (Quantity::Threads, "kernel.threads", Unit::Count)
            } else {
                (Quantity::Anonymous, "slab.cache", Unit::Bytes)
            };
            all.extend(
                account
                    .series(k, quantity, tier.width_ms, end)
                    .map(|points| told(resource, name, unit, points)),
            );
        }
        // A map has no order, and what is equal is told in order of name.
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// How much of a window the closed blocks cover, in seconds.
    #[must_use]
    pub fn covers_s(&self, window_s: f64) -> f64 {
        let k = self.tier(window_s);
        let kept = |account: &Account| account.kept.get(k).map_or(0, VecDeque::len);
        let have = self.groups.values().map(kept).max().unwrap_or(0);
        have as f64 * self.tiers[k].width_ms as f64 / 1000.0
    }

    /// The parts of memory in the newest sample, what there is of it first.
    #[must_use]
    pub fn memory(&self) -> &[Part] {
        &self.memory
    }

    /// Accounts that are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.len() + self.tags.len()
    }

    /// Whether nothing was taken in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The name under which threads of the kernel are counted.
const KERNEL_THREADS: &str = "kernel threads";

fn account<'l>(
    accounts: &'l mut HashMap<Arc<str>, Account>,
    name: &Arc<str>,
    most: usize,
) -> Option<&'l mut Account> {
    // Looked up first: the usual case copies no name.
    if !accounts.contains_key(name) {
        if most <= accounts.len() {
            return None;
        }
        accounts.insert(Arc::clone(name), Account::default());
    }
    accounts.get_mut(name)
}

fn entry(group: &GroupUse) -> Entry {
    [narrow(group.anonymous), narrow(group.fds), narrow(group.threads), narrow(f64::from(group.count))]
}

/// A series of the ledger.
fn told(resource: &str, scope: &str, unit: Unit, samples: (Vec<i64>, Vec<f64>)) -> Series {
    Series::here(resource, scope, unit, LIVE, samples)
}

fn add(a: Entry, b: Entry) -> Entry {
    std::array::from_fn(|q| a[q] + b[q])
}

/// Seven digits are more than a block median means.
#[allow(clippy::cast_possible_truncation, reason = "seven digits are enough")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "what is exact is compared exactly")]
mod tests {
    use hebe_collectors::live::Identity;
    use proptest::prelude::*;

    use super::*;

    fn group(name: &str, anonymous: f64, count: u32) -> GroupUse {
        let nobody = Identity { start_ticks: 0, pid: 0 };
        GroupUse {
            name: Arc::from(name),
            count,
            oldest: nobody,
            largest: nobody,
            anonymous,
            fds: 3.0,
            threads: 1.0,
        }
    }

    fn uses(groups: Vec<GroupUse>) -> Uses {
        Uses { groups, caches: vec![(Arc::from("dentry"), 5.0)], kernel_threads: 7, ..Uses::default() }
    }

    fn points(ledger: &Ledger, resource: &str, name: &str, window_s: f64) -> Vec<(i64, f64)> {
        let all = ledger.series(window_s);
        let found = all.into_iter().find(|series| series.resource == resource && series.scope == name);
        found.map_or(Vec::new(), |series| series.t_ms.into_iter().zip(series.v).collect())
    }

    fn column(ledger: &Ledger, name: &str, window_s: f64) -> Vec<f64> {
        points(ledger, "process.anonymous", name, window_s).into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn blocks_hold_medians_and_end_with_the_newest_closed_one() {
        let mut ledger = Ledger::new(10.0, 3600.0);
        for k in 0..61_i64 {
            ledger.take(10_000 * k, &uses(vec![group("a", k as f64, 1)]));
        }
        assert_eq!(
            column(&ledger, "a", 600.0),
            (0..10).map(|k| 2.5 + 6.0 * f64::from(k)).collect::<Vec<_>>()
        );
        let caches = points(&ledger, "slab.cache", "dentry", 600.0);
        assert_eq!((caches[0], caches[9], caches.len()), ((30_000, 5.0), (570_000, 5.0), 10));
        assert_eq!(points(&ledger, "kernel.threads", KERNEL_THREADS, 600.0)[3], (210_000, 7.0));
        assert_eq!(ledger.covers_s(600.0), 600.0);
    }

    #[test]
    fn what_a_longer_window_asks_for_is_coarser() {
        let mut ledger = Ledger::new(10.0, 86_400.0);
        for k in 0..8640_i64 {
            ledger.take(10_000 * k, &uses(vec![group("a", k as f64, 1)]));
        }
        let (hour, day) = (
            points(&ledger, "process.anonymous", "a", 3600.0),
            points(&ledger, "process.anonymous", "a", 80_000.0),
        );
        assert_eq!((hour.len(), hour[1].0 - hour[0].0), (64, 60_000));
        assert!(day[1].0 - day[0].0 == 3_840_000 && 20 <= day.len(), "{day:?}");
        let values = column(&ledger, "a", 80_000.0);
        assert!(values.windows(2).all(|pair| (pair[1] - pair[0] - 384.0).abs() < 1.0), "{values:?}");
    }

    #[test]
    fn who_comes_late_was_not_there_and_who_goes_is_gone() {
        let mut ledger = Ledger::new(10.0, 600.0);
        for k in 0..61_i64 {
            let mut groups = vec![group("a", 1.0, 1)];
            groups.extend((30..48).contains(&k).then(|| group("b", 9.0, 2)));
            ledger.take(10_000 * k, &uses(groups));
        }
        let told = points(&ledger, "process.anonymous", "b", 600.0);
        assert_eq!(told, [(330_000, 9.0), (390_000, 9.0), (450_000, 9.0)]);
    }

    #[test]
    fn short_lives_count_at_their_group() {
        let mut ledger = Ledger::new(10.0, 600.0);
        for k in 0..61_i64 {
            // There in two samples of three.
            let groups = if k % 3 == 0 {
                vec![group("a", 1.0, 1)]
            } else {
                vec![group("a", 1.0, 1), group("job", 6.0, 1)]
            };
            ledger.take(10_000 * k, &uses(groups));
        }
        assert_eq!(column(&ledger, "job", 540.0), [6.0; 10]);
    }

    #[test]
    fn who_finds_no_room_is_added_up() {
        let mut ledger = Ledger::new(10.0, 600.0);
        for k in 0..13_i64 {
            let groups = (0..GROUPS + 50).map(|g| group(&format!("g{g}"), 2.0, 1)).collect();
            ledger.take(10_000 * k, &uses(groups));
        }
        assert_eq!(column(&ledger, OTHERS, 120.0), [100.0; 2]);
        let series = ledger.series(120.0);
        let all: f64 =
            series.iter().filter(|one| one.resource == "process.anonymous").map(|one| one.v[1]).sum();
        assert_eq!(all, 2.0 * (GROUPS + 50) as f64);
    }

    #[test]
    fn a_sleep_of_the_machine_is_a_gap() {
        let mut ledger = Ledger::new(10.0, 600.0);
        for k in (0..12_i64).chain(30..43) {
            ledger.take(10_000 * k, &uses(vec![group("a", 1.0, 1)]));
        }
        let told = points(&ledger, "process.anonymous", "a", 420.0);
        let times: Vec<i64> = told.iter().map(|(t_ms, _)| t_ms / 60_000).collect();
        assert_eq!(times, [0, 1, 5, 6]);
    }

    proptest! {
        #[test]
        fn nothing_is_kept_without_bound_whatever_the_clock_does(times in prop::collection::vec(-1_000_000..10_000_000_i64, 0..200)) {
            let mut ledger = Ledger::new(1.0, 10_000.0);
            for (k, &t_ms) in times.iter().enumerate() {
                ledger.take(t_ms, &uses(vec![group(&format!("g{}", k % 7), k as f64, 1)]));
            }
            for account in ledger.groups.values() {
                prop_assert!(account.kept.iter().all(|kept| kept.len() <= KEPT));
                prop_assert!(account.open.len() <= times.len());
            }
            for series in ledger.series(600.0) {
                prop_assert!(series.t_ms.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(series.v.iter().all(|value| value.is_finite()));
            }
        }
    }
}
