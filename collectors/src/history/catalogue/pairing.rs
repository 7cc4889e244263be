//! Columns that no catalogue knows, put together by the words of their names.

use std::collections::HashMap;

use super::super::{Limit, Sense, Unit};
use super::bench::{Bench, Draft, Fate, Group, Saying};
use super::known;
use super::measure::{self, Found};
use super::names::Reading;
use super::user;
use super::words::{Role, Words};

/// A limit may change this often, for a number of samples, and still be a limit.
const CHANGES: usize = 8;

/// The columns of one group that are about the same.
#[derive(Debug, Default)]
struct Stem {
    members: Vec<(usize, Words)>,
}

/// Puts together what is still free in `group`.
pub(super) fn apply(bench: &mut Bench<'_>, group: &Group) {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut stems: Vec<Stem> = Vec::new();
    for &column in &group.columns {
        // Limits stay in sight: several columns may have the same one.
        if !bench.is_free(column) && bench.fates[column] != Fate::Limit {
            continue;
        }
        let words = Words::of(bench.name(column));
        let place = *places.entry(words.key()).or_insert(stems.len());
        if place == stems.len() {
            stems.push(Stem::default());
        }
        stems[place].members.push((column, words));
    }
    lone_limit(bench, &mut stems);
    for mut stem in stems {
        stem.settle_roles();
        stem.pair(bench);
        stem.rest(bench);
    }
}

/// A column that is named `limit` and nothing else is the limit of the only other column.
fn lone_limit(bench: &Bench<'_>, stems: &mut Vec<Stem>) {
    let [first, second] = stems.as_mut_slice() else { return };
    let (limit, other) = if first.is_bare_limit() { (first, second) } else { (second, first) };
    let single = other.members.len() == 1 && bench.is_free(other.members[0].0);
    if limit.is_bare_limit() && single && other.members[0].1.role == Role::Plain {
        let (column, mut words) = other.members.remove(0);
        words.role = Role::Used;
        limit.members.push((column, words));
        stems.retain(|stem| !stem.members.is_empty());
    }
}

impl Stem {
    fn is_bare_limit(&self) -> bool {
        matches!(self.members.as_slice(), [(_, words)] if words.stem.is_empty() && words.role == Role::Limit && words.strong)
    }

    /// Decides names that could be two things (`open_files_max`): limit where a column of plain use is beside them.
    fn settle_roles(&mut self) {
        let plainly = |(_, words): &(usize, Words)| words.role == Role::Used && words.or != Some(Role::Limit);
        let used = self.members.iter().any(plainly);
        for (_, words) in &mut self.members {
            if used && words.role == Role::Used && words.or == Some(Role::Limit) {
                words.role = Role::Limit;
            }
        }
    }

    /// The first free column of a role.
    fn first(&self, bench: &Bench<'_>, role: Role) -> Option<usize> {
        self.members.iter().find(|(column, words)| words.role == role && bench.is_free(*column)).map(|m| m.0)
    }

    /// The column that holds the limit: a word that can mean nothing else goes first.
    fn limit(&self) -> Option<usize> {
        let limits = || self.members.iter().filter(|(_, words)| words.role == Role::Limit);
        limits().find(|(_, words)| words.strong).or_else(|| limits().next()).map(|member| member.0)
    }

    fn has_load(&self) -> bool {
        self.members.iter().any(|(_, words)| words.load)
    }

    fn disk(&self) -> bool {
        self.members.iter().any(|(_, words)| words.disk())
    }

    fn words(&self, column: usize) -> &Words {
        &self.members.iter().find(|member| member.0 == column).expect("a member of this stem").1
    }

