//! Tests from outside, as the file writes them: `{ http = … }`, `{ tcp = … }`, `{ exec = … }`, `{ file = … }`.

use super::fields::{Fields, Item};
use super::values;
use crate::restart::map::error::Faults;
use crate::restart::map::{Probe, Test};

/// Time of one attempt, and between attempts, if the map does not say.
pub(in crate::restart::map) const WITHIN_S: f64 = 5.0;
/// See [`WITHIN_S`].
pub(in crate::restart::map) const EVERY_S: f64 = 1.0;

const KINDS: [&str; 4] = ["http", "tcp", "exec", "file"];
const KEYS: [&str; 9] = ["http", "tcp", "exec", "file", "status", "contains", "most", "within", "every"];
const EXPECTED: &str = "expected a probe such as { http = \"http://127.0.0.1:80/\" }, { tcp = \"127.0.0.1:80\" }, \
                        { exec = \"true\" } or { file = \"/run/beat\", most = \"5m\" }";

/// One probe or a list of them.
pub(super) fn probes(item: Item<'_>, faults: &mut Faults<'_>) -> Vec<Probe> {
    item.each().into_iter().filter_map(|each| probe(each, faults)).collect()
}

fn probe(item: Item<'_>, faults: &mut Faults<'_>) -> Option<Probe> {
    let Some(fields) = item.fields() else {
        item.refuse(faults, EXPECTED);
        return None;
    };
    fields.only(&KEYS, "a probe", faults);
    let mut length = |key, otherwise| {
        fields.get(key).map_or(Some(otherwise), |length: Item<'_>| values::seconds(length, faults))
    };
    let (within_s, every_s) = (length("within", WITHIN_S), length("every", EVERY_S));
    let kinds: Vec<Item<'_>> = KINDS.iter().filter_map(|kind| fields.get(kind)).collect();
    let [kind] = kinds[..] else {
        let named: Vec<&str> = kinds.iter().map(|kind| kind.key).collect();
        let found = if named.is_empty() { "nothing".to_owned() } else { named.join(" and ") };
        faults.add(item.at, format!("a probe tests one thing, this one {found}; {EXPECTED}"));
        return None;
    };
    misplaced(&fields, kind.key, faults);
    let test = match kind.key {
        "http" => http(kind, &fields, faults),
        "tcp" => tcp(kind, faults),
        "exec" => values::argv(kind, faults).map(|argv| Test::Exec { argv }),
        _ => file(kind, &fields, faults),
    };
    Some(Probe { test: test?, within_s: within_s?, every_s: every_s? })
}

/// Notes keys that say nothing about this kind of probe.
fn misplaced(fields: &Fields<'_>, kind: &str, faults: &mut Faults<'_>) {
    for (key, of) in [("status", "http"), ("contains", "http"), ("most", "file")] {
        if let Some(item) = fields.get(key).filter(|_| kind != of) {
            faults
                .add(item.at, format!("`{key}` says nothing about a probe of `{kind}`; it goes with `{of}`"));
        }
    }
}

fn http(item: Item<'_>, fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<Test> {
    let url = item.value.as_str().filter(|url| is_url(url));
    if url.is_none() {
        item.refuse(faults, "expected an address such as \"http://127.0.0.1:8080/health\"");
    }
    let status = fields.get("status").and_then(|status| {
        let code = status
            .value
            .as_integer()
            .and_then(|digits| u16::from_str_radix(digits.as_str(), digits.radix()).ok());
        let code = code.filter(|code| (100..=599).contains(code));
        if code.is_none() {
            status.refuse(faults, "expected a status of HTTP, 100 to 599");
        }
        code
    });
    let contains = fields.get("contains").and_then(|text| text.text(faults, "expected a text"));
    Some(Test::Http { url: url?.to_owned(), status, contains: contains.map(str::to_owned) })
}

fn is_url(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty() && !host.starts_with(':'))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn tcp(item: Item<'_>, faults: &mut Faults<'_>) -> Option<Test> {
    let valid = |address: &&str| {
        address.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty()
                && !host.contains(char::is_whitespace)
                && port.parse::<u16>().is_ok_and(|port| 0 < port)
        })
    };
    let address = item.value.as_str().filter(valid);
    if address.is_none() {
        item.refuse(faults, "expected a host and a port such as \"127.0.0.1:5432\"");
    }
    Some(Test::Tcp { address: address?.to_owned() })
}

fn file(item: Item<'_>, fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<Test> {
    let path = values::path(item, faults);
    let Some(most) = fields.get("most") else {
        faults
            .add(item.at, "a probe of `file` has no `most`: how old the file may be, such as most = \"5m\"");
        return None;
    };
    let most_s = values::seconds(most, faults);
    Some(Test::FileAge { path: path?, most_s: most_s? })
}
