//! systemd over D-Bus: how units stand, and jobs on them.
//!
//! Reading needs no privilege; acting may be refused, and then says by whom. Every call has a bound. The asynchronous
//! part stays in here: one connection with a runtime of one thread.

mod cgroup;
mod error;
mod follow;
mod job;
mod unit;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use zbus::{Connection, DynamicType, Message, OwnedVariant, Type};

pub(crate) use cgroup::Cgroup;
pub(crate) use error::SystemdError;
pub(crate) use follow::Follower;
pub(crate) use job::Verb;
pub(crate) use unit::UnitState;

/// The name of systemd on the bus.
const SYSTEMD: &str = "org.freedesktop.systemd1";
/// Its manager.
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
/// The manager's place.
const ROOT: &str = "/org/freedesktop/systemd1";
/// Who tells of properties.
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// Properties of all units.
const UNIT: &str = "org.freedesktop.systemd1.Unit";
/// Properties of a kind of unit that matter where it is not up.
const OF_KIND: [&str; 4] = ["ControlGroup", "Result", "ExecMainStatus", "StatusText"];
/// What a call that only asks or queues may take.
const ANSWER: Duration = Duration::from_secs(10);

/// A connection to the systemd of this machine.
pub(crate) struct Systemd {
    runtime: Runtime,
    bus: Connection,
}

impl std::fmt::Debug for Systemd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Systemd").finish_non_exhaustive()
    }
}

impl Systemd {
    /// Connects to the system bus (`DBUS_SYSTEM_BUS_ADDRESS` is honoured), and asks for the signals of jobs.
    pub(crate) fn connect() -> Result<Self, SystemdError> {
        let unreachable = |error: zbus::Error| SystemdError::Unreachable { words: error.to_string() };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| SystemdError::Unreachable { words: error.to_string() })?;
        let late = |_| zbus::Error::Failure("no answer".to_owned());
        let bus = runtime.block_on(async {
            tokio::time::timeout(ANSWER, Connection::system()).await.map_err(late).and_then(|bus| bus)
        });
        let systemd = Self { runtime, bus: bus.map_err(unreachable)? };
        systemd.ask::<_, ()>("subscribe to", "jobs", "Subscribe", &())?;
        Ok(systemd)
    }

    /// Whether systemd is still at the other end.
    pub(crate) fn answers(&self) -> bool {
        let version = property(&self.bus, ROOT, MANAGER, "Version");
        self.within(ANSWER, "ask", "the manager", version).is_ok()
    }

    /// How a unit stands. A unit that nobody knows is an error.
    pub(crate) fn unit(&self, name: &str) -> Result<UnitState, SystemdError> {
        self.runtime.block_on(state(self.bus.clone(), name.to_owned()))
    }

    /// How several units stand, asked for at once.
    pub(crate) fn units(&self, names: &[&str]) -> Vec<Result<UnitState, SystemdError>> {
        self.runtime.block_on(async {
            let asked: Vec<_> =
                names.iter().map(|&name| tokio::spawn(state(self.bus.clone(), name.to_owned()))).collect();
            let mut states = Vec::with_capacity(asked.len());
            for answer in asked {
                let broke = |_| SystemdError::Unreachable { words: "the question was dropped".to_owned() };
                states.push(answer.await.map_err(broke).flatten());
            }
            states
        })
    }

    /// The cgroup of a unit that is up; none where its kind has no processes.
    pub(crate) fn cgroup(&self, unit: &str) -> Option<Cgroup> {
        self.told_cgroup(self.ask_cgroup(unit))
    }

    /// Asks for it; the answer comes while others are waited for.
    fn ask_cgroup(&self, unit: &str) -> Option<JoinHandle<Option<OwnedVariant>>> {
        let (bus, place, kind) = (self.bus.clone(), place(unit), kind(unit)?);
        Some(self.runtime.spawn(async move {
            let asked = property(&bus, &place, &kind, "ControlGroup");
            tokio::time::timeout(ANSWER, asked).await.ok()?.ok()
        }))
    }

    fn told_cgroup(&self, asked: Option<JoinHandle<Option<OwnedVariant>>>) -> Option<Cgroup> {
        let told = self.runtime.block_on(asked?).ok()??;
        Cgroup::of(&String::try_from(told).ok()?)
    }

    /// The main process of a unit, if it has one.
    pub(crate) fn main_pid(&self, unit: &str) -> Option<u32> {
        u32::try_from(self.of_kind(unit, "MainPID")?).ok().filter(|&pid| 0 < pid)
    }

    /// A property of the unit's kind; none where that kind has no such.
    fn of_kind(&self, unit: &str, property: &str) -> Option<OwnedVariant> {
        let kind = kind(unit)?;
        self.within(ANSWER, "look at", unit, self::property(&self.bus, &place(unit), &kind, property)).ok()
    }

    /// Forgets that a unit failed, and how often it was started: the start limit holds for our restarts as well.
    pub(crate) fn reset_failed(&self, unit: &str) -> Result<(), SystemdError> {
        self.ask("reset", unit, "ResetFailedUnit", &(unit,))
    }

    /// Lets the processes of a frozen unit run: they could not end otherwise.
    pub(crate) fn thaw(&self, unit: &str) -> Result<(), SystemdError> {
        self.ask("thaw", unit, "ThawUnit", &(unit,))
    }

    /// Asks the manager.
    fn ask<B, R>(&self, verb: &'static str, unit: &str, method: &str, body: &B) -> Result<R, SystemdError>
    where
        B: Serialize + DynamicType,
        R: DeserializeOwned + Type,
    {
        self.within(ANSWER, verb, unit, async { manage(&self.bus, method, body).await?.body().deserialize() })
    }

    /// Waits for an answer, and no longer than that.
    fn within<T>(
        &self,
        bound: Duration,
        verb: &'static str,
        unit: &str,
        call: impl Future<Output = zbus::Result<T>>,
    ) -> Result<T, SystemdError> {
        self.runtime.block_on(in_time(bound, verb, unit, call))
    }
}

