//! The socket on which processes of ours speak `sd_notify`; the kernel says who speaks, and nobody is taken at his word.

use std::fs;
use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use anyhow::{Context, Result};
use hebe::restart::notification::{self, MOST_BYTES, Word};
use rustix::net::sockopt::set_socket_passcred;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, recvmsg};

/// Datagrams that are read in one go; others wait for their turn.
pub(super) const AT_ONCE: usize = 64;

/// The socket.
#[derive(Debug)]
pub(super) struct Speech(UnixDatagram);

/// What somebody said, and who.
#[derive(Debug)]
pub(super) struct Said {
    /// The process that sent it, as the kernel says; it may have ended.
    pub(super) pid: u32,
    pub(super) words: Vec<Word>,
}

impl Speech {
    /// Takes the place of the socket at `path`.
    pub(super) fn bind(path: &Path) -> Result<Self> {
        let _ = fs::remove_file(path);
        let socket =
            UnixDatagram::bind(path).with_context(|| format!("cannot listen on `{}`", path.display()))?;
        socket.set_nonblocking(true).context("a socket that does not wait")?;
        set_socket_passcred(&socket, true).context("credentials on a socket")?;
        Ok(Self(socket))
    }

    /// What is polled.
    pub(super) fn socket(&self) -> &UnixDatagram {
        &self.0
    }

    /// The next datagram; none if there is none now.
    pub(super) fn next(&self) -> Option<Said> {
        let mut bytes = [0; MOST_BYTES];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1), ScmRights(8))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let read = recvmsg(&self.0, &mut [IoSliceMut::new(&mut bytes)], &mut control, flags).ok()?;
        // Descriptors, as `BARRIER=1` sends one, are closed here; that is the answer it waits for.
        let senders = control.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmCredentials(credentials) => Some(credentials.pid.as_raw_pid()),
            _ => None,
        });
        let sender = senders.last().and_then(|pid| u32::try_from(pid).ok());
        let whole = !read.flags.contains(ReturnFlags::TRUNC);
        let words = if whole { notification::parse(&bytes[..read.bytes]) } else { Vec::new() };
        Some(Said { pid: sender.unwrap_or(0), words })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_says_who_speaks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let speech = Speech::bind(&path).unwrap();
        assert!(speech.next().is_none());
        let sender = UnixDatagram::unbound().unwrap();
        sender.send_to(b"READY=1\n", &path).unwrap();
        let said = speech.next().unwrap();
        assert_eq!((said.pid, said.words), (std::process::id(), vec![Word::Ready]));
        sender.send_to(&[b'A'; MOST_BYTES + 1], &path).unwrap();
        assert_eq!(speech.next().unwrap().words, []);
    }
}
