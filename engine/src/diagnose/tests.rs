//! Diagnosis from columns and from recorded series, and what holds of any of them.

mod lab;
mod properties;
mod relays;

use hebe_collectors::history::{Sense, Series, Unit};

use crate::analyze::analyze;
use crate::finding::Finding;
use crate::settings::Settings;

const GIB: f64 = 1_073_741_824.0;
const MIB: f64 = 1_048_576.0;

/// A series of one value a minute.
fn series(resource: &str, scope: &str, n: usize, value: impl Fn(f64) -> f64) -> Series {
    let name = if scope.is_empty() { resource.to_owned() } else { format!("{resource} {scope}") };
    let unit = if resource.starts_with("process.count") || resource.contains("fds") {
        Unit::Count
    } else {
        Unit::Bytes
    };
    Series {
        name,
        resource: resource.to_owned(),
        scope: scope.to_owned(),
        host: "web1".to_owned(),
        unit,
        sense: Sense::Rises,
        t_ms: (0..).step_by(60_000).take(n).collect(),
        v: (0..n).map(|k| value(k as f64)).collect(),
        limit: None,
        restarts_ms: Vec::new(),
        rejected: 0,
        block: 1,
        source: "made".to_owned(),
        also: Vec::new(),
    }
}

/// Something that is no trend: a deterministic jitter in `(-1, 1)`.
fn jitter(k: f64, seed: f64) -> f64 {
    2.0 * ((k + 1.0) * (0.754_877_666 + 0.1 * seed)).fract() - 1.0
}

fn of<'a>(findings: &'a [Finding], name: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.row.series == name).expect("it was judged")
}

/// A host whose memory is used by a leaking java, a web server that grows by numbers, a kernel cache, and nobody.
fn host() -> Vec<Series> {
    let n = 300;
    let java = |k: f64| 2.0 * GIB + 3.0 * MIB * k + MIB * jitter(k, 1.0);
    let workers = |k: f64| 4.0 + (k / 30.0).floor();
    let web = move |k: f64| workers(k) * 20.0 * MIB;
    let cron = |k: f64| 50.0 * MIB + if (100.0..120.0).contains(&k) { 900.0 * MIB } else { 0.0 };
    let cache = |k: f64| 300.0 * MIB + 0.5 * MIB * k;
    let rest = |k: f64| 500.0 * MIB + 0.5 * MIB * k + MIB * jitter(k, 2.0);
    let all = move |k: f64| java(k) + web(k) + cron(k) + cache(k) + rest(k);
    vec![
        series("memory.available", "", n, all),
        series("process.memory", "app.service/java", n, java),
        series("process.count", "app.service/java", n, |_| 1.0),
        series("process.memory", "nginx.service/nginx", n, web),
        series("process.count", "nginx.service/nginx", n, workers),
        series("process.memory", "cron", n, cron),
        series("slab.cache", "kmalloc-64", n, cache),
        series("slab.cache", "dentry", n, |k| 900.0 * MIB + 9.0 * MIB * k),
    ]
}

#[test]
fn a_cache_is_given_back_or_not_by_its_own_name() {
    assert!(
        super::table::is_reclaimed("ext4_inode_cache")
            && super::table::is_reclaimed("buffer_head (with mb_entry)")
    );
    assert!(
        !super::table::is_reclaimed("btrfs_op (with lsm_inode_cache)")
            && !super::table::is_reclaimed("kmalloc-64")
    );
}

#[test]
fn segments_that_nobody_owns_are_a_tag_and_count_once() {
    let segments = |k: f64| 200.0 * MIB + 2.0 * MIB * k;
    let mut all = host();
    let before = all[0].v.clone();
    all[0].v = before.iter().zip(0..).map(|(v, k)| v + segments(f64::from(k)) + 100.0 * MIB).collect();
    all.push(series("sysv.shm_resident", "", 300, segments));
    all.push(series("memory.shmem", "", 300, move |k| segments(k) + 100.0 * MIB));
    let findings = analyze(&all, &Settings::default());
    let culprits = &of(&findings, "memory.available").row.culprits;
    let named = |name: &str| culprits.iter().find(|culprit| culprit.name.starts_with(name)).unwrap();
    let (own, rest) = (named("System V"), named("shared memory"));
    assert!(own.kind == "tag" && (own.growth_per_day / (2.0 * MIB * 1440.0) - 1.0).abs() < 0.05, "{own:?}");
    assert!((rest.used / (100.0 * MIB) - 1.0).abs() < 0.05 && rest.growth_share == 0.0, "{rest:?}");
}

#[test]
fn a_total_is_taken_apart_into_groups_tags_and_the_remainder() {
    let findings = analyze(&host(), &Settings::default());
    let row = &of(&findings, "memory.available").row;
    let told: Vec<(&str, &str, f64)> = row
        .culprits
        .iter()
        .map(|culprit| (culprit.name.as_str(), culprit.kind.as_str(), (100.0 * culprit.growth_share).round()))
        .collect();
    // 3, 20 / 30, 0.5 and 0.5 MiB a minute.
    assert_eq!(
        told,
        [
            ("java", "group", 64.0),
            ("nginx", "group", 14.0),
            ("cron", "group", 0.0),
            ("kmalloc-64", "tag", 11.0),
            ("unattributed", "unattributed", 11.0),
        ]
    );
    assert_eq!(row.culprits[0].unit.as_deref(), Some("app.service"));
    assert_eq!(row.culprits[0].cause.as_deref(), Some("each grows"));
    assert_eq!(row.culprits[1].cause.as_deref(), Some("more processes"));
    assert_eq!(row.culprit_note, None);
    let used: f64 = row.culprits.iter().map(|culprit| culprit.used_share).sum();
    assert!((used - 1.0).abs() < 1e-9);
}