async fn in_time<T>(
    bound: Duration,
    verb: &'static str,
    unit: &str,
    call: impl Future<Output = zbus::Result<T>>,
) -> Result<T, SystemdError> {
    match tokio::time::timeout(bound, call).await {
        Ok(answer) => answer.map_err(|error| SystemdError::of(verb, unit, &error)),
        Err(_) => Err(SystemdError::Late { verb, unit: unit.to_owned(), bound }),
    }
}

async fn state(bus: Connection, name: String) -> Result<UnitState, SystemdError> {
    let path = place(&name);
    let mut properties = in_time(ANSWER, "look at", &name, properties(&bus, &path)).await?;
    let up = properties.get("ActiveState").is_some_and(|state| <&str>::try_from(state) == Ok("active"));
    // Those of its kind are many, and few matter: they are asked for one by one, and not while all is well.
    if let Some(kind) = kind(&name).filter(|_| !up) {
        for name in OF_KIND {
            let value = tokio::time::timeout(ANSWER, property(&bus, &path, &kind, name)).await;
            properties.extend(value.ok().and_then(Result::ok).map(|value| (name.to_owned(), value)));
        }
    }
    let unit = UnitState::read(&name, properties);
    if unit.load == "not-found" || unit.load == "masked" || unit.load == "bad-setting" {
        return Err(SystemdError::NoUnit { unit: name, words: unit.load });
    }
    Ok(unit)
}

/// What all units have.
async fn properties(bus: &Connection, path: &str) -> zbus::Result<HashMap<String, OwnedVariant>> {
    let reply = bus.call_method(Some(SYSTEMD), path, Some(PROPERTIES), "GetAll", &UNIT).await?;
    reply.body().deserialize()
}

/// One property of an interface. What has none of it says so by an error.
async fn property(bus: &Connection, path: &str, kind: &str, name: &str) -> zbus::Result<OwnedVariant> {
    let reply = bus.call_method(Some(SYSTEMD), path, Some(PROPERTIES), "Get", &(kind, name)).await?;
    reply.body().deserialize()
}

/// The place of a unit on the bus: systemd loads what is asked for there, so that no other call is needed.
fn place(unit: &str) -> String {
    let mut path = "/org/freedesktop/systemd1/unit/".to_owned();
    for (place, byte) in unit.bytes().enumerate() {
        let plain = byte.is_ascii_alphabetic() || (0 < place && byte.is_ascii_digit());
        if plain {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "_{byte:02x}");
        }
    }
    path
}

/// The interface of a unit's kind, where that kind has processes.
fn kind(unit: &str) -> Option<String> {
    let (_, suffix) = unit.rsplit_once('.')?;
    let kind = match suffix {
        "service" => "Service",
        "scope" => "Scope",
        "socket" => "Socket",
        "mount" => "Mount",
        "swap" => "Swap",
        "slice" => "Slice",
        _ => return None,
    };
    Some(format!("{SYSTEMD}.{kind}"))
}

/// One call of the manager.
async fn manage<B: Serialize + DynamicType>(
    bus: &Connection,
    method: &str,
    body: &B,
) -> zbus::Result<Message> {
    bus.call_method(Some(SYSTEMD), ROOT, Some(MANAGER), method, body).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_found_at_its_escaped_name() {
        // As `busctl tree org.freedesktop.systemd1` shows them.
        let tail = |unit: &str| place(unit).rsplit('/').next().unwrap().to_owned();
        assert_eq!(tail("dbus.service"), "dbus_2eservice");
        assert_eq!(tail("-.slice"), "_2d_2eslice");
        assert_eq!(tail("7z@a-1.service"), "_37z_40a_2d1_2eservice");
    }
}
