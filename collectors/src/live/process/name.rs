//! What a group of processes is called: its unit or container, then its executable, without anything that a restart
//! changes.

use std::borrow::Cow;

use crate::live::text;

/// The name of the group that a process belongs to.
pub(super) fn group(cgroup: &[u8], program: &[u8]) -> String {
    let program = text::printable(program);
    match unit(cgroup) {
        Some(unit) => format!("{unit}/{program}"),
        None => program,
    }
}

/// The unit or container of `/proc/PID/cgroup`: of the unified hierarchy, else of systemd's, else of any.
fn unit(cgroup: &[u8]) -> Option<String> {
    let path = text::lines(cgroup).filter_map(path).min_by_key(|&(rank, _)| rank)?.1;
    let last = path.rsplit(|&byte| byte == b'/').find(|part| !part.is_empty())?;
    Some(steady(&text::printable(last)))
}

/// `hierarchy:controllers:/path`, ranked; the root says nothing.
fn path(line: &[u8]) -> Option<(u8, &[u8])> {
    let mut parts = line.splitn(3, |&byte| byte == b':');
    let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
    let rank = match controllers {
        b"" => 0,
        b"name=systemd" => 1,
        _ => 2,
    };
    (path.starts_with(b"/") && path.iter().any(|&byte| byte != b'/')).then_some((rank, path))
}

/// Takes what changes with every start out of the name of a unit: numbers of sessions, identifiers of containers.
fn steady(unit: &str) -> String {
    let mut name = String::with_capacity(unit.len());
    for part in unit.split_inclusive(['-', '.', '@', '_', ':']) {
        let (word, end) = part.split_at(part.trim_end_matches(['-', '.', '@', '_', ':']).len());
        name.push_str(if is_passing(word) { "*" } else { word });
        name.push_str(end);
    }
    // `run-r3f…` and `run-p12-i13` are made by systemd-run, `session-5` by a login.
    if let Some(rest) = unit.strip_prefix("run-").filter(|rest| !rest.contains(".mount")) {
        let kind = rest.rsplit('.').next().unwrap_or_default();
        return format!("run-*.{kind}");
    }
    if let Some(kind) = unit.strip_prefix("session-").and_then(|rest| rest.rsplit_once('.')) {
        return format!("session-*.{}", kind.1);
    }
    name
}

/// Whether a word is an identifier that is drawn anew for every start: long, and hexadecimal.
fn is_passing(word: &str) -> bool {
    12 <= word.len() && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The program of a path, and of a name that the kernel marks because the file was replaced.
pub(super) fn program(exe: &[u8]) -> &[u8] {
    let exe = exe.strip_suffix(b" (deleted)").unwrap_or(exe);
    exe.rsplit(|&byte| byte == b'/').find(|part| !part.is_empty()).unwrap_or(exe)
}

/// Programs that run others, which are told apart by the name that the kernel gives to a script.
const INTERPRETERS: [&[u8]; 9] =
    [b"python", b"perl", b"ruby", b"php", b"node", b"bash", b"sh", b"dash", b"dotnet"];

/// The program, and the script that it runs where the name of the process tells it.
pub(super) fn script<'n>(program: &'n [u8], name: &[u8]) -> Cow<'n, [u8]> {
    let bare =
        program.iter().position(|byte| byte.is_ascii_digit() || *byte == b'.').unwrap_or(program.len());
    // The kernel cuts names at fifteen bytes.
    if INTERPRETERS.contains(&&program[..bare]) && !name.is_empty() && !program.starts_with(name) {
        return Cow::Owned([program, b":", name].concat());
    }
    Cow::Borrowed(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(cgroup: &str, expected: &str) {
        assert_eq!(group(cgroup.as_bytes(), b"x"), expected);
    }

    #[test]
    fn groups_are_named_after_their_unit() {
        check("0::/system.slice/nginx.service\n", "nginx.service/x");
        check("9:name=systemd:/system.slice/a.service\n4:memory:/b\n0::/\n", "a.service/x");
        check("4:memory:/docker/0123456789abcdef\n1:cpu:/\n", "*/x");
        check("0::/\n", "x");
        check("", "x");
        check("0::", "x");
    }

    #[test]
    fn what_a_restart_changes_is_not_in_a_name() {
        check("0::/user.slice/user-1000.slice/session-3.scope\n", "session-*.scope/x");
        check("0::/system.slice/run-r0123456789abcdef0123456789abcdef.scope\n", "run-*.scope/x");
        check("0::/system.slice/run-p12-i345.service\n", "run-*.service/x");
        check("0::/system.slice/docker-0123456789abcdef0123.scope\n", "docker-*.scope/x");
        check("0::/system.slice/postgresql@15-main.service\n", "postgresql@15-main.service/x");
    }

    #[test]
    fn a_program_is_the_end_of_its_path() {
        assert_eq!(program(b"/usr/sbin/nginx (deleted)"), b"nginx");
        assert_eq!(program(b"kworker/0:1"), b"0:1");
        assert_eq!(program(b"/"), b"/");
        assert_eq!(program(b""), b"");
    }

    #[test]
    fn scripts_are_told_apart() {
        let check = |program: &[u8], name: &[u8], expected: &str| {
            assert_eq!(text::printable(&script(program, name)), expected);
        };
        check(b"python3.11", b"unattended-upgr", "python3.11:unattended-upgr");
        check(b"python3.11", b"python3", "python3.11");
        check(b"nginx", b"worker", "nginx");
        check(b"shutdown", b"x", "shutdown");
    }

    proptest! {
        #[test]
        fn a_name_is_printable(cgroup in proptest::collection::vec(any::<u8>(), 0..200), name in proptest::collection::vec(any::<u8>(), 0..50)) {
            prop_assert!(!group(&cgroup, program(&name)).chars().any(char::is_control));
        }
    }
}
