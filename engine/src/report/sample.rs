//! Findings to render in tests: a host with a bit of everything, nothing at all, and many.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use crate::finding::{
    CandidateRow, Confidence, Culprit, Finding, Findings, Picture, Quality, Row, Status, Surge,
};

const GIB: f64 = 1_073_741_824.0;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Saturday, 21 November 2026, 12:00 UTC.
pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
}

/// A row of one status with nothing in it.
pub(crate) fn row(resource: &str, scope: &str, status: Status) -> Row {
    Row {
        series: format!("{resource}{{scope=\"{scope}\"}}"),
        sentence: format!("{status}."),
        at: Some(now()),
        horizon_s: Some(30.0 * 86_400.0),
        unit: "bytes".to_owned(),
        method: "default".to_owned(),
        samples: 2_016,
        epochs: 1,
        ..Row::bare(resource, scope, "web1", status)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the samples' days are few")]
fn ms(days: f64) -> i64 {
    (days * 86_400_000.0) as i64
}

/// Gives a row a date.
pub(crate) fn exhausting(mut row: Row, left_days: f64, low: f64, high: Option<f64>) -> Row {
    let s = |days: f64| days * 86_400.0;
    let date = |days: f64| now().checked_add_signed(TimeDelta::milliseconds(ms(days)));
    (row.left_s, row.left_lo_s, row.left_hi_s) = (Some(s(left_days)), Some(s(low)), high.map(s));
    (row.exhausts_at, row.exhausts_lo, row.exhausts_hi) = (date(left_days), date(low), high.and_then(date));
    row.probability = Some(0.97);
    row.confidence = Confidence::High;
    row
}

/// A finding about a row, with nothing behind it.
pub(crate) fn finding(row: Row) -> Finding {
    let (period_s, source) = (300.0, "/var/log/sa/sa21".to_owned());
    Finding::bare(row, Quality { period_s, source, block: 1, ..Quality::default() })
}

/// Findings of one run about these.
pub(crate) fn findings(findings: Vec<Finding>) -> Findings {
    Findings {
        findings,
        sources: vec![("/var/log/sa/sa21".to_owned(), 22_176, 3)],
        notes: vec![
            ("/var/log/sa/sa21".to_owned(), "3 lines were cut short and left out.".to_owned()),
            ("limits".to_owned(), "The limit of memory.available is taken to be 0.".to_owned()),
        ],
        horizon_note: "The horizon is 30 days: three times the history, at most a month.".to_owned(),
        method: "default".to_owned(),
        command: "hebe report -o r.html /var/log/sa".to_owned(),
        version: "0.1.0".to_owned(),
        made_at: now(),
    }
}

pub(crate) fn empty() -> Findings {
    Findings { sources: Vec::new(), notes: Vec::new(), ..findings(Vec::new()) }
}

pub(crate) fn only(statuses: &[Status]) -> Findings {
    findings(statuses.iter().map(|status| finding(row("disk.bytes", "/srv", *status))).collect())
}

/// A host: one full, two running out, a surge held, one collecting, the others quiet.
pub(crate) fn host() -> Findings {
    let mut all = vec![finding(boot()), worker(), var()];
    all.push(held());
    let mut collecting = row("app.sessions", "sessions_open", Status::Collecting);
    collecting.sentence = "143 of 200 samples; ready about 14:20.".to_owned();
    (collecting.used, collecting.unit) = (Some(1_284.0), "count".to_owned());
    all.push(finding(collecting));
    let mut beyond = row("memory.available", "host", Status::BeyondHorizon);
    beyond.sentence = "Grows, but meets its limit later than 30 days from now.".to_owned();
    (beyond.used, beyond.limit, beyond.growth_per_day) =
        (Some(9.1 * GIB), Some(31.2 * GIB), Some(0.08 * GIB));
    all.push(finding(beyond));
    for scope in ["/", "/home", "/srv/archive", "/tmp", "swap"] {
        let mut steady = row("disk.bytes", scope, Status::Steady);
        steady.sentence = "Does not grow: the slope cannot be told from zero.".to_owned();
        (steady.used, steady.limit) = (Some(12.0 * GIB), Some(80.0 * GIB));
        all.push(finding(steady));
    }
    findings(all)
}

fn boot() -> Row {
    let mut row = row("disk.bytes", "/boot", Status::Exhausted);
    row.sentence = "Is at its limit and has been since Thu 19 Nov.".to_owned();
    (row.used, row.limit) = (Some(0.98 * GIB), Some(0.98 * GIB));
    row.limit_owner = Some("ext4".to_owned());
    row.action = Some("Remove old kernels.".to_owned());
    row
}

fn worker() -> Finding {
    let mut row = exhausting(row("process.fds", "app-worker", Status::Warning), 4.08, 3.4, Some(5.1));
    row.sentence = "Runs out on Wed 25 Nov 14:00 (24-26 Nov) if it goes on like this.".to_owned();
    (row.used, row.limit, row.unit) = (Some(41_203.0), Some(65_536.0), "count".to_owned());
    row.growth_per_day = Some(5_960.0);
    row.limit_owner = Some("RLIMIT_NOFILE of app-worker.service".to_owned());
    (row.since, row.since_event) = (Some(now() - TimeDelta::days(7)), Some("restart".to_owned()));
    (row.curve, row.evidence) = (Some("linear".to_owned()), "line, 6.9 d of growth, noise 0.4 %".to_owned());
    (row.surges_held, row.epochs) = (2, 2);
    row.culprits = vec![
        culprit("java (app-worker)", "process", 39_800.0, 0.966, 5_740.0, 0.963),
        culprit("unattributed", "unattributed", 1_403.0, 0.034, 220.0, 0.037),
    ];
    row.action = Some("Restart app-worker before Tue 24 Nov.".to_owned());
    let mut finding = finding(row);
    finding.surges = vec![surge(6, 3, 52_000.0), surge(2, 1, 49_500.0)];
    finding.candidates = vec![
        candidate("linear", 1_204.2, 410.0, Some(4.08), true),
        candidate("linear_2", 1_209.9, 402.0, Some(3.9), false),
        candidate("log", 1_388.1, 890.0, None, false),
    ];
    finding.why = vec![
        "The straight line explains 99.6 % of the variation.".to_owned(),
        "Growth has gone on for 6.9 d without a pause.".to_owned(),
    ];
    finding.unless = vec!["A restart of app-worker would start a new epoch.".to_owned()];
    finding.quality.gaps = vec![(now() - TimeDelta::days(3), now() - TimeDelta::hours(70))];
    finding.quality.restarts = vec![now() - TimeDelta::days(7)];
    finding.quality.rejected = 3;
    finding.epochs = vec![
        (now().timestamp_millis() - 14 * DAY_MS, "start of the history".to_owned()),
        (now().timestamp_millis() - 7 * DAY_MS, "restart".to_owned()),
    ];
    finding
}

fn var() -> Finding {
    let mut row = exhausting(row("disk.bytes", "/var", Status::Watch), 17.2, 12.0, None);
    row.sentence = "Runs out on Tue 8 Dec, or later, if it goes on like this.".to_owned();
    (row.used, row.limit) = (Some(41.2 * GIB), Some(50.0 * GIB));
    row.growth_per_day = Some(0.51 * GIB);
    row.limit_owner = Some("ext4".to_owned());
    (row.curve, row.evidence, row.confidence) =
        (Some("log_2".to_owned()), "flattening curve, 14 d of growth".to_owned(), Confidence::Low);
    row.culprit_note = Some("Nobody measures who writes to /var.".to_owned());
    finding(row)
}

fn held() -> Finding {
    let mut row = row("memory.used", "postgres.service", Status::SurgeHeld);
    row.sentence = "Rises since 11:10, which is too short to be told from a surge.".to_owned();
    (row.used, row.limit, row.surges_held) = (Some(6.2 * GIB), Some(8.0 * GIB), 1);
    let mut finding = finding(row);
    finding.surges = vec![surge(1, 2, 7.1 * GIB)];
    finding
}

fn surge(days_ago: i64, hours: i64, peak: f64) -> Surge {
    let from = now() - TimeDelta::days(days_ago);
    let reason = "Passed within the hold time of 4 h.".to_owned();
    Surge { from, to: from + TimeDelta::hours(hours), peak, reason }
}

fn candidate(curve: &str, score: f64, residual_sd: f64, days: Option<f64>, chosen: bool) -> CandidateRow {
    CandidateRow { curve: curve.to_owned(), score, residual_sd, left_s: days.map(|d| d * 86_400.0), chosen }
}

fn culprit(name: &str, kind: &str, used: f64, share: f64, growth: f64, growth_share: f64) -> Culprit {
    Culprit {
        name: name.to_owned(),
        kind: kind.to_owned(),
        used,
        used_share: share,
        growth_per_day: growth,
        growth_share,
        ..Culprit::default()
    }
}

/// A picture of `days` of growth up to the row's use, from the newest epoch on, and of the way to the limit.
pub(crate) fn picture(finding: &Finding, days: i64) -> Picture {
    let end = now().timestamp_millis();
    let start = end - days * DAY_MS;
    let used = finding.row.used.unwrap_or(100.0);
    let slope = finding.row.growth_per_day.unwrap_or(0.0) / DAY_MS as f64;
    let epoch = finding.epochs.iter().map(|(t, _)| *t).filter(|t| *t > start).max().unwrap_or(start);
    let trend = |t: i64| used + slope * (t - end) as f64;
    // Before the newest epoch, an older one that had come further.
    let level = |t: i64| if t < epoch { (trend(t + epoch - start)).max(0.0) } else { trend(t).max(0.0) };
    let surge = |t: i64| {
        let inside = finding
            .surges
            .iter()
            .find(|s| (s.from.timestamp_millis()..=s.to.timestamp_millis()).contains(&t));
        inside.map_or(0.0, |s| (s.peak - level(t)).max(0.0))
    };
    let noise = used * 0.012;
    let raw = |t: i64| (t, (level(t) + noise * wobble(t) + surge(t) * (0.8 + 0.2 * wobble(t + 1))).max(0.0));
    let future = finding.row.left_s.map_or(end + days * DAY_MS, |left| end + ms(left / 86_400.0) + DAY_MS);
    let spread = |t: i64| noise + 0.12 * (trend(t) - used).abs();
    Picture {
        raw: (0..=days * 48).map(|half| raw(start + half * HOUR_MS / 2)).collect(),
        accepted: (0..=(end - epoch) / (4 * HOUR_MS))
            .map(|i| epoch + i * 4 * HOUR_MS)
            .map(|t| (t, level(t) + 0.2 * noise * wobble(t)))
            .collect(),
        surges: finding.surges.iter().map(|s| (s.from.timestamp_millis(), s.to.timestamp_millis())).collect(),
        epochs: finding.epochs.iter().map(|(t, _)| *t).collect(),
        curve: (0..=60).map(|i| epoch + (future - epoch) / 60 * i).map(|t| (t, trend(t))).collect(),
        band: (0..=20)
            .map(|i| end + (future - end) / 20 * i)
            .map(|t| (t, trend(t) - spread(t), trend(t) + spread(t)))
            .collect(),
        limit: finding.row.limit.map_or(Vec::new(), |limit| vec![(start, limit)]),
        marks: Vec::new(),
        now: end,
        exhaustion: finding.row.exhausts_lo.zip(finding.row.exhausts_at).map(|(low, at)| {
            (
                low.timestamp_millis(),
                at.timestamp_millis(),
                finding.row.exhausts_hi.map(|t| t.timestamp_millis()),
            )
        }),
    }
}

/// A number in -1..1 that looks random and is not: the top bits of a multiplicative hash.
fn wobble(t: i64) -> f64 {
    let hash = (t / 60_000).wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed());
    let hash = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9_u64.cast_signed());
    (hash >> 11) as f64 / (1_i64 << 52) as f64
}

/// Fifty findings, half of them with a date.
pub(crate) fn fifty() -> Findings {
    findings(
        (0..50).map(|i| numbered(i, if i < 25 { Status::Watch } else { Status::BeyondHorizon })).collect(),
    )
}

fn numbered(i: u32, status: Status) -> Finding {
    let mut finding = worker();
    finding.row.scope = format!("worker-{i}");
    finding.row.status = status;
    finding
}