    /// Makes one series of the columns that tell one resource.
    fn pair(&self, bench: &mut Bench<'_>) {
        if self.has_load() || self.members.len() < 2 {
            return;
        }
        let used = self.first(bench, Role::Used);
        let free = self.first(bench, Role::Free).or_else(|| self.first(bench, Role::Available));
        let available = self.first(bench, Role::Available);
        let limit = self.limit();
        match (available, used, free, limit) {
            (_, Some(used), Some(free), _) if self.disk() && self.steady_sum(bench, used, free) => {
                self.used_and_free(bench, used, free);
            }
            (Some(available), _, _, Some(limit)) => self.with_limit(bench, available, limit, Reading::Free),
            (None, Some(used), _, Some(limit)) => self.with_limit(bench, used, limit, Reading::Used),
            (None, None, Some(free), Some(limit)) => self.with_limit(bench, free, limit, Reading::Free),
            (_, Some(used), Some(free), None) if self.steady_sum(bench, used, free) => {
                self.used_and_free(bench, used, free);
            }
            (None, None, None, Some(limit)) if self.words(limit).strong => {
                self.plain_with_limit(bench, limit);
            }
            _ => {}
        }
    }

    /// Brings two columns to one unit: where one name says kB and the other nothing, both count kB.
    fn harmonise(&self, bench: &mut Bench<'_>, a: usize, b: usize) {
        let units = (bench.columns[a].unit, bench.columns[b].unit);
        let (from, to) = match units {
            (Unit::Unknown, unit) if unit != Unit::Unknown => (b, a),
            (unit, Unit::Unknown) if unit != Unit::Unknown => (a, b),
            _ => return,
        };
        let factor = self.words(from).unit.map_or(1.0, |(_, factor)| factor);
        user::scale_by(&mut bench.columns[to].v, factor);
        bench.columns[to].unit = bench.columns[from].unit;
    }

    /// Whether used and free add up to something that hardly moves.
    fn steady_sum(&self, bench: &mut Bench<'_>, used: usize, free: usize) -> bool {
        self.harmonise(bench, used, free);
        let sums = measure::sum(&[&bench.columns[used], &bench.columns[free]]);
        let samples = sums.len();
        0 < samples && measure::changes(sums).len() <= CHANGES.max(samples / 10)
    }

    fn used_and_free(&self, bench: &mut Bench<'_>, used: usize, free: usize) {
        let owner = format!("{} + {}", bench.name(used), bench.name(free));
        let sums = measure::sum(&[&bench.columns[used], &bench.columns[free]]);
        let reserved = self.limit().is_some_and(|total| {
            let size = bench.columns[total].v.first().zip(sums.first());
            size.is_some_and(|(&size, &(_, sum))| sum < size)
        });
        let found = measure::limit(measure::changes(sums), &owner);
        let draft = self.draft(bench, used);
        if reserved {
            bench.say(Saying::Reserved, &draft.metric);
        }
        self.complete(bench, draft, Reading::Used, Some(found));
    }

    fn with_limit(&self, bench: &mut Bench<'_>, column: usize, limit: usize, reading: Reading) {
        self.harmonise(bench, column, limit);
        let owner = bench.name(limit).to_owned();
        let found = measure::limit(measure::steps(&bench.columns[limit]), &owner);
        if let Found::Limit(limit) = &found {
            let column = &bench.columns[column];
            if measure::mostly_above(&column.t_ms, &column.v, limit) {
                bench.say(Saying::NotALimit, &owner);
                return;
            }
        }
        bench.as_limit(limit);
        let mut draft = self.draft(bench, column);
        if self.words(column).role == Role::Available && draft.resource == "memory" {
            "memory.available".clone_into(&mut draft.resource);
        }
        if self.words(column).role == Role::Free && draft.resource == "memory" {
            bench.say(Saying::FreeOfTotal, &draft.metric);
        }
        self.complete(bench, draft, reading, Some(found));
    }

    /// `connections` and `max_connections`, but not a latency and its maximum, which moves with it.
    fn plain_with_limit(&self, bench: &mut Bench<'_>, limit: usize) {
        let plain: Vec<usize> = self
            .members
            .iter()
            .filter(|(_, words)| words.role == Role::Plain)
            .map(|member| member.0)
            .collect();
        let &[column] = plain.as_slice() else { return };
        let moves = measure::steps(&bench.columns[limit]).len();
        let samples = bench.columns[limit].v.len();
        if bench.is_free(column) && moves <= CHANGES.min(1 + samples / 10) {
            self.with_limit(bench, column, limit, Reading::Used);
        }
    }

