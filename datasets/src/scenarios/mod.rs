//! The laws of the scenarios, a group a file. Written in samples and shares of the limit; units come afterwards.

mod leaks;
mod levels;
mod readings;
mod regimes;
mod sawteeth;
mod seasons;
mod surges;

use crate::course::Course;
use crate::random::Random;
use crate::scenario::Scenario;

/// Draws one run; a day has `day` samples.
pub(crate) fn draw(scenario: Scenario, random: &mut Random, day: f64) -> Course {
    match scenario {
        Scenario::SteadyLeak => leaks::steady(random),
        Scenario::Accelerating => leaks::accelerating(random),
        Scenario::SlowLeak => leaks::slow(random),
        Scenario::Flat => levels::flat(random),
        Scenario::LevelShift => levels::shift(random),
        Scenario::LogSaturating => levels::saturating(random),
        Scenario::RandomWalk => levels::random_walk(random),
        Scenario::SlopeChange => regimes::slope_change(random),
        Scenario::LeakFixed => regimes::leak_fixed(random),
        Scenario::RestartResets => regimes::restarts(random),
        Scenario::LimitChange => regimes::limit_change(random),
        Scenario::Surge => surges::over_level(random),
        Scenario::SurgeOverLeak => surges::over_leak(random),
        Scenario::GcSawtooth => sawteeth::beat_over_leak(random),
        Scenario::GcThreshold => sawteeth::height_over_leak(random),
        Scenario::SawtoothHealthy => sawteeth::healthy(random),
        Scenario::DailySeason => seasons::daily(random, day),
        Scenario::LeakDailyLoad => seasons::leak_by_load(random, day),
        Scenario::LogCleanup => seasons::cleanup(random, day),
        Scenario::CleanupLeak => seasons::cleanup_leak(random, day),
        Scenario::HeavyTailLeak => readings::outliers_over_leak(random),
        Scenario::HeavyTailFlat => readings::outliers_over_level(random),
        Scenario::Quantised => readings::quantised(random),
        Scenario::Missing => readings::missing(random),
    }
}
