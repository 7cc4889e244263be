//! Runs whose law changes on the way: a release, a fix, restarts, a raised limit.

use crate::course::{Course, GRACE, HORIZON, line, whole};
use crate::random::Random;

/// Healthy or nearly so, until a release leaks.
pub(super) fn slope_change(random: &mut Random) -> Course {
    let change = random.uniform(600.0, 2000.0).floor();
    let base = random.uniform(0.15, 0.4);
    let rest = random.log_uniform(500.0, 2500.0);
    let slow =
        if random.coin() { 0.0 } else { (1.0 - base) / random.log_uniform(4.0 * HORIZON, 10.0 * HORIZON) };
    let end = change + rest;
    let before = move |i: f64| base + slow * i;
    let after = line(before(change), 1.0, rest);
    let used = move |i: f64| if i < change { before(i) } else { after(i - change) };
    let left_before = move |i: f64| if slow > 0.0 { (1.0 - before(i)) / slow } else { f64::INFINITY };
    Course::exhausting(end, used)
        .with_left(|i| if i < change { left_before(i) } else { end - i })
        .known_from(change)
        .with_grace(change, GRACE)
        .noisy(random, 0.002, 0.02)
}

/// A leak that is fixed before it does harm: what it took is given back, or is kept.
pub(super) fn leak_fixed(random: &mut Random) -> Course {
    let base = random.uniform(0.1, 0.4);
    let end = random.uniform(1500.0, 3000.0);
    let fix = (random.uniform(0.4, 0.8) * end).floor();
    let leaking = line(base, 1.0, end);
    let level = if random.coin() { base } else { leaking(fix) };
    Course::enduring(whole(fix) + 1800, |i| if i < fix { leaking(i) } else { level })
        .with_left(|i| if i < fix { end - i } else { f64::INFINITY })
        .with_grace(fix, 2 * GRACE)
        .noisy(random, 0.002, 0.02)
}

/// One to three lives that a restart cuts short, and one that goes to its end.
pub(super) fn restarts(random: &mut Random) -> Course {
    let base = random.uniform(0.1, 0.3);
    let life = random.uniform(700.0, 1500.0);
    let mut starts = vec![0.0];
    for _ in 0..random.whole(1, 3) {
        starts.push(starts[starts.len() - 1] + (random.uniform(0.4, 0.9) * life).floor());
    }
    let last = starts[starts.len() - 1];
    let age = |i: f64| i - starts[starts.partition_point(|&start| start <= i) - 1];
    let leaking = line(base, 1.0, life);
    let course =
        Course::exhausting(last + life, |i| leaking(age(i))).with_left(|i| life - age(i)).known_from(last);
    let spared = starts[1..].iter().fold(course, |course, &start| course.with_grace(start, GRACE));
    spared.noisy(random, 0.002, 0.02)
}

/// The limit is raised by 40 to 100 % before a leak has reached it.
pub(super) fn limit_change(random: &mut Random) -> Course {
    let base = random.uniform(0.15, 0.4);
    let first_end = random.log_uniform(900.0, 2500.0);
    let change = (random.uniform(0.35, 0.8) * first_end).floor();
    let raised = random.uniform(1.4, 2.0);
    let leaking = line(base, 1.0, first_end);
    let end = first_end * (raised - base) / (1.0 - base);
    let mut course = Course::exhausting(end, leaking)
        .with_left(|i| if i < change { first_end - i } else { end - i })
        // A limit is read, not inferred: no grace.
        .known_from(change)
        .noisy(random, 0.002, 0.02);
    course.limit[whole(change)..].fill(raised);
    course
}
