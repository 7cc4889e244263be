//! Which exposed numbers are used and limit of a resource, as data, and what one scrape gives by it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::known;
use super::parse::{Exposed, Exposition};
use super::selector::Selector;
use crate::history::{Kind, Sense, Unit};
use crate::live::reading::{Limit, Reading};
use crate::live::text;

/// One resource of an application. Samples that agree in the labels of `scope` are added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the resource.
    pub resource: String,
    /// The samples that tell what is used.
    pub used: Selector,
    /// Where it runs out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Bound>,
    /// The labels that tell instances apart.
    #[serde(default)]
    pub scope: Vec<String>,
    /// What it is counted in.
    #[serde(default)]
    pub unit: Measure,
    /// Whether `used` tells what is left rather than what is used.
    #[serde(default)]
    pub free: bool,
    /// Who enforces the limit; the limit's metric where this is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
}

/// Where the limit of a mapping stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// It is known.
    Fixed(f64),
    /// Samples tell it: of the same instance, or of the target where they do not have its labels.
    Metric(Selector),
}

/// The unit of a mapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Bytes.
    Bytes,
    /// Whole things.
    #[default]
    Count,
    /// Hundredths of the whole.
    Percent,
    /// Seconds.
    Seconds,
}

/// What one scrape gives.
#[derive(Clone, Debug, Default)]
pub struct Scraped {
    /// The resources that were found.
    pub readings: Vec<Reading>,
    /// When the process says that it was started, in milliseconds since 1970 UTC. A later one is a new epoch.
    pub start_ms: Option<i64>,
    /// Instances that were left out because a mapping had too many.
    pub left_out: usize,
}

impl Mapping {
    /// What client libraries and common exporters tell: process, Go, Node, JVM, connection pools, `PostgreSQL`.
    #[must_use]
    pub fn known() -> Vec<Self> {
        known::mappings()
    }
}

/// Makes readings of what `target` exposes. Scopes begin with the target's name; each mapping gives `most` instances,
/// the fullest.
#[must_use]
pub fn readings(exposition: &Exposition<'_>, mappings: &[Mapping], target: &str, most: usize) -> Scraped {
    let mut scraped = Scraped { start_ms: start_ms(exposition), ..Scraped::default() };
    for mapping in mappings {
        let mut found = mapping.readings(exposition, target);
        found.sort_by(|a, b| share(b).total_cmp(&share(a)));
        scraped.left_out += found.len().saturating_sub(most);
        found.truncate(most);
        scraped.readings.append(&mut found);
    }
    scraped
}

fn start_ms(exposition: &Exposition<'_>) -> Option<i64> {
    let starts = exposition.samples.iter().filter(|sample| sample.name == "process_start_time_seconds");
    let latest = starts.map(|sample| sample.value).filter(|value| value.is_finite()).reduce(f64::max)?;
    #[expect(clippy::cast_possible_truncation, reason = "a cast to integer saturates")]
    Some((latest * 1000.0) as i64)
}

fn share(reading: &Reading) -> f64 {
    reading.value / reading.limit.value().unwrap_or(f64::MAX).max(1.0)
}

/// Sums by the values of the labels that tell instances apart.
type Sums = BTreeMap<Vec<String>, f64>;

impl Mapping {
    fn readings(&self, exposition: &Exposition<'_>, target: &str) -> Vec<Reading> {
        let used = self.sums(exposition, &self.used, |value| value.is_finite().then_some(value));
        // One part without a limit leaves the whole without one.
        let limit = |value: f64| Some(if value < 0.0 { f64::NAN } else { value });
        let limits = match &self.limit {
            Some(Bound::Metric(selector)) => self.sums(exposition, selector, limit),
            Some(Bound::Fixed(_)) | None => Sums::new(),
        };
        used.into_iter().map(|(instance, used)| self.reading(target, &instance, used, &limits)).collect()
    }

