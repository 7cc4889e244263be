//! What the columns of a table are for: times, labels, values, or nothing.

use chrono_tz::Tz;

use super::super::number::{self, Cell, Decimal};
use super::super::time::{Clock, Judged, Trust, are_clocks, judge};
use super::super::{HistoryError, Merge, Options, Unit};
use super::dialect::Row;
use super::groups::Groups;
use super::names;
use super::times::Times;

/// The columns of a table, or of one block of it, and what is known of their samples so far.
#[derive(Debug)]
pub(super) struct Layout {
    /// How many fields a row has.
    pub(super) width: usize,
    /// The names, in the file's order.
    pub(super) names: Vec<String>,
    /// The column of times, or of dates.
    pub(super) time: usize,
    /// The column of the time of day, where the date stands apart.
    pub(super) time_of_day: Option<usize>,
    /// Reads the times.
    pub(super) clock: Clock,
    /// The columns that tell series apart.
    pub(super) labels: Vec<Label>,
    /// The columns of values.
    pub(super) values: Vec<Value>,
    /// What happens to two rows of one series at one time.
    pub(super) merge: Merge,
    /// The table is the output of `sadf -d`, which has marks between its rows.
    pub(super) sadf: bool,
    /// The series so far.
    pub(super) groups: Groups,
    /// What was assumed or left out, one sentence each.
    pub(super) assumed: Vec<String>,
}

/// A column that tells series apart.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// Where it stands.
    pub(super) at: usize,
    /// Its name.
    pub(super) name: String,
    /// What its cells are for.
    pub(super) means: Means,
}

/// What the cells of a label column are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// They name the machine.
    Host,
    /// They name the metric.
    Metric,
    /// They tell instances apart.
    Instance,
}

/// A column of values.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// Where it stands.
    pub(super) at: usize,
    /// Its name.
    pub(super) name: String,
    /// What its cells say they are counted in.
    pub(super) unit: Unit,
    /// No cell has said yet whether it holds numbers.
    pub(super) open: bool,
    /// How many numbers it held.
    pub(super) numbers: u64,
    /// How many cells held text while it was open.
    pub(super) texts: u64,
    /// How many cells were missing.
    pub(super) missing: u64,
    /// How many of these were marked with a word.
    pub(super) marked: u64,
}

impl Value {
    fn new(at: usize, name: String, unit: Unit, open: bool) -> Self {
        Self { at, name, unit, open, numbers: 0, texts: 0, missing: 0, marked: 0 }
    }
}

/// What the first rows hold in one column.
#[derive(Clone, Copy, Debug, Default)]
struct Census {
    numbers: usize,
    texts: usize,
    flags: usize,
    /// What most of the numbers say they are counted in; nought needs no unit.
    unit: Unit,
    whole: bool,
}

/// What a column is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    Label,
    Value(Unit),
    /// Its first rows are empty.
    Open,
    /// Nothing; with the reason, where it may surprise.
    Out(Option<&'static str>),
}

impl Layout {
    /// Judges columns by their names and first rows.
    pub(super) fn judge(
        cells: &[String],
        rows: &[Row],
        decimal: Decimal,
        options: &Options,
        source: &str,
    ) -> Result<Self, HistoryError> {
        let width = width(cells, rows);
        let fits = |row: &&Row| {
            row.fields.len() == width || (row.fields.len() == width + 1 && row.fields[width].is_empty())
        };
        let rows: Vec<&Row> = rows.iter().filter(fits).collect();
        let names = names::unique(&cells[..width.min(cells.len())]);
        let column = |k: usize| -> Vec<&str> { rows.iter().map(|row| row.fields[k].as_str()).collect() };
        let times = Times::find(&names, &column, options, source)?;
        let mut layout = Self {
            width,
            time: times.column,
            time_of_day: times.time_of_day,
            clock: clock(times.judged, cells, options.zone, !options.series.is_empty()),
            labels: Vec::new(),
            values: Vec::new(),
            merge: if options.series.is_empty() { Merge::Last } else { Merge::Sum },
            sadf: Known::of(&names).sadf,
            groups: Groups::default(),
            assumed: Vec::new(),
            names,
        };
        if !times.named {
            layout.assume(format!("times are taken from column `{}`", layout.names[times.column]));
        }
        layout.assign(&column, decimal, options);
        layout.settle_labels(&column, options, cells.iter().all(String::is_empty));
        Ok(layout)
    }

