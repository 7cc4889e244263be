//! Text to samples.
//!
//! Formats: Prometheus text exposition 0.0.4 and 1.0 (names in quotes), `OpenMetrics` 1.0. Exemplars are passed over.

use std::borrow::Cow;

use super::cursor::Cursor;
use crate::history::Rejected;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposed<'a> {
    /// The metric.
    pub name: Cow<'a, str>,
    /// What tells instances of it apart, in the order of the text.
    pub labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Its value, which may be infinite or no number.
    pub value: f64,
    /// When, in milliseconds since 1970 UTC, where the text says so.
    pub t_ms: Option<i64>,
}

/// What one target exposes.
#[derive(Clone, Debug, Default)]
pub struct Exposition<'a> {
    /// The samples, in the order of the text.
    pub samples: Vec<Exposed<'a>>,
    /// Lines that are neither samples nor comments.
    pub rejected: Rejected,
    /// Whether an `OpenMetrics` text ends without `# EOF`, or another one without a line feed: it may have been cut.
    pub is_cut: bool,
}

impl Exposed<'_> {
    /// The value of a label; empty where it has none, which in this format is the same.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(label, _)| label == name).map_or("", |(_, value)| value)
    }
}

/// Reads what a target exposes. A line that is broken costs that line, and is counted.
#[must_use]
pub fn parse(text: &str) -> Exposition<'_> {
    let is_open = text.trim_end().lines().next_back() == Some("# EOF");
    let mut exposition =
        Exposition { is_cut: !text.is_empty() && !is_open && !text.ends_with('\n'), ..Exposition::default() };
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_matches([' ', '\t', '\r']);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(sample) = sample(line, is_open) {
            exposition.samples.push(sample);
        } else {
            let rejected = &mut exposition.rejected;
            rejected.count += 1;
            rejected.first.get_or_insert_with(|| (number, "not a sample".to_owned()));
        }
    }
    exposition
}

/// `name{label="value"} 1.5 1700000000`
fn sample(line: &str, is_open: bool) -> Option<Exposed<'_>> {
    let mut cursor = Cursor(line);
    let mut name = if line.starts_with('{') { None } else { cursor.name() };
    cursor.skip_space();
    let mut labels = Vec::new();
    if cursor.take('{') {
        loop {
            cursor.skip_space();
            if cursor.take('}') {
                break;
            }
            let is_quoted = cursor.0.starts_with('"');
            let label = cursor.name()?;
            cursor.skip_space();
            if cursor.take('=') {
                cursor.skip_space();
                labels.push((label, cursor.quoted()?));
            } else if name.is_none() && is_quoted {
                name = Some(label);
            } else {
                return None;
            }
            cursor.skip_space();
            if !cursor.take(',') && !cursor.0.starts_with('}') {
                return None;
            }
        }
    }
    let mut rest = cursor.0.split([' ', '\t']).filter(|field| !field.is_empty());
    let value = value(rest.next()?)?;
    let t_ms = match rest.next() {
        None | Some("#") => None,
        Some(time) => Some(milliseconds(time, is_open)?),
    };
    // Nothing but an exemplar may follow.
    (t_ms.is_none() || matches!(rest.next(), None | Some("#"))).then_some(Exposed {
        name: name?,
        labels,
        value,
        t_ms,
    })
}

/// Go's numbers, of which those with digits are Rust's.
fn value(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// `OpenMetrics` tells seconds with a fraction, the older format milliseconds.
fn milliseconds(text: &str, is_open: bool) -> Option<i64> {
    if !is_open {
        return text.parse().ok();
    }
    let seconds: f64 = text.parse().ok().filter(|seconds: &f64| seconds.is_finite())?;
    #[expect(clippy::cast_possible_truncation, reason = "a cast to integer saturates")]
    Some((seconds * 1000.0).round() as i64)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "numbers are read as they were written")]
mod tests {
    use super::super::cursor::quote;
    use super::*;
    use proptest::prelude::*;

    type Owned = (String, Vec<(String, String)>, f64, Option<i64>);

    fn one(line: &str) -> Option<Owned> {
        let found = parse(line);
        let sample = found.samples.first()?;
        let labels =
            sample.labels.iter().map(|(label, value)| (label.to_string(), value.to_string())).collect();
        Some((sample.name.to_string(), labels, sample.value, sample.t_ms))
    }

    #[test]
    fn samples_of_both_formats() {
        assert_eq!(one("up 1\n"), Some(("up".into(), vec![], 1.0, None)));
        assert_eq!(one("up 1 1700000000000\n").unwrap().3, Some(1_700_000_000_000));
        assert_eq!(one("up 1 1700000000.5\n# EOF\n").unwrap().3, Some(1_700_000_000_500));
        let labels = vec![("a".into(), "x\"y\\z\nw".into()), ("b".into(), String::new())];
        assert_eq!(one("m{a=\"x\\\"y\\\\z\\nw\", b=\"\",} -1e3\n"), Some(("m".into(), labels, -1e3, None)));
        assert_eq!(one("{\"my.metric\", a=\"b\"} +Inf\n").unwrap().0, "my.metric");
        assert_eq!(one("c_total 5 # {trace_id=\"x\"} 1\n# EOF\n").unwrap().2, 5.0);
        assert_eq!(one("c_total 5 1.5 # {trace_id=\"x\"} 1\n# EOF\n").unwrap().3, Some(1500));
        assert!(one("n NaN").unwrap().2.is_nan());
        assert_eq!(one("  padded\t 1 \r\n").unwrap().0, "padded");
    }

    #[test]
    fn broken_lines_are_counted() {
        for line in [
            "m{a=\"x} 1",
            "m",
            "m{a} 1",
            "m one",
            "m{a=\"b\"",
            "{a=\"b\"} 1",
            "m 1 2 3",
            "m 1 soon",
            "<html>",
        ] {
            let found = parse(line);
            assert_eq!((found.samples.len(), found.rejected.count), (0, 1), "{line}");
        }
        assert_eq!(parse("# HELP m text\n# TYPE m gauge\n\nm 1\n").rejected.count, 0);
        assert!(parse("m 1\nm 2").is_cut && !parse("m 1\n").is_cut && !parse("").is_cut);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[ -~\\n\\\\\"{}=,#é]{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_written_is_read(
            name in "[a-z_:][a-z0-9_:]{0,10}",
            labels in proptest::collection::vec(("[a-z_][a-z0-9_]{0,8}", "(\\PC|[\n\"\\\\]){0,10}"), 0..4),
            value in any::<f64>().prop_filter("a number", |value| !value.is_nan()),
            t_ms in proptest::option::of(any::<i64>()),
        ) {
            let written: Vec<String> = labels
                .iter()
                .map(|(label, value)| format!("{label}={}", quote(value)))
                .collect();
            let time = t_ms.map(|t_ms| format!(" {t_ms}")).unwrap_or_default();
            let line = format!("{name}{{{}}} {value:e}{time}\n", written.join(","));
            prop_assert_eq!(one(&line), Some((name, labels, value, t_ms)));
        }
    }
}
