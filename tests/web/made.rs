//! A daemon's knowledge made here: judged by the engine, from series that follow a law.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use hebe::analyze::analyze;
use hebe::event::{Event, Kind};
use hebe::finding::{Culprit, Finding, Picture, Row};
use hebe::picture::picture;
use hebe::settings::Settings;
use hebe::silence::Silence;
use hebe::snapshot::{OwnUse, Setting, Snapshot, SourceState, StoreState};
use hebe_collectors::history::{Series, Unit};

use super::hands::Noting;
use super::server::{Hands, Options, Server, Source, start};
use crate::generated::{DAY, MINUTE, START_S, every, ms, noise, series};

const GIB: f64 = 1_073_741_824.0;
/// Samples of every series: ten days, one in ten minutes.
const SAMPLES: usize = 1_440;

/// A source whose knowledge a test may change.
pub(super) struct Made {
    pub(super) snapshot: Mutex<Arc<Snapshot>>,
    pub(super) series: Vec<Series>,
    /// How long after the snapshot it is.
    pub(super) late: TimeDelta,
    /// Those who act.
    pub(super) hands: Option<Arc<Noting>>,
}

impl Made {
    pub(super) fn of(snapshot: Snapshot, series: Vec<Series>) -> Self {
        Self { snapshot: Mutex::new(Arc::new(snapshot)), series, late: TimeDelta::seconds(4), hands: None }
    }

    /// A host with a bit of everything.
    pub(super) fn host() -> Self {
        let series = host();
        Self::of(snapshot(analyze(&series, &Settings::default())), series)
    }
}

impl Source for Made {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.lock().unwrap())
    }

    fn history(&self, name: &str, from_ms: i64, until_ms: i64) -> Option<Series> {
        let mut series = self.series.iter().find(|series| series.name == name)?.clone();
        let kept = |t: &i64| (from_ms..=until_ms).contains(t);
        series.v = series.t_ms.iter().zip(&series.v).filter(|(t, _)| kept(t)).map(|(_, v)| *v).collect();
        series.t_ms.retain(kept);
        Some(series)
    }

    fn explain(&self, name: &str) -> Option<(Finding, Picture)> {
        let snapshot = self.snapshot();
        let finding = snapshot.findings.iter().find(|finding| finding.row.series == name)?;
        let series = self.series.iter().find(|series| series.name == name)?;
        Some((Finding::clone(finding), picture(series, finding, &Settings::default())))
    }

    fn metrics(&self) -> String {
        "# HELP hebe_build_info Version.\n# TYPE hebe_build_info gauge\nhebe_build_info{version=\"0\"} 1\n"
            .to_owned()
    }

    fn hands(&self) -> Option<Arc<dyn Hands>> {
        Some(self.hands.clone()? as Arc<dyn Hands>)
    }

    fn now(&self) -> DateTime<Utc> {
        self.snapshot().at + self.late
    }
}

/// Serves on a free port of this machine, for all who can reach it.
pub(super) fn serve(source: impl Source + 'static) -> Server {
    start(&options("127.0.0.1:0", None), Arc::new(source)).unwrap()
}

pub(super) fn options(listen: &str, token: Option<&str>) -> Options {
    let listen = listen.parse().unwrap();
    Options { listen, token: token.map(str::to_owned), tls: None, zone: Tz::Europe__Berlin }
}

fn named(resource: &str, scope: &str, unit: Unit, limit: f64, law: impl Fn(f64) -> f64) -> Series {
    Series {
        name: format!("{resource}{{scope=\"{scope}\"}}"),
        resource: resource.to_owned(),
        scope: scope.to_owned(),
        host: "web1".to_owned(),
        unit,
        source: "/var/lib/hebe".to_owned(),
        ..series(&every(10.0 * MINUTE, SAMPLES), limit, law)
    }
}

/// Two that run out, one of them with a restart, and others that do not.
pub(super) fn host() -> Vec<Series> {
    let leak = |s: f64| 52.0 * GIB + s / DAY * 1.1 * GIB + 0.2 * GIB * noise(s);
    let epochs = |s: f64| {
        let since = if s < 5.0 * DAY { s } else { s - 5.0 * DAY };
        4_000.0 + since / DAY * 5_200.0 + 120.0 * noise(s)
    };
    let mut all = vec![
        named("disk.bytes", "/var", Unit::Bytes, 70.0 * GIB, leak),
        named("process.fds", "app-worker.service", Unit::Count, 65_536.0, epochs),
        named("memory.available", "host", Unit::Bytes, 31.0 * GIB, |s| 9.0 * GIB + 0.4 * GIB * noise(s)),
        named("tasks", "host", Unit::Count, 32_768.0, |s| 412.0 + 9.0 * noise(s)),
    ];
    for mount in ["/", "/home", "/srv/archive", "/tmp"] {
        all.push(named("disk.bytes", mount, Unit::Bytes, 80.0 * GIB, |s| 12.0 * GIB + 0.01 * GIB * noise(s)));
    }
    all
}

