//! What holds of any members whatever.

use proptest::prelude::*;

use super::super::*;

/// Columns of one length, with holes.
fn columns() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (0..70_usize).prop_flat_map(|n| {
        let value = prop_oneof![8 => -1e12..1e12_f64, 4 => 0.0..100.0_f64, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)];
        prop::collection::vec(prop::collection::vec(value, n), 1..6)
    })
}

fn times(n: usize) -> Vec<f64> {
    (0..n).map(|k| 10.0 * k as f64).collect()
}

fn numbers(found: &Attribution) -> Vec<f64> {
    let of = |share: &Share| {
        let Share { used, used_share, growth, growth_share } = *share;
        [used, used_share, growth_share, growth.slope, growth.low, growth.high, growth.z]
    };
    found
        .members
        .iter()
        .chain([&found.remainder])
        .flat_map(of)
        .chain([found.used, found.overcounted])
        .collect()
}

proptest! {
    #[test]
    fn shares_are_shares_and_numbers_are_numbers(columns in columns()) {
        let (total, members) = columns.split_first().unwrap();
        let found = attribute(&times(total.len()), total, members);
        prop_assert!(numbers(&found).iter().all(|number| number.is_finite()));
        let sum = |of: fn(&Share) -> f64| found.members.iter().chain([&found.remainder]).map(of).sum::<f64>();
        prop_assert!(sum(|share| share.growth_share) <= 1.0 + 1e-9);
        prop_assert!(sum(|share| share.used_share) <= 1.0 + 1e-9);
        for share in &found.members {
            prop_assert!((0.0..=1.0).contains(&share.growth_share) && (0.0..=1.0).contains(&share.used_share));
            prop_assert!(share.growth.low <= share.growth.slope && share.growth.slope <= share.growth.high);
            prop_assert!(share.growth.since < total.len().max(1));
        }
    }

    #[test]
    fn the_order_of_members_does_not_count(mut columns in columns()) {
        let total = columns.remove(0);
        let t = times(total.len());
        let ahead = attribute(&t, &total, &columns);
        columns.reverse();
        let mut back = attribute(&t, &total, &columns);
        back.members.reverse();
        for (a, b) in ahead.members.iter().zip(&back.members) {
            prop_assert_eq!(a.growth, b.growth);
            prop_assert!((a.growth_share - b.growth_share).abs() < 1e-9);
        }
    }

    #[test]
    fn a_scale_of_time_and_value_moves_slopes_alone(slope in 0.1..10.0_f64, scale in 0.01..1e6_f64) {
        let t = times(60);
        let y: Vec<f64> = (0..60).map(|k| slope * t[k] + (k * 7919 % 101) as f64).collect();
        let scaled: Vec<f64> = y.iter().map(|y| scale * y).collect();
        let (one, other) = (Growth::of(&t, &y), Growth::of(&t, &scaled));
        prop_assert_eq!((one.z, one.course, one.since), (other.z, other.course, other.since));
        prop_assert!((other.slope - scale * one.slope).abs() <= 1e-9 * scale * one.slope.abs());
    }

    #[test]
    fn what_is_shared_never_makes_more(used in prop::collection::vec((0.0..1e9_f64, 0.0..20.0_f64), 0..8), total in 0.0..4e9_f64) {
        let (mut held, number): (Vec<f64>, Vec<f64>) = used.iter().copied().unzip();
        let before = held.clone();
        let excess = without_overlap(&mut held, &number, total);
        prop_assert!(held.iter().zip(&before).all(|(after, before)| 0.0 <= *after && *after <= before * (1.0 + 1e-12)));
        let sum: f64 = before.iter().sum();
        prop_assert!((held.iter().sum::<f64>() - sum.min(total)).abs() <= 1e-6 * sum.max(1.0));
        prop_assert!((excess - (sum - total).max(0.0)).abs() <= 1e-6 * sum.max(1.0));
    }
}
