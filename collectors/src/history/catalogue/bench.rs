//! The bench on which columns are put together: who is still free, who has become what.

use std::collections::HashMap;

use super::super::{Column, ColumnKey, Kind, Limit, Note, Options, Sense, Unit};

/// What has become of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing yet.
    #[default]
    Free,
    /// A series was made of it.
    Series,
    /// It tells the same as a series.
    Also,
    /// It is the limit of a series.
    Limit,
    /// It was left out, and a note says so.
    Noted,
    /// It tells of something that is not there: swap of a host without swap.
    Absent,
}

/// A series on its way.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) resource: String,
    pub(super) scope: String,
    /// Whether the resource is the catalogue's, and not the column's own name.
    pub(super) known: bool,
    pub(super) key: ColumnKey,
    pub(super) metric: String,
    pub(super) unit: Unit,
    pub(super) sense: Sense,
    pub(super) t_ms: Vec<i64>,
    pub(super) v: Vec<f64>,
    pub(super) limit: Option<Limit>,
    pub(super) also: Vec<String>,
    /// The columns in it.
    pub(super) columns: Vec<usize>,
    pub(super) rejected: u64,
    pub(super) block: u32,
}

/// Something that is said once, with the columns it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Saying {
    Counter,
    Counting,
    Blank,
    Pseudo,
    Unbindable,
    Nonpositive,
    Kilo,
    Reserved,
    FreeMemory,
    FreeOfTotal,
    Worked,
    CommitLimit,
    AboveHundred,
    NotALimit,
    Huge,
    Start,
}

impl Saying {
    fn text(self, names: &str) -> String {
        match self {
            Self::Counter => format!("running counts are left out, they are no resource: {names}"),
            Self::Counting => format!(
                "columns that are named like running counts and never fall but to start anew are left out, they are no \
                 resource: {names}; say --value NAME where one is a level"
            ),
            Self::Blank => format!("columns without a number are left out: {names}"),
            Self::Pseudo => format!("file systems that hold no data of their own are left out: {names}"),
            Self::Unbindable => format!("limits too large to ever bind are taken as none: {names}"),
            Self::Nonpositive => format!("limits of zero or below are taken as none: {names}"),
            Self::Kilo => format!("k, M and G in a name are taken as powers of 1024: {names}"),
            Self::Reserved => format!(
                "blocks that are kept back from ordinary users are not counted as free: the limit of {names} is below \
                 the size of the file system"
            ),
            Self::FreeMemory => format!(
                "free memory falls while the page cache fills, so no limit is assumed: {names}; say --limit NAME=0 if \
                 it can run out"
            ),
            Self::FreeOfTotal => {
                format!("used memory is total less free here, which counts the page cache as used: {names}")
            }
            Self::Worked => {
                format!("the total is not in the file and was worked out from the percentage: {names}")
            }
            Self::CommitLimit => format!(
                "CommitLimit binds only under vm.overcommit_memory = 2 and is not taken as a limit: {names}"
            ),
            Self::AboveHundred => format!("percentages above 100 have no limit: {names}"),
            Self::NotALimit => {
                format!("more is used than they allow, so they are not taken as limits: {names}")
            }
            Self::Huge => format!("numbers of this size can only be bytes, and are taken as bytes: {names}"),
            Self::Start => format!("start times were read as restarts: {names}"),
        }
    }
}

/// How many names a note spells out.
const SPELLED: usize = 20;

