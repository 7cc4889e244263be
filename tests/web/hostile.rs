//! Names that anybody can choose go through every page and stay text.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use hebe::finding::Finding;
use hebe::snapshot::Snapshot;
use proptest::prelude::*;

use super::client::get;
use super::made::{self, Made, serve};
use super::server::{Server, Source, explain_path};

/// Elements that our pages are made of.
const ELEMENTS: [&str; 68] = [
    "a",
    "article",
    "body",
    "button",
    "caption",
    "code",
    "dd",
    "defs",
    "desc",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "g",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "input",
    "label",
    "li",
    "line",
    "link",
    "main",
    "meta",
    "nav",
    "p",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "rect",
    "script",
    "section",
    "span",
    "strong",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "circle",
    "!DOCTYPE",
    "br",
    "hr",
    "em",
    "small",
    "pre",
    "ol",
    "tfoot",
    "time",
    "abbr",
    "tspan",
    "use",
    "clipPath",
];

/// A piece of a name as an attacker would choose it.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("</script><script>alert(1)</script>".to_owned()),
        Just("<img src=x onerror=alert(1)>".to_owned()),
        Just("\" onmouseover=\"alert(1)".to_owned()),
        Just("'><svg/onload=alert(1)>".to_owned()),
        Just("]]><!--".to_owned()),
        Just("javascript:alert(1)//".to_owned()),
        Just("\r\nSet-Cookie: a=b\r\n\r\n".to_owned()),
        Just("&lt;&#x3c;b&amp;".to_owned()),
        Just("../../%2e%2e/..%00?#;".to_owned()),
        Just("\u{1b}[2J\u{202e}\u{9b}\u{0}".to_owned()),
        Just("~".to_owned()),
        Just("名前 é".to_owned()),
        Just("x".repeat(3_000)),
        any::<String>(),
        "[a-z/._-]{0,12}",
    ]
}

fn name() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..4).prop_map(|pieces| pieces.concat())
}

/// A server whose source is changed for every case.
fn server() -> (SocketAddr, Arc<Made>) {
    static SERVER: OnceLock<(Server, Arc<Made>)> = OnceLock::new();
    let (server, made) = SERVER.get_or_init(|| {
        let made = Arc::new(Made::host());
        (serve(Shared(Arc::clone(&made))), made)
    });
    (server.address(), Arc::clone(made))
}

struct Shared(Arc<Made>);

impl Source for Shared {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshot()
    }

    fn history(&self, series: &str, from: i64, until: i64) -> Option<hebe_collectors::history::Series> {
        self.0.history(series, from, until)
    }

    fn explain(&self, series: &str) -> Option<(Finding, hebe::finding::Picture)> {
        let snapshot = self.0.snapshot();
        let finding = snapshot.findings.iter().find(|finding| finding.row.series == series)?;
        let drawn = hebe::picture::picture(&self.0.series[0], finding, &hebe::settings::Settings::default());
        Some((Finding::clone(finding), drawn))
    }

    fn metrics(&self) -> String {
        self.0.metrics()
    }

    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.now()
    }
}

/// A snapshot where every text that comes from outside is one of these names.
fn hostile(names: &[String; 4]) -> Snapshot {
    static JUDGED: OnceLock<Vec<Finding>> = OnceLock::new();
    let judged =
        JUDGED.get_or_init(|| hebe::analyze::analyze(&made::host(), &hebe::settings::Settings::default()));
    let [series, scope, sentence, other] = names;
    let mut findings = judged.clone();
    for (i, finding) in findings.iter_mut().enumerate().take(3) {
        finding.row.series = if i == 0 { series.clone() } else { format!("{series}{i}") };
        (finding.row.scope, finding.row.resource) = (scope.clone(), other.clone());
        (finding.row.sentence, finding.row.evidence) = (sentence.clone(), other.clone());
        (finding.row.limit_owner, finding.row.since_event) = (Some(scope.clone()), Some(other.clone()));
        finding.row.unit = if i == 2 { other.clone() } else { "bytes".to_owned() };
        (finding.why, finding.unless) = (vec![sentence.clone()], vec![other.clone()]);
        finding.epochs.push((finding.row.at.unwrap().timestamp_millis() - 1_000_000, scope.clone()));
        (finding.quality.source, finding.quality.also) = (other.clone(), vec![scope.clone()]);
        finding.candidates.iter_mut().for_each(|candidate| candidate.curve.clone_from(other));
    }
    let mut snapshot = made::snapshot(findings);
    let first = Arc::make_mut(&mut snapshot.findings[0]);
    (first.row.action, first.row.culprits[0].name) = (Some(other.clone()), scope.clone());
    snapshot.host.clone_from(other);
    snapshot.sources[2].name.clone_from(scope);
    snapshot.sources[2].failures = vec![sentence.clone(), other.clone()];
    snapshot.settings[0].key.clone_from(scope);
    (snapshot.settings[0].value, snapshot.settings[0].origin) = (sentence.clone(), other.clone());
    let store = snapshot.store.as_mut().unwrap();
    (store.dir, store.failing) = (scope.clone(), Some(sentence.clone()));
    snapshot
}