    /// Begins a series, named after the words of its stem.
    fn draft(&self, bench: &mut Bench<'_>, column: usize) -> Draft {
        let mut draft = bench.draft(column);
        if let Some((resource, rest)) = self.words(column).resource() {
            let labels = draft.key.labels.iter().map(|(_, value)| value.clone());
            let scope: Vec<String> =
                Some(rest).filter(|rest| !rest.is_empty()).into_iter().chain(labels).collect();
            draft.known = true;
            resource.clone_into(&mut draft.resource);
            draft.scope = scope.join(",");
        }
        draft
    }

    /// Ends a series that took the place of every column that tells the same.
    fn complete(&self, bench: &mut Bench<'_>, mut draft: Draft, reading: Reading, found: Option<Found>) {
        let mut seen_used = false;
        for (column, words) in &self.members {
            let same = match words.role {
                Role::Used => !std::mem::replace(&mut seen_used, true),
                Role::Limit | Role::Available | Role::Free | Role::Percent => true,
                Role::Plain => false,
            };
            if same {
                bench.fold(*column, &mut draft);
            }
        }
        if let Some(Found::Limit(limit)) = &found
            && draft.unit == Unit::Unknown
            && measure::only_bytes(&draft.v, limit)
            && ["memory", "memory.available", "swap", "disk.bytes", "heap"].contains(&draft.resource.as_str())
        {
            draft.unit = Unit::Bytes;
            bench.say(Saying::Huge, &draft.metric);
        }
        known::finish(bench, draft, reading, found);
    }

    /// Makes a series of every column that found no other.
    fn rest(&self, bench: &mut Bench<'_>) {
        // What has a limit of its own goes first and takes the others in.
        let first = |words: &Words| matches!(words.role, Role::Percent | Role::Available);
        let (lead, tail): (Vec<_>, Vec<_>) = self.members.iter().partition(|(_, words)| first(words));
        for (column, words) in lead.into_iter().chain(tail) {
            if bench.is_free(*column) {
                self.single(bench, *column, words);
            }
        }
    }

    fn single(&self, bench: &mut Bench<'_>, column: usize, words: &Words) {
        match words.role {
            Role::Percent if !words.load => self.percent(bench, column, words),
            Role::Free | Role::Available if !words.load => self.left(bench, column, words),
            _ => {
                let draft = bench.draft(column);
                bench.drafts.push(draft);
            }
        }
    }

    fn percent(&self, bench: &mut Bench<'_>, column: usize, words: &Words) {
        if bench.columns[column].v.iter().any(|&value| 100.5 < value) {
            let draft = bench.draft(column);
            bench.say(Saying::AboveHundred, &draft.metric);
            return bench.drafts.push(draft);
        }
        let mut draft = self.draft(bench, column);
        draft.unit = Unit::Percent;
        if words.left {
            (draft.sense, draft.limit) = (Sense::Falls, Some(Limit::fixed(0.0, "nothing left")));
        } else {
            draft.limit = Some(Limit::fixed(100.0, "percent"));
        }
        for (other, words) in &self.members {
            if matches!(words.role, Role::Used | Role::Free | Role::Available) {
                bench.fold(*other, &mut draft);
            }
        }
        bench.drafts.push(draft);
    }

    /// What is left, of a total that is not known.
    fn left(&self, bench: &mut Bench<'_>, column: usize, words: &Words) {
        let mut draft = self.draft(bench, column);
        if !draft.known {
            return bench.drafts.push(draft);
        }
        draft.sense = Sense::Falls;
        if draft.resource == "memory" && words.role == Role::Free {
            bench.say(Saying::FreeMemory, &draft.metric);
        } else {
            draft.limit = Some(Limit::fixed(0.0, "nothing left"));
        }
        if words.role == Role::Available {
            for (other, words) in &self.members {
                if matches!(words.role, Role::Used | Role::Free) {
                    bench.fold(*other, &mut draft);
                }
            }
            if draft.resource == "memory" {
                "memory.available".clone_into(&mut draft.resource);
            }
        }
        bench.drafts.push(draft);
    }
}
