//! What format a history is in, judged by its first bytes; the file's name is only a hint.

use super::{HistoryError, atop, pidstat};

/// A format that this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Lines of fields: CSV, TSV and their relatives.
    Table,
    /// The output of `sadf -j`.
    SadfJson,
    /// sysstat's own binary `sa` file.
    SaBinary,
    /// An answer of Prometheus' HTTP interface.
    PrometheusJson,
    /// The JSON lines of `VictoriaMetrics`' `/api/v1/export`.
    VictoriaMetrics,
    /// The lines of `atop -P`.
    Atop,
    /// The JSON lines of `atop -J`.
    AtopJson,
    /// The output of pidstat.
    Pidstat,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "CSV",
            Self::SadfJson => "sadf JSON",
            Self::SaBinary => "sysstat binary",
            Self::PrometheusJson => "Prometheus JSON",
            Self::VictoriaMetrics => "VictoriaMetrics JSON lines",
            Self::Atop => "atop -P",
            Self::AtopJson => "atop JSON lines",
            Self::Pidstat => "pidstat",
            Self::Parquet => "Parquet",
        }
    }
}

/// What is read, for errors.
const UNDERSTOOD: &str = "CSV or TSV with a time column, `sadf -j`, a sysstat sa file, JSON of Prometheus' \
                          query or query_range, JSON lines of VictoriaMetrics' export, `atop -P` or `atop -J`, \
                          pidstat, or Parquet";

/// The first bytes of archives, and what undoes them.
const COMPRESSED: [(&[u8], &str); 6] = [
    (b"\x1f\x8b", "gzip -d"),
    (b"\x28\xb5\x2f\xfd", "zstd -d"),
    (b"BZh", "bzip2 -d"),
    (b"\xfd7zXZ\0", "xz -d"),
    (b"\x04\x22\x4d\x18", "lz4 -d"),
    (b"PK\x03\x04", "unzip"),
];

/// The format that `head`, the first bytes of the file called `name`, is in.
///
/// A few kilobytes are enough. The name decides only where the content leaves it open.
///
/// # Errors
///
/// [`HistoryError::Empty`] where there is nothing but blanks, [`HistoryError::Unknown`] with the way out where
/// there is one: the command that decompresses or converts the file.
pub fn sniff(head: &[u8], name: &str) -> Result<Format, HistoryError> {
    let unknown = |expected: String| Err(HistoryError::Unknown { path: name.to_owned(), expected });
    if head.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if head.starts_with(&[0x96, 0xd5]) || head.starts_with(&[0xd5, 0x96]) {
        return Ok(Format::SaBinary);
    }
    if let Some((_, command)) = COMPRESSED.iter().find(|(magic, _)| head.starts_with(magic)) {
        return unknown(format!("text that is not compressed: decompress it first with `{command}`"));
    }
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return unknown("UTF-8, and this is UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`".to_owned());
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.is_empty() {
        return Err(HistoryError::Empty { path: name.to_owned() });
    }
    if is_binary(text) {
        return unknown(UNDERSTOOD.to_owned());
    }
    if atop::is_output(text) {
        return Ok(Format::Atop);
    }
    if pidstat::is_output(text) {
        return Ok(Format::Pidstat);
    }
    let format = if text[0] == b'{' { json(text) } else { table(text, name) };
    format.map_or_else(|| unknown(UNDERSTOOD.to_owned()), Ok)
}

/// Whether the bytes are no text in any encoding that extends ASCII.
fn is_binary(text: &[u8]) -> bool {
    let control = text.iter().filter(|&&byte| matches!(byte, 1..=8 | 14..=31 | 127)).count();
    text.contains(&0) || text.len() < 20 * control
}

/// Which JSON it is. The keys may come in any order, so a key that only one producer writes decides.
fn json(text: &[u8]) -> Option<Format> {
    let holds = |word: &str| text.windows(word.len()).any(|window| window == word.as_bytes());
    if holds("\"sysstat\"") {
        return Some(Format::SadfJson);
    }
    if holds("\"status\"") && (holds("\"data\"") || holds("\"error\"") || holds("\"errorType\"")) {
        return Some(Format::PrometheusJson);
    }
    let compact: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(11).collect();
    match compact.as_slice() {
        b"{\"status\":\"" => Some(Format::PrometheusJson),
        _ if compact.starts_with(b"{\"host\":") && holds("\"timestamp\"") && holds("\"elapsed\"") => {
            Some(Format::AtopJson)
        }
        b"{\"metric\":{" => Some(Format::VictoriaMetrics),
        _ if holds("\"metric\"") && holds("\"timestamps\"") => Some(Format::VictoriaMetrics),
        _ => None,
    }
}

