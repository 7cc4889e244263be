//! What the slots allow, and the forecasts that have no middle.

use super::*;

#[test]
fn the_quietest_slot_before_the_risk_is_found() {
    let slots = [slot(0.0, 0.02, 1.0), slot(0.03, 0.04, 0.2), slot(0.045, 0.2, 0.3), slot(0.3, 0.4, 0.1)];
    let quietest = moment(quietest_before(&uniform(), &slots, 0.05));
    assert_eq!((quietest.slot, quietest.at, quietest.cost), (1, 0.03, 0.2));
    assert_eq!(moment(quietest_before(&uniform(), &slots, 0.3)).slot, 3);
}

#[test]
fn equally_quiet_slots_yield_the_first() {
    let slots = [slot(0.03, 0.04, 0.2), slot(0.01, 0.02, 0.2)];
    assert_eq!(moment(quietest_before(&uniform(), &slots, 0.05)).slot, 1);
    assert_eq!(moment(best_instant(&uniform(), &slots, &costs(1.0, 1.0, 0.0), 0.05)).slot, 1);
}

#[test]
fn a_quiet_slot_is_worth_a_risk_up_to_its_saving() {
    // Now costs 1; at 0.1 it costs 10 * 0.1 + 0.9 load: worth waiting for only without any load.
    let at = |load| {
        let slots = [slot(0.0, 0.0, 1.0), slot(0.1, 0.2, load)];
        moment(best_instant(&uniform(), &slots, &costs(1.0, 9.0, 0.0), 0.5)).slot
    };
    assert_eq!((at(0.0), at(0.1), at(0.12), at(0.5)), (1, 1, 0, 0));
}

#[test]
fn slots_that_open_past_the_bound_are_too_late() {
    let slots = [slot(0.3, 0.4, 1.0), slot(0.2, 0.4, 1.0)];
    for timing in [
        best_instant(&uniform(), &slots, &costs(1.0, 10.0, 0.0), 0.05),
        quietest_before(&uniform(), &slots, 0.05),
    ] {
        let Timing::TooLate { opening, passed } = timing else { panic!("{timing:?}") };
        assert_eq!((opening.slot, opening.at), (1, 0.2));
        close(opening.risk, 0.2, 1e-15);
        close(passed, 0.05, 1e-15);
    }
}

#[test]
fn a_bound_that_is_met_exactly_is_kept() {
    let slots = [slot(0.25, 0.4, 1.0)];
    assert_eq!(moment(quietest_before(&uniform(), &slots, 0.25)).at.to_bits(), 0.25_f64.to_bits());
}

#[test]
fn a_risk_that_stays_is_passed_where_it_goes_on() {
    let lifetime = Lifetime::new(&[1.0, 2.0, 3.0], &[0.25, 0.25, 0.5]).unwrap();
    assert_eq!((lifetime.passes(0.25), lifetime.passes(0.5)), (Some(2.0), None));
}

#[test]
fn slots_that_are_over_are_none() {
    for slots in [&[][..], &[slot(-2.0, -1.0, 1.0)]] {
        assert_eq!(best_instant(&uniform(), slots, &costs(1.0, 10.0, 0.0), 0.05), Timing::NoSlot);
        assert_eq!(quietest_before(&uniform(), slots, 0.05), Timing::NoSlot);
    }
}

#[test]
fn a_slot_that_has_begun_is_open_now() {
    let best = moment(best_instant(&uniform(), &[slot(-1.0, 1.0, 1.0)], &costs(1.0, 10.0, 0.0), 0.05));
    assert_eq!((best.at, best.risk, best.cost), (0.0, 0.0, 1.0));
}

#[test]
fn what_never_fails_waits_for_the_least_load() {
    let lifetime = Lifetime::from(&Passage::new(&[], 100.0));
    assert!(lifetime.ever() < 1e-300 && lifetime.passes(0.05).is_none());
    let slots = [slot(0.0, 9.0, 1.0), slot(1000.0, 1001.0, 0.5)];
    let best = moment(best_instant(&lifetime, &slots, &costs(1.0, 10.0, 0.0), 0.05));
    assert_eq!((best.slot, best.at, best.risk), (1, 1000.0, 0.0));
    assert_eq!(
        moment(best_instant(&lifetime, &slots, &costs(1.0, 10.0, 1.0), 0.05)).at.to_bits(),
        1001.0_f64.to_bits()
    );
    assert_eq!(best_interval(&lifetime, &costs(1.0, 10.0, 0.0)), None);
}

#[test]
fn what_is_exhausted_is_restarted_now_or_too_late() {
    let gone = Drift { distance: 0.0, mean: 1.0, error: 0.0, diffusion: 1.0, weight: 1.0 };
    let lifetime = Lifetime::from(&Passage::new(&[gone], 100.0));
    let costs = costs(1.0, 10.0, 0.0);
    assert_eq!(moment(best_instant(&lifetime, &[slot(0.0, 9.0, 1.0)], &costs, 0.05)).at.to_bits(), 0);
    let later = best_instant(&lifetime, &[slot(1.0, 9.0, 1.0)], &costs, 0.05);
    let Timing::TooLate { opening, passed } = later else { panic!("{later:?}") };
    close(opening.cost, 10.0, 1e-12);
    assert!(passed < 0.01, "{passed}");
}

#[test]
fn what_has_failed_at_time_zero_gives_no_nonsense() {
    let lifetime = Lifetime::new(&[0.0], &[1.0]).unwrap();
    assert_eq!(best_interval(&lifetime, &costs(1.0, 10.0, 0.0)), None);
    let now = moment(best_instant(&lifetime, &[slot(0.0, 9.0, 1.0)], &costs(1.0, 10.0, 1.0), 0.05));
    assert_eq!((now.at, now.risk, now.cost), (0.0, 1.0, 10.0));
}

/// Corners of the forecast's own table are cut by a quarter of a step at most.
#[test]
fn a_forecast_is_tabulated_as_it_is() {
    for passage in [forecast(), wide()] {
        let lifetime = Lifetime::from(&passage);
        for k in 1..4000 {
            let time = f64::from(k) * 2.1;
            close(lifetime.by(time), passage.by(time), 0.25 / 512.0);
        }
    }
}

/// The last time of a forecast's table, which it does not tell, is where this module takes it to be.
#[test]
fn a_forecast_ends_where_it_is_taken_to() {
    let passage = wide();
    let (end, ever) = (lifetime::SPAN * passage.quantile(0.0).unwrap(), passage.by(f64::INFINITY));
    close(passage.by(1.000_001 * end), ever, 0.0);
    assert!(passage.by(0.99 * end) < ever);
}

/// A forecast that is still rising at 40 horizons, where a good part is yet to come.
fn wide() -> Passage {
    Passage::new(&[Drift { distance: 100.0, mean: 0.01, error: 0.02, diffusion: 1.0, weight: 1.0 }], 200.0)
}
