//! `/proc/self/mountinfo`: what is mounted where.
//!
//! Format: `proc_pid_mountinfo(5)`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::live::text;

/// One mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::live) struct Mount {
    /// `major:minor`, the same for every mount of one device.
    pub(in crate::live) device: Vec<u8>,
    /// What of the file system is mounted here: `/`, or a directory for bind mounts.
    pub(in crate::live) within: PathBuf,
    /// Where.
    pub(in crate::live) place: PathBuf,
    /// The kind of file system.
    pub(in crate::live) kind: String,
    /// The options of the file system itself.
    pub(in crate::live) options: Vec<u8>,
}

/// Reads all lines that are whole.
pub(in crate::live) fn parse(bytes: &[u8]) -> Vec<Mount> {
    text::lines(bytes).filter_map(mount).collect()
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = text::fields(line).skip(2);
    let (device, within, place) = (fields.next()?, fields.next()?, fields.next()?);
    let mut rest = fields.skip_while(|&field| field != b"-").skip(1);
    let (kind, _source, options) = (rest.next()?, rest.next()?, rest.next()?);
    Some(Mount {
        device: device.to_vec(),
        within: path(within),
        place: path(place),
        kind: text::printable(kind),
        options: options.to_vec(),
    })
}

/// The kernel writes space, tab, newline and backslash as three octal digits.
fn path(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'\\'
            && let Some(escaped) = tail.first_chunk::<3>().copied().and_then(octal)
        {
            bytes.push(escaped);
            rest = &tail[3..];
        } else {
            bytes.push(byte);
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

fn octal(digits: [u8; 3]) -> Option<u8> {
    let value = digits.into_iter().try_fold(0_u32, |value, digit| {
        matches!(digit, b'0'..=b'7').then(|| value * 8 + u32::from(digit - b'0'))
    })?;
    u8::try_from(value).ok()
}

impl Mount {
    /// Whether one of the file system's options is `option`.
    pub(in crate::live) fn has(&self, option: &[u8]) -> bool {
        self.options.split(|&byte| byte == b',').any(|found| found == option)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_optional_fields_and_cut_lines() {
        let file =
            b"36 35 98:0 / /mnt\\040two\\134x rw master:1 shared:2 - ext3 /dev/root rw,errors=continue\n\
            37 35 0:9 /sub /a rw - btrfs /dev/sdb ro,subvol=/sub\n38 35 0:9 / /cut rw - ext4";
        let mounts = parse(file);
        assert_eq!(mounts.len(), 2);
        assert_eq!(mounts[0].place, PathBuf::from("/mnt two\\x"));
        assert_eq!((mounts[0].device.as_slice(), mounts[0].kind.as_str()), (&b"98:0"[..], "ext3"));
        assert!(mounts[1].has(b"ro") && !mounts[0].has(b"ro"));
        assert_eq!(mounts[1].within, PathBuf::from("/sub"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(name in "[a-z \\\\\t]{1,20}") {
            let escaped: String = name.bytes().map(|byte| match byte {
                b' ' | b'\t' | b'\\' => format!("\\{byte:03o}"),
                _ => char::from(byte).to_string(),
            }).collect();
            let mounts = parse(format!("1 2 8:1 / /{escaped} rw - xfs /dev/sda1 rw\n").as_bytes());
            prop_assert_eq!(&mounts[0].place, &PathBuf::from(format!("/{name}")));
        }
    }
}