/// Other text is a table, unless it or its name says that it is JSON or XML.
fn table(text: &[u8], name: &str) -> Option<Format> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let elsewhere = ["json", "jsonl", "ndjson", "xml", "html", "parquet"].contains(&extension.as_str());
    let markup = text[0] == b'<' || text.starts_with(b"[{") || text.starts_with(b"[\n");
    (!elsewhere && !markup).then_some(Format::Table)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(head: &[u8], name: &str, expected: Format) {
        assert_eq!(sniff(head, name).unwrap(), expected, "{}", String::from_utf8_lossy(head));
    }

    #[track_caller]
    fn check_error(head: &[u8], name: &str, expected: &str) {
        let error = sniff(head, name).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn magic_numbers_decide_whatever_the_name_is() {
        check(b"PAR1\x15\x04", "a.csv", Format::Parquet);
        check(b"\x96\xd5\x75\x21\0\0", "a.csv", Format::SaBinary);
        check(b"\xd5\x96\x21\x75\0\0", "sa21", Format::SaBinary);
    }

    #[test]
    fn json_is_told_apart_by_its_keys() {
        check(b"{\"sysstat\": {\n\t\"hosts\": [", "x", Format::SadfJson);
        check(b"{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\"", "x", Format::PrometheusJson);
        check(b"{ \"status\" : \"error\", \"errorType\":\"bad_data\"", "x", Format::PrometheusJson);
        check(b"{\"data\":{\"result\":[]},\"status\":\"success\"}", "x", Format::PrometheusJson);
        check(b"{\"status\":\"succ", "cut", Format::PrometheusJson);
        check(
            b"{\"metric\":{\"__name__\":\"a\"},\"values\":[1],\"timestamps\":[1]}",
            "x",
            Format::VictoriaMetrics,
        );
        check(b"\xef\xbb\xbf\n {\"metric\": {\"__name__\":", "x", Format::VictoriaMetrics);
        check(b"{\"values\":[1],\"timestamps\":[1],\"metric\":{}}", "x.csv", Format::VictoriaMetrics);
        check_error(b"{\"a\": 1}", "x.csv", "VictoriaMetrics");
        check_error(b"[{\"a\": 1}]", "x", "expected CSV");
    }

    #[test]
    fn text_is_a_table_unless_its_name_says_otherwise() {
        check(b"time,value\n1,2\n", "x.txt", Format::Table);
        check(b"\xef\xbb\xbftime,value\r\n", "x", Format::Table);
        check("Zeit;Größe\n".as_bytes(), "x.csv", Format::Table);
        check(b"time;temp \xb0C\n1;2\n", "latin1.csv", Format::Table);
        check(b"# hostname;interval;timestamp\n", "x", Format::Table);
        check_error(b"time,value\n", "x.json", "expected CSV");
        check_error(b"<html>", "x.csv", "expected CSV");
    }

    #[test]
    fn what_can_be_undone_is_named() {
        check_error(b"\x1f\x8b\x08\0", "x.csv.gz", "decompress it first with `gzip -d`");
        check_error(b"\x28\xb5\x2f\xfd\x04", "x.zst", "zstd -d");
        check_error(b"\xff\xfet\0i\0", "perfmon.csv", "UTF-16");
        check_error(b"\xfe\xff\0t\0i", "perfmon.csv", "UTF-16");
    }

    #[test]
    fn nothing_and_noise_are_errors() {
        check_error(b"", "x.csv", "`x.csv` is empty");
        check_error(b"\xef\xbb\xbf \r\n", "x.csv", "is empty");
        check_error(b"time,\0value", "x.csv", "in no format");
        check_error(b"\x7fELF\x02\x01\x01", "x", "in no format");
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_panic(head in prop::collection::vec(any::<u8>(), 0..64), name in ".{0,12}") {
            let _ = sniff(&head, &name);
        }
    }
}
