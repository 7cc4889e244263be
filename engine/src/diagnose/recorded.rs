//! Members of totals in recorded histories: found by the catalogue's names, else by the names of columns.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use hebe_collectors::history::Series;

use super::family::Family;
use super::table::{self, Explained, Measure};
use super::together::{Members, Together};
use super::{Blocks, Diagnosis, Member, Part, Scene, diagnose};
use crate::finding::Row;
use crate::plan::HORIZON_PER_WINDOW;

/// Members whose sum is this near to a series are what it is the total of.
const AGREES: f64 = 0.05;
/// What stands before the name of a group whose part of a file system are deleted files that it keeps open.
pub const HELD_OPEN: &str = "deleted files held open by ";
/// What is left of the kernel's objects when those are named of which slabinfo tells.
const OTHER_OBJECTS: &str = "kernel objects not in slabinfo";

/// The series of a history, by the place they are about.
#[derive(Debug)]
pub struct Recorded<'a> {
    places: HashMap<Where<'a>, Place<'a>>,
    memory: Vec<Part>,
    /// The schedules of groups, by what is measured and the group's name.
    schedules: OnceLock<BTreeMap<(String, String), BTreeMap<Where<'a>, Together>>>,
}

/// Host, or file.
type Where<'a> = (&'a str, &'a str);

/// All series of one host, or of one file that names none.
#[derive(Debug, Default)]
struct Place<'a> {
    series: Vec<&'a Series>,
    by_resource: HashMap<&'a str, Vec<&'a Series>>,
    families: OnceLock<Vec<Known<'a>>>,
}

/// A family, with what its parts add up to.
#[derive(Debug)]
struct Known<'a> {
    family: Family<'a>,
    blocks: Blocks,
    sum: Vec<f64>,
    standing: OnceLock<Option<Diagnosis>>,
}

fn place(series: &Series) -> Where<'_> {
    if series.host.is_empty() { ("", &series.source) } else { (&series.host, "") }
}

impl<'a> Recorded<'a> {
    /// Sorts series by place.
    #[must_use]
    pub fn new(series: &'a [Series]) -> Self {
        let mut places: HashMap<Where<'_>, Place<'_>> = HashMap::new();
        for one in series {
            let place = places.entry(place(one)).or_default();
            place.series.push(one);
            place.by_resource.entry(&one.resource).or_default().push(one);
        }
        Self { places, memory: Vec::new(), schedules: OnceLock::new() }
    }

    /// Says what memory must add up to, what there is of it first.
    #[must_use]
    pub fn with_memory(self, memory: &[Part]) -> Self {
        Self { memory: memory.to_vec(), ..self }
    }

    /// The resources of which series must be at hand to take a total apart.
    #[must_use]
    pub fn needed(resource: &str) -> Vec<&'static str> {
        table::needed(resource)
    }

    /// Who uses up what `row` tells of `series`, with the samples up to `until_ms`.
    ///
    /// # Errors
    ///
    /// Returns why that is not known, in a sentence.
    pub fn diagnose(&self, series: &Series, row: &Row, until_ms: Option<i64>) -> Result<Diagnosis, String> {
        let place = self.places.get(&place(series)).ok_or("nothing else is known of this host")?;
        let blocks =
            blocks(series, row, until_ms).ok_or("there are too few samples to tell who uses it up")?;
        let mut scene = place.scene(series, blocks).ok_or_else(|| place.note(&series.resource))?;
        if series.resource.starts_with("memory.") && !self.memory.is_empty() {
            scene.identity.clone_from(&self.memory);
        }
        let mut diagnosis = diagnose(scene).ok_or_else(|| place.note(&series.resource))?;
        self.tell_schedules(series, until_ms, &mut diagnosis);
        Ok(place.with_standing(series, diagnosis))
    }

    /// By which schedule the group of a series is restarted, where that shows in its members together.
    #[must_use]
    pub fn together<'s>(&'s self, series: &'s Series, until_ms: Option<i64>) -> Option<&'s Together> {
        let known =
            self.places.get(&place(series))?.families().iter().find(|known| known.family.has(series))?;
        let (group, _) = known.family.parts.iter().find(|(_, part)| std::ptr::eq(*part, series))?;
        self.schedule(&known.family.measured, group, place(series), until_ms)
    }

    fn schedule<'s>(
        &'s self,
        measured: &str,
        group: &str,
        place: Where<'s>,
        until_ms: Option<i64>,
    ) -> Option<&'s Together> {
        // All who ask of one history ask up to the same moment.
        let schedules = self.schedules.get_or_init(|| self.schedules(until_ms));
        schedules.get(&(measured.to_owned(), group.to_owned()))?.get(&place)
    }

    fn schedules(&self, until_ms: Option<i64>) -> BTreeMap<(String, String), BTreeMap<Where<'a>, Together>> {
        let mut groups: BTreeMap<(String, String), Vec<Members<'a>>> = BTreeMap::new();
        for (&place, all) in &self.places {
            for family in all.families().iter().map(|known| &known.family) {
                for (group, part) in family.parts.iter().filter(|(group, _)| !group.is_empty()) {
                    let places = groups.entry((family.measured.clone(), group.clone())).or_default();
                    match places.iter_mut().find(|members| members.place == place) {
                        Some(members) => members.series.push(part),
                        None => places.push(Members { place, series: vec![part] }),
                    }
                }
            }
        }
        groups.into_iter().map(|(name, members)| (name, Together::of(&members, until_ms))).collect()
    }

    /// Says of a total's groups by which schedule they are restarted.
    fn tell_schedules(&self, series: &Series, until_ms: Option<i64>, diagnosis: &mut Diagnosis) {
        let Some(all) = self.places.get(&place(series)) else { return };
        let Some(known) = all.families().iter().find(|known| known.adds_up_to(series)) else { return };
        for culprit in diagnosis.culprits.iter_mut().filter(|culprit| culprit.kind == "group") {
            let schedule = self.schedule(&known.family.measured, &culprit.name, place(series), until_ms);
            if let Some(together) = schedule {
                culprit.course = Some(super::words::by_schedule(together.rhythm.period));
            }
        }
    }
}

