//! The journal of systemd, by its native protocol: one datagram an event, with a `MESSAGE_ID` for each kind.
//!
//! `journalctl MESSAGE_ID=…` finds all events of a kind. Where there is no journal nothing is said about that.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

use hebe::event::action::{self, ActionEvent};
use hebe::event::{Event, Kind, Severity};
use hebe::finding::Status;

use super::config::Journald;

/// The journal takes larger messages by file descriptor alone; no field of ours is worth that.
const MOST_BYTES: usize = 4096;

/// The way to the journal.
#[derive(Debug)]
pub(super) struct Journal {
    /// None where it is switched off or cannot be reached at all.
    socket: Option<UnixDatagram>,
    path: PathBuf,
}

impl Journal {
    pub(super) fn new(config: &Journald) -> Self {
        let open = || {
            let socket = UnixDatagram::unbound()?;
            // A journal that stands still must not stand in our way.
            socket.set_nonblocking(true)?;
            io::Result::Ok(socket)
        };
        let socket = if config.enabled { open().ok() } else { None };
        Self { socket, path: config.socket.clone() }
    }

    /// Sends an event; whether there is a journal that took it.
    pub(super) fn send(&self, event: &Event, silenced_by: Option<&str>) -> io::Result<bool> {
        self.deliver(&datagram(event, silenced_by))
    }

    /// Sends an action; whether there is a journal that took it.
    pub(super) fn send_action(&self, event: &ActionEvent) -> io::Result<bool> {
        self.deliver(&action_datagram(event))
    }

    fn deliver(&self, datagram: &[u8]) -> io::Result<bool> {
        let Some(socket) = &self.socket else { return Ok(false) };
        match socket.send_to(datagram, &self.path) {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// The fixed name of each kind of event.
fn message_id(kind: Kind) -> &'static str {
    match kind {
        Kind::Predicted => "6db032bcf3444ffe964fa716ad8fad44",
        Kind::Updated => "65c2fcc090f84946b2cc5a31790790e0",
        Kind::Cleared => "8821c3c7d2aa4582b59f9a0d22aeedf1",
        Kind::SurgeHeld => "3de0acd281d6428d84c872900fc6a7b2",
    }
}

/// The priority of syslog: 2 critical, 3 error, 4 warning, 5 notice, 6 information.
fn priority(event: &Event) -> &'static str {
    match (event.kind, event.data.status) {
        (Kind::Cleared | Kind::SurgeHeld, _) => "6",
        (_, Status::Exhausted) => "2",
        (_, Status::Critical) => "3",
        (_, Status::Warning) => "4",
        _ => "5",
    }
}

fn datagram(event: &Event, silenced_by: Option<&str>) -> Vec<u8> {
    let row = &event.data;
    let (message, at) = (event.summary(), row.exhausts_at.map(|at| at.to_rfc3339()));
    let fields = [
        ("MESSAGE", Some(message.as_str())),
        ("MESSAGE_ID", Some(message_id(event.kind))),
        ("PRIORITY", Some(priority(event))),
        ("SYSLOG_IDENTIFIER", Some("hebe")),
        ("HEBE_EVENT_ID", Some(event.id.as_str())),
        ("HEBE_EVENT_TYPE", Some(event.kind.name())),
        ("HEBE_RESOURCE", Some(row.resource.as_str())),
        ("HEBE_SCOPE", Some(row.scope.as_str())),
        ("HEBE_STATUS", Some(row.status.word())),
        ("HEBE_EXHAUSTS_AT", at.as_deref()),
        ("HEBE_CULPRIT", super::alert::leading(row).map(|culprit| culprit.name.as_str())),
        ("HEBE_SILENCED_BY", silenced_by),
    ];
    written(&fields)
}

/// The fixed name of each kind of action.
fn action_id(kind: action::Kind) -> &'static str {
    match kind {
        action::Kind::Planned => "f72cab90c3b0425b853a93a0e399f2b8",
        action::Kind::Skipped => "ac5197ad8fba49978b652f678d742eb4",
        action::Kind::Started => "e093f8244cc846649a042570d3873d2d",
        action::Kind::Succeeded => "73baf6ff7b9a4c1f8ecc679db5e2f46a",
        action::Kind::Failed => "fc6c58dcf89041d8902ca83bfd771ffd",
        action::Kind::GaveUp => "ae77eff65a3f4e999acb165ccf682f0d",
    }
}

fn action_datagram(event: &ActionEvent) -> Vec<u8> {
    let (message, action) = (event.summary(), &event.data);
    let priority = match event.kind.severity() {
        Severity::Critical => "2",
        Severity::Warning => "4",
        Severity::Info => "5",
    };
    written(&[
        ("MESSAGE", Some(message.as_str())),
        ("MESSAGE_ID", Some(action_id(event.kind))),
        ("PRIORITY", Some(priority)),
        ("SYSLOG_IDENTIFIER", Some("hebe")),
        ("HEBE_EVENT_ID", Some(event.id.as_str())),
        ("HEBE_EVENT_TYPE", Some(event.kind.name())),
        ("HEBE_NODE", Some(action.node.as_str())),
        ("HEBE_PLAN", action.plan.as_deref()),
        ("HEBE_REASON", action.hold.as_ref().map(|hold| hold.code.word())),
    ])
}

fn written(fields: &[(&str, Option<&str>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        if let Some(value) = value {
            field(&mut bytes, name, value);
        }
    }
    bytes
}

/// `NAME=VALUE`, or where the value has more than one line `NAME`, its length and the value: a name that holds a
/// newline cannot make fields of its own.
fn field(bytes: &mut Vec<u8>, name: &str, value: &str) {
    let value = &value[..value.floor_char_boundary(MOST_BYTES)];
    bytes.extend_from_slice(name.as_bytes());
    if value.contains('\n') {
        bytes.push(b'\n');
        bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        bytes.push(b'=');
    }
    bytes.extend_from_slice(value.as_bytes());
    bytes.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        field(&mut bytes, "A", value);
        bytes
    }

    #[test]
    fn a_newline_in_a_name_makes_no_field() {
        assert_eq!(one("x=y"), b"A=x=y\n");
        assert_eq!(one("x\nPRIORITY=0"), b"A\n\x0c\0\0\0\0\0\0\0x\nPRIORITY=0\n");
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        assert_eq!(one(&"ü".repeat(MOST_BYTES)).len(), MOST_BYTES + 3);
        assert_eq!(one(&format!("x{}", "ü".repeat(MOST_BYTES))).len(), MOST_BYTES + 2);
    }
}
