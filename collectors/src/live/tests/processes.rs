//! Processes of a written host: groups, identity, zombies, hostile names, bounds.

use super::fixture::{Fixture, Written, failures, reading, value};
use crate::live::{Identity, Options};

const PAGE: f64 = 4096.0;
const NGINX: &str = "nginx.service/nginx";

#[test]
fn members_of_a_group_add_up_and_the_fullest_meets_its_limit() {
    let fixture = Fixture::plain();
    fixture.process(&Written { threads: 4, ..Written::default() });
    fixture.process(&Written { pid: 101, start: 6000, resident: 500, fds: 9, ..Written::default() });
    let sample = fixture.sample();
    assert_eq!(value(&sample, "process.memory", NGINX), (1500.0 * PAGE, None));
    assert_eq!(value(&sample, "process.fds", NGINX), (9.0, Some(1024.0)));
    assert_eq!(value(&sample, "process.fds_total", NGINX), (12.0, None));
    assert_eq!(value(&sample, "process.threads", NGINX), (5.0, None));
    assert_eq!(value(&sample, "process.count", NGINX), (2.0, None));
    let processes = reading(&sample, "process.fds", NGINX).processes.unwrap();
    assert_eq!(processes.oldest, Identity { start_ticks: 5000, pid: 100 });
    assert_eq!(processes.fullest, Identity { start_ticks: 6000, pid: 101 });
    assert_eq!(processes.count, 2);
    assert_eq!(reading(&sample, "process.fds", NGINX).limit.owner(), "RLIMIT_NOFILE");
    assert_eq!(failures(&sample), Vec::<String>::new());
}

#[test]
fn a_restart_is_a_new_identity_of_the_same_series() {
    let fixture = Fixture::plain();
    fixture.process(&Written::default());
    let mut sampler = fixture.sampler();
    let oldest =
        |sample: &crate::live::Sample| reading(sample, "process.memory", NGINX).processes.unwrap().oldest;
    let before = oldest(&sampler.sample(0));
    fixture.remove("proc/100");
    fixture.write("proc/loadavg", "0.10 0.20 0.30 1/345 9001\n");
    assert!(sampler.sample(1).readings.iter().all(|reading| reading.processes.is_none()));
    fixture.process(&Written { pid: 200, start: 9000, ..Written::default() });
    fixture.write("proc/loadavg", "0.10 0.20 0.30 1/345 9002\n");
    let after = oldest(&sampler.sample(2));
    assert_eq!((before.pid, after), (100, Identity { start_ticks: 9000, pid: 200 }));
}

#[test]
fn a_number_that_is_used_again_is_another_process() {
    let fixture = Fixture::plain();
    fixture.process(&Written::default());
    let mut sampler = fixture.sampler();
    sampler.sample(0);
    fixture.process(&Written { start: 7777, exe: "/usr/bin/other", ..Written::default() });
    let sample = sampler.sample(1);
    let processes = reading(&sample, "process.memory", "nginx.service/other").processes.unwrap();
    assert_eq!(processes.oldest, Identity { start_ticks: 7777, pid: 100 });
}

#[test]
fn a_limit_that_is_lowered_soon_after_the_start_is_soon_seen() {
    let fixture = Fixture::plain();
    fixture.process(&Written::default());
    let mut sampler = fixture.sampler();
    (0..5).for_each(|t| drop(sampler.sample(t)));
    fixture.write(
        "proc/100/limits",
        "Max open files            16                   64                   files\n",
    );
    let limits = (5..10).map(|t| value(&sampler.sample(t), "process.fds", NGINX).1);
    assert_eq!(limits.last(), Some(Some(16.0)));
}

#[test]
fn who_was_held_up_in_its_start_is_looked_at_when_it_goes_on() {
    let fixture = Fixture::plain();
    fixture.process(&Written::default());
    let mut sampler = fixture.sampler();
    (0..30).for_each(|t| drop(sampler.sample(t)));
    fixture.process(&Written { fds: 4, exe: "/usr/bin/other", ..Written::default() });
    fixture.write(
        "proc/100/limits",
        "Max open files            16                   64                   files\n",
    );
    let last = (30..40).map(|t| sampler.sample(t)).last().unwrap();
    assert_eq!(value(&last, "process.fds", "nginx.service/other"), (4.0, Some(16.0)));
}

