//! What the pages show.

use chrono::TimeDelta;

use super::client::{ask, get};
use super::made::{self, Made, serve};
use super::server::{Source as _, explain_path};

const KILOBYTES: usize = 1_000;

#[test]
fn the_first_page_ranks_and_draws_the_worst() {
    let made = Made::host();
    let worst = made.snapshot().findings[0].row.clone();
    assert!(worst.status.is_alarm(), "{worst:?}");
    let server = serve(made);
    let page = get(server.address(), "/").body;
    for part in ["resources run out", worst.status.word(), "/var", "app-worker.service", "<svg", "are steady"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.contains(&format!("href=\"{}\"", explain_path(&worst.series))));
    assert_eq!(page.matches("<script").count(), 1);
}

#[test]
fn a_resource_is_shown_over_every_span_with_words_and_numbers() {
    let server = serve(Made::host());
    for span in ["forecast", "hour", "day", "week", "all"] {
        let path = format!("/trends?series=disk.bytes%7Bscope%3D%22%2Fvar%22%7D&span={span}");
        let page = get(server.address(), &path).body;
        for part in ["<svg", "<title id=\"picture-title\">", "<desc id=\"picture-desc\">", "Key points of"] {
            assert!(page.contains(part), "{part} of {span}");
        }
        assert!(!page.contains("No exhaustion is forecast"), "{span}");
        assert_eq!(page.matches("aria-current=\"true\"").count(), 1, "{span}");
    }
}

#[test]
fn a_resource_is_explained() {
    let made = Made::host();
    let worst = made.snapshot().findings[0].row.series.clone();
    let server = serve(made);
    let page = get(server.address(), &explain_path(&worst));
    assert_eq!(page.status, 200);
    for part in
        ["Why we believe it", "The curves that were tried", "Who uses it", "java", "Over other horizons"]
    {
        assert!(page.body.contains(part), "{part}");
    }
    let none = get(server.address(), "/explain/none");
    assert_eq!(none.status, 404);
    assert!(none.body.contains("no such resource"));
}

#[test]
fn a_resource_is_found_by_a_part_of_its_name() {
    let server = serve(Made::host());
    let page = get(server.address(), "/trends?find=ARCHIVE").body;
    assert!(page.contains("1 resource") && page.contains("/srv/archive") && !page.contains("app-worker"));
    assert!(get(server.address(), "/trends?find=none").body.contains("No resource has this in its name"));
}

#[test]
fn settings_are_shown_with_their_origin_and_without_secrets() {
    let server = serve(Made::host());
    for path in ["/settings", "/api/v1/settings"] {
        let page = get(server.address(), path).body;
        assert!(page.contains("/etc/hebe/hebe.toml:12") && page.contains("HEBE_PAGE_TOKEN"));
        assert!(!page.contains("hunter2"), "{path}");
    }
}

#[test]
fn what_was_not_read_is_said() {
    let server = serve(Made::host());
    assert!(get(server.address(), "/").body.contains("1 of 4 sources was not read in full"));
    let page = get(server.address(), "/sources").body;
    for part in ["3 of 212 processes", "0.06 %", "23.2 MiB", "/var/lib/hebe"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn events_say_what_happened() {
    let server = serve(Made::host());
    let page = get(server.address(), "/events").body;
    for part in ["alarm raised", "alarm over", "surge held", "3 surges were held"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn silences_are_listed_with_who_why_and_until_when() {
    let server = serve(Made::host());
    let page = get(server.address(), "/events").body;
    for part in ["s1", "disk.*", "/srv*", "ann", "moving &lt;house&gt;"] {
        assert!(page.contains(part), "{part}");
    }
    let none = get(serve(made::empty()).address(), "/events").body;
    assert!(none.contains("Nothing is silenced"));
}

#[test]
fn nothing_yet_is_said_as_such() {
    let server = serve(made::empty());
    assert!(get(server.address(), "/").body.contains("has not judged a resource yet"));
    for path in ["/trends", "/events", "/sources", "/settings"] {
        let page = get(server.address(), path);
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("<table"), "{path}");
    }
}

#[test]
fn a_daemon_that_does_not_look_is_told() {
    let mut made = Made::host();
    made.late = TimeDelta::hours(3);
    let server = serve(made);
    assert!(get(server.address(), "/").body.contains("Not up to date"));
    assert_eq!(get(server.address(), "/healthz").status, 503);
    assert_eq!(get(serve(Made::host()).address(), "/healthz").body, "ok\n");
}

#[test]
fn what_the_reader_has_is_not_sent_again() {
    let server = serve(Made::host());
    for path in ["/", "/api/v1/rows", "/assets/page.css", "/metrics"] {
        let first = get(server.address(), path);
        let line = format!("If-None-Match: W/\"x\", {}", first.header("etag").unwrap());
        let again = ask(server.address(), "GET", path, &[&line]);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
}

#[test]
fn many_series_make_a_small_page() {
    for (count, alarms_only) in [(500, false), (500, true), (10_000, false)] {
        let server = serve(made::many(count, alarms_only));
        for path in ["/", "/trends"] {
            let size = get(server.address(), path).body.len();
            assert!(size < 200 * KILOBYTES, "{path} with {count} series, {alarms_only}: {size} bytes");
        }
    }
    let server = serve(made::fifty());
    assert!(get(server.address(), "/").body.len() < 100 * KILOBYTES);
}
