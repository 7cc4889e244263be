//! Why a datagram is no sign of life.

/// Why a datagram is no sign of life: nothing follows from it, and it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// Too short, too long, or not as long as it says.
    #[error("not as long as a packet is")]
    Length,
    /// It does not begin as a packet does.
    #[error("not a packet of Hebe")]
    Magic,
    /// A version that is not known.
    #[error("of another version")]
    Version,
    /// The seal is not that of our key.
    #[error("sealed under another key, or changed on its way")]
    Seal,
    /// The seal is right, and what is sealed is not: kind, status, or name.
    #[error("sealed, and yet not well formed")]
    Content,
    /// The map has no such node, or one that sends no heartbeats.
    #[error("of a node that sends no heartbeats")]
    Unknown,
    /// It was here before, or a later one was.
    #[error("here before, or later ones were")]
    Replayed,
    /// A sender that is not known, and has not answered our ping: it may be a recording.
    #[error("of a sender that has not answered a ping yet")]
    Unproven,
    /// The kernel names another process than the packet does.
    #[error("sent by another process than it says")]
    Impostor,
}

impl Refusal {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Length,
        Self::Magic,
        Self::Version,
        Self::Seal,
        Self::Content,
        Self::Unknown,
        Self::Replayed,
        Self::Unproven,
        Self::Impostor,
    ];

    /// The word in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Magic => "magic",
            Self::Version => "version",
            Self::Seal => "seal",
            Self::Content => "content",
            Self::Unknown => "unknown_node",
            Self::Replayed => "replayed",
            Self::Unproven => "unproven",
            Self::Impostor => "impostor",
        }
    }
}