#[test]
fn who_comes_to_stand_still_is_looked_at_once_more() {
    let fixture = Fixture::plain();
    let mut sampler = fixture.sampler();
    for (t, resident) in (0..18).zip(3000..) {
        fixture.process(&Written { resident, ..Written::default() });
        sampler.sample(t);
    }
    fixture.process(&Written { fds: 4, ..Written::default() });
    fixture.write(
        "proc/100/limits",
        "Max open files            16                   64                   files\n",
    );
    let limits: Vec<_> =
        (18..50).map(|t| value(&sampler.sample(t), "process.fds", NGINX)).map(|it| it.1).collect();
    let seen = limits.iter().position(|&limit| limit == Some(16.0));
    assert!(seen.is_some_and(|rounds| rounds < 16), "{limits:?}");
}

#[test]
fn a_process_that_stands_still_is_read_more_seldom_until_it_moves() {
    let fixture = Fixture::plain();
    fixture.process(&Written::default());
    let mut sampler = fixture.sampler();
    (0..21).for_each(|t| drop(sampler.sample(t)));
    fixture.process(&Written { resident: 3000, ..Written::default() });
    let seen: Vec<f64> = (21..25).map(|t| value(&sampler.sample(t), "process.memory", NGINX).0).collect();
    assert_eq!(seen.iter().filter(|&&bytes| bytes == 1000.0 * PAGE).count(), 3, "{seen:?}");
    assert_eq!(seen[3], 3000.0 * PAGE, "within four rounds");
    for (t, resident) in (25..31).zip(3001..) {
        fixture.process(&Written { resident, ..Written::default() });
        assert_eq!(value(&sampler.sample(t), "process.memory", NGINX).0, resident as f64 * PAGE);
    }
}

#[test]
fn who_was_started_under_a_name_is_a_group_with_its_session() {
    let fixture = Fixture::plain();
    fixture.process(&Written { session: 100, ..Written::default() });
    fixture.process(&Written { pid: 101, start: 5001, session: 100, exe: "/bin/sh", ..Written::default() });
    fixture.process(&Written { pid: 102, ..Written::default() });
    let mut sampler = fixture.sampler();
    assert_eq!(value(&sampler.sample(0), "process.count", NGINX).0, 2.0);
    let leader = Identity { start_ticks: 5000, pid: 100 };
    sampler.name([(leader, "shop".into())].into_iter().collect());
    let sample = sampler.sample(1);
    assert_eq!(value(&sample, "process.count", "shop").0, 2.0);
    assert_eq!(value(&sample, "process.count", NGINX).0, 1.0);
    // Another process with the number of the leader is not the leader, nor is who lives longer its child.
    let other = Identity { start_ticks: 9000, pid: 100 };
    sampler.name([(other, "shop".into())].into_iter().collect());
    assert_eq!(value(&sampler.sample(2), "process.count", NGINX).0, 2.0);
}

#[test]
fn the_list_is_read_when_a_process_was_started() {
    let fixture = Fixture::plain();
    fixture.process(&Written::default());
    let mut sampler = fixture.sampler();
    sampler.sample(0);
    fixture.process(&Written { pid: 101, ..Written::default() });
    assert_eq!(value(&sampler.sample(1), "process.count", NGINX).0, 1.0);
    fixture.write("proc/loadavg", "0.10 0.20 0.30 1/346 9001\n");
    assert_eq!(value(&sampler.sample(2), "process.count", NGINX).0, 2.0);
    // Without that file it is read every time.
    fixture.remove("proc/loadavg");
    fixture.process(&Written { pid: 102, ..Written::default() });
    assert_eq!(value(&sampler.sample(3), "process.count", NGINX).0, 3.0);
}

#[test]
fn zombies_are_counted_at_their_parent() {
    let fixture = Fixture::plain();
    fixture.process(&Written::default());
    for pid in 101..104 {
        fixture.process(&Written { pid, parent: 100, state: 'Z', resident: 0, ..Written::default() });
    }
    let sample = fixture.sample();
    assert_eq!(value(&sample, "process.zombies", NGINX), (3.0, None));
    assert_eq!(value(&sample, "process.count", NGINX), (1.0, None));
}

