//! The rows that need no entry of their own.

use std::fmt::Write as _;

use crate::{
    finding::{Findings, Row, Status},
    report::{clean, verdict::name},
};

use super::{Style, paint};

/// So many quiet rows are still shown one by one.
const QUIET_SHOWN: usize = 2;
/// So many rows of one other state without an alarm are still shown one by one.
const ALIKE_SHOWN: usize = 8;

/// Rows of one state.
pub(in crate::report) type Fold<'a> = (Status, Vec<&'a Row>);

/// Splits the rows into those with an entry of their own and those that share a line.
pub(in crate::report) fn split(findings: &Findings) -> (Vec<&Row>, Vec<Fold<'_>>) {
    let rows = || findings.findings.iter().map(|finding| &finding.row);
    let quiet_rows = rows().filter(|row| quiet(row.status)).count();
    let alike = |status| rows().filter(|row| row.status == status).count();
    let folds = |status: Status| {
        if quiet(status) {
            quiet_rows > QUIET_SHOWN
        } else {
            !status.is_alarm() && alike(status) > ALIKE_SHOWN
        }
    };
    let mut folded: Vec<Fold<'_>> = Vec::new();
    for row in rows().filter(|row| folds(row.status)) {
        match folded.iter_mut().find(|(status, _)| *status == row.status) {
            Some((_, same)) => same.push(row),
            None => folded.push((row.status, vec![row])),
        }
    }
    (rows().filter(|row| !folds(row.status)).collect(), folded)
}

fn quiet(status: Status) -> bool {
    matches!(status, Status::Steady | Status::Ok | Status::BeyondHorizon)
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
