//! Names of systemd's units: the rules of systemd.unit(5), checked before anybody is asked.

use super::fields::Item;
use crate::restart::map::error::Faults;
use crate::spelling;

/// Kinds of units that can be restarted.
const SUFFIXES: [&str; 9] =
    ["service", "socket", "target", "timer", "path", "mount", "automount", "swap", "slice"];
/// Kinds that cannot: the kernel or a program makes them.
const MADE: [&str; 2] = ["device", "scope"];
/// systemd's `UNIT_NAME_MAX`, with its final zero.
const LONGEST: usize = 255;

/// The name of a unit, if it can be one.
pub(super) fn unit(item: Item<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let name = item.text(faults, "expected the name of a unit such as \"nginx.service\"")?;
    match fault(name) {
        None => Some(name.to_owned()),
        Some(problem) => {
            faults.add(item.at, format!("`{name}` is no unit that can be restarted: {problem}"));
            None
        }
    }
}

/// What is wrong with the name of a unit, if anything.
fn fault(name: &str) -> Option<String> {
    let service = || format!("did you mean `{name}.service`?");
    let Some((prefix, suffix)) = name.rsplit_once('.') else {
        return Some(format!("it has no suffix; {}", service()));
    };
    if MADE.contains(&suffix) {
        return Some(format!("a {suffix} is not started by systemd"));
    }
    if !SUFFIXES.contains(&suffix) {
        let meant =
            spelling::nearest(suffix, SUFFIXES).map(|meant| format!("did you mean `{prefix}.{meant}`?"));
        return Some(format!("`.{suffix}` is no kind of unit; {}", meant.unwrap_or_else(service)));
    }
    if prefix.is_empty() || prefix.starts_with('@') || LONGEST <= name.len() {
        return Some(
            "the part before the suffix is empty, or the whole longer than 254 characters".to_owned(),
        );
    }
    if prefix.ends_with('@') {
        return Some(format!("it is a template; name an instance such as `{prefix}1.{suffix}`"));
    }
    let odd = prefix.chars().find(|&c| !c.is_ascii_alphanumeric() && !":-_.\\@".contains(c));
    if let Some(odd) = odd {
        return Some(format!("`{odd}` must be escaped (systemd-escape does it)"));
    }
    broken_escape(prefix).then(|| "a backslash must be followed by x and two hexadecimal digits".to_owned())
}

fn broken_escape(prefix: &str) -> bool {
    prefix.split('\\').skip(1).any(|escape| {
        let digits = escape.strip_prefix('x').and_then(|rest| rest.get(..2));
        !digits.is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_can_be_restarted() {
        for name in [
            "nginx.service",
            "app@1.service",
            "a.b-c_d:e.socket",
            r"dev-disk\x2dby.swap",
            "-.mount",
            "x.target",
        ] {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn units_that_cannot_say_why() {
        for (name, why) in [
            ("nginx", "did you mean `nginx.service`?"),
            ("nginx.servce", "did you mean `nginx.service`?"),
            ("node.example.com", "is no kind of unit"),
            (".service", "is empty"),
            ("@.service", "is empty"),
            ("app@.service", "an instance such as `app@1.service`"),
            ("a b.service", "must be escaped"),
            ("a/b.service", "must be escaped"),
            ("é.service", "must be escaped"),
            (r"a\y20.service", "a backslash"),
            (r"a\x2.service", "a backslash"),
            ("sda.device", "not started"),
        ] {
            assert!(fault(name).is_some_and(|fault| fault.contains(why)), "{name}: {:?}", fault(name));
        }
        assert!(fault(&format!("{}.service", "a".repeat(250))).is_some());
    }
}
