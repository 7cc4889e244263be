//! What the demonstration says, with the time since its start.

use std::io::IsTerminal;
use std::time::Instant;

use hebe::report::units;
use serde_json::Value;

use crate::output;

/// The voice of the demonstration.
#[derive(Debug)]
pub(super) struct Teller {
    began: Instant,
    color: bool,
}

impl Teller {
    pub(super) fn new() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { began: Instant::now(), color: std::io::stdout().is_terminal() && !plain }
    }

    /// A new act.
    pub(super) fn title(&self, text: &str) {
        let (bold, plain) = if self.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let _ = output::print(&format!("\n{bold}{text}{plain}"));
    }

    /// Something that happened now.
    pub(super) fn line(&self, text: &str) {
        let s = self.began.elapsed().as_secs();
        let _ = output::print(&format!("  {}:{:02}  {text}", s / 60, s % 60));
    }

    /// A command that can be typed.
    pub(super) fn command(&self, command: &str, node: &str) {
        self.line(&format!("$ {command} {node}"));
    }

    /// What a command printed.
    pub(super) fn text(text: &str) {
        for line in text.lines() {
            let _ = output::print(&format!("        {line}"));
        }
    }

    /// How a resource stands.
    pub(super) fn row(&self, node: &str, row: &Value) {
        let number = |key: &str| row[key].as_f64();
        let used = units::used_of(number("used"), number("limit"), "count");
        let status = row["status"].as_str().unwrap_or_default().replace('_', " ");
        let left = number("left_s").map_or_else(
            || row["sentence"].as_str().unwrap_or_default().to_owned(),
            |left| {
                let range = number("left_lo_s").zip(number("left_hi_s")).map_or(String::new(), |(lo, hi)| {
                    format!(" ({} to {})", units::duration(lo), units::duration(hi))
                });
                format!("full in {}{range}", units::duration(left))
            },
        );
        self.line(&format!("{node}: {used} descriptors  {status}  {left}"));
    }
}
