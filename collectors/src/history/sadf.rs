//! `sadf -j`: what sysstat keeps in its `sa` files, as JSON.
//!
//! Levels are kept; rates, and what is counted per interrupt, processor, disk or interface, are not: they cannot
//! run out.

use std::io::BufRead;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

use super::json::{self, Key, Nest, Place, Scalar, Walker};
use super::{Builder, ColumnKey, HistoryError, Kind, Merge, Note, Options, Unit};

/// The sections of a statistic that are read; the others hold rates. `net-sock` stands in `network`.
const SECTIONS: [&str; 7] =
    ["memory", "hugepages", "kernel", "queue", "filesystems", "net-sock", "net-sock6"];

/// Values of those sections that tell no level, or the same level a second time.
const SKIPPED: [&str; 17] = [
    "memory.active",
    "memory.inactive",
    "memory.dirty",
    "memory.swpcad",
    "memory.swpcad-percent",
    "queue.runq-sz",
    "queue.blocked",
    "queue.ldavg-1",
    "queue.ldavg-5",
    "queue.ldavg-15",
    "net-sock.udpsck",
    "net-sock.rawsck",
    "net-sock.ip-frag",
    "net-sock.tcp-tw",
    "net-sock6.udp6sck",
    "net-sock6.raw6sck",
    "net-sock6.ip6-frag",
];

/// Bytes in the kB of `memory` and `hugepages`, and in the MB of `filesystems`.
const KB: f64 = 1024.0;
const MB: f64 = 1_048_576.0;

/// Reads the output of `sadf -j`.
///
/// # Errors
///
/// When the bytes cannot be read, or are no JSON before the first sample.
pub fn read(
    input: &mut dyn BufRead,
    source: &str,
    options: &Options,
    out: &mut Builder,
) -> Result<Vec<Note>, HistoryError> {
    let place = Place::start();
    let mut file = File::new(out, place.clone(), options.zone);
    let result = json::walk(input, &place, &mut file);
    file.cut();
    let (taken, known, texts) = (file.taken, file.known, file.said());
    if !known && result.is_ok() {
        return Err(json::stranger(source, "a document of sadf -j"));
    }
    let mut notes: Vec<Note> =
        texts.into_iter().map(|text| Note { source: source.to_owned(), text }).collect();
    notes.extend(json::ended(result, taken, &place, source, out)?);
    Ok(notes)
}

/// Where in the document the walk stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Document,
    Sysstat,
    Hosts,
    Host,
    Statistics,
    Statistic,
    Timestamp,
    Network,
    Section(String),
    Items(String),
    Item(String),
    Restarts,
    Restart,
    Boot,
}

/// A time as sysstat writes it.
#[derive(Clone, Debug, Default)]
struct Stamp {
    date: String,
    time: String,
    local: bool,
    /// Seconds since the statistic before.
    interval_s: f64,
}

/// One object of numbers, with what tells it from its neighbours in an array.
#[derive(Debug, Default)]
struct Member {
    labels: Vec<(String, String)>,
    values: Vec<(String, f64)>,
}

struct File<'a> {
    out: &'a mut Builder,
    place: Place,
    zone: Option<Tz>,
    parts: Vec<Part>,
    host: String,
    zone_name: String,
    date: Option<NaiveDate>,
    /// The wall-clock time of the statistic before, and by how many days its date was put right.
    before: Option<NaiveDateTime>,
    shift: TimeDelta,
    shifted: u64,
    known: bool,
    stamp: Stamp,
    members: Vec<Member>,
    taken: u64,
    local: u64,
    unknown_zone: bool,
    folded: u64,
}

impl<'a> File<'a> {
    fn new(out: &'a mut Builder, place: Place, zone: Option<Tz>) -> Self {
        Self {
            out,
            place,
            zone,
            parts: Vec::new(),
            host: String::new(),
            zone_name: String::new(),
            date: None,
            before: None,
            shift: TimeDelta::zero(),
            shifted: 0,
            known: false,
            stamp: Stamp::default(),
            members: Vec::new(),
            taken: 0,
            local: 0,
            unknown_zone: false,
            folded: 0,
        }
    }