    /// Notes an assumption.
    fn assume(&mut self, sentence: String) {
        self.assumed.push(sentence);
    }

    /// Gives every column but those of times its role.
    fn assign<'a>(&mut self, column: &impl Fn(usize) -> Vec<&'a str>, decimal: Decimal, options: &Options) {
        let known = Known::of(&self.names);
        let mut left_out: Vec<(&'static str, String)> = Vec::new();
        for (at, name) in self.names.iter().enumerate() {
            if at == self.time || Some(at) == self.time_of_day {
                continue;
            }
            let (name, cells) = (name.clone(), column(at));
            let role = asked(&name, options).unwrap_or_else(|| role(&name, &cells, decimal, known, options));
            match role {
                Role::Label => self.labels.push(Label { at, name, means: Means::Instance }),
                Role::Value(unit) => {
                    let unit = if unit == Unit::Unknown { census(&cells, decimal).unit } else { unit };
                    self.values.push(Value::new(at, name, unit, false));
                }
                Role::Open => self.values.push(Value::new(at, name, Unit::Unknown, true)),
                Role::Out(Some(why)) => left_out.push((why, name)),
                Role::Out(None) => {}
            }
        }
        left_out.sort();
        for same in left_out.chunk_by(|a, b| a.0 == b.0) {
            let names: Vec<&String> = same.iter().map(|(_, name)| name).collect();
            self.assume(format!("left out {}: {}", names::shortened(&names), same[0].0));
        }
    }

    /// Finds the labels that name the machine and the metric.
    fn settle_labels<'a>(
        &mut self,
        column: &impl Fn(usize) -> Vec<&'a str>,
        options: &Options,
        headless: bool,
    ) {
        let surest = |labels: &[Label], rank: fn(&str) -> Option<usize>| {
            let ranked = labels.iter().enumerate().filter_map(|(k, label)| Some((rank(&label.name)?, k)));
            ranked.min().map(|(_, k)| k)
        };
        if let Some(k) = surest(&self.labels, names::host_rank) {
            self.labels[k].means = Means::Host;
        }
        if self.values.len() == 1 {
            if let Some(k) = surest(&self.labels, names::metric_rank) {
                self.labels[k].means = Means::Metric;
            } else if headless
                && let Some(k) =
                    self.labels.iter().position(|label| column(label.at).iter().all(is_metric_name))
            {
                self.labels[k].means = Means::Metric;
                self.assume(format!("`{}` is taken as the metric's name", self.labels[k].name));
            }
        }
        if !options.series.is_empty() {
            let chosen = |label: &Label| is_among(&options.series, &label.name);
            self.labels.retain(|label| chosen(label) || label.means == Means::Metric);
            self.assume(format!("rows of one time and one {} are added up", options.series.join(", ")));
        }
    }
}

/// What the other columns tell about one.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The header is that of `sadf -d`.
    sadf: bool,
    /// The header is that of `InfluxDB`'s Flux.
    flux: bool,
    /// The header is that of Zabbix' history tables.
    zabbix: bool,
}

impl Known {
    fn of(names: &[String]) -> Self {
        let has = |name: &str| names.iter().any(|known| known == name);
        Self {
            sadf: names.starts_with(&["hostname", "interval", "timestamp"].map(str::to_owned)),
            flux: has("_value") && has("_time"),
            zabbix: has("itemid") && has("clock"),
        }
    }

    /// Columns that only the producer needs.
    fn is_bookkeeping(self, name: &str) -> bool {
        (self.sadf && name == "interval")
            || (self.flux && ["column_1", "result", "table", "_start", "_stop"].contains(&name))
            || (self.zabbix && name == "ns")
    }
}

