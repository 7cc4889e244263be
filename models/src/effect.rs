//! How far two groups of values lie apart, by their order alone.

/// Cliff's delta (Cliff 1993): how much more often a value of `a` is above one of `b` than below it.
///
/// ```text
/// delta = (#(a > b) - #(a < b)) / (n m) = 2 U / (n m) - 1        U: Mann and Whitney's statistic of a
/// ```
///
/// From -1 (all of `a` below all of `b`) to 1; the rank-biserial correlation is the same number. `None` where one
/// of them is empty.
#[must_use]
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let mut sorted = b.to_vec();
    sorted.sort_by(f64::total_cmp);
    let m = sorted.len();
    let above: f64 = a
        .iter()
        .map(|&value| {
            let below = sorted.partition_point(|&other| other < value);
            let not_above = sorted.partition_point(|&other| other <= value);
            below as f64 - (m - not_above) as f64
        })
        .sum();
    Some(above / (a.len() as f64 * m as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_mann_and_whitneys_statistic_on_another_scale() {
        let a = [3.1, 4.7, 2.2, 9.5, 4.7, 6.0];
        let b = [1.0, 4.7, 2.2, 3.0, 5.5];
        // scipy 1.17.1: 2 * mannwhitneyu(a, b).statistic / 30 - 1
        assert!((cliffs_delta(&a, &b).unwrap() - CERTIFIED).abs() < 1e-12);
    }
    const CERTIFIED: f64 = 0.433_333_333_333_333_35;

    proptest! {
        #[test]
        fn it_turns_its_sign_and_stays_within_one(a in prop::collection::vec(-9.0..9.0_f64, 1..20), b in prop::collection::vec(-9.0..9.0_f64, 1..20)) {
            let (there, back) = (cliffs_delta(&a, &b).unwrap(), cliffs_delta(&b, &a).unwrap());
            prop_assert!((there + back).abs() < 1e-12 && there.abs() <= 1.0);
            let pairs: f64 = a.iter().flat_map(|a| b.iter().map(move |b| f64::from(u8::from(b < a)) - f64::from(u8::from(a < b)))).sum();
            prop_assert!((there - pairs / (a.len() * b.len()) as f64).abs() < 1e-12);
        }
    }
}
