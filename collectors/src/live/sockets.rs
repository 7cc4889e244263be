//! `/proc/net/sockstat`: sockets, and the memory that TCP and UDP hold against their limits.

use rustix::param::page_size;

use super::catalogue::{self, Resource};
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::text;

const FILE: &str = "proc/net/sockstat";
const TCP_MEM: &str = "proc/sys/net/ipv4/tcp_mem";
const UDP_MEM: &str = "proc/sys/net/ipv4/udp_mem";
const TCP_MAX_ORPHANS: &str = "proc/sys/net/ipv4/tcp_max_orphans";

/// Reads `/proc/net/sockstat`.
#[derive(Debug)]
pub(super) struct Sockets;

/// The number behind `key` on the line that begins with `protocol`: `TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 14`.
fn number(bytes: &[u8], protocol: &[u8], key: &[u8]) -> Option<u64> {
    let line = text::lines(bytes).find(|line| line.starts_with(protocol))?;
    let mut fields = text::fields(line).skip_while(|&field| field != key).skip(1);
    text::unsigned(fields.next()?)
}

/// What is used of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Used {
    sockets: Option<u64>,
    tcp: Option<u64>,
    orphans: Option<u64>,
    tcp_pages: Option<u64>,
    udp_pages: Option<u64>,
}

fn parse(bytes: &[u8]) -> Used {
    Used {
        sockets: number(bytes, b"sockets:", b"used"),
        tcp: number(bytes, b"TCP:", b"alloc"),
        orphans: number(bytes, b"TCP:", b"orphan"),
        tcp_pages: number(bytes, b"TCP:", b"mem"),
        udp_pages: number(bytes, b"UDP:", b"mem"),
    }
}

impl Source for Sockets {
    fn name(&self) -> &'static str {
        "sockets"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let used = parse(round.read(FILE)?);
        for (resource, value) in [(&catalogue::SOCKETS, used.sockets), (&catalogue::SOCKETS_TCP, used.tcp)] {
            if let Some(value) = value {
                round.push(resource, value as f64, Limit::None);
            }
        }
        if let Some(orphans) = used.orphans {
            let limit = limit(round, TCP_MAX_ORPHANS, 0, 1, "tcp_max_orphans");
            round.push(&catalogue::TCP_ORPHANS, orphans as f64, limit);
        }
        memory(round, &catalogue::TCP_MEMORY, used.tcp_pages, TCP_MEM, "tcp_mem");
        memory(round, &catalogue::UDP_MEMORY, used.udp_pages, UDP_MEM, "udp_mem");
        used.sockets.map(|_| ()).ok_or_else(|| round.malformed(FILE, "sockets: used"))
    }
}

fn memory(
    round: &mut Round<'_>,
    resource: &'static Resource,
    pages: Option<u64>,
    file: &str,
    owner: &'static str,
) {
    let Some(pages) = pages else { return };
    let limit = limit(round, file, 2, page_size() as u64, owner);
    round.push(resource, pages as f64 * page_size() as f64, limit);
}

/// The number in column `index`, in units of `unit`. Network namespaces of containers do not have these files.
fn limit(round: &mut Round<'_>, file: &str, index: usize, unit: u64, owner: &'static str) -> Limit {
    let number = match round.read(file) {
        Ok(bytes) => text::nth(bytes, index).ok_or_else(|| round.malformed(file, "numbers")),
        Err(error) => Err(error),
    };
    match number {
        Ok(number) => Limit::kernel(number.saturating_mul(unit), owner),
        Err(error) => {
            round.fail(error);
            Limit::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_stand_behind_their_names() {
        let file = b"sockets: used 16\nTCP: inuse 1 orphan 2 tw 0 alloc 3 mem 14\nUDP: inuse 0 mem 5\nUDPLITE: inuse 0\n";
        let expected = Used {
            sockets: Some(16),
            tcp: Some(3),
            orphans: Some(2),
            tcp_pages: Some(14),
            udp_pages: Some(5),
        };
        assert_eq!(parse(file), expected);
        assert_eq!(parse(b"TCP: inuse 1 orphan\n").orphans, None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(used: u64, orphans: u64, pages: u64) {
            let file = format!("sockets: used {used}\nTCP: inuse 1 orphan {orphans} tw 0 alloc 1 mem {pages}\n");
            let found = parse(file.as_bytes());
            prop_assert_eq!((found.sockets, found.orphans, found.tcp_pages), (Some(used), Some(orphans), Some(pages)));
        }
    }
}
