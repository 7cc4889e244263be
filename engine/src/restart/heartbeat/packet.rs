//! The packet: what it says, and its bytes. `PACKET.md` is its specification.

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::seal::{Key, SEAL};

const MAGIC: &[u8; 4] = b"HEBE";
const VERSION: u8 = 1;
const HEARTBEAT: u8 = 1;
const PING: u8 = 2;
/// Bytes before the name.
const HEAD: usize = 76;
/// The longest name of a node that a map takes, in bytes.
pub const LONGEST_NAME: usize = 100;
/// The longest packet, in bytes.
pub const LONGEST: usize = HEAD + LONGEST_NAME + SEAL;

/// What a ping asks to be repeated: sixteen bytes that nobody can guess.
pub type Nonce = [u8; 16];

/// A process of any machine at any time. The kernel's name of the boot is unique among machines, so that it names the
/// machine too, as long as it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Process {
    /// The kernel's name of the boot (`/proc/sys/kernel/random/boot_id`, without its hyphens, as bytes).
    pub boot: [u8; 16],
    /// Its number.
    pub pid: u32,
    /// Its start, in clock ticks since the boot (field 22 of `/proc/PID/stat`).
    pub start_ticks: u64,
}

/// What the application says it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It starts.
    Starting,
    /// It does its work.
    Running,
    /// It does its work, and not as well as it should.
    Degraded,
    /// It is about to end.
    Stopping,
}

/// A sign of life, or the request for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Name of the node in the restart map.
    pub node: String,
    /// In a ping: what is to be repeated. In a heartbeat: that of the last ping that was heard; zeros before the first.
    pub nonce: Nonce,
    /// What it is.
    pub message: Message,
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// I live.
    Heartbeat {
        /// What it does.
        status: Status,
        /// Who it is.
        process: Process,
        /// Chosen at random when the sender starts.
        session: u64,
        /// Larger in every packet of a session.
        counter: u64,
        /// When it was sent, in milliseconds since 1970 UTC. It is shown; nothing is judged by it, as clocks are wrong.
        sent_ms: u64,
    },
    /// Do you live? Send a heartbeat at once.
    Ping,
}

impl Packet {
    /// The packet as bytes, sealed.
    ///
    /// A name that is longer than [`LONGEST_NAME`] is cut, so that no receiver knows it.
    #[must_use]
    pub fn seal(&self, key: &Key) -> Vec<u8> {
        let name = &self.node.as_bytes()[..self.node.len().min(LONGEST_NAME)];
        let mut bytes = Vec::with_capacity(LONGEST);
        bytes.extend_from_slice(MAGIC);
        let (kind, status) = match self.message {
            Message::Heartbeat { status, .. } => (HEARTBEAT, status.byte()),
            Message::Ping => (PING, 0),
        };
        #[allow(clippy::cast_possible_truncation, reason = "cut above")]
        bytes.extend_from_slice(&[VERSION, kind, status, name.len() as u8]);
        match self.message {
            Message::Heartbeat { process, session, counter, sent_ms, .. } => {
                bytes.extend_from_slice(&process.boot);
                bytes.extend_from_slice(&process.pid.to_be_bytes());
                for number in [process.start_ticks, session, counter, sent_ms] {
                    bytes.extend_from_slice(&number.to_be_bytes());
                }
            }
            Message::Ping => bytes.resize(HEAD - 16, 0),
        }
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(name);
        key.seal(&mut bytes);
        bytes
    }

    /// Reads a datagram. Nothing in it is believed before its seal was found right.
    ///
    /// # Errors
    ///
    /// Returns why it is no packet of ours.
    pub fn open(datagram: &[u8], key: &Key) -> Result<Self, Refusal> {
        if !(HEAD + 1 + SEAL..=LONGEST).contains(&datagram.len()) {
            return Err(Refusal::Length);
        }
        if !datagram.starts_with(MAGIC) {
            return Err(Refusal::Magic);
        }
        if datagram[4] != VERSION {
            return Err(Refusal::Version);
        }
        if usize::from(datagram[7]) != datagram.len() - HEAD - SEAL {
            return Err(Refusal::Length);
        }
        let bytes = key.open(datagram).ok_or(Refusal::Seal)?;
        Self::parse(bytes).ok_or(Refusal::Content)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let node = std::str::from_utf8(&bytes[HEAD..]).ok()?.to_owned();
        if node.chars().any(char::is_control) {
            return None;
        }
        let number = |at: usize| Some(u64::from_be_bytes(bytes[at..at + 8].try_into().ok()?));
        let message = match bytes[5] {
            HEARTBEAT => Message::Heartbeat {
                status: Status::of(bytes[6])?,
                process: Process {
                    boot: bytes[8..24].try_into().ok()?,
                    pid: u32::from_be_bytes(bytes[24..28].try_into().ok()?),
                    start_ticks: number(28)?,
                },
                session: number(36)?,
                counter: number(44)?,
                sent_ms: number(52)?,
            },
            PING if bytes[6] == 0 => Message::Ping,
            _ => return None,
        };
        Some(Self { node, nonce: bytes[60..HEAD].try_into().ok()?, message })
    }
}

impl Status {
    fn byte(self) -> u8 {
        match self {
            Self::Starting => 1,
            Self::Running => 2,
            Self::Degraded => 3,
            Self::Stopping => 4,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        [Self::Starting, Self::Running, Self::Degraded, Self::Stopping]
            .into_iter()
            .find(|status| status.byte() == byte)
    }
}
