//! The name that a browser asked for: on a loopback address only names of this machine are answered.
//!
//! A page of strangers may point a name of its own at 127.0.0.1 (DNS rebinding) and read what is served there; its
//! requests carry that name in `Host`, and are told by it.

use std::net::IpAddr;

/// Whether a `Host` header names this machine.
pub(super) fn names_this_machine(host: &str) -> bool {
    let Some(name) = without_port(host) else { return false };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
    match literal.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// The host without its port, where what follows the colon is one.
fn without_port(host: &str) -> Option<&str> {
    let end = if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
    let (name, port) = host.split_at(end);
    let digits = port.strip_prefix(':').unwrap_or(port);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_this_machine() {
        for own in [
            "localhost",
            "LOCALHOST:9920",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:9920",
            "[::1]",
            "hebe.localhost:80",
        ] {
            assert!(names_this_machine(own), "{own}");
        }
        for strange in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "[::1",
            "[::1].evil:80",
            "localhost:80@evil",
            "0.0.0.0",
            "notlocalhost",
        ] {
            assert!(!names_this_machine(strange), "{strange}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_ends_at_this_machine(host in "[a-z0-9.:\\[\\]@%-]{0,24}") {
            if names_this_machine(&host) {
                prop_assert!(host.contains("localhost") || host.contains("127.") || host.contains("::"), "{}", host);
            }
        }
    }
}
