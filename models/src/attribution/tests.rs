//! Attribution against other people's numbers, against its definition, and against simulated mixes.
#![allow(clippy::float_cmp, reason = "what is exact is compared exactly")]
#![allow(clippy::cast_lossless, reason = "places become numbers in every formula")]

mod properties;
mod simulated;

use super::*;
use crate::trend::{MannKendall, SenSlope};
use crate::window::Window;

fn times(n: usize) -> Vec<f64> {
    (0..n).map(|k| 60.0 * k as f64).collect()
}

#[track_caller]
fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-9 * expected.abs().max(1e-3), "{got} is not {expected}");
}

/// What scipy 1.17.1 and pymannkendall 1.4.3 say:
///
/// ```text
/// k = numpy.arange(60.0); t = 60 * k; w = 100 * numpy.sin(0.7 * k * k); y = 3 * k + w
/// pymannkendall.original_test(y).z, scipy.stats.theilslopes(y, t, alpha=0.9), and the same of w
/// ```
#[test]
fn slopes_and_scores_are_scipys_and_py_mann_kendalls() {
    let t = times(60);
    let wave = |k: usize| 100.0 * (0.7 * (k * k) as f64).sin();
    let y: Vec<f64> = (0..60).map(|k| 3.0 * k as f64 + wave(k)).collect();
    let growth = Growth::of(&t, &y);
    assert_eq!(growth.course, Course::Rises);
    close(growth.z, 3.794_867_184_652_52);
    close(growth.slope, 0.040_880_458_913_529_955);
    let window = Window::new(&t, &y).unwrap();
    let (_, (low, high)) = SenSlope::with_interval(&window, 0.9, |_| 1.0);
    close(low, 0.023_000_671_511_010_05);
    close(high, 0.052_622_238_825_510_16);
    // Blocks that follow each other make the interval wider, never narrower.
    assert!(growth.low <= low && high <= growth.high);
    let flat: Vec<f64> = (0..60).map(wave).collect();
    let growth = Growth::of(&t, &flat);
    close(growth.z, -1.128_893_263_333_606_6);
    assert_eq!((growth.course, growth.slope), (Course::Level, 0.0));
    let window = Window::new(&t, &flat).unwrap();
    close(SenSlope::fit(&window).slope, -0.009_119_541_086_470_041);
    assert!(1.0 <= MannKendall::inflation(&window, 0.0));
}

#[test]
fn shares_are_slopes_over_their_sum_with_the_remainder() {
    let t = times(60);
    let line = |slope: f64, level: f64| -> Vec<f64> { t.iter().map(|t| level + slope * t).collect() };
    let members = [line(3.0, 100.0), line(1.0, 50.0), line(0.0, 500.0), line(-2.0, 900.0)];
    let total: Vec<f64> =
        (0..60).map(|k| members.iter().map(|m| m[k]).sum::<f64>() + 10.0 + 4.0 * t[k]).collect();
    let found = attribute(&t, &total, &members);
    let shares: Vec<f64> = found.members.iter().map(|member| member.growth_share).collect();
    assert_eq!(shares, [0.375, 0.125, 0.0, 0.0]);
    assert_eq!(found.remainder.growth_share, 0.5);
    close(found.growth.slope, 6.0);
    assert_eq!(found.members[3].growth.course, Course::Falls);
    let used: f64 = found.members.iter().map(|m| m.used_share).sum::<f64>() + found.remainder.used_share;
    close(used, 1.0);
    assert_eq!(found.overcounted, 0.0);
}

#[test]
fn nothing_that_grows_gives_no_share() {
    let t = times(60);
    let found = attribute(&t, &[5.0; 60], &[[2.0; 60], [3.0; 60]]);
    assert!(found.members.iter().all(|member| member.growth_share == 0.0));
    assert_eq!((found.members[0].used_share, found.remainder.used), (0.4, 0.0));
}

#[test]
fn a_member_that_comes_late_or_goes_counts_while_it_is_there() {
    let t = times(60);
    let mut late = vec![f64::NAN; 30];
    late.extend((0..30).map(|k| 100.0 + k as f64));
    let mut gone = vec![200.0; 20];
    gone.extend([f64::NAN; 40]);
    let total: Vec<f64> =
        (0..60).map(|k| [late[k], gone[k]].iter().filter(|v| v.is_finite()).sum::<f64>() + 7.0).collect();
    let found = attribute(&t, &total, &[late, gone]);
    close(found.members[0].growth_share, 1.0);
    assert_eq!(found.members[0].growth.course, Course::Rises);
    assert_eq!((found.members[1].used, found.remainder.growth_share), (0.0, 0.0));
    close(found.remainder.used, 7.0);
}

