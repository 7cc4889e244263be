//! Optima that are known in closed form or that scipy computed.

use super::*;

/// One step of the table in time: what is minimised is flat at its least and much closer.
const STEP: f64 = 2e-3;
/// One step of a forecast's own table, which is 4 % here.
const FORECAST_STEP: f64 = 3.0;

#[test]
fn uniform_lives_end_where_the_hazard_pays_for_running_on() {
    // f / (1 - F) = g / (c_f - c_r): s = 1 - 9 / 20; J = 10 s + (1 - s) - 20 (s - s^2 / 2).
    let best = moment(best_instant(&uniform(), &[slot(0.0, 1.0, 1.0)], &costs(1.0, 10.0, 20.0), 1.0));
    close(best.at, 0.55, 1e-12);
    close(best.risk, 0.55, 1e-12);
    close(best.cost, 10.0 * 0.55 + 0.45 - 20.0 * (0.55 - 0.55 * 0.55 / 2.0), 1e-12);
}

/// `T^2 / 2 + b T - b = 0` with `b = t_r / (t_f - t_r)`.
#[test]
fn uniform_lives_have_a_quadratic_interval() {
    for (planned, unplanned) in [(1.0, 10.0), (1.0, 3.0), (0.01, 100.0)] {
        let b: f64 = planned / (unplanned - planned);
        let found = best_interval(&uniform(), &costs(planned, unplanned, 0.0)).unwrap();
        close(found.every, (b * b + 2.0 * b).sqrt() - b, 1e-12);
        close(found.without, unplanned / (unplanned + 0.5), 1e-12);
    }
}

/// Reference values, with `d = scipy.stats.weibull_min(k)` and `I = lambda T: quad(d.sf, 0, T)[0]`:
/// `T = brentq(lambda T: d.pdf(T) / d.sf(T) * I(T) - d.cdf(T) - tr / (tf - tr), 1e-3, 5, xtol=1e-13)`,
/// `D = tr + (tf - tr) * d.cdf(T)`, `D / (D + I(T))`, `tf / (tf + d.mean())`.
#[test]
fn weibull_lives_have_the_interval_that_scipy_finds() {
    for (shape, planned, unplanned, every, lost, without) in [
        (2.0, 1.0, 10.0, 0.336_451_191, 0.858_279_083, 0.918_591_911),
        (1.5, 1.0, 20.0, 0.226_119_875, 0.931_282_520, 0.956_812_118),
        (3.0, 1.0, 4.0, 0.554_153_217, 0.734_309_098, 0.817_497_803),
    ] {
        let found = best_interval(&weibull(shape), &costs(planned, unplanned, 0.0)).unwrap();
        close(found.every, every, STEP);
        close(found.unavailability, lost, 2e-5);
        close(found.without, without, 1e-6);
    }
}

/// `minimize_scalar(lambda s: cf * d.cdf(s) + cr * d.sf(s) - g * I(s), bounds=(0, 3), method='bounded')`.
#[test]
fn weibull_lives_have_the_instant_that_scipy_finds() {
    for (shape, costs, at, cost, risk) in [
        (2.0, costs(1.0, 10.0, 9.0), 0.5, -1.160_736_105, 0.221_199_217),
        (3.0, costs(1.0, 5.0, 6.0), 0.5_f64.sqrt(), -1.711_351_258, 0.297_811_493),
    ] {
        let best = moment(best_instant(&weibull(shape), &[slot(0.0, 3.0, 1.0)], &costs, 1.0));
        close(best.at, at, STEP);
        close(best.cost, cost, 2e-5);
        close(best.risk, risk, 2.0 * STEP);
    }
}

#[test]
fn exponential_lives_are_never_worth_an_interval() {
    for unplanned in [2.0, 10.0, 1000.0] {
        assert_eq!(best_interval(&weibull(1.0), &costs(1.0, unplanned, 0.0)), None);
    }
}

#[test]
fn lives_that_get_better_are_never_worth_an_interval() {
    assert_eq!(best_interval(&weibull(0.5), &costs(1.0, 10.0, 0.0)), None);
}

#[test]
fn a_planned_restart_that_costs_as_much_is_never_worth_an_interval() {
    assert_eq!(best_interval(&weibull(3.0), &costs(1.0, 1.0, 0.0)), None);
    assert_eq!(best_interval(&weibull(3.0), &costs(2.0, 1.0, 0.0)), None);
}

/// The hazard is 1 for ever: running on pays always or never, as `g` is above `c_f - c_r = 9` or below.
#[test]
fn exponential_lives_end_at_once_or_never() {
    let at =
        |gain| moment(best_instant(&weibull(1.0), &[slot(0.0, 10.0, 1.0)], &costs(1.0, 10.0, gain), 1.0)).at;
    close(at(8.9), 0.0, 0.0);
    close(at(9.1), 10.0, 0.0);
}

/// Reference values: the same two minima for `d = scipy.stats.invgauss(100 / 2500, scale=2500)`, tr = cr = 1,
/// tf = cf = 10, g = 0.1; `d.ppf(0.05)` is 70.800.
#[test]
fn a_forecast_has_the_optima_that_scipy_finds() {
    let lifetime = Lifetime::from(&forecast());
    let found = best_interval(&lifetime, &costs(1.0, 10.0, 0.0)).unwrap();
    close(found.every, 61.233, FORECAST_STEP);
    close(found.unavailability, 0.017_272, 1e-4);
    close(found.without, 0.090_909, 2e-4);
    let best = moment(best_instant(&lifetime, &[slot(0.0, 150.0, 1.0)], &costs(1.0, 10.0, 0.1), 1.0));
    close(best.at, 74.258, FORECAST_STEP);
    // Ten less one times what the forecast's own table, straight between its points, is off.
    close(lifetime.by(74.258), 0.080_448, 0.002);
    close(best.cost, -5.652_673, 9.0 * 0.002);
    close(best.risk, 0.080_448, 0.02);
    close(lifetime.passes(0.05).unwrap(), 70.800, 0.3);
}

#[test]
fn running_on_is_worth_the_mean_life() {
    // Gamma(1 + 1 / shape).
    close(weibull(2.0).running(6.0), 0.886_226_925, 1e-6);
    close(uniform().running(0.5), 0.375, 1e-15);
}
