//! The series of a long table: rows with the same labels, and the columns that their values go to.

use std::collections::HashMap;

use super::super::time::Order;
use super::super::{Builder, ColumnKey, Kind, Merge};
use super::layout::{Label, Means, Value};
use super::lines::Lines;
use super::names;

/// How many series one table may hold: each costs a few hundred bytes, and more than this are labels by mistake.
const MOST_SERIES: usize = 200_000;

/// How many pairs of a series and a value column are kept at hand.
const MOST_SLOTS: usize = 20_000_000;

/// Between two labels of a key: a byte that text does not hold.
const SEPARATOR: u8 = 0x1f;

/// The number of a column that has none yet.
const NONE: u32 = u32::MAX;

/// The series of a table.
#[derive(Debug, Default)]
pub(super) struct Groups {
    by_key: HashMap<Vec<u8>, usize>,
    all: Vec<Group>,
    key: Vec<u8>,
    columns: usize,
}

/// One series: all rows with the same labels.
#[derive(Debug)]
pub(super) struct Group {
    labels: ColumnKey,
    /// The builder's columns, one a value column.
    ids: Vec<u32>,
    /// The order of its times.
    pub(super) order: Order,
}

impl Groups {
    /// The series of a row; `None` if it would be one too many.
    #[inline]
    pub(super) fn of<R: std::io::BufRead>(
        &mut self,
        lines: &Lines<R>,
        labels: &[Label],
        values: usize,
    ) -> Option<usize> {
        if labels.is_empty() && !self.all.is_empty() {
            return Some(0);
        }
        self.key.clear();
        for label in labels {
            self.key.extend_from_slice(lines.field(label.at).trim_ascii());
            self.key.push(SEPARATOR);
        }
        if let Some(&group) = self.by_key.get(&self.key) {
            return Some(group);
        }
        if MOST_SERIES <= self.all.len() || MOST_SLOTS < (self.all.len() + 1) * values {
            return None;
        }
        self.by_key.insert(self.key.clone(), self.all.len());
        self.all.push(Group { labels: key(lines, labels), ids: vec![NONE; values], order: Order::default() });
        Some(self.all.len() - 1)
    }

    /// The order of the times of a series.
    #[inline]
    pub(super) fn order(&mut self, group: usize) -> &mut Order {
        &mut self.all[group].order
    }

    /// Whether value column `k` of a series has a column of the builder.
    pub(super) fn has(&self, group: usize, k: usize) -> bool {
        self.all[group].ids[k] != NONE
    }

    /// The builder's column for value column `k` of a series; `None` if it would be one too many.
    #[inline]
    pub(super) fn id(
        &mut self,
        group: usize,
        k: usize,
        value: &Value,
        merge: Merge,
        out: &mut Builder,
    ) -> Option<usize> {
        let id = self.all[group].ids[k];
        if id == NONE { self.new_id(group, k, value, merge, out) } else { Some(id as usize) }
    }

    #[cold]
    fn new_id(
        &mut self,
        group: usize,
        k: usize,
        value: &Value,
        merge: Merge,
        out: &mut Builder,
    ) -> Option<usize> {
        if MOST_SERIES <= self.columns {
            return None;
        }
        self.columns += 1;
        let group = &mut self.all[group];
        let mut key = names::key(&value.name);
        if !group.labels.host.is_empty() {
            key.host.clone_from(&group.labels.host);
        }
        if !group.labels.metric.is_empty() {
            key.metric.clone_from(&group.labels.metric);
        }
        key.labels.extend(group.labels.labels.iter().cloned());
        let id = out.column(&key, value.unit, Kind::Gauge, merge);
        group.ids[k] = u32::try_from(id).ok()?;
        Some(id)
    }
}

/// What the labels of a row say; empty ones say nothing.
fn key<R: std::io::BufRead>(lines: &Lines<R>, labels: &[Label]) -> ColumnKey {
    let mut key = ColumnKey::default();
    for label in labels {
        let text = lines.text(label.at);
        match label.means {
            _ if text.is_empty() => {}
            Means::Host => key.host = text,
            Means::Metric => key.metric = text,
            Means::Instance => key.labels.push((label.name.clone(), text)),
        }
    }
    key
}
