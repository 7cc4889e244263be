//! What holds for any distribution, any slots and any costs.

use proptest::prelude::*;

use super::*;

/// Any table: some steps in time, some in probability.
fn lifetimes() -> impl Strategy<Value = Lifetime> {
    let step = (0.01..10.0, prop_oneof![Just(0.0), 0.0..1.0]);
    (prop::collection::vec(step, 1..30), 0.0..1.0).prop_map(|(steps, never)| {
        let total: f64 = steps.iter().map(|step| step.1).sum::<f64>() + never + 1e-9;
        let (mut time, mut share) = (0.0, 0.0);
        let (times, shares): (Vec<f64>, Vec<f64>) = steps
            .iter()
            .map(|step| {
                time += step.0;
                share = f64::min(share + step.1 / total, 1.0);
                (time, share)
            })
            .unzip();
        Lifetime::new(&times, &shares).unwrap()
    })
}

fn slots() -> impl Strategy<Value = Vec<Slot>> {
    let slot =
        (-20.0..200.0, 0.0..40.0, 0.0..3.0).prop_map(|(from, long, load)| slot(from, from + long, load));
    prop::collection::vec(slot, 1..6)
}

fn any_costs() -> impl Strategy<Value = Costs> {
    (0.01..10.0, 0.01..100.0, prop_oneof![Just(0.0), 0.0..10.0]).prop_map(|(r, f, g)| costs(r, f, g))
}

/// A number as wild as the doors let in.
fn wild() -> impl Strategy<Value = f64> {
    (-320..100).prop_map(|power| 10.0_f64.powi(power).max(f64::from_bits(1)))
}

fn timing_is_finite(timing: Timing) -> bool {
    let finite = |m: Moment| m.at.is_finite() && m.cost.is_finite() && (0.0..=1.0).contains(&m.risk);
    match timing {
        Timing::At(moment) => finite(moment),
        Timing::TooLate { opening, passed } => finite(opening) && passed.is_finite(),
        Timing::NoSlot => true,
    }
}

proptest! {
    #[test]
    fn nowhere_in_the_slots_is_cheaper(lifetime in lifetimes(), slots in slots(), costs in any_costs()) {
        let Timing::At(best) = best_instant(&lifetime, &slots, &costs, 1.0) else { return Ok(()) };
        let chosen = &slots[best.slot];
        prop_assert!(chosen.from() <= best.at && best.at <= chosen.until() && 0.0 <= best.at);
        for slot in slots.iter().filter(|slot| 0.0 <= slot.until()) {
            let from = slot.from().max(0.0);
            for k in 0..=200 {
                let at = from + (slot.until() - from) * f64::from(k) / 200.0;
                let cost = costs.expected(&lifetime, slot, at);
                prop_assert!(best.cost <= cost + 1e-9 * (1.0 + cost.abs()), "{best:?}, {cost} at {at}");
            }
        }
    }

    #[test]
    fn no_age_loses_less(lifetime in lifetimes(), costs in any_costs()) {
        let Some(found) = best_interval(&lifetime, &costs) else { return Ok(()) };
        let last = lifetime.times()[lifetime.times().len() - 1];
        prop_assert!(0.0 < found.every && found.every <= last && found.unavailability < found.without);
        for k in 1..=400 {
            let age = last * f64::from(k) / 400.0;
            let risk = lifetime.by(age);
            let lost = costs.unplanned() * risk + costs.planned() * (1.0 - risk);
            let share = lost / (lost + lifetime.running(age));
            prop_assert!(found.unavailability <= share + 1e-12, "{found:?}, {share} at {age}");
        }
    }

    #[test]
    fn risk_and_running_rise(lifetime in lifetimes(), a in 0.0..400.0, b in 0.0..400.0) {
        let (a, b) = (f64::min(a, b), f64::max(a, b));
        prop_assert!(lifetime.by(a) <= lifetime.by(b));
        prop_assert!(lifetime.running(a) <= lifetime.running(b) + 1e-12 * (1.0 + b));
    }

    #[test]
    fn a_risk_is_passed_where_it_is_reached(lifetime in lifetimes(), share in 0.0..1.0) {
        match lifetime.passes(share) {
            Some(time) => prop_assert!((lifetime.by(time) - share).abs() < 1e-9),
            None => prop_assert!(lifetime.ever() <= share),
        }
    }

    /// A power of two scales without rounding: another currency, or minutes for hours.
    #[test]
    fn units_do_not_matter(lifetime in lifetimes(), slots in slots(), c in any_costs(), power in -20..20) {
        let unit = 2.0_f64.powi(power);
        let dear = costs(c.planned() * unit, c.unplanned() * unit, c.gain() * unit);
        match (best_instant(&lifetime, &slots, &c, 0.3), best_instant(&lifetime, &slots, &dear, 0.3)) {
            (Timing::At(one), Timing::At(other)) => {
                prop_assert_eq!(Moment { cost: one.cost * unit, ..one }, other);
            }
            (Timing::TooLate { passed: one, .. }, Timing::TooLate { passed: other, .. }) => {
                prop_assert_eq!(one.to_bits(), other.to_bits());
            }
            (one, other) => prop_assert_eq!(one, other),
        }
    }

    #[test]
    fn a_dearer_failure_never_waits_longer(lifetime in lifetimes(), c in any_costs(), more in 1.0..10.0) {
        let open = [slot(0.0, 100.0, 1.0)];
        let at = |costs: &Costs| moment(best_instant(&lifetime, &open, costs, 1.0));
        let (one, other) = (at(&c), at(&costs(c.planned(), c.unplanned() * more, c.gain())));
        // Two instants of the same cost may change places by rounding.
        let tie = (c.expected(&lifetime, &open[0], other.at) - one.cost).abs() < 1e-9 * (1.0 + one.cost.abs());
        prop_assert!(tie || other.risk <= one.risk + 1e-12, "{one:?} {other:?}");
    }

    #[test]
    fn the_quietest_slot_keeps_the_bound(lifetime in lifetimes(), slots in slots(), bound in 0.0..1.0) {
        let Timing::At(found) = quietest_before(&lifetime, &slots, bound) else { return Ok(()) };
        prop_assert!(found.risk <= bound + 1e-12);
        for slot in slots.iter().filter(|slot| 0.0 <= slot.until()) {
            prop_assert!(found.cost <= slot.load() || bound < lifetime.by(slot.from().max(0.0)));
        }
    }

    #[test]
    fn extremes_give_numbers(
        numbers in prop::array::uniform8(wild()), shares in prop::array::uniform2(0.0..=1.0), bound in any::<f64>(),
    ) {
        let [t0, t1, from, long, load, planned, unplanned, gain] = numbers;
        let shares = [f64::min(shares[0], shares[1]), f64::max(shares[0], shares[1])];
        let Ok(lifetime) = Lifetime::new(&[f64::min(t0, t1), f64::max(t0, t1)], &shares) else { return Ok(()) };
        let Ok(slot) = Slot::new(from, from + long, load) else { return Ok(()) };
        let costs = costs(planned, unplanned, gain);
        for bound in [bound, f64::NAN, f64::INFINITY] {
            prop_assert!(timing_is_finite(best_instant(&lifetime, &[slot], &costs, bound)));
            prop_assert!(timing_is_finite(quietest_before(&lifetime, &[slot], bound)));
        }
        for time in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, from] {
            prop_assert!(costs.expected(&lifetime, &slot, time).is_finite());
        }
        if let Some(found) = best_interval(&lifetime, &costs) {
            prop_assert!(found.every.is_finite() && found.unavailability.is_finite() && found.without.is_finite());
        }
    }
}