/// The columns of one history, and what is made of them.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    pub(super) columns: Vec<Column>,
    pub(super) fates: Vec<Fate>,
    pub(super) drafts: Vec<Draft>,
    pub(super) notes: Vec<Note>,
    pub(super) options: &'a Options,
    pub(super) source: &'a str,
    said: HashMap<Saying, Vec<String>>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(columns: Vec<Column>, source: &'a str, options: &'a Options) -> Self {
        let fates = vec![Fate::Free; columns.len()];
        Self { columns, fates, drafts: Vec::new(), notes: Vec::new(), options, source, said: HashMap::new() }
    }

    pub(super) fn note(&mut self, text: String) {
        self.notes.push(Note { source: self.source.to_owned(), text });
    }

    /// Says something of a column; a name is said once.
    pub(super) fn say(&mut self, saying: Saying, name: &str) {
        let names = self.said.entry(saying).or_default();
        if names.last().is_none_or(|last| last != name) {
            names.push(name.to_owned());
        }
    }

    /// Leaves a column out, with the reason.
    pub(super) fn leave_out(&mut self, column: usize, saying: Saying) {
        self.fates[column] = Fate::Noted;
        let name = self.columns[column].key.metric.clone();
        self.say(saying, &name);
    }

    pub(super) fn is_free(&self, column: usize) -> bool {
        self.fates[column] == Fate::Free
    }

    pub(super) fn name(&self, column: usize) -> &str {
        &self.columns[column].key.metric
    }

    /// Begins a series from `column`, whose values move out of it.
    pub(super) fn draft(&mut self, column: usize) -> Draft {
        self.fates[column] = Fate::Series;
        let columns = vec![column];
        let column = &mut self.columns[column];
        Draft {
            columns,
            resource: column.key.metric.clone(),
            metric: column.key.metric.clone(),
            key: column.key.clone(),
            unit: column.unit,
            t_ms: std::mem::take(&mut column.t_ms),
            v: std::mem::take(&mut column.v),
            rejected: column.rejected,
            block: column.block,
            ..Draft::default()
        }
    }

    /// Marks `column` as telling the same as `draft`.
    pub(super) fn fold(&mut self, column: usize, draft: &mut Draft) {
        if self.is_free(column) {
            self.fates[column] = Fate::Also;
            draft.columns.push(column);
            draft.also.push(self.columns[column].key.metric.clone());
        }
    }

    /// Ends a draft that is no series, and says what became of its columns.
    pub(super) fn discard(&mut self, draft: &Draft, fate: Fate) {
        for &column in &draft.columns {
            self.fates[column] = fate;
        }
    }

    /// Marks `column` as a limit, whatever else it is.
    pub(super) fn as_limit(&mut self, column: usize) {
        if self.is_free(column) {
            self.fates[column] = Fate::Limit;
        }
    }

    /// The notes, those that are about many columns summed up.
    pub(super) fn notes(&mut self) -> Vec<Note> {
        let mut said: Vec<(Saying, Vec<String>)> = self.said.drain().collect();
        said.sort_by_key(|&(saying, _)| saying);
        for (saying, mut names) in said {
            names.sort();
            names.dedup();
            let more = names.len().saturating_sub(SPELLED);
            names.truncate(SPELLED);
            let mut list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            if 0 < more {
                list = format!("{list} and {more} more");
            }
            self.note(saying.text(&list));
        }
        std::mem::take(&mut self.notes)
    }
}

/// The columns of one thing: same host, same labels.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) columns: Vec<usize>,
    by_name: HashMap<String, usize>,
}

impl Group {
    /// The free columns of `bench`, grouped, in the file's order.
    pub(super) fn all(bench: &Bench<'_>) -> Vec<Self> {
        let mut places = HashMap::new();
        let mut groups: Vec<Self> = Vec::new();
        for (i, column) in bench.columns.iter().enumerate() {
            if !bench.is_free(i) {
                continue;
            }
            let place =
                *places.entry((&column.key.host, column.key.labels.as_slice())).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Self { columns: Vec::new(), by_name: HashMap::new() });
            }
            groups[place].columns.push(i);
            groups[place].by_name.entry(plain(&column.key.metric).to_owned()).or_insert(i);
        }
        groups
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }
}

/// The name as the catalogue writes it.
fn plain(metric: &str) -> &str {
    metric.trim_start_matches('\\')
}

/// Whether a column is no level.
pub(super) fn is_counter(column: &Column) -> bool {
    column.kind == Kind::Counter
}

/// Whether a column of a format that does not say is a running count: named as exporters name these, and rising
/// without a step back but that to its start.
pub(super) fn is_counting(column: &Column) -> bool {
    let name = column.key.metric.to_ascii_lowercase();
    if !(name.ends_with("_total") || name.ends_with("_count")) {
        return false;
    }
    let start_anew = |before: f64, after: f64| after <= before / 2.0;
    let counts = |pair: &[f64]| pair[0] <= pair[1] || start_anew(pair[0], pair[1]);
    let rises = column.v.windows(2).filter(|pair| pair[0] < pair[1]).count();
    // A total that was raised once or twice is a size.
    let steadily = column.v.len() / 4 < rises;
    steadily && column.v.iter().all(|value| 0.0 <= *value) && column.v.windows(2).all(counts)
}
