//! Why systemd did not do it: what it is about, and its own words.

use std::time::Duration;

use zbus::DBusError as _;

/// Why systemd did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SystemdError {
    /// There is no system bus, or no systemd on it.
    #[error("systemd cannot be reached: {words}")]
    Unreachable { words: String },
    /// It is not allowed: polkit, or a bus policy.
    #[error("not allowed to {verb} `{unit}`: {words}; run Hebe as root, or give it a polkit rule")]
    Denied { verb: &'static str, unit: String, words: String },
    /// Another job is queued that ours would replace.
    #[error("another job on `{unit}` is queued, and is not replaced: {words}")]
    Busy { unit: String, words: String },
    /// There is no such unit, or it cannot be loaded.
    #[error("systemd has no unit `{unit}` that could run: {words}")]
    NoUnit { unit: String, words: String },
    /// It took too long.
    #[error("no answer when asked to {verb} `{unit}` within {}", humantime::format_duration(*.bound))]
    Late { verb: &'static str, unit: String, bound: Duration },
    /// Something else.
    #[error("cannot {verb} `{unit}`: {words}")]
    Other { verb: &'static str, unit: String, words: String },
}

impl SystemdError {
    /// What an answer of the bus means.
    pub(super) fn of(verb: &'static str, unit: &str, error: &zbus::Error) -> Self {
        let unit = unit.to_owned();
        let (name, words) = name_and_words(error);
        let last = name.rsplit('.').next().unwrap_or_default();
        match last {
            "TransactionIsDestructive" | "TransactionJobsConflicting" => Self::Busy { unit, words },
            "NoSuchUnit" | "UnitMasked" | "LoadFailed" | "InvalidArgs" => Self::NoUnit { unit, words },
            "AccessDenied" | "AuthFailed" | "InteractiveAuthorizationRequired" => {
                Self::Denied { verb, unit, words }
            }
            "ServiceUnknown" | "NameHasNoOwner" | "Disconnected" => Self::Unreachable { words },
            _ => Self::Other { verb, unit, words },
        }
    }
}

/// The name of an error on the bus, and what it says.
fn name_and_words(error: &zbus::Error) -> (String, String) {
    match error {
        zbus::Error::MethodError(name, words, _) => {
            (name.to_string(), words.clone().unwrap_or_else(|| name.to_string()))
        }
        zbus::Error::FDO(error) => {
            let words = error.description().map_or_else(|| error.to_string(), str::to_owned);
            (error.name().to_string(), words)
        }
        other => (String::new(), other.to_string()),
    }
}
