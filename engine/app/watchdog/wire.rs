//! The sockets: multicast, and a Unix socket on which the kernel says who speaks.

use std::fs;
use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::net::{SocketAddrV4, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::net::sockopt::{
    set_ip_ttl, set_socket_passcred, set_socket_recv_buffer_size, set_socket_reuseaddr,
};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendFlags,
    SocketAddrAny, SocketFlags, SocketType, bind, recvmsg, sendto, socket_with,
};

use super::config::Config;

/// The longest datagram that is read; a longer one is none of ours.
const LONGEST: usize = 4096;
/// So many bytes may wait to be heard while we are not running.
const WAITING_BYTES: usize = 1 << 20;

/// Which socket a datagram came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Multicast,
    Local,
}

/// Where to answer.
#[derive(Clone, Debug)]
pub(super) struct Address {
    way: Way,
    to: SocketAddrAny,
}

/// What was heard.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) way: Way,
    pub(super) bytes: Vec<u8>,
    pub(super) from: Option<Address>,
    /// Who sent it, by the kernel's word.
    pub(super) pid: Option<u32>,
}

/// The sockets that there are.
#[derive(Debug)]
pub(super) struct Wire {
    multicast: Option<UdpSocket>,
    local: Option<(UnixDatagram, PathBuf)>,
}

impl Wire {
    pub(super) fn open(config: &Config) -> Result<Self> {
        let multicast = config.multicast.then(|| multicast(config)).transpose().with_context(|| {
            format!("cannot hear heartbeats of {}:{} on {}", config.group, config.port, config.interface)
        })?;
        let local = config.socket.as_deref().map(local).transpose()?;
        Ok(Self { multicast, local: local.zip(config.socket.clone()) })
    }

    /// The port of the group.
    pub(super) fn port(&self) -> Option<u16> {
        Some(self.multicast.as_ref()?.local_addr().ok()?.port())
    }

    /// What is polled.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let local = self.local.as_ref().map(|(socket, _)| socket.as_fd());
        self.multicast.iter().map(AsFd::as_fd).chain(local)
    }

    fn socket(&self, way: Way) -> Option<BorrowedFd<'_>> {
        match way {
            Way::Multicast => self.multicast.as_ref().map(AsFd::as_fd),
            Way::Local => self.local.as_ref().map(|(socket, _)| socket.as_fd()),
        }
    }

    /// The next datagram of a socket; none if there is none now.
    pub(super) fn next(&self, way: Way) -> Option<Datagram> {
        let mut bytes = [0; LONGEST];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1), ScmRights(8))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let read =
            recvmsg(self.socket(way)?, &mut [IoSliceMut::new(&mut bytes)], &mut control, flags).ok()?;
        // Descriptors that came along are closed here.
        let senders = control.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmCredentials(sender) => u32::try_from(sender.pid.as_raw_pid()).ok(),
            _ => None,
        });
        let pid = senders.last();
        let whole = !read.flags.contains(ReturnFlags::TRUNC);
        let bytes = if whole { bytes[..read.bytes].to_vec() } else { Vec::new() };
        let from = read.address.map(|to| Address { way, to });
        Some(Datagram { way, bytes, from, pid })
    }

    /// Sends, if that is possible without waiting.
    pub(super) fn send(&self, bytes: &[u8], address: &Address) {
        if let Some(socket) = self.socket(address.way) {
            let _ = sendto(socket, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL, &address.to);
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.local {
            let _ = fs::remove_file(path);
        }
    }
}

fn multicast(config: &Config) -> Result<UdpSocket> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket: OwnedFd = socket_with(AddressFamily::INET, SocketType::DGRAM, flags, None)?;
    // Several watchdogs of one machine may hear the same group.
    set_socket_reuseaddr(&socket, true)?;
    set_socket_recv_buffer_size(&socket, WAITING_BYTES)?;
    // Pings stay in the network that the heartbeats came from.
    set_ip_ttl(&socket, 1)?;
    // Bound to the group, it hears nothing else.
    bind(&socket, &SocketAddrV4::new(config.group, config.port))?;
    let socket = UdpSocket::from(socket);
    socket.join_multicast_v4(&config.group, &config.interface)?;
    Ok(socket)
}

fn local(path: &Path) -> Result<UnixDatagram> {
    let said = || format!("cannot listen on `{}`", path.display());
    // One that was left behind by a crash.
    let _ = fs::remove_file(path);
    let socket = UnixDatagram::bind(path).with_context(said)?;
    // Daemons of any user may speak; that they are who they say is the kernel's word.
    fs::set_permissions(path, fs::Permissions::from_mode(0o666)).with_context(said)?;
    socket.set_nonblocking(true).with_context(said)?;
    set_socket_passcred(&socket, true).with_context(said)?;
    Ok(socket)
}
