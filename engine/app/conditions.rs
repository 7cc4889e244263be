//! What must hold before a new copy is started: nobody listens on its ports, its files are gone.

use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use hebe::restart::map::Condition;

/// State of a listening socket in `/proc/net/tcp`.
const LISTENS: &str = "0A";
/// Between two looks at what does not hold yet.
const LOOK: Duration = Duration::from_millis(20);
/// What is stopped may take so long to give its ports back.
const PATIENCE: Duration = Duration::from_secs(2);

/// The conditions that do not hold now, in words.
pub(crate) fn all_broken(conditions: &[Condition]) -> Vec<String> {
    conditions.iter().filter_map(fault).collect()
}

/// The first condition that does not hold, in words, even after some patience.
pub(crate) fn broken(conditions: &[Condition], within: Duration) -> Option<String> {
    let began = Instant::now();
    loop {
        let broken = conditions.iter().find_map(fault)?;
        if within.min(PATIENCE) <= began.elapsed() {
            return Some(broken);
        }
        thread::sleep(LOOK);
    }
}

fn fault(condition: &Condition) -> Option<String> {
    match condition {
        Condition::PortFree(port) => listens(*port).then(|| format!("somebody listens on port {port}")),
        // What cannot be looked at may be there.
        Condition::Gone(path) => match fs::symlink_metadata(path) {
            Ok(_) => Some(format!("`{}` is there", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(format!("`{}` cannot be looked at: {error}", path.display())),
        },
    }
}

fn listens(port: u16) -> bool {
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    tables.iter().any(|table| fs::read_to_string(table).is_ok_and(|text| names(&text, port)))
}

/// Whether a table of sockets has one that listens on the port.
fn names(table: &str, port: u16) -> bool {
    let suffix = format!(":{port:04X}");
    table.lines().skip(1).any(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let local = fields.next().unwrap_or_default();
        local.ends_with(&suffix) && fields.nth(1) == Some(LISTENS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_is_seen_and_who_is_connected_is_not() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let broken = broken(&[Condition::PortFree(port)], Duration::ZERO);
        assert_eq!(broken.unwrap(), format!("somebody listens on port {port}"));
        let table = "  sl  local_address rem_address   st\n   0: 0100007F:1F90 0100007F:D431 01 0:0\n";
        assert!(!names(table, 8080));
        assert!(names(&table.replace(" 01 ", " 0A "), 8080));
        assert!(!names(&table.replace(" 01 ", " 0A "), 0xD431));
    }

    #[test]
    fn a_file_must_be_gone_and_a_link_to_nowhere_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(broken(&[Condition::Gone(path.clone())], Duration::ZERO), None);
        std::os::unix::fs::symlink("nowhere", &path).unwrap();
        assert_eq!(all_broken(&[Condition::Gone(path)]).len(), 1);
    }
}
