//! `/proc/key-users`: keys of every user against the quota. Containers take them, too.

use std::sync::Arc;

use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::sampler::Options;
use super::text;
use super::top::Top;

const FILE: &str = "proc/key-users";

/// Reads `/proc/key-users`.
#[derive(Debug)]
pub(super) struct Keys {
    top: Top,
}

impl Keys {
    pub(super) fn new(options: &Options) -> Self {
        Self { top: Top::new(options.top) }
    }
}

/// One user's keys: used and quota of their number, then of their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct User {
    name: Arc<str>,
    keys: (u64, u64),
    bytes: (u64, u64),
}

/// `  0:    41 40/40 37/1000000 717/25000000`: user, uses, keys and those that are made, quota of keys, of bytes.
fn user(line: &[u8]) -> Option<User> {
    let mut fields = text::fields(line);
    let user = text::unsigned(fields.next()?.strip_suffix(b":")?)?;
    let mut quotas = fields.skip(2);
    let (keys, bytes) = (quota(quotas.next()?)?, quota(quotas.next()?)?);
    Some(User { name: Arc::from(format!("uid {user}")), keys, bytes })
}

fn quota(field: &[u8]) -> Option<(u64, u64)> {
    let slash = field.iter().position(|&byte| byte == b'/')?;
    Some((text::unsigned(&field[..slash])?, text::unsigned(&field[slash + 1..])?))
}

/// All users.
fn parse(bytes: &[u8]) -> Vec<User> {
    text::lines(bytes).filter_map(user).collect()
}

impl Source for Keys {
    fn name(&self) -> &'static str {
        "keys"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let mut users = parse(round.read(FILE)?);
        let count = self.top.choose(&mut users, |user| &user.name, |user| user.keys.0 as f64);
        for user in users.drain(..count) {
            let limit = Limit::kernel(user.keys.1, "kernel.keys.maxkeys");
            round.push_of(&catalogue::KEYS, Arc::clone(&user.name), user.keys.0 as f64, limit);
            let limit = Limit::kernel(user.bytes.1, "kernel.keys.maxbytes");
            round.push_of(&catalogue::KEYS_BYTES, user.name, user.bytes.0 as f64, limit);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotas_are_read() {
        let users = parse(b"    0:    41 40/40 37/1000000 717/25000000\n 1000: 1 1/1 2\n");
        assert_eq!(users, [User { name: "uid 0".into(), keys: (37, 1_000_000), bytes: (717, 25_000_000) }]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(user: u32, used: u64, most: u64) {
            let users = parse(format!("{user:5}: {used:5} 1/1 {used}/{most} 3/200\n").as_bytes());
            prop_assert_eq!(users[0].keys, (used, most));
        }
    }
}
