//! Answers of the Prometheus HTTP API: `query_range`, and instant queries answering with vectors or range vectors.
//!
//! Opens no socket: [`urls`] says what to ask a server, [`read`] reads what it answered.

mod ask;

use std::io::BufRead;

pub use ask::{Ask, Span, queries, urls};

use super::json::{self, Key, Nest, Place, Scalar, Walker};
use super::{Builder, ColumnKey, HistoryError, Kind, Merge, Note, Options, Unit};

/// How long a server repeats the last value of a series that has ended, in a stepped query.
const LOOKBACK_MS: i64 = 300_000;

/// Reads the answer of a Prometheus server, or several that stand one behind the other.
///
/// # Errors
///
/// When the bytes cannot be read, are no JSON before the first sample, or hold the server's own error.
pub fn read(
    input: &mut dyn BufRead,
    source: &str,
    _options: &Options,
    out: &mut Builder,
) -> Result<Vec<Note>, HistoryError> {
    let place = Place::start();
    let mut answer = Answer::new(out, place.clone());
    let result = json::walk(input, &place, &mut answer);
    answer.flush();
    let (taken, known, said) = (answer.taken, answer.known, answer.said());
    if taken == 0
        && let Some(message) = said.error
    {
        return Err(HistoryError::Answer { path: source.to_owned(), message });
    }
    if !known && result.is_ok() {
        return Err(json::stranger(source, "an answer of the Prometheus HTTP API"));
    }
    let mut notes: Vec<Note> =
        said.notes.into_iter().map(|text| Note { source: source.to_owned(), text }).collect();
    notes.extend(json::ended(result, taken, &place, source, out)?);
    Ok(notes)
}

/// The column of a series that Prometheus describes by `labels`: its name and its instance stand apart.
pub(super) fn key(labels: Vec<(String, String)>) -> ColumnKey {
    let mut key = ColumnKey { metric: "value".to_owned(), ..ColumnKey::default() };
    for (name, value) in labels {
        match name.as_str() {
            "__name__" => key.metric = value,
            "instance" => key.host = value,
            _ => key.labels.push((name, value)),
        }
    }
    key
}

/// The column's number in `out`, with the unit and the kind that Prometheus' naming rules give it.
pub(super) fn column(out: &mut Builder, key: &ColumnKey) -> usize {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| key.metric.ends_with(suffix));
    let counter = ends(&["_total", "_count", "_sum", "_bucket"]);
    let kind = if counter { Kind::Counter } else { Kind::Gauge };
    let unit = if ends(&["_bytes", "_bytes_total"]) {
        Unit::Bytes
    } else if ends(&["_seconds", "_seconds_total"]) {
        Unit::Seconds
    } else if ends(&["_percent"]) {
        Unit::Percent
    } else {
        Unit::Unknown
    };
    out.column(key, unit, kind, Merge::Last)
}

/// Where in an answer the walk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Answer,
    Data,
    Result,
    Series,
    Metric,
    Values,
    Pair,
    Warnings,
}

/// What the server says beside its samples.
#[derive(Debug, Default)]
struct Said {
    error: Option<String>,
    notes: Vec<String>,
}

struct Answer<'a> {
    out: &'a mut Builder,
    place: Place,
    parts: Vec<Part>,
    labels: Option<Vec<(String, String)>>,
    column: Option<usize>,
    /// Samples that came before the labels of their series.
    early: Vec<(i64, f64)>,
    pair: (Option<f64>, Option<f64>),
    tail: Tail,
    taken: u64,
    series: u64,
    histograms: u64,
    padded: u64,
    known: bool,
    failed: bool,
    error: Vec<String>,
    warnings: Vec<String>,
}