/// The blocks that the growth of a row is judged on.
fn blocks(series: &Series, row: &Row, until_ms: Option<i64>) -> Option<Blocks> {
    let end = until_ms.map_or(series.t_ms.len(), |until| series.t_ms.partition_point(|&t| t <= until));
    let t = &series.t_ms[..end];
    let (&first, &last) = (t.first()?, t.last()?);
    let span_s = (last - first) as f64 / 1000.0;
    let period_s = crate::plan::period(t)?;
    let window = row.horizon_s.map_or(span_s, |horizon| horizon / HORIZON_PER_WINDOW);
    Some(Blocks::until(last, window.min(span_s + period_s), period_s))
}

impl<'a> Place<'a> {
    fn of(&self, resource: &str) -> &[&'a Series] {
        self.by_resource.get(resource).map_or(&[], Vec::as_slice)
    }

    /// What `series` is taken apart with.
    fn scene(&self, series: &Series, blocks: Blocks) -> Option<Scene> {
        let mut scene = match table::find(&series.resource) {
            Some(explained) => self.explained(series, explained, blocks)?,
            None if series.resource.starts_with("process.") => self.itself(series, blocks),
            None if series.resource.starts_with("cgroup.") => self.children(series, blocks),
            None => self.family_of(series, blocks)?,
        };
        scene.unit = series.unit.to_string();
        Some(scene)
    }

    /// A total of the catalogue with the members that its table names.
    fn explained(&self, series: &Series, explained: &Explained, blocks: Blocks) -> Option<Scene> {
        let mut members = self.groups(explained, &blocks);
        if members.is_empty() && !explained.groups.is_empty() {
            members = self.measured(&series.resource, &blocks).unwrap_or_default();
        }
        let has_groups = !members.is_empty();
        if series.resource == "disk.bytes" {
            members = self.below(series, explained, &blocks);
        } else {
            members.extend(self.tags(&series.resource, explained, &blocks));
        }
        // Tags alone leave the processes in the remainder, which would be no honest one.
        if members.is_empty()
            || !has_groups && !explained.groups.is_empty() && series.resource != "disk.bytes"
        {
            return None;
        }
        let once = explained.once.and_then(|once| self.of(once).first().map(|once| blocks.column(once)));
        Some(Scene {
            total: Some(blocks.column(series)),
            once: once.filter(|_| {
                explained.groups.iter().any(|&g| g != "process.memory" && !self.of(g).is_empty())
            }),
            identity: self.identity(&series.resource, &blocks),
            holders: (series.resource == "disk.bytes").then_some("directories and deleted files"),
            members,
            blocks,
            ..Scene::default()
        })
    }

    fn groups(&self, explained: &Explained, blocks: &Blocks) -> Vec<Member> {
        let found =
            explained.groups.iter().map(|&resource| self.of(resource)).find(|found| !found.is_empty());
        let member = |group: &&Series| {
            Member::group(&group.scope, blocks.column(group), self.number(&group.scope, blocks))
        };
        // Performance counters have an instance that is the sum of the others.
        found.unwrap_or_default().iter().filter(|group| group.scope != "_Total").map(member).collect()
    }

    /// How many processes a group has.
    fn number(&self, scope: &str, blocks: &Blocks) -> Option<Vec<f64>> {
        let count = self.of("process.count").iter().find(|count| count.scope == scope)?;
        Some(blocks.column(count))
    }

