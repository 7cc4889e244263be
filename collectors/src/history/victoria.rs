//! `VictoriaMetrics`' `/api/v1/export`: one JSON object a line, a series on one or several lines.
//!
//! A line is the unit of failure: a broken one is counted and passed over.

use std::io::BufRead;

use super::json::{self, Key, Nest, Scalar, Walker};
use super::lines::next_line;
use super::prometheus;
use super::{Builder, HistoryError, Note, Options};

/// Reads an export of `VictoriaMetrics`.
///
/// # Errors
///
/// When the bytes cannot be read, when there are none, or when not one line is an exported series.
pub fn read(
    input: &mut dyn BufRead,
    source: &str,
    _options: &Options,
    out: &mut Builder,
) -> Result<Vec<Note>, HistoryError> {
    let (mut number, mut good, mut first) = (0, 0_u64, None);
    let mut bytes = Vec::new();
    loop {
        match next_line(input, &mut bytes) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) if good == 0 => {
                return Err(HistoryError::Read { path: source.to_owned(), source: error });
            }
            Err(error) => {
                out.reject(number + 1, || format!("the file breaks off: {error}"));
                break;
            }
        }
        number += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match line(&bytes, number, out) {
            Ok(()) => good += 1,
            Err(reason) => {
                out.reject(number, || reason.clone());
                first.get_or_insert((number, reason));
            }
        }
    }
    match first {
        _ if 0 < good => Ok(Vec::new()),
        None => Err(HistoryError::Empty { path: source.to_owned() }),
        Some((line, found)) => Err(HistoryError::Parse {
            path: source.to_owned(),
            line,
            expected: "a series as /api/v1/export writes it".to_owned(),
            found,
        }),
    }
}

fn line(bytes: &[u8], number: u64, out: &mut Builder) -> Result<(), String> {
    let mut export = Export::default();
    json::walk_slice(bytes, &mut export).map_err(|error| error.to_string())?;
    let Some(labels) = export.labels.take() else { return Err("no `metric` object".to_owned()) };
    if export.t.len() != export.v.len() {
        return Err(format!("{} timestamps for {} values", export.t.len(), export.v.len()));
    }
    let column = prometheus::column(out, &prometheus::key(labels));
    for (t, v) in export.t.into_iter().zip(export.v) {
        match json::milliseconds(t, 1.0) {
            Some(t_ms) => out.push(column, t_ms, v),
            None => out.reject(number, || "a sample without a time".to_owned()),
        }
    }
    Ok(())
}

/// What one line says.
#[derive(Debug, Default)]
struct Export {
    part: Vec<Part>,
    labels: Option<Vec<(String, String)>>,
    /// What is no number is NaN here, and so rejected by the builder.
    v: Vec<f64>,
    t: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Series,
    Metric,
    Values,
    Timestamps,
}

impl Walker for Export {
    fn enter(&mut self, key: Key<'_>, nest: Nest) -> bool {
        let part = match (self.part.last(), key, nest) {
            (None, Key::Root, Nest::Object) => Part::Series,
            (Some(Part::Series), Key::Name("metric"), Nest::Object) => Part::Metric,
            (Some(Part::Series), Key::Name("values"), Nest::Array) => Part::Values,
            (Some(Part::Series), Key::Name("timestamps"), Nest::Array) => Part::Timestamps,
            _ => return false,
        };
        if matches!(part, Part::Metric) {
            self.labels = Some(Vec::new());
        }
        self.part.push(part);
        true
    }

    fn scalar(&mut self, key: Key<'_>, value: Scalar<'_>) {
        match (self.part.last(), key, value) {
            (Some(Part::Values), ..) => self.v.push(value.number().unwrap_or(f64::NAN)),
            (Some(Part::Timestamps), ..) => self.t.push(value.number().unwrap_or(f64::NAN)),
            (Some(Part::Metric), Key::Name(name), Scalar::Text(text)) => {
                self.labels.get_or_insert_default().push((name.to_owned(), text.to_owned()));
            }
            _ => {}
        }
    }

    fn leave(&mut self) {
        self.part.pop();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXPORT: &str = concat!(
        r#"{"metric":{"__name__":"mem_bytes","instance":"a"},"values":[3,null,"Infinity"],"timestamps":[3000,4000,5000]}"#,
        "\n\r\n",
        r#"{"metric":{"__name__":"mem_bytes","instance":"a"},"timestamps":[1000,2000],"values":[1,2]}"#,
        "\n",
    );

    type Answer = (Vec<super::super::Column>, super::super::Rejected);

    fn read_bytes(document: &[u8]) -> Result<Answer, HistoryError> {
        let mut out = Builder::default();
        read(&mut &*document, "export", &Options::default(), &mut out)?;
        let (columns, _, rejected) = out.finish();
        Ok((columns, rejected))
    }

    #[test]
    fn a_series_on_several_lines_is_one_column_and_null_is_no_number() {
        let (columns, rejected) = read_bytes(EXPORT.as_bytes()).unwrap();
        assert_eq!((columns.len(), rejected.count), (1, 0));
        assert_eq!(
            (columns[0].t_ms.as_slice(), columns[0].v.as_slice()),
            (&[1000, 2000, 3000][..], &[1.0, 2.0, 3.0][..])
        );
        assert_eq!((columns[0].key.host.as_str(), columns[0].rejected), ("a", 2));
    }

    #[test]
    fn a_bad_line_costs_itself_and_is_named() {
        let ragged = r#"{"metric":{"__name__":"x"},"values":[1],"timestamps":[]}"#;
        for bad in ["{\"metric\":{", "[1]", ragged, "{\"values\":[]}"] {
            let (columns, rejected) = read_bytes(format!("{EXPORT}{bad}\n{EXPORT}").as_bytes()).unwrap();
            assert_eq!((columns.len(), rejected.count, rejected.first.unwrap().0), (1, 1, 4), "{bad}");
        }
    }

    #[test]
    fn nothing_and_something_else_are_errors() {
        assert!(matches!(read_bytes(b"\n\n"), Err(HistoryError::Empty { .. })));
        assert!(matches!(read_bytes(b"\nvm_rows 3\n"), Err(HistoryError::Parse { line: 2, .. })));
    }

    #[test]
    fn a_real_export_is_read() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/formats/victoriametrics/export.jsonl");
        let Ok(document) = std::fs::read(path) else { return skipped(path) };
        let (columns, rejected) = read_bytes(&document).unwrap();
        assert_eq!((columns.len(), columns[0].v.len(), rejected.count), (1, 5, 0));
        assert_eq!((columns[0].t_ms[0], columns[0].key.host.as_str()), (1_795_290_333_000, "web1:9100"));
    }

    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    fn skipped(path: &str) {
        eprintln!("SKIPPED: `{path}` is not there");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_bytes(&bytes);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0..EXPORT.len(), byte: u8, cut in 0..EXPORT.len()) {
            let mut document = EXPORT.as_bytes().to_vec();
            document[at] = byte;
            let _ = read_bytes(&document);
            document.truncate(cut);
            let _ = read_bytes(&document);
        }
    }
}