/// Fifty that run out at their own pace.
pub(super) fn fifty() -> Made {
    let pool = |i: usize| {
        let pace = 3.0 + 0.2 * i as f64;
        named("app.pool", &format!("pool-{i:02}"), Unit::Count, 100.0, move |s| {
            10.0 + pace * s / DAY + noise(s)
        })
    };
    let series: Vec<Series> = (0..50).map(pool).collect();
    Made::of(snapshot(analyze(&series, &Settings::default())), series)
}

/// Many rows, made of a few judged ones.
pub(super) fn many(count: usize, alarms_only: bool) -> Made {
    let judged = analyze(&host(), &Settings::default());
    let kinds: Vec<&Finding> = judged.iter().filter(|f| !alarms_only || f.row.status.is_alarm()).collect();
    let mut findings: Vec<Finding> = (0..count)
        .map(|i| {
            let mut finding = kinds[i % kinds.len()].clone();
            let row = &mut finding.row;
            row.scope = format!("/system.slice/some-service-{i}.service/{}", row.scope);
            row.series = format!("{}{{cgroup=\"{}\"}}", row.resource, row.scope);
            finding
        })
        .collect();
    findings.sort_by_key(|finding| finding.row.status.rank());
    Made::of(snapshot(findings), Vec::new())
}

/// Nothing yet.
pub(super) fn empty() -> Made {
    let mut empty = snapshot(Vec::new());
    empty.started = empty.at - TimeDelta::seconds(8);
    empty.sources.clear();
    empty.settings.clear();
    empty.events.clear();
    empty.silences.clear();
    empty.store = None;
    Made::of(empty, Vec::new())
}

/// What a daemon knows that has come to these findings.
pub(super) fn snapshot(mut findings: Vec<Finding>) -> Snapshot {
    let at = DateTime::from_timestamp_millis(ms(START_S + 10.0 * MINUTE * (SAMPLES - 1) as f64)).unwrap();
    if let Some(first) = findings.first_mut() {
        first.row.culprits = vec![culprit("java", "process", 0.92), culprit("", "unattributed", 0.08)];
        first.row.action = Some("Restart app-worker before it is full.".to_owned());
    }
    let others: Vec<(f64, Row)> =
        findings.iter().take(3).map(|finding| (3_600.0, finding.row.clone())).collect();
    let events = findings.iter().take(6).enumerate().map(|(i, finding)| {
        let kind = [Kind::Predicted, Kind::Updated, Kind::Cleared, Kind::SurgeHeld][i % 4];
        let hours = i64::try_from(i).unwrap();
        Arc::new(Event::new(kind, finding.row.clone(), at - TimeDelta::hours(hours), "web1"))
    });
    Snapshot {
        at,
        started: at - TimeDelta::days(9),
        host: "web1".to_owned(),
        others,
        events: events.collect(),
        sources: sources(),
        own: OwnUse {
            cpu: 0.000_62,
            rss_bytes: 24_300_000,
            period_s: 10.0,
            stretched: false,
            ..OwnUse::default()
        },
        store: Some(StoreState {
            dir: "/var/lib/hebe".to_owned(),
            bytes: 83_000_000,
            size_limit: 1_073_741_824,
            failing: None,
        }),
        settings: vec![
            setting("lead_time", "3d", "default"),
            setting("page.listen", "127.0.0.1:9920", "/etc/hebe/hebe.toml:12"),
            setting("page.token", "hunter2hunter2hunter2", "HEBE_PAGE_TOKEN"),
        ],
        surges_held: 3,
        silences: vec![silence()],
        findings: findings.into_iter().map(Arc::new).collect(),
    }
}

fn silence() -> Silence {
    Silence {
        id: "s1".to_owned(),
        resource: "disk.*".to_owned(),
        scope: "/srv*".to_owned(),
        owner: "ann".to_owned(),
        reason: "moving <house>".to_owned(),
        starts: DateTime::from_timestamp_millis(ms(START_S)),
        ends: DateTime::from_timestamp_millis(ms(START_S + 600.0 * MINUTE * SAMPLES as f64)).unwrap(),
    }
}

fn culprit(name: &str, kind: &str, share: f64) -> Culprit {
    Culprit {
        name: name.to_owned(),
        kind: kind.to_owned(),
        used: 40_000.0 * share,
        used_share: share,
        growth_per_day: 5_000.0 * share,
        growth_share: share,
        ..Culprit::default()
    }
}

fn sources() -> Vec<SourceState> {
    let read = |name: &str| SourceState { name: name.to_owned(), success: true, failures: Vec::new() };
    let failures =
        vec!["3 of 212 processes belong to others: their descriptors cannot be counted.".to_owned()];
    let partly = SourceState { name: "process".to_owned(), success: false, failures };
    vec![read("filefd"), read("memory"), partly, read("disk")]
}

fn setting(key: &str, value: &str, origin: &str) -> Setting {
    Setting { key: key.to_owned(), value: value.to_owned(), origin: origin.to_owned() }
}
