//! What the names of columns say: which hold times, which hold the machine or the metric, which hold prose.

use super::super::ColumnKey;

/// Names that columns of times have, the surest first.
const TIMES: [&str; 22] = [
    "timestamp",
    "time",
    "datetime",
    "date_time",
    "date time",
    "_time",
    "@timestamp",
    "epoch",
    "clock",
    "ts",
    "currenttime",
    "unixtime",
    "unix_time",
    "sampletime",
    "sample_time",
    "timestamp_ms",
    "time_ms",
    "date",
    "ds",
    "t",
    "month",
    "day",
];

/// Names of columns that hold the machine, the surest first.
const HOSTS: [&str; 9] =
    ["hostname", "host", "nodename", "node", "server", "servername", "machine", "computer", "instance"];

/// Names of columns whose cells name what the one value column holds.
const METRICS: [&str; 9] =
    ["__name__", "metric", "metric_name", "_field", "field", "series", "measurement", "name", "variable"];

/// Names of columns of numbers that tell instances apart.
const IDS: [&str; 12] = [
    "id",
    "itemid",
    "item_id",
    "pid",
    "ppid",
    "tid",
    "port",
    "uid",
    "hostid",
    "host_id",
    "process_id",
    "device_id",
];

/// Names of columns that hold prose.
const PROSE: [&str; 9] =
    ["note", "notes", "comment", "comments", "message", "msg", "description", "remark", "annotation"];

/// A header cell as a name: without blanks and quotes.
pub(super) fn clean(cell: &str) -> &str {
    cell.trim().trim_matches('"').trim()
}

/// A first header cell without the sign that makes its line a comment.
pub(super) fn without_sign(cell: &str) -> &str {
    cell.trim().trim_start_matches('#').trim()
}

/// Whether a header cell names a column of times.
#[must_use]
pub fn is_time(cell: &str) -> bool {
    time_rank(without_sign(cell)).is_some() || cell.trim_start_matches('"').starts_with("(PDH-CSV")
}

/// How sure a name is that it names times; lower is surer.
pub(super) fn time_rank(name: &str) -> Option<usize> {
    rank(&TIMES, clean(name))
}

/// How sure a name is that it names the machine; lower is surer.
#[must_use]
pub fn host_rank(name: &str) -> Option<usize> {
    rank(&HOSTS, name)
}

/// How sure a name is that its cells name the metric; lower is surer.
#[must_use]
pub fn metric_rank(name: &str) -> Option<usize> {
    rank(&METRICS, name)
}

/// Whether a column of numbers tells instances apart.
pub(super) fn is_id(name: &str) -> bool {
    rank(&IDS, name).is_some()
}

/// Whether a column holds prose.
pub(super) fn is_prose(name: &str) -> bool {
    rank(&PROSE, name).is_some()
}

fn rank(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| name.eq_ignore_ascii_case(known))
}

/// The names of a header: no name is empty, no two are equal.
///
/// What the user sees in a message is what can be said with `--value`.
pub(super) fn unique(cells: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    let mut names = Vec::with_capacity(cells.len());
    for (k, cell) in cells.iter().enumerate() {
        let name = clean(if k == 0 { without_sign(cell) } else { cell });
        let name = if name.is_empty() { numbered(k) } else { name.to_owned() };
        let before: &mut u32 = seen.entry(name.clone()).or_insert(0);
        *before += 1;
        names.push(if *before == 1 { name } else { format!("{name}_{before}") });
    }
    names
}

/// The name of a column that has none.
pub(super) fn numbered(k: usize) -> String {
    format!("column_{}", k + 1)
}

/// How far east of UTC the clock of a Perfmon log hung, in minutes, from its first header cell
/// `(PDH-CSV 4.0) (Pacific Daylight Time)(420)`: UTC is local time plus the bias.
pub(super) fn perfmon_minutes_east(cell: &str) -> Option<i64> {
    let zone = clean(cell).strip_prefix("(PDH-CSV")?;
    let bias: i64 = zone.trim_end().strip_suffix(')')?.rsplit_once('(')?.1.trim().parse().ok()?;
    (-24 * 60..24 * 60).contains(&bias).then_some(-bias)
}

/// The key of a column named as Perfmon does, `\\HOST\Object(instance)\Counter`, or else by its name alone.
pub(super) fn key(name: &str) -> ColumnKey {
    perfmon_key(name).unwrap_or_else(|| ColumnKey { metric: name.to_owned(), ..ColumnKey::default() })
}

fn perfmon_key(name: &str) -> Option<ColumnKey> {
    let (host, path) = name.strip_prefix(r"\\")?.split_once('\\')?;
    let (object, counter) = path.rsplit_once('\\').filter(|(object, _)| !object.is_empty())?;
    let (object, instance) = match object.strip_suffix(')').and_then(|object| object.split_once('(')) {
        Some((object, instance)) => (object, Some(instance)),
        None => (object, None),
    };
    Some(ColumnKey {
        host: host.to_owned(),
        metric: format!("{object}\\{counter}"),
        labels: instance.map(|instance| ("instance".to_owned(), instance.to_owned())).into_iter().collect(),
    })
}

/// A few names for a message, and how many are left out.
#[must_use]
pub fn shortened<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> =
        names.iter().take(SHOWN).map(|name| format!("`{}`", cut(name.as_ref()))).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// The first characters of a text that may be long.
pub(super) fn cut(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfmon_names_say_host_object_instance_and_counter() {
        let key = key(r"\\WEB01\LogicalDisk(C:)\Free Megabytes");
        assert_eq!((key.host.as_str(), key.metric.as_str()), ("WEB01", r"LogicalDisk\Free Megabytes"));
        assert_eq!(key.labels, [("instance".to_owned(), "C:".to_owned())]);
    }

    #[test]
    fn an_instance_may_hold_parentheses_and_a_counter_slashes() {
        let key = key(r"\\WEB01\Process(a(1)b)\IO Read Bytes/sec");
        assert_eq!(key.metric, r"Process\IO Read Bytes/sec");
        assert_eq!(key.labels[0].1, "a(1)b");
        assert!(super::key(r"\\WEB01\Memory\Committed Bytes").labels.is_empty());
        assert_eq!(super::key("usedMemory").metric, "usedMemory");
        assert_eq!(super::key(r"\\x").metric, r"\\x");
    }

    #[test]
    fn the_bias_of_perfmon_is_turned_east() {
        assert_eq!(perfmon_minutes_east("(PDH-CSV 4.0) (Pacific Daylight Time)(420)"), Some(-420));
        assert_eq!(perfmon_minutes_east("(PDH-CSV 4.0) (Mitteleuropäische Zeit)(-60)"), Some(60));
        assert_eq!(perfmon_minutes_east("(PDH-CSV 4.0)"), None);
        assert_eq!(perfmon_minutes_east("time"), None);
    }

    #[test]
    fn empty_and_double_names_become_names() {
        let cells = ["# time", "", "a", "a", " \"b\" ", "#c"].map(str::to_owned);
        assert_eq!(unique(&cells), ["time", "column_2", "a", "a_2", "b", "#c"]);
    }

    #[test]
    fn long_lists_are_shortened() {
        let many: Vec<String> = (0..20).map(|k| format!("c{k}")).collect();
        assert!(shortened(&many).ends_with("`c11` and 8 more"));
        assert_eq!(cut(&"é".repeat(70)).chars().count(), 61);
    }
}
