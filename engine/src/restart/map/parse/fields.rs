//! The keys of one table of the file: taken by name, with their places; what nobody asked for is an error.

use toml::de::{DeTable, DeValue};

use crate::restart::map::error::Faults;
use crate::spelling;

/// A value with its key and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    /// The key, for errors.
    pub(super) key: &'a str,
    pub(super) value: &'a DeValue<'a>,
    /// Where it stands.
    pub(super) at: usize,
}

impl<'a> Item<'a> {
    /// Notes that the value is not what it should be.
    pub(super) fn refuse(&self, faults: &mut Faults<'_>, expected: &str) {
        faults.add(self.at, format!("`{}` is {}; {expected}", self.key, shown(self.value)));
    }

    /// Its text.
    pub(super) fn text(&self, faults: &mut Faults<'_>, expected: &str) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.refuse(faults, expected);
        }
        text
    }

    /// Its members if it is a list, else it alone.
    pub(super) fn each(&self) -> Vec<Item<'a>> {
        match self.value {
            DeValue::Array(list) => list
                .iter()
                .map(|member| Item { key: self.key, value: member.get_ref(), at: member.span().start })
                .collect(),
            _ => vec![*self],
        }
    }

    /// Its keys, if it is a table.
    pub(super) fn fields(&self) -> Option<Fields<'a>> {
        self.value.as_table().map(|table| Fields { table, at: self.at })
    }
}

/// A value as an error shows it: its text if it is short, else what it is.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() <= 60 => format!("{:?}", text.as_ref()),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::String(_) => "a long text".to_owned(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The keys of one table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    table: &'a DeTable<'a>,
    /// Where the table stands.
    pub(super) at: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(table: &'a DeTable<'a>, at: usize) -> Self {
        Self { table, at }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &'static str) -> Option<Item<'a>> {
        self.table.get(key).map(|value| Item { key, value: value.get_ref(), at: value.span().start })
    }

    /// All keys with their values.
    pub(super) fn all(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        self.table.iter().map(|(key, value)| Item {
            key: key.get_ref().as_ref(),
            value: value.get_ref(),
            at: value.span().start,
        })
    }

    /// Notes every key that is not one of `known`, with the one that was probably meant.
    pub(super) fn only(&self, known: &[&str], of: &str, faults: &mut Faults<'_>) {
        for (key, _) in self.table {
            let word = key.get_ref().as_ref();
            if known.contains(&word) {
                continue;
            }
            let hint = spelling::nearest(word, known.iter().copied()).map_or_else(
                || format!("expected {}", known.join(", ")),
                |meant| format!("did you mean `{meant}`?"),
            );
            faults.add(key.span().start, format!("unknown key `{word}` of {of}; {hint}"));
        }
    }
}
