//! The rows that need no entry of their own.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::{
    finding::{Findings, Row, Status},
    report::{clean, verdict::name},
};

use super::{Style, paint};

/// So few rows are all shown, whatever they say, and so many of each other state.
const FEW: usize = 3;
/// So many rows that grow without an alarm are shown one by one: they are ranked, and the first may be the next.
const GROWING_SHOWN: usize = 8;
/// The same where there are alarms to look at first.
const GROWING_BESIDE_ALARMS: usize = 3;
/// So many rows of one other state without an alarm are shown one by one.
const ALIKE_SHOWN: usize = 8;

/// Rows of one state.
pub(in crate::report) type Fold<'a> = (Status, Vec<&'a Row>);

/// Splits the rows into those with an entry of their own and those that share a line.
pub(in crate::report) fn split(findings: &Findings) -> (Vec<&Row>, Vec<Fold<'_>>) {
    let rows: Vec<&Row> = findings.findings.iter().map(|finding| &finding.row).collect();
    split_rows(&rows)
}

/// The same for rows, worst first.
pub(in crate::report) fn split_rows<'a>(rows: &[&'a Row]) -> (Vec<&'a Row>, Vec<Fold<'a>>) {
    let alarms = rows.iter().any(|row| row.status.is_alarm());
    let growing_shown = if alarms { GROWING_BESIDE_ALARMS } else { GROWING_SHOWN };
    let mut growing = 0;
    let mut seen: HashMap<Status, usize> = HashMap::new();
    let (mut shown, mut folded): (Vec<&'a Row>, Vec<Fold<'a>>) = Default::default();
    for &row in rows {
        let alike = seen.entry(row.status).or_default();
        *alike += 1;
        let own = if row.status.is_alarm() || rows.len() <= FEW {
            true
        } else if learning_or_fine(row.status) {
            growing += usize::from(grows(row));
            let learning = matches!(row.status, Status::Collecting | Status::Reset);
            grows(row) && growing <= growing_shown || learning && *alike <= FEW
        } else {
            let shown =
                if matches!(row.status, Status::SurgeHeld | Status::Seasonal) { ALIKE_SHOWN } else { FEW };
            row.status != Status::Steady && *alike <= shown
        };
        if own {
            shown.push(row);
        } else if let Some((_, same)) = folded.iter_mut().find(|(status, _)| *status == row.status) {
            same.push(row);
        } else {
            folded.push((row.status, vec![row]));
        }
    }
    (shown, folded)
}

fn learning_or_fine(status: Status) -> bool {
    matches!(status, Status::Ok | Status::BeyondHorizon | Status::Collecting | Status::Reset)
}

fn grows(row: &Row) -> bool {
    row.growth_per_day.is_some_and(|growth| 0.0 < growth)
}

/// Says what the rows of a state have in common: `5 more are steady`.
pub(in crate::report) fn words(status: Status, count: usize, others: bool) -> String {
    let (one, many) = match status {
        Status::Steady => ("is steady", "are steady"),
        Status::Ok => ("is fine", "are fine"),
        Status::BeyondHorizon => ("lasts beyond the horizon", "last beyond the horizon"),
        Status::Collecting => ("is collecting samples", "are collecting samples"),
        Status::Stale => ("has no recent sample", "have no recent sample"),
        Status::Error => ("cannot be judged", "cannot be judged"),
        Status::SurgeHeld => ("is held as a surge", "are held as surges"),
        Status::Seasonal => ("follows a cycle", "follow a cycle"),
        Status::Reset => ("was restarted", "were restarted"),
        _ => ("is the same", "are the same"),
    };
    let more = if others { "more " } else { "" };
    format!("{count} {more}{}", if count == 1 { one } else { many })
}

/// Writes one line a state: the count, and as many names as fit.
pub(super) fn write(folded: &[Fold<'_>], others: bool, style: &Style) -> String {
    let mut out = String::new();
    for (status, rows) in folded {
        let shape = paint::state(*status, style).chars().next().unwrap_or(' ');
        let head = format!("{shape} {}", words(*status, rows.len(), others));
        let names = names(rows, style.columns().saturating_sub(clean::columns(&head) + 2));
        let colon = if names.is_empty() { "" } else { ": " };
        let _ = writeln!(out, "{}{colon}{names}", paint::by_state(&head, *status, style));
    }
    out
}

fn names(rows: &[&Row], width: usize) -> String {
    let mut out = String::new();
    for (i, row) in rows.iter().enumerate() {
        let name = clean::cut_middle(&name(row), 32);
        let rest = rows.len() - i;
        let more = format!("and {rest} more");
        let needed = clean::columns(&out) + clean::columns(&name) + if rest > 1 { more.len() + 4 } else { 0 };
        if needed > width {
            return if out.is_empty() { out } else { out + &more };
        }
        out += &name;
        if rest > 1 {
            out += ", ";
        }
    }
    out
}