impl<'a> Answer<'a> {
    fn new(out: &'a mut Builder, place: Place) -> Self {
        Self {
            out,
            place,
            parts: Vec::new(),
            labels: None,
            column: None,
            early: Vec::new(),
            pair: (None, None),
            tail: Tail::default(),
            taken: 0,
            series: 0,
            histograms: 0,
            padded: 0,
            known: false,
            failed: false,
            error: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn said(&mut self) -> Said {
        let mut said = Said { notes: std::mem::take(&mut self.warnings), ..Said::default() };
        if self.failed || !self.error.is_empty() {
            let message =
                if self.error.is_empty() { "no reason given".into() } else { self.error.join(": ") };
            said.notes.push(format!("the server answered with an error: {message}"));
            said.error = Some(message);
        } else if self.series == 0 {
            said.notes.push("the answer holds no series: nothing matched the query in that time".to_owned());
        }
        if 0 < self.histograms {
            said.notes
                .push(format!("{} native histograms are left out: they are no resource", self.histograms));
        }
        if 0 < self.padded {
            said.notes.push(format!(
                "{} of {} series end in five minutes of one value: query_range repeats the last sample; ask for the \
                 raw samples instead (query=metric[12h])",
                self.padded, self.series
            ));
        }
        said
    }

    /// Takes the pair of time and value that just ended.
    fn sample(&mut self) {
        let (t, v) = std::mem::take(&mut self.pair);
        let Some(t_ms) = t.and_then(|t| json::milliseconds(t, 1000.0)) else {
            self.out.reject(self.place.line(), || "a sample without a time".to_owned());
            return;
        };
        let v = v.unwrap_or(f64::NAN);
        self.tail.step(t_ms, v);
        if self.labels.is_none() {
            self.early.push((t_ms, v));
            return;
        }
        self.push(t_ms, v);
    }

    fn push(&mut self, t_ms: i64, v: f64) {
        let column = *self
            .column
            .get_or_insert_with(|| column(self.out, &key(self.labels.clone().unwrap_or_default())));
        self.out.push(column, t_ms, v);
        self.taken += u64::from(v.is_finite());
    }

    /// Ends a series.
    fn flush(&mut self) {
        for (t_ms, v) in std::mem::take(&mut self.early) {
            self.push(t_ms, v);
        }
        self.padded += u64::from(std::mem::take(&mut self.tail).is_padded());
        self.labels = None;
        self.column = None;
    }
}

impl Walker for Answer<'_> {
    fn enter(&mut self, key: Key<'_>, nest: Nest) -> bool {
        let part = match (self.parts.last(), key, nest) {
            (None, Key::Root, Nest::Object) => Part::Answer,
            (Some(Part::Answer), Key::Name("data"), Nest::Object) => Part::Data,
            (Some(Part::Answer), Key::Name("warnings" | "infos"), Nest::Array) => Part::Warnings,
            (None, Key::Root, Nest::Array)
            | (Some(Part::Answer | Part::Data), Key::Name("result"), Nest::Array) => Part::Result,
            (Some(Part::Result), Key::Item(_), Nest::Object) => Part::Series,
            (Some(Part::Series), Key::Name("metric"), Nest::Object) => Part::Metric,
            (Some(Part::Series), Key::Name("values"), Nest::Array) => Part::Values,
            (Some(Part::Series), Key::Name("value"), Nest::Array)
            | (Some(Part::Values), Key::Item(_), Nest::Array) => Part::Pair,
            (Some(Part::Series), Key::Name("histograms" | "histogram"), _) => {
                self.histograms += 1;
                return false;
            }
            _ => return false,
        };
        match part {
            Part::Data | Part::Result => self.known = true,
            Part::Series => self.series += 1,
            Part::Metric => self.labels = Some(Vec::new()),
            Part::Pair => self.pair = (None, None),
            _ => {}
        }
        self.parts.push(part);
        true
    }

    fn scalar(&mut self, key: Key<'_>, value: Scalar<'_>) {
        match (self.parts.last(), key, value) {
            (Some(Part::Pair), Key::Item(0), _) => self.pair.0 = value.number(),
            (Some(Part::Pair), Key::Item(1), _) => self.pair.1 = value.number(),
            (Some(Part::Metric), Key::Name(name), Scalar::Text(text)) => {
                if let Some(labels) = &mut self.labels {
                    labels.push((name.to_owned(), text.to_owned()));
                }
            }
            (Some(Part::Answer), Key::Name("status"), Scalar::Text("error")) => self.failed = true,
            (Some(Part::Answer), Key::Name("error" | "errorType"), Scalar::Text(text)) => {
                self.error.push(text.to_owned());
            }
            (Some(Part::Warnings), _, Scalar::Text(text)) if self.warnings.len() < 10 => {
                self.warnings.push(format!("the server warns: {text}"));
            }
            _ => {}
        }
    }

    fn leave(&mut self) {
        match self.parts.pop() {
            Some(Part::Pair) => self.sample(),
            Some(Part::Series) => self.flush(),
            _ => {}
        }
    }
}

/// Watches how a series ends.
#[derive(Debug, Default)]
struct Tail {
    last: Option<(i64, f64)>,
    step_ms: i64,
    uneven: bool,
    varied: bool,
    since_ms: i64,
}

impl Tail {
    fn step(&mut self, t_ms: i64, v: f64) {
        let Some((then, before)) = self.last.replace((t_ms, v)) else {
            self.since_ms = t_ms;
            return;
        };
        let step_ms = t_ms.saturating_sub(then);
        if self.step_ms == 0 {
            self.step_ms = step_ms;
        }
        self.uneven |= step_ms != self.step_ms;
        if v.to_bits() != before.to_bits() {
            self.varied = true;
            self.since_ms = t_ms;
        }
    }

    /// An evenly stepped series that moved, and then stood still for as long as a server looks back. A resource that
    /// really stood still looks the same, so this is worth a note and no more.
    fn is_padded(&self) -> bool {
        let Some((t_ms, _)) = self.last else { return false };
        let still_ms = t_ms.saturating_sub(self.since_ms);
        let stepped = !self.uneven && 0 < self.step_ms && self.step_ms < LOOKBACK_MS;
        stepped
            && self.varied
            && LOOKBACK_MS - 2 * self.step_ms.min(LOOKBACK_MS / 2) <= still_ms
            && 0 < still_ms
    }
}

#[cfg(test)]
mod tests;