    fn said(&self) -> Vec<String> {
        let mut texts = Vec::new();
        if 0 < self.taken {
            texts.push("sa files hold no process data: this history cannot say who is growing".to_owned());
        } else {
            texts.push(
                "no level of memory, swap, files or file systems in it: run sadf -j FILE -- -A".to_owned(),
            );
        }
        if 0 < self.local {
            let zone = self.local_zone().name();
            texts.push(format!(
                "the times are wall-clock times (sadf -t), taken as {zone}; without -t they are UTC and certain"
            ));
        }
        if 0 < self.shifted {
            texts.push(format!(
                "{} dates were a day off and were put right: sadf -t takes the date from the zone of its reader",
                self.shifted
            ));
        }
        if self.unknown_zone && self.zone.is_none() {
            texts.push(format!(
                "the zone `{}` of the wall-clock times is not known here: they are taken as UTC; name it with --zone",
                self.zone_name
            ));
        }
        if 0 < self.folded {
            texts.push(format!(
                "{} times fall into the hour a clock was set back: the first is meant",
                self.folded
            ));
        }
        texts
    }

    fn local_zone(&self) -> Tz {
        self.zone.or_else(|| self.zone_name.parse().ok()).unwrap_or(Tz::UTC)
    }

    /// The time of `stamp`, or why there is none.
    fn time(&mut self, stamp: &Stamp) -> Result<i64, String> {
        let wall = wall(stamp).ok_or_else(|| format!("`{} {}` is no time", stamp.date, stamp.time))?;
        if !stamp.local {
            return Ok(wall.and_utc().timestamp_millis());
        }
        self.local += 1;
        self.unknown_zone = self.zone_name.parse::<Tz>().is_err();
        let wall = self.straightened(wall, stamp.interval_s);
        let zone = self.local_zone();
        let mapped = zone.from_local_datetime(&wall);
        self.folded += u64::from(mapped.latest() != mapped.earliest());
        let t = mapped.earliest().ok_or_else(|| format!("there was no `{wall}` in {}", zone.name()))?;
        Ok(t.timestamp_millis())
    }

    /// `sadf -t` takes the clock from the zone of the file and the date from the zone of the reader, so that the date
    /// is off by a day for a part of each day. The date of the file and the intervals are right.
    fn straightened(&mut self, wall: NaiveDateTime, interval_s: f64) -> NaiveDateTime {
        let day_s = TimeDelta::days(1).as_seconds_f64();
        let late_s = match (self.before, self.date) {
            (Some(before), _) => (wall - before + self.shift).as_seconds_f64() - interval_s,
            // A file that begins at midnight may hold its first statistic on the day after.
            (None, Some(date))
                if date < wall.date() && f64::from(wall.time().num_seconds_from_midnight()) < interval_s =>
            {
                0.0
            }
            (None, Some(date)) => (wall.date() - date).as_seconds_f64(),
            (None, None) => 0.0,
        };
        if (late_s.abs() - day_s).abs() <= 2.0 {
            self.shift -= TimeDelta::days(if 0.0 < late_s { 1 } else { -1 });
        }
        let straight = wall.checked_add_signed(self.shift).unwrap_or(wall);
        self.shifted += u64::from(straight != wall);
        self.before = Some(straight);
        straight
    }

    /// Ends a statistic.
    fn flush(&mut self) {
        let members = std::mem::take(&mut self.members);
        let stamp = std::mem::take(&mut self.stamp);
        if members.is_empty() {
            return;
        }
        let t_ms = match self.time(&stamp) {
            Ok(t_ms) => t_ms,
            Err(reason) => return self.out.reject(self.place.line(), || reason),
        };
        for Member { labels, values } in members {
            for (metric, value) in values {
                let (unit, factor) = unit(&metric);
                let key = ColumnKey { host: self.host.clone(), metric, labels: labels.clone() };
                let column = self.out.column(&key, unit, Kind::Gauge, Merge::Last);
                self.out.push(column, t_ms, value * factor);
                self.taken += 1;
            }
        }
    }

    /// Ends a statistic that was cut off: without its time there is nothing to keep.
    fn cut(&mut self) {
        if self.stamp.time.is_empty() {
            self.members.clear();
        }
        self.flush();
    }

    fn boot(&mut self) {
        let stamp = std::mem::take(&mut self.stamp);
        self.before = None;
        match self.time(&stamp) {
            Ok(t_ms) => self.out.restart(&self.host, t_ms),
            Err(reason) => self.out.reject(self.place.line(), || reason),
        }
    }

    /// Takes a value of a section.
    fn value(&mut self, section: &str, name: &str, value: Scalar<'_>) {
        let Some(member) = self.members.last_mut() else { return };
        match value {
            Scalar::Text(text) => member.labels.push((name.to_owned(), text.to_owned())),
            Scalar::Number(value) => {
                let metric = format!("{section}.{name}");
                if !SKIPPED.contains(&metric.as_str()) {
                    member.values.push((metric, value));
                }
            }
            Scalar::Flag(_) | Scalar::Null => {}
        }
    }
}

