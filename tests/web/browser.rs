//! The page in a real browser: it loads, its script runs, and nothing breaks its own policy.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

use chrono::{Datelike as _, Months};

use super::hands::Noting;
use super::made::{self, Made, options, serve};
use super::server::{Server, Source as _, explain_path, start};
use crate::skipped::{has, skipped};

/// Names the folder for the pictures.
const KEEP: &str = "HEBE_SCREENSHOTS";
/// Names a folder in which playwright-core is installed.
const PLAYWRIGHT: &str = "HEBE_PLAYWRIGHT";

const TOKEN: &str = "0123456789-the-token";

fn chromium(profile: &Path) -> Command {
    let mut command = Command::new("chromium");
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.args(["--disable-dev-shm-usage", "--hide-scrollbars", "--enable-logging=stderr"]);
    command.arg(format!("--user-data-dir={}", profile.display()));
    command
}

/// What the browser made of a page, and what it complained about.
fn loaded(server: &Server, path: &str) -> (String, Vec<String>) {
    let profile = tempfile::tempdir().unwrap();
    let url = format!("http://{}{path}", server.address());
    let ran = chromium(profile.path()).arg("--dump-dom").arg(url).output().unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    let complaints = errors.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    (String::from_utf8_lossy(&ran.stdout).into_owned(), complaints)
}

#[test]
fn pages_load_without_a_complaint() {
    if !has("chromium") {
        return skipped("the page in a browser", "chromium");
    }
    let mut made = Made::host();
    made.hands = Some(Arc::new(Noting::full(made.now())));
    let worst = explain_path(&made.snapshot().findings[0].row.series);
    let server = serve(made);
    for path in ["/", worst.as_str(), "/calendar", "/actions", "/settings"] {
        let (page, complaints) = loaded(&server, path);
        assert!(page.contains("data-script=\"on\""), "the script of {path} did not run: {page}");
        assert!(complaints.is_empty(), "{path}: {complaints:#?}");
    }
}

#[test]
fn pages_are_shot_for_whoever_looks() {
    let Some(folder) = env::var_os(KEEP).filter(|_| has("chromium")) else {
        return skipped("screenshots of the page", "chromium, and a folder for them in $HEBE_SCREENSHOTS");
    };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap();
    let mut nothing = Made::host();
    nothing.hands = Some(Arc::new(Noting::empty(nothing.now())));
    for (name, made) in
        [("host", Made::host()), ("nothing", nothing), ("fifty", made::fifty()), ("empty", made::empty())]
    {
        let worst = made.snapshot().findings.first().map(|finding| explain_path(&finding.row.series));
        let server = serve(made);
        let paths =
            [("now", Some("/".to_owned())), ("explain", worst), ("trends", Some("/trends".to_owned()))];
        let rest = ["/calendar", "/actions", "/events", "/sources", "/settings"]
            .map(|path| (&path[1..], Some(path.to_owned())));
        for (page, path) in
            paths.into_iter().chain(rest.into_iter().filter(|_| matches!(name, "host" | "nothing")))
        {
            let Some(path) = path else { continue };
            for (width, height) in [(1_280, 1_000), (400, 1_800)] {
                for dark in [false, true] {
                    shoot(
                        &server,
                        &path,
                        &folder.join(format!("{name}-{page}-{width}-{dark}.png")),
                        (width, height),
                        dark,
                    );
                }
            }
        }
    }
}

fn shoot(server: &Server, path: &str, file: &Path, size: (u32, u32), dark: bool) {
    let profile = tempfile::tempdir().unwrap();
    let mut command = chromium(profile.path());
    command.arg(format!("--window-size={},{}", size.0, size.1));
    command.arg(format!("--screenshot={}", file.display()));
    if dark {
        command.arg("--blink-settings=preferredColorScheme=0");
    }
    let ran = command.arg(format!("http://{}{path}", server.address())).output().unwrap();
    assert!(ran.status.success() && file.exists(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn a_service_is_dragged_onto_a_day() {
    let Some(playwright) = env::var_os(PLAYWRIGHT).filter(|_| has("node") && has("chromium")) else {
        return skipped(
            "dragging a service in a browser",
            "node, chromium, and a folder with playwright-core in $HEBE_PLAYWRIGHT",
        );
    };
    let mut made = Made::host();
    let now = made.now();
    let hands = Arc::new(Noting::full(now));
    made.hands = Some(Arc::clone(&hands));
    let server = start(&options("127.0.0.1:0", Some(TOKEN)), Arc::new(made)).unwrap();
    // A Tuesday of the next month.
    let first = (now.date_naive() + Months::new(1)).with_day(8).unwrap();
    let day = first.iter_days().find(|day| day.weekday() == chrono::Weekday::Tue).unwrap().to_string();
    let mut node = Command::new("node");
    node.arg(crate::skipped::workspace().join("tests/web/drag.mjs"));
    node.arg(format!("http://{}", server.address())).args([TOKEN, &day]).arg(&playwright);
    if let Some(folder) = env::var_os(KEEP) {
        node.arg(Path::new(&folder).join("driven"));
    }
    let ran = node.output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let asked = hands.asked.lock().unwrap();
    assert_eq!(asked[0], format!("place web {day} 03:00 page, 127.0.0.1"));
    assert_eq!(asked[1], format!("place host every 1d from {day} 04:45 page, 127.0.0.1"));
    assert!(asked[2].starts_with(&format!("place payments {day} 05:15 ")), "{asked:?}");
    assert!(asked[3].starts_with("remove placed-") && asked[4].starts_with("approve web@1 "), "{asked:?}");
}