    /// The members of a total by columns whose names say what they measure.
    fn measured(&self, total: &str, blocks: &Blocks) -> Option<Vec<Member>> {
        let fits = |known: &&Known<'a>| {
            known.family.measure.is_some_and(|measure: Measure| measure.totals().contains(&total))
        };
        self.families().iter().find(fits).map(|known| known.family.members(blocks))
    }

    /// Tags: caches one by one, what the kernel holds otherwise as a whole.
    fn tags(&self, total: &str, explained: &Explained, blocks: &Blocks) -> Vec<Member> {
        let available = !total.starts_with("memory.slab");
        let caches = explained.tags.iter().flat_map(|&tags| self.of(tags));
        let mut members: Vec<Member> = caches
            .filter(|cache| !(available && table::is_reclaimed(&cache.scope)))
            .map(|cache| Member::tag(&cache.scope, blocks.column(cache)))
            .collect();
        let named: Vec<f64> = (0..blocks.len())
            .map(|k| members.iter().map(|member| member.used[k]).filter(|used| used.is_finite()).sum())
            .collect();
        for &(resource, name) in explained.whole {
            let Some(series) = self.of(resource).first() else { continue };
            let mut used = blocks.column(series);
            match resource {
                "memory.slab_unreclaimable" if !members.is_empty() => {
                    less(&mut used, &named);
                    members.push(Member::tag(OTHER_OBJECTS, used));
                    continue;
                }
                // Segments are shared memory, and counted there too.
                "memory.shmem" => {
                    let named = explained.whole.iter().find(|(resource, _)| *resource == "sysv.shm_resident");
                    let segments = named.and_then(|(resource, _)| self.of(resource).first());
                    if let Some(segments) = segments {
                        less(&mut used, &blocks.column(segments));
                    }
                }
                // Stacks are mapped by vmalloc and counted there too.
                "memory.vmalloc" => {
                    if let Some(stacks) = self.of("memory.kernel_stacks").first() {
                        less(&mut used, &blocks.column(stacks));
                    }
                }
                _ => {}
            }
            members.push(Member::tag(name, used));
        }
        members
    }

    /// Directories and deleted files of one file system.
    fn below(&self, series: &Series, explained: &Explained, blocks: &Blocks) -> Vec<Member> {
        let mount = series.scope.trim_end_matches('/');
        let inside = |path: &str| path.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'));
        let directories =
            explained.tags.iter().flat_map(|&tags| self.of(tags)).filter(|one| inside(&one.scope));
        let directories = directories
            .map(|one| Member { kind: super::Kind::Group, ..Member::tag(&one.scope, blocks.column(one)) });
        let deleted = self.of("deleted.bytes").iter().map(|one| {
            let member = Member::group(&one.scope, blocks.column(one), None);
            Member { name: format!("{HELD_OPEN}{}", member.name), ..member }
        });
        let directories: Vec<Member> = directories.collect();
        if directories.is_empty() { Vec::new() } else { directories.into_iter().chain(deleted).collect() }
    }

    /// A group of processes is its own culprit; what is asked is whether it is more of them or more of each.
    fn itself(&self, series: &Series, blocks: Blocks) -> Scene {
        let used = blocks.column(series);
        let number =
            (series.resource != "process.count").then(|| self.number(&series.scope, &blocks)).flatten();
        let member = Member::group(&series.scope, used.clone(), number);
        Scene { total: Some(used), members: vec![member], blocks, ..Scene::default() }
    }

    /// The cgroups below one.
    fn children(&self, series: &Series, blocks: Blocks) -> Scene {
        let parent = series.scope.trim_end_matches('/');
        let child = |scope: &str| {
            let rest = scope.strip_prefix(parent)?.strip_prefix('/')?;
            (!rest.is_empty() && !rest.contains('/')).then(|| rest.to_owned())
        };
        let total = blocks.column(series);
        let mut members: Vec<Member> = self
            .of(&series.resource)
            .iter()
            .filter_map(|one| {
                let name = child(&one.scope)?;
                Some(Member { name, used: blocks.column(one), ..Member::default() })
            })
            .collect();
        if members.is_empty() {
            let name = parent.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&series.scope).to_owned();
            members.push(Member { name, used: total.clone(), ..Member::default() });
        }
        Scene { total: Some(total), members, blocks, ..Scene::default() }
    }

    /// A series that no catalogue knows: one of a family, or the total of one.
    fn family_of(&self, series: &Series, blocks: Blocks) -> Option<Scene> {
        let families = self.families();
        if let Some(known) = families.iter().find(|known| known.family.has(series)) {
            let used = blocks.column(series);
            let part = known.family.parts.iter().find(|(_, part)| std::ptr::eq(*part, series));
            let group = part
                .map(|(group, _)| group.clone())
                .filter(|group| !series.scope.is_empty() && *group != series.scope);
            let name = if series.scope.is_empty() { series.resource.clone() } else { series.scope.clone() };
            let kind = super::Kind::Process;
            let member = Member { name, unit: group, kind, used: used.clone(), number: None };
            return Some(Scene { total: Some(used), members: vec![member], blocks, ..Scene::default() });
        }
        let known = families.iter().find(|known| known.adds_up_to(series))?;
        let members = known.family.members(&blocks);
        Some(Scene { total: Some(blocks.column(series)), members, blocks, ..Scene::default() })
    }

    fn families(&self) -> &[Known<'a>] {
        self.families.get_or_init(|| Family::all(&self.series).into_iter().filter_map(Known::new).collect())
    }

    /// How the rest of its family stands, beside one that is its own culprit.
    fn with_standing(&self, series: &Series, mut diagnosis: Diagnosis) -> Diagnosis {
        let known = self.families().iter().find(|known| known.family.has(series));
        diagnosis.evidence.extend(known.and_then(Known::standing_in_words));
        diagnosis
    }

    /// What memory must add up to.
    fn identity(&self, total: &str, blocks: &Blocks) -> Vec<Part> {
        if total != "memory.available" {
            return Vec::new();
        }
        let last = |resource: &str| {
            let column = blocks.column(self.of(resource).first()?);
            column.iter().rev().find(|value| value.is_finite()).copied()
        };
        super::identity::of_memory(last)
    }

    /// Why nobody is named.
    fn note(&self, resource: &str) -> String {
        let sysstat = self.series.iter().any(|one| {
            one.also
                .iter()
                .chain([&one.resource])
                .any(|name| name.contains("memused") || name.contains("kbmemused"))
        });
        match (resource.starts_with("disk."), sysstat) {
            (true, _) => {
                "no history tells which directory grows; the daemon can look, and du -x tells now".to_owned()
            }
            (_, true) => "sysstat's sa files hold no process data: pidstat, atop or the daemon do".to_owned(),
            (_, false) => {
                "this history holds no process data; pidstat, atop or the daemon would have it".to_owned()
            }
        }
    }
}

