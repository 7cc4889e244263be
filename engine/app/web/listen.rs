//! Who may be listened to: everybody on this machine, and others only with a token.

use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, Result, bail, ensure};

use super::Options;

/// Shorter tokens could be guessed.
const TOKEN_CHARS: usize = 16;

/// Checks that the options are safe, and takes the address.
pub(super) fn bind(options: &Options) -> Result<TcpListener> {
    check(options)?;
    let listener = TcpListener::bind(options.listen)
        .with_context(|| format!("cannot listen on {} for the page", options.listen))?;
    listener.set_nonblocking(true).context("cannot make the page's socket non-blocking")?;
    Ok(listener)
}

/// Refuses what would show this machine to strangers.
fn check(options: &Options) -> Result<()> {
    let Some(token) = &options.token else {
        if is_local(options.listen) {
            return Ok(());
        }
        bail!(
            "refusing to serve the page on {} without a token: anybody who reaches it could read what runs \
             here; give a token, or listen on a loopback address such as 127.0.0.1",
            options.listen
        );
    };
    ensure!(
        token.chars().count() >= TOKEN_CHARS,
        "the token of the page has {} characters, and needs at least {TOKEN_CHARS}",
        token.chars().count()
    );
    ensure!(
        token.bytes().all(|byte| byte.is_ascii_graphic()),
        "the token of the page may hold visible ASCII characters only, as it travels in a header"
    );
    Ok(())
}

/// What the user should know about how the page is served.
pub(super) fn warning(options: &Options) -> Option<String> {
    (!is_local(options.listen) && options.tls.is_none()).then(|| {
        format!(
            "the page on {} is not encrypted: its token can be read on the way; give a certificate and a key",
            options.listen
        )
    })
}

/// Whether only this machine can reach an address.
pub(super) fn is_local(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[track_caller]
    fn verdict(listen: &str, token: Option<&str>) -> String {
        let listen = listen.parse().unwrap();
        let options = Options { listen, token: token.map(str::to_owned), tls: None, zone: Tz::UTC };
        check(&options).map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn strangers_need_a_token() {
        for local in ["127.0.0.1:0", "127.3.2.1:80", "[::1]:9920", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(verdict(local, None), "", "{local}");
        }
        for open in ["0.0.0.0:9920", "[::]:9920", "10.0.0.1:9920", "[::ffff:10.0.0.1]:1"] {
            assert!(verdict(open, None).contains("without a token"), "{open}");
            assert_eq!(verdict(open, Some("0123456789abcdef")), "", "{open}");
        }
    }

    #[test]
    fn a_weak_token_is_refused_everywhere() {
        assert!(verdict("127.0.0.1:0", Some("short")).contains("at least 16"));
        assert!(verdict("127.0.0.1:0", Some("")).contains("at least 16"));
        assert!(verdict("127.0.0.1:0", Some("with a space inside it")).contains("visible"));
        assert!(verdict("127.0.0.1:0", Some("sixteen-and-a-line\n")).contains("visible"));
    }
}
