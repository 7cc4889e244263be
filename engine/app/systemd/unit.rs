//! How a unit stands: the properties that decide.

use std::collections::HashMap;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use zbus::{OwnedVariant, Variant};

/// How a unit stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UnitState {
    pub(crate) name: String,
    /// `loaded`, `not-found`, `masked` …
    pub(crate) load: String,
    /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`, `maintenance`.
    pub(crate) active: String,
    /// Finer, and of the unit's type: `running`, `dead`, `stop-sigkill` …
    pub(crate) sub: String,
    /// Another one with every start; none before the first.
    pub(crate) invocation: Option<String>,
    /// Path in the hierarchy of cgroups, of a unit that is not up; empty where it has none.
    pub(crate) cgroup: String,
    /// Its file has changed since systemd read it.
    pub(crate) needs_reload: bool,
    /// `running`, `frozen`, `freezing` …
    pub(crate) freezer: String,
    /// How it ended last: `success`, `exit-code`, `timeout`, `start-limit-hit` …
    pub(crate) result: String,
    /// What it says of itself.
    pub(crate) status_text: String,
    /// Exit status or signal of its main process.
    pub(crate) exit_status: i32,
    pub(crate) active_since: Option<DateTime<Utc>>,
    /// A job that is queued or runs.
    pub(crate) job: Option<u32>,
    /// Units that stop with it, of all kinds of dependencies that carry that.
    pub(crate) stops: Vec<String>,
    /// Units that its start brings up where they are down.
    pub(crate) pulls: Vec<String>,
}

/// Dependencies along which a restart reaches others, if these are up.
const STOPS: [&str; 5] = ["RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf", "PropagatesStopTo"];
/// Dependencies along which a start reaches others, if these are down.
const PULLS: [&str; 3] = ["Requires", "BindsTo", "Wants"];

impl UnitState {
    pub(super) fn read(name: &str, mut properties: HashMap<String, OwnedVariant>) -> Self {
        let stops = lists(&mut properties, &STOPS);
        let pulls = lists(&mut properties, &PULLS);
        let mut take = Taken(properties);
        Self {
            name: name.to_owned(),
            load: take.text("LoadState"),
            active: take.text("ActiveState"),
            sub: take.text("SubState"),
            invocation: take.invocation(),
            cgroup: take.text("ControlGroup"),
            needs_reload: take.of("NeedDaemonReload").unwrap_or_default(),
            freezer: take.text("FreezerState"),
            result: take.text("Result"),
            status_text: take.text("StatusText"),
            exit_status: take.of("ExecMainStatus").unwrap_or_default(),
            active_since: take
                .of::<i64>("ActiveEnterTimestamp")
                .filter(|&us| 0 < us)
                .and_then(DateTime::from_timestamp_micros),
            job: take.job(),
            stops,
            pulls,
        }
    }

    /// Whether it runs, or is about to.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.active.as_str(), "active" | "reloading" | "activating" | "refreshing")
    }

    /// Whether it has a job, or is on its way.
    pub(crate) fn moves(&self) -> bool {
        self.job.is_some() || matches!(self.active.as_str(), "activating" | "deactivating")
    }

    /// Whether it is neither up nor on its way.
    pub(crate) fn is_down(&self) -> bool {
        matches!(self.active.as_str(), "inactive" | "failed")
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.freezer.starts_with("frozen") || self.freezer == "freezing"
    }

    /// Whether systemd refuses to start it because it was started too often.
    pub(crate) fn hit_start_limit(&self) -> bool {
        self.result == "start-limit-hit"
    }

    /// Why it is as it is, in the words of `systemctl status`.
    pub(crate) fn words(&self) -> String {
        let Self { name, active, sub, result, .. } = self;
        let mut words = format!("{name} is {active} ({sub})");
        if !result.is_empty() && result != "success" {
            let _ = write!(words, ", result {result}");
        }
        if self.exit_status != 0 {
            let _ = write!(words, ", status {}", self.exit_status);
        }
        if !self.status_text.is_empty() {
            let _ = write!(words, ": {}", self.status_text);
        }
        words
    }
}

/// Names in several properties together, each once, in order.
fn lists(properties: &mut HashMap<String, OwnedVariant>, names: &[&str]) -> Vec<String> {
    let listed = names.iter().filter_map(|&name| properties.remove(name));
    let mut units: Vec<String> =
        listed.filter_map(|list| Vec::<String>::try_from(list).ok()).flatten().collect();
    units.sort();
    units.dedup();
    units
}

/// Properties to take values from; one that is missing or of another type is not known.
struct Taken(HashMap<String, OwnedVariant>);

impl Taken {
    fn of<T: TryFrom<OwnedVariant>>(&mut self, name: &str) -> Option<T> {
        T::try_from(self.0.remove(name)?).ok()
    }

    fn text(&mut self, name: &str) -> String {
        self.of(name).unwrap_or_default()
    }

    /// 128 bits in hexadecimal; all zero before the first start.
    fn invocation(&mut self) -> Option<String> {
        let bytes: Vec<u8> = self.of("InvocationID")?;
        let known = bytes.iter().any(|&byte| byte != 0);
        known.then(|| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
    }

    /// The number of the job; 0 is none.
    fn job(&mut self) -> Option<u32> {
        match &*self.0.remove("Job")? {
            Variant::Structure(job) => match job.fields().first() {
                Some(&Variant::U32(id)) if 0 < id => Some(id),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_says_nothing_is_neither_up_nor_down() {
        let unit = UnitState::read("a.service", HashMap::new());
        assert!(!unit.is_up() && !unit.is_down() && !unit.is_frozen());
        assert_eq!((unit.invocation.as_deref(), unit.job), (None, None));
    }

    #[test]
    fn its_words_are_those_that_matter() {
        let unit = UnitState {
            name: "a.service".to_owned(),
            active: "failed".to_owned(),
            sub: "failed".to_owned(),
            result: "exit-code".to_owned(),
            exit_status: 3,
            status_text: "no such table".to_owned(),
            ..UnitState::default()
        };
        assert_eq!(unit.words(), "a.service is failed (failed), result exit-code, status 3: no such table");
    }
}
