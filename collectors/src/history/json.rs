//! What the JSON readers share: one walk over a document that is never held as a whole.
//!
//! A [`Walker`] is told of every object, array and scalar as it passes, and says which of them to skip.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Builder, HistoryError, Note};

/// The last time that calendars agree on: 100 million days from 1970, as ECMAScript has it.
const LAST_MS: f64 = 8.64e15;

/// Where a value stands in the object or array around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key<'a> {
    /// It is the document.
    Root,
    /// Under this name in an object.
    Name(&'a str),
    /// At this place of an array.
    Item(usize),
}

/// What a value holds others in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nest {
    Object,
    Array,
}

/// A value that holds no others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Number(f64),
    Text(&'a str),
    Flag(bool),
    Null,
}

impl Scalar<'_> {
    /// The number that is meant, where one is: Prometheus writes its numbers as strings.
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(value),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Flag(_) | Self::Null => None,
        }
    }
}

/// Is told of every value of a document in the order of the file.
pub(super) trait Walker {
    /// An object or array begins; `false` skips it, and then [`Walker::leave`] is not called for it.
    fn enter(&mut self, key: Key<'_>, nest: Nest) -> bool;
    /// A scalar passes.
    fn scalar(&mut self, key: Key<'_>, value: Scalar<'_>);
    /// The object or array entered last ends.
    fn leave(&mut self);
}

/// How far the reading has come.
#[derive(Clone, Debug)]
pub(super) struct Place {
    line: Rc<Cell<u64>>,
    blank: Rc<Cell<bool>>,
}

impl Place {
    pub(super) fn start() -> Self {
        Self { line: Rc::new(Cell::new(1)), blank: Rc::new(Cell::new(true)) }
    }

    /// The line that is being read, counted from one.
    pub(super) fn line(&self) -> u64 {
        self.line.get()
    }

    fn pass(&self, bytes: &[u8]) {
        for _ in bytes.iter().filter(|&&byte| byte == b'\n') {
            self.line.set(self.line.get() + 1);
        }
        if self.blank.get() && !bytes.iter().all(u8::is_ascii_whitespace) {
            self.blank.set(false);
        }
    }
}

/// Counts line ends on their way to the parser, which asks for one byte at a time.
struct Counted<R> {
    inner: R,
    place: Place,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.place.pass(&bytes[..count]);
        Ok(count)
    }
}

/// Walks all documents of `input`, which may stand one behind the other.
pub(super) fn walk(
    input: &mut dyn BufRead,
    place: &Place,
    walker: &mut impl Walker,
) -> Result<(), serde_json::Error> {
    let counted = Counted { inner: BufReader::with_capacity(1 << 16, input), place: place.clone() };
    let mut deserializer = serde_json::Deserializer::from_reader(counted);
    loop {
        Value { walker: &mut *walker, key: Key::Root }.deserialize(&mut deserializer)?;
        if deserializer.end().is_ok() {
            return Ok(());
        }
    }
}

/// Walks the one document that `bytes` are.
pub(super) fn walk_slice(bytes: &[u8], walker: &mut impl Walker) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Value { walker, key: Key::Root }.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Milliseconds since 1970 of a time in `unit_ms`, where a calendar knows it.
pub(super) fn milliseconds(t: f64, unit_ms: f64) -> Option<i64> {
    let t_ms = (t * unit_ms).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (t_ms.abs() <= LAST_MS).then_some(t_ms as i64)
}

/// Says how the reading of a document ended: a failure behind the first sample costs only what stands behind it.
pub(super) fn ended(
    result: Result<(), serde_json::Error>,
    taken: u64,
    place: &Place,
    source: &str,
    out: &mut Builder,
) -> Result<Option<Note>, HistoryError> {
    let Err(error) = result else { return Ok(None) };
    let path = source.to_owned();
    if let Some(kind) = error.io_error_kind() {
        if taken == 0 {
            return Err(HistoryError::Read { path, source: io::Error::new(kind, error) });
        }
    } else if taken == 0 && place.blank.get() {
        return Err(HistoryError::Empty { path });
    } else if taken == 0 {
        return Err(broken(path, &error));
    }
    out.reject(error.line() as u64, || format!("the document breaks off: {error}"));
    let text = format!("the document breaks off in line {}; what stands before it was read", error.line());
    Ok(Some(Note { source: path, text }))
}

/// Says that a document is sound, and something else than was expected.
pub(super) fn stranger(source: &str, expected: &str) -> HistoryError {
    HistoryError::Parse {
        path: source.to_owned(),
        line: 1,
        expected: expected.to_owned(),
        found: "another JSON document".to_owned(),
    }
}

fn broken(path: String, error: &serde_json::Error) -> HistoryError {
    HistoryError::Parse {
        path,
        line: error.line() as u64,
        expected: "JSON".to_owned(),
        found: error.to_string(),
    }
}

/// One value on its way to the walker.
struct Value<'a, W> {
    walker: &'a mut W,
    key: Key<'a>,
}

impl<W: Walker> Value<'_, W> {
    fn tell(self, value: Scalar<'_>) {
        self.walker.scalar(self.key, value);
    }
}

impl<'de, W: Walker> DeserializeSeed<'de> for Value<'_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, W: Walker> Visitor<'de> for Value<'_, W> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.tell(Scalar::Flag(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.tell(Scalar::Number(value as f64));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.tell(Scalar::Number(value as f64));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.tell(Scalar::Number(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.tell(Scalar::Text(value));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.tell(Scalar::Null);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if !self.walker.enter(self.key, Nest::Array) {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        let mut place = 0;
        while items.next_element_seed(Value { walker: &mut *self.walker, key: Key::Item(place) })?.is_some() {
            place += 1;
        }
        self.walker.leave();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        if !self.walker.enter(self.key, Nest::Object) {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        while let Some(name) = entries.next_key::<String>()? {
            entries.next_value_seed(Value { walker: &mut *self.walker, key: Key::Name(&name) })?;
        }
        self.walker.leave();
        Ok(())
    }
}
