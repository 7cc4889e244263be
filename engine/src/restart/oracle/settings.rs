//! How the oracle judges where the map does not say.

/// How the oracle judges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// A failure within so many seconds after a restart is the same one, seen again; more where a node's record allows.
    pub recurrence_s: f64,
    /// The least share of a resource's growth for which a node is restarted, 0 to 1.
    pub least_share: f64,
    /// How many times wider than the time left the range of a forecast may be.
    pub widest: f64,
    /// The least share of what was used that earlier restarts must have given back, 0 to 1.
    pub least_given: f64,
}

impl Default for Settings {
    /// Five minutes: what comes back that soon was not cured. A fifth of the growth: a restart for less buys little
    /// time. Twice the time left, where findings call their confidence low. A twentieth of what was used: less is noise.
    fn default() -> Self {
        Self { recurrence_s: 300.0, least_share: 0.2, widest: 2.0, least_given: 0.05 }
    }
}