    /// Adds up what `value` takes of the samples that are meant.
    fn sums(
        &self,
        exposition: &Exposition<'_>,
        selector: &Selector,
        value: impl Fn(f64) -> Option<f64>,
    ) -> Sums {
        let mut sums = Sums::new();
        let instance =
            |sample: &Exposed<'_>| self.scope.iter().map(|label| sample.label(label).to_owned()).collect();
        for sample in exposition.samples.iter().filter(|sample| selector.matches(sample)) {
            if let Some(value) = value(sample.value) {
                *sums.entry(instance(sample)).or_default() += value;
            }
        }
        sums
    }

    fn reading(&self, target: &str, instance: &[String], used: f64, limits: &Sums) -> Reading {
        let mut limit = self.limit_of(instance, limits);
        let (mut value, mut sense) = (used, Sense::Rises);
        if self.free {
            if let Some(limit) = limit.value() {
                value = limit - used;
            } else {
                (limit, sense) = (Limit::at(0.0, "nothing left"), Sense::Falls);
            }
        }
        Reading {
            resource: Cow::Owned(self.resource.clone()),
            scope: scope(target, instance),
            value,
            limit,
            unit: self.unit.into(),
            kind: Kind::Gauge,
            sense,
            processes: None,
        }
    }

    /// The limit of the same instance; of one that has fewer labels, where there is none.
    fn limit_of(&self, instance: &[String], limits: &Sums) -> Limit {
        let (value, metric) = match &self.limit {
            None => return Limit::None,
            Some(Bound::Fixed(value)) => (Some(*value), "configuration"),
            Some(Bound::Metric(selector)) => {
                let agrees =
                    |key: &[String]| key.iter().zip(instance).all(|(key, own)| key.is_empty() || key == own);
                let wider = || limits.iter().find(|(key, _)| agrees(key)).map(|(_, value)| value);
                (limits.get(instance).or_else(wider).copied(), selector.metric.as_str())
            }
        };
        let owner = if self.owner.is_empty() { metric.to_owned() } else { self.owner.clone() };
        match value {
            None => Limit::None,
            // Exporters write "none" as -1, 0, infinity or the largest number there is.
            Some(value) if 0.0 < value && value < NONE => Limit::at(value, owner),
            Some(_) => Limit::unbound(format!("{owner} (says that there is none)")),
        }
    }
}

/// As large a limit is how programs write "none" (2^62).
const NONE: f64 = (1_u64 << 62) as f64;

fn scope(target: &str, instance: &[String]) -> Arc<str> {
    let mut scope = text::printable(target.as_bytes());
    for label in instance.iter().filter(|label| !label.is_empty()) {
        scope.push('/');
        scope.push_str(&text::printable(label.as_bytes()));
    }
    Arc::from(scope)
}

impl From<Measure> for Unit {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Bytes => Self::Bytes,
            Measure::Count => Self::Count,
            Measure::Percent => Self::Percent,
            Measure::Seconds => Self::Seconds,
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "numbers are read as they were written")]
mod tests {
    use super::super::parse::parse;
    use super::*;
    use proptest::prelude::*;

    fn scrape(text: &str, mapping: &str) -> Vec<(String, f64, Option<f64>)> {
        let mapping: Mapping = serde_json::from_str(mapping).unwrap();
        let scraped = readings(&parse(text), &[mapping], "app", 10);
        let row = |reading: &Reading| (reading.scope.to_string(), reading.value, reading.limit.value());
        scraped.readings.iter().map(row).collect()
    }

    const HEAP: &str = r#"{"resource": "jvm.memory", "used": "u{area=\"heap\"}", "limit": "m{area=\"heap\"}", "unit": "bytes"}"#;

    #[test]
    fn parts_add_up_and_one_without_limit_leaves_the_whole_without() {
        let used = "u{area=\"heap\",id=\"a\"} 1\nu{area=\"heap\",id=\"b\"} 2\nu{area=\"nonheap\"} 100\n";
        assert_eq!(
            scrape(&format!("{used}m{{area=\"heap\",id=\"a\"}} 10\nm{{area=\"heap\",id=\"b\"}} 20\n"), HEAP),
            [("app".to_owned(), 3.0, Some(30.0))]
        );
        assert_eq!(
            scrape(&format!("{used}m{{area=\"heap\",id=\"a\"}} 10\nm{{area=\"heap\",id=\"b\"}} -1\n"), HEAP),
            [("app".to_owned(), 3.0, None)]
        );
        assert_eq!(scrape("other 1\n", HEAP), []);
    }

