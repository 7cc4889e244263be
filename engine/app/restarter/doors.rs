//! Where clients come in: a Unix socket for this user and root, and TCP.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;

use super::peer::{Origin, Stream};

/// The longest path of a Unix socket (`sun_path`, with its final zero).
const MOST_PATH: usize = 107;

/// The Unix socket at `path`.
pub(super) fn unix(path: &Path) -> Result<UnixListener> {
    let shown = path.display();
    let length = path.as_os_str().len();
    ensure!(
        length <= MOST_PATH,
        "`{shown}` has {length} bytes; the path of a socket has at most {MOST_PATH}"
    );
    // Whoever holds the lock of the folder is alone: what lies here is left over.
    let _ = fs::remove_file(path);
    let listener = UnixListener::bind(path).with_context(|| format!("cannot listen on `{shown}`"))?;
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(path, mode).with_context(|| format!("cannot close `{shown}` to others"))?;
    listener.set_nonblocking(true).context("a socket that does not wait")?;
    Ok(listener)
}

/// TCP at `address`; off loopback only with a key.
pub(super) fn tcp(address: &str, has_key: bool) -> Result<TcpListener> {
    let parsed: SocketAddr = address.parse().with_context(|| {
        format!("`restarter.listen` is `{address}`; expected ADDRESS:PORT such as 127.0.0.1:9798")
    })?;
    ensure!(
        has_key || parsed.ip().is_loopback(),
        "`restarter.listen` is `{address}`, which others can reach; set `restarter.key_file` too"
    );
    let listener = TcpListener::bind(parsed).with_context(|| format!("cannot listen on {address}"))?;
    listener.set_nonblocking(true).context("a socket that does not wait")?;
    Ok(listener)
}

/// Takes the next client of the Unix socket in, if it may come in.
pub(super) fn enter_unix(listener: &UnixListener) -> Option<(Stream, Origin)> {
    let (stream, _) = listener.accept().ok()?;
    stream.set_nonblocking(true).ok()?;
    may_enter(&stream).then_some((Stream::Unix(stream), Origin::Unix))
}

fn may_enter(stream: &UnixStream) -> bool {
    socket_peercred(stream).is_ok_and(|peer| peer.uid.is_root() || peer.uid == geteuid())
}

/// Takes the next client of TCP in.
pub(super) fn enter_tcp(listener: &TcpListener) -> Option<(Stream, Origin)> {
    let (stream, address) = listener.accept().ok()?;
    stream.set_nonblocking(true).ok()?;
    let _ = stream.set_nodelay(true);
    let origin = if address.ip().to_canonical().is_loopback() { Origin::Loopback } else { Origin::Away };
    Some((Stream::Tcp(stream), origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_reached_only_with_a_key() {
        let error = tcp("0.0.0.0:0", false).unwrap_err().to_string();
        assert!(error.contains("restarter.key_file"), "{error}");
        assert!(tcp("127.0.0.1:0", false).is_ok());
        assert!(tcp("localhost", false).unwrap_err().to_string().contains("expected ADDRESS:PORT"));
    }

    #[test]
    fn a_path_that_is_too_long_is_refused() {
        let error = unix(&Path::new("/tmp").join("x".repeat(120))).unwrap_err().to_string();
        assert!(error.contains("at most 107"), "{error}");
    }
}