/// The tags of a page, each with its attributes; maud and our SVG quote every value with `"`.
fn tags(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
        let name = rest[..end].trim_matches('/').to_owned();
        rest = &rest[end..];
        let mut attributes = Vec::new();
        while !rest.starts_with('>') && !rest.is_empty() {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let end = rest.find(|c: char| c == '=' || c == '>' || c.is_whitespace()).unwrap_or(rest.len());
            let key = rest[..end].to_owned();
            rest = &rest[end..];
            let value = rest.strip_prefix("=\"").and_then(|quoted| quoted.split_once('"'));
            if let Some((value, after)) = value {
                attributes.push((key, value.to_owned()));
                rest = after;
            } else if !key.is_empty() {
                attributes.push((key, String::new()));
            } else if !rest.starts_with('>') {
                rest = rest.get(1..).unwrap_or("");
            }
        }
        tags.push((name, attributes));
    }
    tags
}

fn is_harmless(page: &str) -> Result<(), TestCaseError> {
    let steers = page.chars().find(|c| *c != '\n' && hebe::report::clean::steers(*c));
    prop_assert!(steers.is_none(), "{:?}", steers);
    let tags = tags(page);
    prop_assert_eq!(
        tags.iter().filter(|(name, _)| name == "script").count(),
        2,
        "one script, opened and closed"
    );
    for (name, attributes) in tags {
        prop_assert!(ELEMENTS.contains(&name.as_str()), "<{}>", name);
        for (key, value) in attributes {
            prop_assert!(!key.starts_with("on") && key != "style", "{}=\"{}\" in <{}>", key, value, name);
            let link = matches!(key.as_str(), "href" | "src" | "action" | "formaction");
            let stays = matches!(value.as_str(), "" | "#main")
                || (value.starts_with('/') && !value.starts_with("//"));
            prop_assert!(!link || stays, "{}=\"{}\" in <{}>", key, value, name);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_name_stays_text_on_every_page_and_leads_back_to_its_series(
        names in [name(), name(), name(), name()],
    ) {
        let (address, made) = server();
        *made.snapshot.lock().unwrap() = Arc::new(hostile(&names));
        let explained = explain_path(&names[0]);
        let query = explained.strip_prefix("/explain/").unwrap();
        let paths = [
            "/".to_owned(),
            format!("/?series={query}&span=all"),
            "/trends".to_owned(),
            format!("/trends?find={query}"),
            format!("/trends?series={query}&span=day"),
            explained.clone(),
            "/events".to_owned(),
            "/sources".to_owned(),
            "/settings".to_owned(),
        ];
        for path in paths {
            let answer = get(address, &path);
            prop_assert_eq!(answer.status, 200, "{}", path);
            prop_assert!(answer.header("set-cookie").is_none());
            is_harmless(&answer.body)?;
        }
        for path in ["rows", "events", "settings", "state"] {
            let answer = get(address, &format!("/api/v1/{path}"));
            prop_assert!(answer.json().is_array() || path == "state");
        }
        let told = get(address, &format!("/api/v1{explained}")).json();
        prop_assert_eq!(told["row"]["series"].as_str(), Some(names[0].as_str()));
    }
}

#[test]
fn markup_of_others_is_seen() {
    for evil in [
        "<img src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<p onclick=\"x\">",
        "<a href=\"//evil.example\">",
        "\u{202e}",
        "<script>x</script>",
    ] {
        let page = format!("<script src=\"/assets/page.js\" defer></script>{evil}");
        assert!(is_harmless(&page).is_err(), "{evil}");
    }
    assert!(is_harmless("<script src=\"/assets/page.js\" defer></script><p>a &lt;b&gt;</p>").is_ok());
}