#[test]
fn the_shares_are_told_in_one_sentence() {
    let findings = analyze(&host(), &Settings::default());
    let sentence = &of(&findings, "memory.available").diagnosis.as_ref().unwrap().sentence;
    insta::assert_snapshot!(sentence, @"Of 4.2 GiB used and +6.5 GiB/day, 74.8 % / 78.6 % is diagnosed to processes, 10.3 % / 10.7 % is diagnosed to kernel tags and shared memory, 14.9 % / 10.7 % is unattributed.");
}

#[test]
fn what_is_recommended_names_the_culprit() {
    let mut all = host();
    all[0].limit = Some(hebe_collectors::history::Limit::fixed(6.0 * GIB, "MemTotal"));
    let findings = analyze(&all, &Settings::default());
    let action = of(&findings, "memory.available").row.action.clone().unwrap();
    assert!(action.starts_with("restart java (unit app.service) "), "{action}");
    assert!(action.ends_with(": it holds 64.3 % of the growth; or raise the limit"), "{action}");
}

#[test]
fn without_processes_the_note_names_who_would_have_them() {
    let all = [series("memory.available", "", 300, |k| GIB + k)];
    let row = &analyze(&all, &Settings::default())[0].row;
    assert_eq!(row.culprits, []);
    let note = row.culprit_note.as_deref().unwrap();
    assert!(note.contains("pidstat") && note.contains("atop") && note.contains("the daemon"), "{note}");
}

#[test]
fn what_a_fork_shares_is_counted_once_and_said() {
    let n = 120;
    // A family of five shares 1 GiB, and each writes 1 MiB a minute of its own.
    let family = |k: f64| 5.0 * (GIB + MIB * k);
    let real = |k: f64| GIB + 5.0 * MIB * k;
    let lone = |k: f64| GIB + MIB * k;
    let all = [
        series("memory.available", "", n, move |k| real(k) + lone(k) + GIB),
        series("memory.anonymous", "", n, move |k| real(k) + lone(k)),
        series("process.anonymous", "pool", n, family),
        series("process.count", "pool", n, |_| 5.0),
        series("process.anonymous", "lone", n, lone),
        series("process.count", "lone", n, |_| 1.0),
    ];
    let findings = analyze(&all, &Settings::default());
    let finding = of(&findings, "memory.available");
    let shares: Vec<(&str, f64)> =
        finding.row.culprits.iter().map(|c| (c.name.as_str(), (1000.0 * c.growth_share).round())).collect();
    assert_eq!(shares, [("pool", 833.0), ("lone", 167.0), ("unattributed", 0.0)]);
    let notes = finding.diagnosis.as_ref().unwrap().notes.join("\n");
    assert!(notes.contains("were forked share 4 GiB"), "{notes}");
}

#[test]
fn a_group_is_its_own_culprit() {
    let findings = analyze(&host(), &Settings::default());
    let row = &of(&findings, "process.memory nginx.service/nginx").row;
    assert_eq!(row.culprits[0].name, "nginx");
    assert_eq!(row.culprits[0].cause.as_deref(), Some("more processes"));
    assert!((row.culprits[0].growth_share - 1.0).abs() < 1e-9);
}

#[test]
fn cgroups_are_explained_by_those_below() {
    let n = 100;
    let all = [
        series("cgroup.memory", "/system.slice", n, |k| 3e9 + 3e6 * k),
        series("cgroup.memory", "/system.slice/a.service", n, |k| 1e9 + 2e6 * k),
        series("cgroup.memory", "/system.slice/a.service/inner", n, |k| 1e9 + 2e6 * k),
        series("cgroup.memory", "/system.slice/b.service", n, |_| 1e9),
    ];
    let findings = analyze(&all, &Settings::default());
    let row = &of(&findings, "cgroup.memory /system.slice").row;
    let names: Vec<&str> = row.culprits.iter().map(|culprit| culprit.name.as_str()).collect();
    assert_eq!(names, ["a.service", "b.service", "unattributed"]);
    assert!((row.culprits[0].growth_share - 2.0 / 3.0).abs() < 1e-6);
}

#[test]
fn columns_of_a_wide_table_are_members() {
    let n = 100;
    let mut all = vec![
        series("nginx_rss_kb", "", n, |k| 1e8 + 1e5 * jitter(k, 3.0)),
        series("java_rss_kb", "", n, |k| 1e9 + 1e6 * k),
        series("memory.available", "", n, |k| 3e9 + 1e6 * k),
    ];
    let findings = analyze(&all, &Settings::default());
    let row = &of(&findings, "memory.available").row;
    assert_eq!((row.culprits[0].name.as_str(), row.culprits[0].growth_share), ("java", 1.0));
    // Without a total, a column is its own culprit, and how the others stand is told beside it.
    all.pop();
    let findings = analyze(&all, &Settings::default());
    let finding = of(&findings, "nginx_rss_kb");
    assert_eq!(
        finding.diagnosis.as_ref().unwrap().evidence,
        ["the growth of rss_kb over 2 series: java 100 %"]
    );
}
