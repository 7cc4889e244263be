//! The JSON API, and that its description tells the truth.

use std::collections::BTreeSet;
use std::sync::Arc;

use hebe::finding::Row;
use serde_json::Value;

use super::client::get;
use super::hands::Noting;
use super::made::{self, Made, serve};
use super::server::Source as _;
use crate::contract;

const VAR: &str = "disk.bytes%7Bscope%3D%22%2Fvar%22%7D";

#[test]
fn rows_keep_the_contract() {
    let made = Made::host();
    let rows: Vec<Row> = made.snapshot().findings.iter().map(|finding| finding.row.clone()).collect();
    let expected: Value = serde_json::from_str(&serde_json::to_string(&rows).unwrap()).unwrap();
    let rows = get(serve(made).address(), "/api/v1/rows").json();
    rows.as_array().unwrap().iter().for_each(contract::check);
    assert_eq!(rows, expected);
}

#[test]
fn samples_are_given_as_asked() {
    let server = serve(Made::host());
    let ask = |query: &str| get(server.address(), &format!("/api/v1/series/{VAR}/samples{query}"));
    let day = ask("").json();
    assert_eq!((day["samples"].as_array().unwrap().len(), &day["thinned"]), (144, &Value::Bool(false)));
    assert_eq!((&day["unit"], &day["limit_owner"]), (&Value::from("bytes"), &Value::from("the test")));
    let all = ask("?from=2020-01-01T00:00:00Z&points=100").json();
    assert_eq!((all["samples"].as_array().unwrap().len(), &all["thinned"]), (100, &Value::Bool(true)));
    let instant = ask("?from=1700000000000&until=1700000000000").json();
    assert_eq!(instant["samples"][0][0], 1_700_000_000_000_i64);
    for wrong in ["?from=yesterday", "?points=many", "?from=1700000000001&until=1700000000000"] {
        let answer = ask(wrong);
        assert_eq!((answer.status, &answer.json()["status"]), (400, &Value::from(400)), "{wrong}");
    }
    assert_eq!(get(server.address(), "/api/v1/series/none/samples").status, 404);
}

#[test]
fn an_explanation_holds_the_picture() {
    let server = serve(Made::host());
    let told = get(server.address(), &format!("/api/v1/explain/{VAR}")).json();
    contract::check(&told["row"]);
    assert!(100 < told["picture"]["raw"].as_array().unwrap().len());
    assert!(!told["why"].as_array().unwrap().is_empty());
    assert_eq!(get(server.address(), "/api/v1/explain/none").status, 404);
}

#[test]
fn events_are_cloud_events() {
    let events = get(serve(Made::host()).address(), "/api/v1/events").json();
    let first = &events[0];
    assert_eq!(
        (&first["specversion"], &first["type"]),
        (&"1.0".into(), &"dev.hebe.exhaustion.predicted.v1".into())
    );
    contract::check(&first["data"]);
}

#[test]
fn metrics_are_text() {
    let answer = get(serve(Made::host()).address(), "/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(answer.body.contains("hebe_build_info"));
}

/// The paths of the router that are described.
fn routed() -> BTreeSet<String> {
    let text = include_str!("../../engine/app/web/router.rs");
    let paths = text.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    paths
        .filter(|path| path.starts_with("/api/") || matches!(*path, "/metrics" | "/healthz"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_description_names_every_path() {
    let document = get(serve(Made::host()).address(), "/api/v1/openapi.json").json();
    let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, routed());
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_answer_is_as_described() {
    let mut full = Made::host();
    full.hands = Some(Arc::new(Noting::full(full.now())));
    for made in [full, Made::host(), made::empty()] {
        let known = !made.snapshot().findings.is_empty();
        let server = serve(made);
        let document = get(server.address(), "/api/v1/openapi.json").json();
        for (path, operation) in document["paths"].as_object().unwrap() {
            let schema = &operation["get"]["responses"]["200"]["content"]["application/json"]["schema"];
            // What acts is asked for elsewhere.
            if schema.is_null() || (path.contains("{name}") && !known) {
                continue;
            }
            let answer = get(server.address(), &path.replace("{name}", VAR)).json();
            fits(&document, schema, &answer, path);
        }
    }
}

/// Fails where `value` is not as `schema` says, as far as our description uses JSON Schema: types, keys, members.
#[track_caller]
fn fits(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = &document["components"]["schemas"][name.rsplit('/').next().unwrap()];
        assert!(schema.is_object(), "{name} is not described");
        return fits(document, schema, value, place);
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let schema = either.iter().find(|one| (one["type"] == "null") == value.is_null()).unwrap();
        return fits(document, schema, value, place);
    }
    let types = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    assert!(
        types.iter().any(|word| is_of(word.as_str().unwrap(), value)),
        "{place}: {value} is no {types:?}"
    );
    if let (Some(keys), Some(object)) = (schema["properties"].as_object(), value.as_object()) {
        let names = |of: &serde_json::Map<String, Value>| of.keys().cloned().collect::<BTreeSet<_>>();
        let required = schema["required"].as_array().into_iter().flatten();
        let required: BTreeSet<String> =
            required.map(|key| key.as_str().unwrap_or_default().to_owned()).collect();
        // What may be missing is described all the same, and is the culprit's alone: elsewhere there is null.
        let must = if place.ends_with("culprits[]") { required } else { names(keys) };
        assert!(must.is_subset(&names(object)), "{place}: {:?} of {must:?}", names(object));
        assert!(names(object).is_subset(&names(keys)), "{place}: {:?}", names(object));
        object.iter().for_each(|(key, value)| fits(document, &keys[key], value, &format!("{place}.{key}")));
    }
    if let (Some(choices), false) = (schema["enum"].as_array(), value.is_null()) {
        assert!(choices.contains(value), "{place}: {value}");
    }
    if schema["items"].is_object() {
        let members = value.as_array().into_iter().flatten();
        members.for_each(|member| fits(document, &schema["items"], member, &format!("{place}[]")));
    }
}

fn is_of(word: &str, value: &Value) -> bool {
    match word {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
