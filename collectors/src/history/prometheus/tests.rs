//! Answers of Prometheus, real and written.

use proptest::prelude::*;

use super::*;

const MATRIX: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[
    {"metric":{"__name__":"node_filesystem_avail_bytes","device":"/dev/vda","instance":"web1:9100","job":"node"},
     "values":[[1795288785.399,"16209365"],[1795288787.4,"NaN"],[1795288789.399,"+Inf"],[1795288791,"7.5"]]},
    {"values":[[1795288785,"3"]],"metric":{"__name__":"http_requests_total","instance":"web1:9100"}},
    {"metric":{},"value":[1795288785.5,"4"],"histogram":[1,{"count":"1"}]}]},"warnings":["slow"]}"#;

type Answer = (Vec<super::super::Column>, super::super::Rejected, Vec<String>);

fn read_bytes(document: &[u8]) -> Result<Answer, HistoryError> {
    let mut out = Builder::default();
    let notes = read(&mut &*document, "answer", &Options::default(), &mut out)?;
    let (columns, _, rejected) = out.finish();
    Ok((columns, rejected, notes.into_iter().map(|note| note.text).collect()))
}

fn read_all(document: &str) -> Answer {
    read_bytes(document.as_bytes()).unwrap()
}

#[test]
fn numbers_are_strings_and_what_is_no_number_is_counted() {
    let (columns, rejected, notes) = read_all(MATRIX);
    let column = &columns[0];
    assert_eq!(column.key.host, "web1:9100");
    assert_eq!(column.key.metric, "node_filesystem_avail_bytes");
    let labels = [("device", "/dev/vda"), ("job", "node")];
    assert_eq!(column.key.labels, labels.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!((column.unit, column.kind, column.rejected), (Unit::Bytes, Kind::Gauge, 2));
    assert_eq!(column.t_ms, [1_795_288_785_399, 1_795_288_791_000]);
    assert_eq!(column.v, [16_209_365.0, 7.5]);
    assert_eq!(rejected.count, 0);
    assert_eq!(notes.len(), 2, "{notes:?}");
}

#[test]
fn labels_may_come_behind_values_and_counters_are_known_by_name() {
    let (columns, ..) = read_all(MATRIX);
    assert_eq!((columns[1].key.metric.as_str(), columns[1].kind), ("http_requests_total", Kind::Counter));
    assert_eq!(columns[1].v, [3.0]);
}

#[test]
fn an_expression_has_no_name() {
    let (columns, ..) = read_all(MATRIX);
    assert_eq!(
        (columns[2].key.metric.as_str(), columns[2].t_ms.as_slice()),
        ("value", &[1_795_288_785_500][..])
    );
}

#[test]
fn answers_may_stand_one_behind_the_other() {
    let (columns, ..) = read_all(&format!("{MATRIX}\n{}", MATRIX.replace("17952887", "17952888")));
    assert_eq!(columns[0].v.len(), 4);
}

#[test]
fn the_servers_error_is_the_error() {
    let answer =
        r#"{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points"}"#;
    let error = read_bytes(answer.as_bytes()).unwrap_err();
    assert!(matches!(error, HistoryError::Answer { message, .. }
        if message == "bad_data: exceeded maximum resolution of 11,000 points"));
}

#[test]
fn no_series_is_said() {
    let (columns, _, notes) = read_all(r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#);
    assert!(columns.is_empty() && notes[0].contains("no series"), "{notes:?}");
}

#[test]
fn nothing_and_something_else_are_errors() {
    let fails = |document: &str| read_bytes(document.as_bytes()).unwrap_err();
    assert!(matches!(fails(""), HistoryError::Empty { .. }));
    assert!(matches!(fails("{\"sysstat\": {}}"), HistoryError::Parse { .. }));
    assert!(matches!(fails("404 page not found"), HistoryError::Parse { .. }));
}

#[test]
fn an_answer_that_breaks_off_gives_what_it_has() {
    let (columns, rejected, notes) = read_all(&MATRIX[..MATRIX.find("[1795288791").unwrap()]);
    assert_eq!((columns.len(), columns[0].v.len(), rejected.count), (1, 1, 1));
    assert!(notes[0].contains("breaks off in line 3"), "{notes:?}");
}

#[test]
fn a_sample_without_a_time_is_rejected_with_its_line() {
    let (_, rejected, _) = read_all(&MATRIX.replace("1795288791,", "null,"));
    assert_eq!(rejected.first.unwrap().0, 3);
}

fn stepped(values: impl Iterator<Item = f64>) -> Vec<String> {
    let pairs: Vec<String> = values.enumerate().map(|(k, v)| format!("[{},\"{v}\"]", 60 * k)).collect();
    read_all(&format!(r#"{{"data":{{"result":[{{"metric":{{}},"values":[{}]}}]}}}}"#, pairs.join(","))).2
}

#[test]
fn five_minutes_of_one_value_at_the_end_look_like_a_stepped_query() {
    let notes = stepped((0..20).chain([19; 5]).map(f64::from));
    assert!(notes.iter().any(|note| note.contains("metric[12h]")), "{notes:?}");
    assert!(stepped((0..20).chain([19; 2]).map(f64::from)).is_empty());
    assert!(stepped([19.0; 30].into_iter()).is_empty());
}

#[test]
fn real_answers_are_read() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/formats/prometheus");
    for (name, samples) in [("query_matrix_raw.json", 15), ("query_range.json", 13)] {
        let Ok(document) = std::fs::read(format!("{dir}/{name}")) else {
            skipped(name);
            continue;
        };
        let (columns, rejected, _) = read_bytes(&document).unwrap();
        assert_eq!((columns.len(), columns[0].v.len(), rejected.count), (1, samples, 0), "{name}");
    }
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
    fn no_damage_makes_it_panic(at in 0..MATRIX.len(), byte: u8, cut in 0..MATRIX.len()) {
        let mut document = MATRIX.as_bytes().to_vec();
        document[at] = byte;
        let _ = read_bytes(&document);
        document.truncate(cut);
        let _ = read_bytes(&document);
    }
}
