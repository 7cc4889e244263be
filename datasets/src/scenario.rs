//! The scenarios: ways in which use develops, each with a name.

use std::fmt;

/// A way in which the use of a resource develops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scenario {
    /// A straight rise to the limit.
    SteadyLeak,
    /// A leak by the request, with traffic that follows the day.
    LeakDailyLoad,
    /// A warm-up that slows down for ever and never arrives.
    LogSaturating,
    /// Healthy or nearly so, until a release leaks.
    SlopeChange,
    /// A leak that is fixed before it does harm.
    LeakFixed,
    /// A leak that grows faster and faster.
    Accelerating,
    /// Rises that pass, over a level that stays.
    Surge,
    /// Rises that pass, over a leak.
    SurgeOverLeak,
    /// Garbage collected at a fixed beat, over a leak.
    GcSawtooth,
    /// Garbage collected at a fixed height, over a leak: the teeth shrink.
    GcThreshold,
    /// Garbage collected at a fixed beat, and no leak.
    SawtoothHealthy,
    /// Wandering without aim, below the limit.
    RandomWalk,
    /// The day and the week, and nothing else.
    DailySeason,
    /// A leak that restarts set back, until one comes too late.
    RestartResets,
    /// Logs that a nightly job removes.
    LogCleanup,
    /// Logs that a nightly job removes, all but some.
    CleanupLeak,
    /// A leak, seen through readings with wild outliers.
    HeavyTailLeak,
    /// A level, seen through readings with wild outliers.
    HeavyTailFlat,
    /// A leak, seen in few steps.
    Quantised,
    /// A leak, with a third of the readings missing.
    Missing,
    /// A leak whose limit is raised in time to live longer.
    LimitChange,
    /// A level.
    Flat,
    /// A level that steps up and stays.
    LevelShift,
    /// A leak too slow to matter within any horizon.
    SlowLeak,
}

impl Scenario {
    /// Every scenario, once.
    pub const ALL: [Self; 24] = [
        Self::SteadyLeak,
        Self::LeakDailyLoad,
        Self::LogSaturating,
        Self::SlopeChange,
        Self::LeakFixed,
        Self::Accelerating,
        Self::Surge,
        Self::SurgeOverLeak,
        Self::GcSawtooth,
        Self::GcThreshold,
        Self::SawtoothHealthy,
        Self::RandomWalk,
        Self::DailySeason,
        Self::RestartResets,
        Self::LogCleanup,
        Self::CleanupLeak,
        Self::HeavyTailLeak,
        Self::HeavyTailFlat,
        Self::Quantised,
        Self::Missing,
        Self::LimitChange,
        Self::Flat,
        Self::LevelShift,
        Self::SlowLeak,
    ];

    /// Its name, as in a table of results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SteadyLeak => "steady_leak",
            Self::LeakDailyLoad => "leak_daily_load",
            Self::LogSaturating => "log_saturating",
            Self::SlopeChange => "slope_change",
            Self::LeakFixed => "leak_fixed",
            Self::Accelerating => "accelerating",
            Self::Surge => "surge",
            Self::SurgeOverLeak => "surge_over_leak",
            Self::GcSawtooth => "gc_sawtooth",
            Self::GcThreshold => "gc_threshold",
            Self::SawtoothHealthy => "sawtooth_healthy",
            Self::RandomWalk => "random_walk",
            Self::DailySeason => "daily_season",
            Self::RestartResets => "restart_resets",
            Self::LogCleanup => "log_cleanup",
            Self::CleanupLeak => "cleanup_leak",
            Self::HeavyTailLeak => "heavy_tail_leak",
            Self::HeavyTailFlat => "heavy_tail_flat",
            Self::Quantised => "quantised",
            Self::Missing => "missing",
            Self::LimitChange => "limit_change",
            Self::Flat => "flat",
            Self::LevelShift => "level_shift",
            Self::SlowLeak => "slow_leak",
        }
    }

    /// Whether every run of it ends at the limit.
    #[must_use]
    pub fn exhausts(self) -> bool {
        match self {
            Self::SteadyLeak
            | Self::LeakDailyLoad
            | Self::SlopeChange
            | Self::Accelerating
            | Self::SurgeOverLeak
            | Self::GcSawtooth
            | Self::GcThreshold
            | Self::RestartResets
            | Self::CleanupLeak
            | Self::HeavyTailLeak
            | Self::Quantised
            | Self::Missing
            | Self::LimitChange => true,
            Self::LogSaturating
            | Self::LeakFixed
            | Self::Surge
            | Self::SawtoothHealthy
            | Self::RandomWalk
            | Self::DailySeason
            | Self::LogCleanup
            | Self::HeavyTailFlat
            | Self::Flat
            | Self::LevelShift
            | Self::SlowLeak => false,
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_scenarios_differ_in_name() {
        let names: BTreeSet<_> = Scenario::ALL.iter().map(|scenario| scenario.name()).collect();
        assert_eq!(names.len(), Scenario::ALL.len());
    }
}
