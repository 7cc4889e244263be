//! What speaks for a finding beside its own curve: what happened when the growth began, which work it follows, what a
//! closer look at its suspects showed, what moved before it failed, whether the hardware complains.
//!
//! What lives here turns samples and events into sentences. Files, clocks and the kernel are read elsewhere.

mod happened;
mod hardware;
mod look;
mod mark;
mod origin;
pub mod packages;
mod signature;
mod survives;
mod work;

pub use happened::{Happening, Span, concerns, growth_began, since_event};
pub use hardware::{Complaint, Heard, complaints, sentence as hardware_sentence};
pub use look::sentences as look_sentences;
pub use mark::{LONGEST as LONGEST_MARK, Mark, MarkError, marks};
pub use origin::{Origin, suspect};
pub use signature::{Mover, Signature, signatures};
pub use survives::{Restarted, Survival, survival};
pub use work::{Work, by_work};