#[test]
fn hostile_names_harm_nothing() {
    let fixture = Fixture::plain();
    let names: [&[u8]; 4] = [b"a) Z 1 2 3", b"new\nline", b"\x1b[2J\xff", b"100 (x) S 1"];
    for (pid, name) in (100..).zip(names) {
        fixture.process(&Written { pid, name, ..Written::default() });
        // A link to nowhere: the name that the process gave itself is all there is.
        fixture.remove(&format!("proc/{pid}/exe"));
    }
    fixture.process(&Written {
        pid: 110,
        cgroup: "0::/\x1b[31m/a\u{202e}b\n",
        exe: "/x\ny",
        ..Written::default()
    });
    let sample = fixture.sample();
    let scopes: Vec<&str> = sample
        .readings
        .iter()
        .filter(|reading| reading.resource == "process.memory")
        .map(|reading| &*reading.scope)
        .collect();
    assert_eq!(scopes.len(), 5, "{scopes:?}");
    assert!(scopes.iter().all(|scope| !scope.chars().any(char::is_control)), "{scopes:?}");
    assert!(scopes.contains(&"nginx.service/a) Z 1 2 3") && scopes.contains(&"nginx.service/new\\x0aline"));
}

#[test]
fn there_are_never_too_many_series() {
    let fixture = Fixture::plain();
    let exes: Vec<String> = (0..60).map(|k| format!("/bin/p{k}")).collect();
    for (pid, exe) in (100..).zip(&exes) {
        fixture.process(&Written { pid, exe, resident: u64::from(pid), ..Written::default() });
    }
    let sample = fixture.sampler_with(&Options { top: 10, ..Options::default() }).sample(0);
    let of = |resource| sample.readings.iter().filter(move |reading| reading.resource == resource);
    assert_eq!(of("process.memory").count(), 11);
    let total: f64 = of("process.memory").map(|reading| reading.value).sum();
    assert_eq!(total, f64::from((100..160).sum::<u32>()) * PAGE);
    assert_eq!(of("process.fds").count(), 10);
}

#[test]
fn threads_of_users_meet_the_limit_that_most_have() {
    let fixture = Fixture::plain();
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(fixture.path("proc")).unwrap());
    fixture.process(&Written { threads: 7, ..Written::default() });
    let sample = fixture.sample();
    let reading = reading(&sample, "user.threads", &format!("uid {owner}"));
    assert_eq!(reading.value, 7.0);
    let expected = if owner == 0 { None } else { Some(30_000.0) };
    assert_eq!(reading.limit.value(), expected);
}

#[test]
fn everybody_is_in_the_sums_however_small() {
    let fixture = Fixture::plain();
    for (pid, name, resident) in [(100, "a", 1000), (101, "a", 500), (200, "b", 60)] {
        let exe = format!("/usr/bin/{name}");
        let cgroup = format!("0::/system.slice/{name}.service\n");
        fixture.process(&Written {
            pid,
            exe: &exe,
            cgroup: &cgroup,
            resident,
            threads: 2,
            ..Written::default()
        });
    }
    // One series a resource; the sums are of all.
    let sample = fixture.sampler_with(&Options { top: 1, ..Options::default() }).sample(0);
    let mut groups = sample.uses.groups;
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let page = rustix::param::page_size() as f64;
    let told: Vec<(&str, u32, f64, f64, f64)> =
        groups.iter().map(|g| (&*g.name, g.count, g.anonymous / page, g.fds, g.threads)).collect();
    // The fixture's processes share 50 pages each.
    assert_eq!(told, [("a.service/a", 2, 1400.0, 6.0, 4.0), ("b.service/b", 1, 10.0, 3.0, 2.0)]);
    assert_eq!(groups[0].largest.pid, 100);
    assert_eq!(sample.uses.caches.len(), 2);
    assert_eq!(sample.uses.memory[0], ("MemTotal", 8e6 * 1024.0));
    assert!(sample.uses.memory.contains(&("vmalloc", 42_000.0 * 1024.0)));
}