    #[test]
    fn instances_are_told_apart_and_share_a_limit_without_their_labels() {
        let mapping = r#"{"resource": "db.connections", "used": "u", "limit": "m", "scope": ["db"]}"#;
        assert_eq!(
            scrape("u{db=\"a\",state=\"x\"} 1\nu{db=\"a\",state=\"y\"} 2\nu{db=\"b\"} 5\nm 100\n", mapping),
            [("app/b".to_owned(), 5.0, Some(100.0)), ("app/a".to_owned(), 3.0, Some(100.0))]
        );
        assert_eq!(
            scrape("u{db=\"a\"} 1\nm{db=\"a\"} 7\nm 100\n", mapping),
            [("app/a".to_owned(), 1.0, Some(7.0))]
        );
    }

    #[test]
    fn what_is_left_becomes_what_is_used() {
        let fixed = r#"{"resource": "r", "used": "left", "limit": 100, "free": true}"#;
        assert_eq!(scrape("left 30\n", fixed), [("app".to_owned(), 70.0, Some(100.0))]);
        let without = r#"{"resource": "r", "used": "left", "free": true}"#;
        assert_eq!(scrape("left 30\nleft NaN\n", without), [("app".to_owned(), 30.0, Some(0.0))]);
    }

    #[test]
    fn a_key_that_is_not_known_is_refused() {
        assert!(serde_json::from_str::<Mapping>(r#"{"resource": "r", "used": "m", "limti": "x"}"#).is_err());
        assert!(serde_json::from_str::<Mapping>(r#"{"resource": "r", "used": "m{"}"#).is_err());
    }

    #[test]
    fn a_mapping_is_read_as_it_is_written() {
        for mapping in Mapping::known() {
            let written = serde_json::to_string(&mapping).unwrap();
            assert_eq!(serde_json::from_str::<Mapping>(&written).unwrap(), mapping);
        }
    }

    #[test]
    fn there_are_never_too_many_instances() {
        let lines: Vec<String> = (0..50).map(|k| format!("u{{db=\"{k}\"}} {k}\n")).collect();
        let text = lines.concat();
        let mapping = serde_json::from_str(r#"{"resource": "r", "used": "u", "scope": ["db"]}"#).unwrap();
        let scraped = readings(&parse(&text), &[mapping], "app", 10);
        assert_eq!((scraped.readings.len(), scraped.left_out), (10, 40));
        assert_eq!(scraped.readings[0].value, 49.0);
    }

    #[test]
    fn known_applications_are_found_without_configuration() {
        let text = "process_open_fds 9\nprocess_max_fds 1024\nprocess_start_time_seconds 1.7e9\ngo_goroutines 12\n\
            hikaricp_connections_active{pool=\"main\"} 3\nhikaricp_connections_max{pool=\"main\"} 10\n";
        let scraped = readings(&parse(text), &Mapping::known(), "app", 10);
        let find = |name: &str| scraped.readings.iter().find(|reading| reading.resource == name).unwrap();
        assert_eq!(find("process.fds").limit, Limit::at(1024.0, "RLIMIT_NOFILE".to_owned()));
        assert_eq!(find("go.goroutines").limit, Limit::None);
        assert_eq!(&*find("pool.connections").scope, "app/main");
        assert_eq!(scraped.start_ms, Some(1_700_000_000_000));
    }

    proptest! {
        #[test]
        fn every_value_is_a_number(text in "(process_open_fds|process_max_fds|x)(\\{a=\"[a-c]\"\\})? (-?[0-9]{1,30}|NaN|[+-]Inf)\\n") {
            for reading in readings(&parse(&text), &Mapping::known(), "app", 10).readings {
                prop_assert!(reading.value.is_finite());
                prop_assert!(reading.limit.value().is_none_or(f64::is_finite));
            }
        }
    }
}