/// Takes off what is counted elsewhere; never below nothing.
fn less(used: &mut [f64], named: &[f64]) {
    for (used, named) in used.iter_mut().zip(named).filter(|(_, named)| named.is_finite()) {
        *used = (*used - named).max(0.0);
    }
}

impl<'a> Known<'a> {
    fn new(family: Family<'a>) -> Option<Self> {
        let ends = |of: fn(&[i64]) -> Option<&i64>| {
            family.parts.iter().filter_map(move |(_, part)| of(&part.t_ms).copied())
        };
        let (first, last) = (ends(<[i64]>::first).min()?, ends(<[i64]>::last).max()?);
        let longest = family.parts.iter().map(|(_, part)| part).max_by_key(|part| part.t_ms.len())?;
        let period_s = crate::plan::period(&longest.t_ms)?;
        let blocks = Blocks::until(last, (last - first) as f64 / 1000.0 + period_s, period_s);
        let mut sum = vec![f64::NAN; blocks.len()];
        for (_, part) in &family.parts {
            for (sum, value) in sum.iter_mut().zip(blocks.column(part)).filter(|(_, value)| value.is_finite())
            {
                *sum = if sum.is_nan() { value } else { *sum + value };
            }
        }
        Some(Self { family, blocks, sum, standing: OnceLock::new() })
    }

    /// Whether the parts add up to a series.
    fn adds_up_to(&self, series: &Series) -> bool {
        let unit = self.family.parts.first().map(|(_, part)| part.unit);
        if unit != Some(series.unit) {
            return false;
        }
        let total = self.blocks.column(series);
        let mut off: Vec<f64> = total
            .iter()
            .zip(&self.sum)
            .filter(|(total, sum)| total.is_finite() && sum.is_finite() && **total != 0.0)
            .map(|(total, sum)| ((sum - total) / total).abs())
            .collect();
        off.sort_unstable_by(f64::total_cmp);
        off.get(off.len() / 2).is_some_and(|&off| off < AGREES) && 3 <= off.len()
    }

    /// Which groups of the family grow, in a sentence.
    fn standing_in_words(&self) -> Option<String> {
        let standing = self.standing.get_or_init(|| {
            let members = self.family.members(&self.blocks);
            let unit = self.family.parts.first()?.1.unit.to_string();
            diagnose(Scene { blocks: self.blocks.clone(), members, unit, ..Scene::default() })
        });
        super::words::standing(standing.as_ref()?, &self.family.measured, self.family.parts.len())
    }
}
