//! The formulas against policies that are played out.

use super::*;
use crate::support::Random;

const LIVES: usize = 200_000;

/// Lengths of Weibull lives of shape 2, by inversion.
fn lives() -> Vec<f64> {
    let mut random = Random::seeded(7);
    (0..LIVES).map(|_| (-(1.0 - random.uniform()).ln()).sqrt()).collect()
}

/// Mean cost of a restart planned at `at`, and its standard error.
fn once(lives: &[f64], costs: &Costs, at: f64) -> (f64, f64) {
    let cost = |&life: &f64| {
        let restart = if life <= at { costs.unplanned() } else { costs.planned() };
        restart - costs.gain() * life.min(at)
    };
    let n = lives.len() as f64;
    let mean = lives.iter().map(cost).sum::<f64>() / n;
    let variance = lives.iter().map(|life| (cost(life) - mean).powi(2)).sum::<f64>() / n;
    (mean, (variance / n).sqrt())
}

/// Share of the time lost over all `lives` with a planned restart at every age `every`.
fn periodic(lives: &[f64], costs: &Costs, every: f64) -> f64 {
    let (mut lost, mut ran) = (0.0, 0.0);
    for &life in lives {
        lost += if life <= every { costs.unplanned() } else { costs.planned() };
        ran += life.min(every);
    }
    lost / (lost + ran)
}

#[test]
fn the_expected_cost_is_what_lives_cost() {
    let (lifetime, lives, costs) = (weibull(2.0), lives(), costs(1.0, 10.0, 9.0));
    for at in [0.1, 0.3, 0.5, 0.8, 2.0] {
        let (mean, error) = once(&lives, &costs, at);
        close(costs.expected(&lifetime, &slot(0.0, 9.0, 1.0), at), mean, 4.0 * error);
    }
}

#[test]
fn the_best_instant_is_cheaper_than_its_neighbours() {
    let (lives, costs) = (lives(), costs(1.0, 10.0, 9.0));
    let best = moment(best_instant(&weibull(2.0), &[slot(0.0, 3.0, 1.0)], &costs, 1.0)).at;
    let (least, _) = once(&lives, &costs, best);
    for factor in [0.5, 0.7, 0.85, 1.15, 1.3, 2.0] {
        let (cost, _) = once(&lives, &costs, best * factor);
        assert!(least < cost, "{least} at {best}, {cost} at {factor} times that");
    }
}

#[test]
fn the_best_interval_loses_less_than_its_neighbours() {
    let (lives, costs) = (lives(), costs(0.01, 0.1, 0.0));
    let found = best_interval(&weibull(2.0), &costs).unwrap();
    let least = periodic(&lives, &costs, found.every);
    close(found.unavailability, least, 0.01 * least);
    close(found.without, periodic(&lives, &costs, 1e9), 0.01 * found.without);
    for factor in [0.5, 0.7, 0.85, 1.15, 1.3, 2.0, 1e9] {
        let lost = periodic(&lives, &costs, found.every * factor);
        assert!(least < lost, "{least} at {}, {lost} at {factor} times that", found.every);
    }
}
