//! What the store knows about a series beside its samples.

use hebe_collectors::history::{Sense, Series, Unit};
use serde::{Deserialize, Serialize};

/// The number under which a store knows a series; another store may know it under another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeriesId(pub(super) u32);

impl SeriesId {
    /// The number, as in the column `id` of the series table.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// What a series is; the fields of [`Series`] that do not change with time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The full name, unique in a store.
    pub name: String,
    /// Catalogue name (`memory.available`, `disk.bytes`).
    pub resource: String,
    /// Mount, unit, process or column; empty where the resource is the host's only one.
    pub scope: String,
    /// The machine; empty for this one.
    pub host: String,
    /// What the values are counted in.
    pub unit: Unit,
    /// Which way leads to exhaustion.
    pub sense: Sense,
    /// Who enforces the limit, or where it comes from.
    pub limit_owner: String,
    /// Who measured it: a collector, a file or a URL.
    pub source: String,
}

impl Meta {
    /// What stands for a series of which only the number is left.
    pub(super) fn orphan(id: SeriesId) -> Self {
        Self { name: format!("unknown_{}", id.0), source: "recovered".to_owned(), ..Self::default() }
    }

    /// What is to be known of a series that was read elsewhere.
    #[must_use]
    pub fn of(series: &Series) -> Self {
        Self {
            name: series.name.clone(),
            resource: series.resource.clone(),
            scope: series.scope.clone(),
            host: series.host.clone(),
            unit: series.unit,
            sense: series.sense,
            limit_owner: series.limit.as_ref().map(|limit| limit.owner.clone()).unwrap_or_default(),
            source: series.source.clone(),
        }
    }
}

/// [`Meta`] as it is written: units and senses are words, and fields that a later version adds are optional.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    name: String,
    resource: String,
    scope: String,
    host: String,
    unit: String,
    sense: String,
    limit_owner: String,
    source: String,
}

impl From<&Meta> for Written {
    fn from(meta: &Meta) -> Self {
        Self {
            name: meta.name.clone(),
            resource: meta.resource.clone(),
            scope: meta.scope.clone(),
            host: meta.host.clone(),
            unit: meta.unit.to_string(),
            sense: sense_word(meta.sense).to_owned(),
            limit_owner: meta.limit_owner.clone(),
            source: meta.source.clone(),
        }
    }
}

impl From<Written> for Meta {
    fn from(written: Written) -> Self {
        Self {
            name: written.name,
            resource: written.resource,
            scope: written.scope,
            host: written.host,
            unit: unit_of(&written.unit),
            sense: sense_of(&written.sense),
            limit_owner: written.limit_owner,
            source: written.source,
        }
    }
}

/// The unit behind a word; a word that is not known here is no unit.
pub(super) fn unit_of(word: &str) -> Unit {
    [Unit::Bytes, Unit::Count, Unit::Percent, Unit::Seconds]
        .into_iter()
        .find(|unit| unit.to_string() == word)
        .unwrap_or_default()
}

pub(super) fn sense_word(sense: Sense) -> &'static str {
    match sense {
        Sense::Rises => "rises",
        Sense::Falls => "falls",
    }
}

pub(super) fn sense_of(word: &str) -> Sense {
    if word == "falls" { Sense::Falls } else { Sense::Rises }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_back() {
        for unit in [Unit::Bytes, Unit::Count, Unit::Percent, Unit::Seconds, Unit::Unknown] {
            for sense in [Sense::Rises, Sense::Falls] {
                let meta = Meta { name: "a\n\"b".to_owned(), unit, sense, ..Meta::default() };
                let text = serde_json::to_string(&Written::from(&meta)).unwrap();
                assert_eq!(Meta::from(serde_json::from_str::<Written>(&text).unwrap()), meta);
            }
        }
    }

    #[test]
    fn fields_of_a_later_version_are_passed_over() {
        let written: Written = serde_json::from_str(r#"{"name":"a","colour":"red"}"#).unwrap();
        assert_eq!(Meta::from(written).name, "a");
    }
}
