//! `map.toml`, read: text in, a checked [`Map`] or everything that is wrong with it out.
//!
//! What lives here knows the keys of the file. Whether the tree they describe can stand is [`super::check`]'s.

mod fields;
mod kind;
mod node;
mod probe;
mod unit;
mod values;
mod words;

use chrono_tz::Tz;
use toml::de::DeTable;

use super::check;
use super::error::Faults;
use super::{Budget, Map, MapError};
use fields::{Fields, Item};

pub(super) use node::{Draft, MIN_UPTIME_S, START_S, STOP_S};
pub(super) use probe::{EVERY_S, WITHIN_S};
pub(super) use values::HOOK_S;

/// Restarts that all nodes together may have if the map does not say: a whole tree may be climbed, a loop may not.
pub(super) const BUDGET: Budget = Budget { intensity: 10, period_s: 3600.0 };

/// `schedule` and `timed` are the calendar's to read.
const KEYS: [&str; 7] = ["node", "zone", "budget", "parallel", "calm", "schedule", "timed"];
/// The schedule that is there without a word.
const DEFAULT: &str = "default";
const SHORTEST: &str = "[[node]]\nname = \"web\"\nunit = \"nginx.service\"";

impl Map {
    /// Reads and checks a map; `source` is the name of the file, for errors.
    ///
    /// # Errors
    ///
    /// Returns all that is wrong with it, in the order of the file.
    pub fn parse(text: &str, source: &str) -> Result<Self, Vec<MapError>> {
        let mut faults = Faults::new(source, text);
        let (table, broken) = DeTable::parse_recoverable(text);
        for error in broken {
            let at = error.span().map_or(0, |span| span.start);
            faults.add(at, error.message().trim_end().replace('\n', "; "));
        }
        // What could not be read would only be missed again.
        if !faults.is_empty() {
            return Err(faults.into_errors());
        }
        let map = top(&Fields::new(table.get_ref(), 0), &mut faults);
        map.filter(|_| faults.is_empty()).ok_or_else(|| faults.into_errors())
    }
}

fn top(fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<Map> {
    fields.only(&KEYS, "the map", faults);
    let zone = fields.get("zone").and_then(|zone| self::zone(zone, faults));
    let budget = fields.get("budget").map_or(Some(BUDGET), |budget| values::budget(budget, faults));
    let parallel = fields.get("parallel").map_or(Some(1), |parallel| values::count(parallel, faults));
    let calm = fields.get("calm").map(|calm| values::hook(calm, faults));
    let schedules = fields.get("schedule").map(schedules);
    let Some(listed) = fields.get("node") else {
        faults.add(0, format!("the map has no node; the shortest is\n{SHORTEST}"));
        return None;
    };
    let mut drafts = Vec::new();
    for item in listed.each() {
        match item.fields() {
            Some(fields) => drafts.extend(node::draft(&fields, faults)),
            None => item.refuse(faults, &format!("expected tables:\n{SHORTEST}")),
        }
    }
    let nodes = check::nodes(drafts, schedules.as_deref(), faults)?;
    Some(Map { nodes, budget: budget?, parallel: parallel?, calm: calm.flatten(), zone })
}

fn zone(item: Item<'_>, faults: &mut Faults<'_>) -> Option<Tz> {
    let name = item.value.as_str().unwrap_or_default();
    let zone = name.parse().ok();
    if zone.is_none() {
        let meant = crate::spelling::nearest(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        let expected = meant.map_or_else(
            || "expected a zone such as \"Europe/Berlin\" or \"UTC\"".to_owned(),
            |meant| format!("did you mean {meant:?}?"),
        );
        item.refuse(faults, &expected);
    }
    zone
}

/// The names of the schedules that the file itself holds: `[schedule.NAME]`.
fn schedules(item: Item<'_>) -> Vec<String> {
    let named =
        item.fields().into_iter().flat_map(|fields| fields.all().map(|schedule| schedule.key.to_owned()));
    named.chain(std::iter::once(DEFAULT.to_owned())).collect()
}