#[test]
fn a_sawtooth_takes_no_share_and_rising_troughs_do() {
    let t = times(60);
    let teeth = |rise: f64| -> Vec<f64> {
        (0..60).map(|k| 10.0 * (k % 15) as f64 + rise * (k / 15) as f64).collect()
    };
    let flat = Growth::of(&t, &teeth(0.0));
    assert_eq!((flat.course, flat.slope), (Course::Sawtooth { drops: 3 }, 0.0));
    let rising = Growth::of(&t, &teeth(25.0));
    assert_eq!(rising.course, Course::Sawtooth { drops: 3 });
    close(rising.slope, 25.0 / 900.0);
}

#[test]
fn what_was_restarted_once_grows_as_it_does_since() {
    let t = times(60);
    let y: Vec<f64> = (0..60).map(|k| if k < 30 { 5.0 * k as f64 } else { 5.0 * (k - 30) as f64 }).collect();
    let growth = Growth::of(&t, &y);
    assert_eq!(growth.course, Course::Restarted { at: 30 });
    close(growth.slope, 5.0 / 60.0);
    let young = Growth::of(&t[..38], &y[..38]);
    assert_eq!((young.course, young.slope), (Course::Restarted { at: 30 }, 0.0));
}

#[test]
fn the_end_of_a_burst_is_no_restart() {
    let t = times(60);
    let burst = |k: usize| if (20..26).contains(&k) { 500.0 } else { 0.0 };
    let y: Vec<f64> = (0..60).map(|k| 4.0 * k as f64 + burst(k)).collect();
    let growth = Growth::of(&t, &y);
    assert_eq!(growth.course, Course::Rises);
    close(growth.slope, 4.0 / 60.0);
}

#[test]
fn since_is_the_corner_and_the_start_where_there_is_none() {
    let t = times(60);
    let corner: Vec<f64> = (0..60_i32).map(|k| 100.0 + 5.0 * f64::from((k - 24).max(0))).collect();
    assert_eq!(Growth::of(&t, &corner).since, 24);
    let straight: Vec<f64> = (0..60).map(|k| 5.0 * k as f64).collect();
    assert_eq!(Growth::of(&t, &straight).since, 0);
    // Places are those of the window, whatever is missing in it.
    let mut late = corner;
    late[..10].fill(f64::NAN);
    assert_eq!(Growth::of(&t, &late).since, 24);
}

#[test]
fn more_processes_are_told_from_a_leak() {
    let t = times(60);
    let of = |number: &dyn Fn(usize) -> f64, size: &dyn Fn(usize) -> f64| {
        let n: Vec<f64> = (0..60).map(number).collect();
        let y: Vec<f64> = (0..60).map(|k| n[k] * size(k)).collect();
        Members::of(&t, &y, &n)
    };
    assert_eq!(of(&|_| 4.0, &|k| 10.0 + k as f64).cause, Cause::Size);
    assert_eq!(of(&|k| 2.0 + (k / 5) as f64, &|_| 10.0).cause, Cause::Number);
    assert_eq!(of(&|k| 20.0 + (k / 3) as f64, &|k| 20.0 + k as f64 / 3.0).cause, Cause::Both);
    assert_eq!(of(&|_| 4.0, &|_| 10.0).cause, Cause::Unknown);
    let leak = of(&|_| 4.0, &|k| 10.0 + k as f64);
    close(leak.size.slope, 1.0 / 60.0);
    assert_eq!(leak.number.slope, 0.0);
}

#[test]
fn pages_that_a_family_shares_count_once() {
    // Four processes that share all: 100 each, 100 in all. A lone process of 50.
    let mut used = [400.0, 50.0];
    close(without_overlap(&mut used, &[4.0, 1.0], 150.0), 300.0);
    close(used[0], 100.0);
    close(used[1], 50.0);
    // What no fork explains is taken off all.
    let mut used = [60.0, 40.0];
    close(without_overlap(&mut used, &[1.0, 1.0], 50.0), 50.0);
    assert_eq!(used, [30.0, 20.0]);
    // Less than the total is a remainder, not an overlap.
    let mut used = [60.0, f64::NAN];
    assert_eq!(without_overlap(&mut used, &[3.0, 2.0], 100.0), 0.0);
    assert_eq!(used[0], 60.0);
}
