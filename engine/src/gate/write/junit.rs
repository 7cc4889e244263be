//! For build servers: `JUnit` XML as Jenkins, GitLab and GitHub's reporters read it.

use std::fmt::Write as _;

use crate::gate::{Ruling, Verdict};
use crate::report::clean;

/// Writes the rulings as one test suite, a test case a series.
///
/// FAIL is a failure and UNKNOWN an error. INCONCLUSIVE is a failure too, of type `inconclusive`: servers show a
/// skipped test as green, and a run that cannot tell has not passed.
#[must_use]
pub fn junit(rulings: &[Ruling]) -> String {
    let count = |wanted: &[Verdict]| rulings.iter().filter(|r| wanted.contains(&r.verdict)).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\"",
        rulings.len(),
        count(&[Verdict::Fail, Verdict::Inconclusive]),
        count(&[Verdict::Unknown])
    );
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ =
        writeln!(out, "<testsuites name=\"hebe gate\" {counts}>\n  <testsuite name=\"hebe gate\" {counts}>");
    for ruling in rulings {
        case(&mut out, ruling);
    }
    out + "  </testsuite>\n</testsuites>\n"
}

fn case(out: &mut String, ruling: &Ruling) {
    let (name, source, sentence) = (escape(&ruling.series), escape(&ruling.source), escape(&ruling.sentence));
    let _ = writeln!(out, "    <testcase name=\"{name}\" classname=\"{source}\">");
    let message = format!("message=\"{sentence}\"");
    let _ = match ruling.verdict {
        Verdict::Pass => writeln!(out, "      <system-out>{sentence}</system-out>"),
        Verdict::Fail => writeln!(out, "      <failure type=\"leak\" {message}>{sentence}</failure>"),
        Verdict::Inconclusive => {
            writeln!(out, "      <failure type=\"inconclusive\" {message}>INCONCLUSIVE: {sentence}</failure>")
        }
        Verdict::Unknown => writeln!(out, "      <error type=\"unknown\" {message}>{sentence}</error>"),
    };
    out.push_str("    </testcase>\n");
}

/// Escapes what XML would take for markup; control characters, which it may not hold at all, are replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean::line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}
