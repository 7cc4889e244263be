//! A connection that must be taken.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use super::patience::patiently;

/// Connects once, to the first of the name's addresses that takes it.
pub(super) fn connect(address: &str, within: Duration) -> Result<(), String> {
    let until = Instant::now() + within;
    let mut failure = "the name has no address".to_owned();
    for found in resolve(address, within).map_err(|error| format!("{address}: {error}"))? {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&found, left) {
            Ok(_) => return Ok(()),
            Err(error) => failure = error.to_string(),
        }
    }
    Err(format!("{address} takes no connection: {failure}"))
}

fn resolve(address: &str, within: Duration) -> Result<Vec<SocketAddr>, String> {
    if let Ok(found) = address.parse() {
        return Ok(vec![found]);
    }
    let name = address.to_owned();
    // The resolver of the system waits as long as it likes.
    let found: io::Result<Vec<SocketAddr>> =
        patiently(within, move || name.to_socket_addrs().map(Iterator::collect))?;
    found.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const SOON: Duration = Duration::from_mins(1);

    #[test]
    fn who_listens_is_found_by_number_and_by_name() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(connect(&format!("127.0.0.1:{port}"), SOON), Ok(()));
        assert_eq!(connect(&format!("localhost:{port}"), SOON), Ok(()));
        drop(listener);
        let error = connect(&format!("127.0.0.1:{port}"), SOON).unwrap_err();
        assert!(error.contains("takes no connection"), "{error}");
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        assert!(connect("127.0.0.1", SOON).is_err());
        assert!(connect("", SOON).is_err());
    }
}
