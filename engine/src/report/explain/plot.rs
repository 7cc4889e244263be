//! The chart on a terminal: samples, curve, band, limit, now, and the range of exhaustion on the time axis.

use chrono::DateTime;

use crate::{
    finding::{Finding, Picture},
    report::{
        chart::{frame::Frame, tidy::tidy},
        clean,
        text::{Style, paint},
        ticks, units,
        when::When,
    },
};

use super::canvas::{Canvas, Layer};

const ROWS: usize = 14;
/// Marks that are told under the chart.
const MARKS: usize = 5;
/// Columns for the labels of the values.
const LABELS: usize = 10;

/// Draws the chart, or says that there is none.
pub(super) fn plot(finding: &Finding, picture: &Picture, when: &When, style: &Style) -> String {
    let picture = &tidy(picture);
    let Some(frame) = Frame::of(picture, &finding.row.unit) else {
        return "There are no samples to draw.\n\n".to_owned();
    };
    let plot =
        Plot { finding, picture, frame, columns: style.columns().min(120) - LABELS - 1, ascii: style.ascii };
    let mut out = String::new();
    for (row, runs) in plot.canvas().runs(style.ascii).iter().enumerate() {
        out += &paint::dim(&plot.value_label(row), style);
        for (layer, run) in runs {
            out += &color(*layer, run, style);
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out += &plot.axis(when, style);
    for line in clean::wrap(&plot.legend(), style.columns()) {
        out += &paint::dim(&line, style);
        out.push('\n');
    }
    out + &plot.marked(when, style) + "\n"
}

struct Plot<'a> {
    finding: &'a Finding,
    picture: &'a Picture,
    frame: Frame,
    columns: usize,
    ascii: bool,
}

impl Plot<'_> {
    fn canvas(&self) -> Canvas {
        let mut canvas = Canvas::new(self.columns, ROWS);
        self.surges(&mut canvas);
        self.band(&mut canvas);
        self.marks(&mut canvas);
        self.limit(&mut canvas);
        for (t, y) in &self.picture.raw {
            if let (Some(x), Some(y)) = (self.x(*t), self.y(*y)) {
                canvas.dot(x, y, Layer::Sample);
            }
        }
        self.line(&mut canvas, &self.picture.curve, Layer::Curve);
        canvas
    }

    fn surges(&self, canvas: &mut Canvas) {
        let mark = if self.ascii { '/' } else { '╱' };
        for (from, to) in &self.picture.surges {
            let inside = |t: i64| t.clamp(self.frame.from, self.frame.to);
            if *to < self.frame.from || *from > self.frame.to {
                continue;
            }
            if let (Some(from), Some(to)) = (self.x(inside(*from)), self.x(inside(*to))) {
                for column in from / 2..=to / 2 {
                    (0..ROWS).for_each(|row| canvas.put(column, row, mark, Layer::Surge));
                }
            }
        }
    }

    fn band(&self, canvas: &mut Canvas) {
        let low: Vec<(i64, f64)> = self.picture.band.iter().map(|(t, low, _)| (*t, *low)).collect();
        let high: Vec<(i64, f64)> = self.picture.band.iter().map(|(t, _, high)| (*t, *high)).collect();
        self.line(canvas, &low, Layer::Band);
        self.line(canvas, &high, Layer::Band);
    }

    fn marks(&self, canvas: &mut Canvas) {
        let (now, epoch) = if self.ascii { ('|', '!') } else { ('┊', '╿') };
        if let Some(x) = self.x(self.picture.now) {
            (0..ROWS).for_each(|row| canvas.put(x / 2, row, now, Layer::Mark));
            let left = (x / 2 + 1).min(self.columns.saturating_sub(3));
            canvas.write(left, ROWS - 1, "now");
        }
        for x in self.picture.epochs.iter().filter_map(|t| self.x(*t)) {
            (ROWS - 3..ROWS).for_each(|row| canvas.put(x / 2, row, epoch, Layer::Mark));
        }
        for x in self.picture.marks.iter().filter_map(|(t, _)| self.x(*t)) {
            canvas.put(x / 2, 0, self.tick(), Layer::Curve);
        }
    }

    fn limit(&self, canvas: &mut Canvas) {
        let mark = if self.ascii { '=' } else { '━' };
        for column in 0..self.columns {
            let t = self.time(column);
            let now = self
                .picture
                .limit
                .iter()
                .take_while(|(from, _)| *from <= t)
                .last()
                .or(self.picture.limit.first());
            if let Some(y) = now.and_then(|(_, limit)| self.y(*limit)) {
                canvas.put(column, y / 4, mark, Layer::Limit);
            }
        }
        let shown = self.picture.limit.last().and_then(|(_, limit)| Some((*limit, self.y(*limit)?)));
        if let Some((limit, y)) = shown {
            canvas.write(1, y / 4, &format!(" limit {} ", units::quantity(limit, &self.finding.row.unit)));
        }
    }

    /// A line with a dot in every half column.
    fn line(&self, canvas: &mut Canvas, points: &[(i64, f64)], layer: Layer) {
        for pair in points.windows(2) {
            let ((t0, y0), (t1, y1)) = (pair[0], pair[1]);
            let steps = 2 * self.columns;
            let each = (self.frame.to - self.frame.from) / i64::try_from(2 * steps).unwrap_or(1).max(1);
            let mut t = t0.max(self.frame.from);
            while t <= t1.min(self.frame.to) {
                let share = (t - t0) as f64 / (t1 - t0).max(1) as f64;
                if let (Some(x), Some(y)) = (self.x(t), self.y(y0 + share * (y1 - y0))) {
                    canvas.dot(x, y, layer);
                }
                t += each.max(1);
            }
        }
    }

    /// The half column of a time.
    fn x(&self, t: i64) -> Option<usize> {
        let share = (t - self.frame.from) as f64 / (self.frame.to - self.frame.from) as f64;
        cell(share, 2 * self.columns)
    }

    /// The quarter row of a value, from the top.
    fn y(&self, value: f64) -> Option<usize> {
        let share = (self.frame.high - value) / (self.frame.high - self.frame.low);
        cell(share, 4 * ROWS)
    }

    fn time(&self, column: usize) -> i64 {
        let span = self.frame.to - self.frame.from;
        self.frame.from + span / i64::try_from(self.columns).unwrap_or(1) * i64::try_from(column).unwrap_or(0)
    }

    fn value_label(&self, row: usize) -> String {
        let (frame, unit) = (&self.frame, &self.finding.row.unit);
        let label = ticks::values(frame.low, frame.high, unit, 4)
            .into_iter()
            .find(|(value, _)| self.y(*value).is_some_and(|y| y / 4 == row))
            .map_or(String::new(), |(_, label)| label);
        format!("{label:>LABELS$} ")
    }

    /// The time axis: the range of exhaustion on a line, the times under it.
    fn axis(&self, when: &When, style: &Style) -> String {
        let mut out = String::new();
        for canvas in [self.axis_line(), self.axis_labels(when)] {
            out += &" ".repeat(LABELS + 1);
            for (layer, run) in canvas.runs(style.ascii).into_iter().flatten() {
                out += &color(layer, &run, style);
            }
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
        }
        out + &self.exhaustion(when, style)
    }

    fn axis_line(&self) -> Canvas {
        let mut line = Canvas::new(self.columns, 1);
        let (floor, bar, middle) = if self.ascii { ('-', '#', 'X') } else { ('─', '▬', '◆') };
        // What is put first stays in front.
        if let Some((low, at, high)) = self.picture.exhaustion {
            line.put(self.column(at), 0, middle, Layer::Limit);
            let end = self.column(high.unwrap_or(self.frame.to));
            (self.column(low)..=end).for_each(|column| line.put(column, 0, bar, Layer::Limit));
        }
        (0..self.columns).for_each(|column| line.put(column, 0, floor, Layer::Mark));
        line
    }

    fn axis_labels(&self, when: &When) -> Canvas {
        let mut labels = Canvas::new(self.columns, 1);
        let mut free = 0;
        for (t, label) in ticks::times(self.frame.from, self.frame.to, when.zone, self.columns / 10) {
            let start = self.column(t).saturating_sub(label.len() / 2);
            if start >= free && start + label.len() <= self.columns {
                labels.write(start, 0, &label);
                free = start + label.len() + 2;
            }
        }
        labels
    }

    /// The column of a time, or of the edge nearest to it.
    fn column(&self, t: i64) -> usize {
        self.x(t.clamp(self.frame.from, self.frame.to)).map_or(0, |x| x / 2)
    }

    fn exhaustion(&self, when: &When, style: &Style) -> String {
        let date = |t: i64| DateTime::from_timestamp_millis(t);
        let Some((low, _, high)) = self.picture.exhaustion else { return String::new() };
        let Some(from) = date(low) else { return String::new() };
        let label = format!("full {}", when.range(from, high.and_then(date)));
        let end = LABELS + 1 + self.column(high.unwrap_or(self.frame.to));
        let start = (end + 1).saturating_sub(label.len()).max(LABELS + 1);
        format!("{}{}\n", " ".repeat(start), paint::paint(&label, "1;31", style))
    }

    fn legend(&self) -> String {
        let all = if self.ascii {
            ". samples   * curve   : 90 % band   = limit   # exhaustion   / surge held   ! new epoch"
        } else {
            "⠒ samples, curve, 90 % band   ━ limit   ▬ exhaustion   ╱ surge held   ╿ new epoch"
        };
        let marked = self.picture.marks.iter().any(|(t, _)| self.x(*t).is_some());
        if marked { format!("{all}   {} marked", self.tick()) } else { all.to_owned() }
    }

    fn tick(&self) -> char {
        if self.ascii { 'v' } else { '▼' }
    }

    /// The newest marks that can be seen, a line each.
    fn marked(&self, when: &When, style: &Style) -> String {
        let shown = self.picture.marks.iter().filter(|(t, _)| self.x(*t).is_some());
        let shown: Vec<&(i64, String)> = shown.collect();
        let newest = &shown[shown.len().saturating_sub(MARKS)..];
        let line = |(t, text): &&(i64, String)| {
            let date = DateTime::from_timestamp_millis(*t).map_or(String::new(), |at| when.moment(at));
            let words =
                clean::cut(&format!("{} {date}  {}", self.tick(), clean::line(text)), style.columns());
            format!("{}\n", paint::dim(&words, style))
        };
        newest.iter().map(line).collect()
    }
}

fn color(layer: Layer, run: &str, style: &Style) -> String {
    let code = match layer {
        Layer::Blank | Layer::Word | Layer::Sample => return run.to_owned(),
        Layer::Surge => "33",
        Layer::Band => "2;36",
        Layer::Mark => "2",
        Layer::Limit => "31",
        Layer::Curve => "1;36",
    };
    paint::paint(run, code, style)
}

/// The cell of `count` that a share of the length falls into.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the share is between 0 and 1")]
fn cell(share: f64, count: usize) -> Option<usize> {
    (0.0..=1.0).contains(&share).then(|| ((share * count as f64) as usize).min(count - 1))
}