impl Walker for File<'_> {
    fn enter(&mut self, key: Key<'_>, nest: Nest) -> bool {
        let part = match (self.parts.last(), key, nest) {
            (None, Key::Root, Nest::Object) => Part::Document,
            (Some(Part::Document), Key::Name("sysstat"), Nest::Object) => Part::Sysstat,
            (Some(Part::Sysstat), Key::Name("hosts"), Nest::Array) => Part::Hosts,
            (Some(Part::Hosts), Key::Item(_), Nest::Object) => Part::Host,
            (Some(Part::Host), Key::Name("statistics"), Nest::Array) => Part::Statistics,
            (Some(Part::Host), Key::Name("restarts"), Nest::Array) => Part::Restarts,
            (Some(Part::Statistics), Key::Item(_), Nest::Object) => Part::Statistic,
            (Some(Part::Statistic), Key::Name("timestamp"), Nest::Object) => Part::Timestamp,
            (Some(Part::Statistic), Key::Name("network"), Nest::Object) => Part::Network,
            (Some(Part::Statistic | Part::Network), Key::Name(name), nest) if SECTIONS.contains(&name) => {
                match nest {
                    Nest::Object => Part::Section(name.to_owned()),
                    Nest::Array => Part::Items(name.to_owned()),
                }
            }
            (Some(Part::Items(name)), Key::Item(_), Nest::Object) => Part::Item(name.clone()),
            (Some(Part::Restarts), Key::Item(_), Nest::Object) => Part::Restart,
            (Some(Part::Restart), Key::Name("boot"), Nest::Object) => Part::Boot,
            _ => return false,
        };
        match part {
            Part::Sysstat => self.known = true,
            Part::Host => {
                (self.host, self.zone_name) = Default::default();
                (self.date, self.before, self.shift) = (None, None, TimeDelta::zero());
            }
            Part::Timestamp | Part::Boot => self.stamp = Stamp::default(),
            Part::Section(_) | Part::Item(_) => self.members.push(Member::default()),
            _ => {}
        }
        self.parts.push(part);
        true
    }

    fn scalar(&mut self, key: Key<'_>, value: Scalar<'_>) {
        let Key::Name(name) = key else { return };
        match (self.parts.last(), name, value) {
            (Some(Part::Host), "nodename", Scalar::Text(text)) => text.clone_into(&mut self.host),
            (Some(Part::Host), "timezone", Scalar::Text(text)) => text.clone_into(&mut self.zone_name),
            (Some(Part::Host), "file-date", Scalar::Text(text)) => self.date = text.parse().ok(),
            (Some(Part::Timestamp), "interval", Scalar::Number(value)) => self.stamp.interval_s = value,
            (Some(Part::Timestamp | Part::Boot), "date", Scalar::Text(text)) => {
                text.clone_into(&mut self.stamp.date);
            }
            (Some(Part::Timestamp | Part::Boot), "time", Scalar::Text(text)) => {
                text.clone_into(&mut self.stamp.time);
            }
            (Some(Part::Timestamp | Part::Boot), "utc", _) => {
                self.stamp.local = matches!(value, Scalar::Number(0.0) | Scalar::Flag(false));
            }
            (Some(Part::Section(section) | Part::Item(section)), name, value) => {
                let section = section.clone();
                self.value(&section, name, value);
            }
            _ => {}
        }
    }

    fn leave(&mut self) {
        match self.parts.pop() {
            Some(Part::Statistic) => self.flush(),
            Some(Part::Boot) => self.boot(),
            _ => {}
        }
    }
}

fn wall(stamp: &Stamp) -> Option<NaiveDateTime> {
    let date = NaiveDate::parse_from_str(&stamp.date, "%Y-%m-%d").ok()?;
    let date = (1970..=9999).contains(&date.year()).then_some(date)?;
    let time = NaiveTime::parse_from_str(&stamp.time.replace('-', ":"), "%H:%M:%S").ok()?;
    Some(date.and_time(time))
}

/// The base unit of a value, and how many of it one is. Section names are sysstat's, and so are the units.
fn unit(metric: &str) -> (Unit, f64) {
    match metric.split_once('.') {
        _ if metric.contains("percent") || metric.contains('%') => (Unit::Percent, 1.0),
        Some(("memory" | "hugepages", _)) => (Unit::Bytes, KB),
        Some(("filesystems", name)) if name.starts_with("MB") => (Unit::Bytes, MB),
        _ => (Unit::Count, 1.0),
    }
}

#[cfg(test)]
mod tests;
