//! The replay protocol of benches: series, plans and times in, one answer a time out.
//!
//! ```text
//! input   series,t,value,limit            t in unix seconds, sorted within a series
//! meta    series,step_s,window_s,horizon_s
//! evals   series,t                        answer from the samples up to and including t
//! output  {"series","t","exhausts","eta_s","lo","hi"} a line
//! ```

use std::collections::HashMap;

use hebe_collectors::history::{Limit, Sense, Series, Unit};
use rayon::prelude::*;
use serde::Serialize;

use crate::judge::left;
use crate::notice::Notice;
use crate::plan::Plan;
use crate::prepare::Prepared;
use crate::replay::{Course, Walk};
use crate::settings::Method;

/// Why a table of the protocol could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{table}`, line {line}: expected {expected}, found `{found}`")]
pub struct ProtocolError {
    table: &'static str,
    line: usize,
    expected: &'static str,
    found: String,
}

/// One series with its plan and the times to answer at.
#[derive(Clone, Debug)]
pub struct Task {
    series: Series,
    window_s: f64,
    horizon_s: f64,
    step_s: f64,
    times_ms: Vec<i64>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The series.
    pub series: String,
    /// The time, in unix seconds.
    pub t: i64,
    /// Whether an alarm stands.
    pub exhausts: bool,
    /// Seconds left: the middle.
    pub eta_s: Option<f64>,
    /// Lower end of the 90 % range.
    pub lo: Option<f64>,
    /// Upper end of the 90 % range; none where it may never happen.
    pub hi: Option<f64>,
}

/// Reads the three tables.
///
/// # Errors
///
/// The first line that is not of its table's form.
pub fn tasks(input: &str, meta: &str, evals: &str) -> Result<Vec<Task>, ProtocolError> {
    let mut tasks: Vec<Task> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (line, [series, step, window, horizon]) in
        rows::<4>("meta", meta, "series,step_s,window_s,horizon_s")?
    {
        let number = |text| number("meta", line, text);
        places.insert(series.to_owned(), tasks.len());
        tasks.push(Task {
            series: empty(series),
            step_s: number(step)?,
            window_s: number(window)?,
            horizon_s: number(horizon)?,
            times_ms: Vec::new(),
        });
    }
    for (line, [series, t, value, limit]) in rows::<4>("input", input, "series,t,value,limit")? {
        let Some(&place) = places.get(series) else { continue };
        let (t_ms, limit) = (milliseconds(number("input", line, t)?), number("input", line, limit)?);
        let series = &mut tasks[place].series;
        series.t_ms.push(t_ms);
        series.v.push(number("input", line, value)?);
        let steps = &mut series
            .limit
            .get_or_insert_with(|| Limit { owner: "limit".to_owned(), steps: Vec::new() })
            .steps;
        if steps.last().is_none_or(|&(_, last)| last.to_bits() != limit.to_bits()) {
            steps.push((t_ms, limit));
        }
    }
    for (line, [series, t]) in rows::<2>("evals", evals, "series,t")? {
        if let Some(&place) = places.get(series) {
            tasks[place].times_ms.push(milliseconds(number("evals", line, t)?));
        }
    }
    Ok(tasks)
}

/// Answers every task, in order.
#[must_use]
pub fn answers(tasks: &[Task], method: Method) -> Vec<Answer> {
    tasks.par_iter().flat_map_iter(|task| answer(task, method)).collect()
}

fn answer(task: &Task, method: Method) -> Vec<Answer> {
    let prepared = Prepared::new(&task.series, None);
    let course = Course::new(&prepared, method);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of points")]
    let points = (task.window_s / task.step_s).round() as usize;
    let plan = Plan {
        horizon_s: task.horizon_s,
        window_s: task.window_s,
        points: points.min(crate::plan::POINTS),
        have: 0,
        period_s: task.step_s,
        chosen: true,
    };
    let mut walk = Walk::new(&course, plan);
    let mut seen = 0;
    task.times_ms
        .iter()
        .map(|&t_ms| {
            let upto = task.series.t_ms.partition_point(|&t| t <= t_ms);
            if seen < upto {
                walk.step(upto - 1);
                seen = upto;
            }
            // Time passes in a gap too.
            let since =
                upto.checked_sub(1).map_or(0.0, |last| (t_ms - task.series.t_ms[last]) as f64 / 1000.0);
            let range = walk.forecast.as_ref().and_then(left);
            let on = |left: f64| (left - since).max(0.0);
            Answer {
                series: task.series.name.clone(),
                t: t_ms / 1000,
                exhausts: matches!(walk.standing.notice, Notice::Notified { .. }),
                eta_s: range.map(|(_, middle, _)| on(middle)),
                lo: range.map(|(low, ..)| on(low)),
                hi: range.and_then(|(.., high)| high).map(on),
            }
        })
        .collect()
}

/// The cells of a table's rows, each with its line; the header must be as expected.
fn rows<'a, const N: usize>(
    table: &'static str,
    text: &'a str,
    header: &'static str,
) -> Result<Vec<(usize, [&'a str; N])>, ProtocolError> {
    let wrong = |line: usize, found: &str| ProtocolError {
        table,
        line,
        expected: header,
        found: found.chars().take(60).collect(),
    };
    let mut lines = text.lines().enumerate().map(|(place, line)| (place + 1, line.trim_end()));
    match lines.next() {
        Some((_, line)) if line == header => {}
        first => return Err(wrong(1, first.map_or("", |(_, line)| line))),
    }
    lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(place, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            cells.try_into().map(|cells| (place, cells)).map_err(|_| wrong(place, line))
        })
        .collect()
}

fn number(table: &'static str, line: usize, text: &str) -> Result<f64, ProtocolError> {
    text.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or_else(|| ProtocolError {
        table,
        line,
        expected: "a number",
        found: text.to_owned(),
    })
}

fn milliseconds(seconds: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "saturates; such times are no dates")]
    let ms = (seconds * 1000.0).round() as i64;
    ms
}

fn empty(name: &str) -> Series {
    Series {
        name: name.to_owned(),
        resource: name.to_owned(),
        scope: String::new(),
        host: String::new(),
        unit: Unit::Unknown,
        sense: Sense::Rises,
        t_ms: Vec::new(),
        v: Vec::new(),
        limit: None,
        restarts_ms: Vec::new(),
        rejected: 0,
        block: 1,
        source: String::new(),
        also: Vec::new(),
    }
}