/// What the user wants a column to be.
fn asked(name: &str, options: &Options) -> Option<Role> {
    if is_among(&options.series, name) {
        return Some(Role::Label);
    }
    let limit = options.limit_column.as_ref().is_some_and(|limit| limit.eq_ignore_ascii_case(name));
    (limit || is_among(&options.values, name)).then_some(Role::Value(Unit::Unknown))
}

/// What a column is by its name and first cells.
fn role(name: &str, cells: &[&str], decimal: Decimal, known: Known, options: &Options) -> Role {
    if known.is_bookkeeping(name) {
        return Role::Out(None);
    }
    let census = census(cells, decimal);
    let restricted = !options.values.is_empty();
    match (census.numbers, census.texts) {
        (0, 0) if restricted => Role::Out(None),
        (0, 0) => Role::Open,
        (numbers, texts) if numbers < texts => text_role(name, cells, census),
        _ if census.whole && (names::is_id(name) || (known.sadf && name == "CPU")) => Role::Label,
        _ if restricted => Role::Out(None),
        _ => Role::Value(census.unit),
    }
}

/// What a column of text is: a label, unless it would make every row a series of its own.
fn text_role(name: &str, cells: &[&str], census: Census) -> Role {
    if names::is_prose(name) {
        return Role::Out(Some("prose"));
    }
    if census.texts == census.flags {
        return Role::Out(Some("true or false"));
    }
    if are_clocks(cells) || judge(cells, Trust::Stranger).is_some() {
        return Role::Out(Some("further times"));
    }
    Role::Label
}

fn census(cells: &[&str], decimal: Decimal) -> Census {
    let mut census = Census { whole: true, ..Census::default() };
    let (mut sized, mut bare) = (0, 0);
    for cell in cells {
        match number::read(cell.as_bytes(), decimal) {
            Cell::Number(value) => {
                census.numbers += 1;
                bare += usize::from(value != 0.0);
                census.whole &= value.fract() == 0.0;
            }
            Cell::Sized(_, unit) => {
                census.numbers += 1;
                sized += 1;
                census.unit = unit;
            }
            Cell::Malformed => {
                census.texts += 1;
                census.flags +=
                    usize::from(["true", "false"].iter().any(|flag| cell.eq_ignore_ascii_case(flag)));
            }
            Cell::Missing | Cell::Infinite => {}
        }
    }
    if sized <= bare {
        census.unit = Unit::Unknown;
    }
    census
}

/// How many fields the rows have: as many as there are names, less an empty last one that no row has.
fn width(cells: &[String], rows: &[Row]) -> usize {
    let shorter = rows.iter().filter(|row| row.fields.len() + 1 == cells.len()).count();
    let trailing = cells.last().is_some_and(String::is_empty) && rows.len() < 2 * shorter;
    cells.len() - usize::from(trailing && 1 < cells.len())
}

/// Whether a cell could be the name of a Prometheus metric.
fn is_metric_name(cell: &&str) -> bool {
    let mut bytes = cell.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_' || first == b':')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
}

/// Whether a name is among those that the user gave.
pub(super) fn is_among(given: &[String], name: &str) -> bool {
    given.iter().any(|given| given.eq_ignore_ascii_case(name))
}

fn clock(judged: Judged, cells: &[String], zone: Option<Tz>, repeats: bool) -> Clock {
    match cells.first().and_then(|first| names::perfmon_minutes_east(first)) {
        Some(minutes) => Clock::perfmon(judged, minutes * 60_000, repeats),
        None => Clock::new(judged, zone, repeats),
    }
}

/// Where a column stands; letters may differ in case.
pub(super) fn position(names: &[String], name: &str) -> Option<usize> {
    let exact = names.iter().position(|known| known == name);
    exact.or_else(|| names.iter().position(|known| known.eq_ignore_ascii_case(names::clean(name))))
}

pub(super) fn no_column(names: &[String], column: &str, source: &str) -> HistoryError {
    HistoryError::NoColumn {
        path: source.to_owned(),
        column: column.to_owned(),
        columns: names::shortened(names),
    }
}
