//! What the user decides; everything else is chosen here and explained.

use std::str::FromStr;

use chrono_tz::Tz;

/// How a forecast is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Robust lines over a ladder of stretches.
    #[default]
    Default,
    /// Six candidate curves on the smoothed window.
    Classic,
}

impl Method {
    /// The name that options and rows use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Classic => "classic",
        }
    }
}

/// Which end of the range is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Risk {
    /// The early end.
    Cautious,
    /// The middle.
    #[default]
    Balanced,
    /// The late end.
    Bold,
}

/// The settings of one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How far ahead to look, in seconds; the longest that the history allows if none.
    pub horizon_s: Option<f64>,
    /// How long the reader needs to react, in seconds; a tenth of the horizon if none.
    pub lead_time_s: Option<f64>,
    /// Which end of the range is judged.
    pub risk: Risk,
    /// How forecasts are made.
    pub method: Method,
    /// Judge as if it were then (milliseconds since 1970 UTC).
    pub until_ms: Option<i64>,
    /// The zone that dates are shown in.
    pub zone: Tz,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            horizon_s: None,
            lead_time_s: None,
            risk: Risk::default(),
            method: Method::default(),
            until_ms: None,
            zone: Tz::UTC,
        }
    }
}

/// A word that is none of the choices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found `{found}`")]
pub struct UnknownChoice {
    expected: &'static str,
    found: String,
}

impl FromStr for Method {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        match word {
            "default" => Ok(Self::Default),
            "classic" => Ok(Self::Classic),
            _ => Err(UnknownChoice { expected: "default or classic", found: word.to_owned() }),
        }
    }
}

impl FromStr for Risk {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        match word {
            "cautious" => Ok(Self::Cautious),
            "balanced" => Ok(Self::Balanced),
            "bold" => Ok(Self::Bold),
            _ => Err(UnknownChoice { expected: "cautious, balanced or bold", found: word.to_owned() }),
        }
    }
}
