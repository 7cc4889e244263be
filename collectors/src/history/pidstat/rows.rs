//! Head lines of pidstat, and the rows under them.

use crate::history::programs::Member;

/// Columns that are no rates.
const LEVELS: [&str; 15] = [
    "UID", "USER", "PID", "TGID", "TID", "CPU", "VSZ", "RSS", "%MEM", "StkSize", "StkRef", "threads",
    "fd-nr", "prio", "policy",
];

/// The columns between the time and the command.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    columns: Vec<String>,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// `None` for a thread.
    pub(super) pid: Option<u64>,
    pub(super) member: Member,
    /// Every rate in it is zero.
    pub(super) is_idle: bool,
    /// It maps nothing: it has ended, or is a thread of the kernel.
    pub(super) is_gone: bool,
}

impl Head {
    /// Reads `# Time UID PID … Command` or `21:42:23 UID PID … Command`.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let first = words.iter().position(|word| ["UID", "USER", "PID", "TGID"].contains(word))?;
        let named = words.iter().any(|word| ["PID", "TGID"].contains(word));
        let (&last, columns) = words.get(first..)?.split_last()?;
        (named && last == "Command" && first <= 3)
            .then(|| Self { columns: columns.iter().map(ToString::to_string).collect() })
    }

    pub(super) fn is_sized(&self) -> bool {
        ["VSZ", "threads", "fd-nr"].iter().any(|name| self.columns.iter().any(|column| column == name))
    }

    /// Reads what stands behind the time; `None` where it has fewer fields than the head, or words for numbers.
    pub(super) fn row(&self, text: &str) -> Option<Row> {
        let mut rest = text;
        let mut row = Row { pid: None, member: Member::default(), is_idle: false, is_gone: false };
        let (mut rates, mut group, mut mapped) = (None, None, None);
        for column in &self.columns {
            let field;
            (field, rest) = next(rest)?;
            let member = &mut row.member;
            match column.as_str() {
                "PID" => row.pid = Some(field.parse().ok()?),
                "TGID" => group = field.parse().ok(),
                // A process has no number of a thread.
                "TID" if field == "-" => row.pid = group,
                "VSZ" => mapped = Some(size(field)?),
                "RSS" => member.memory = Some(size(field)?),
                "threads" => member.threads = Some(number(field)?),
                // None at all is what is written where they may not be counted.
                "fd-nr" => member.fds = Some(number(field)?).filter(|&count| 0.0 < count),
                rate if !LEVELS.contains(&rate) => {
                    let value = number(field.trim_end_matches('%'))?;
                    rates = Some(rates.unwrap_or(true) && value <= 0.0);
                }
                _ => {}
            }
        }
        row.member.mapped = mapped;
        program(rest.trim()).clone_into(&mut row.member.program);
        row.is_idle = rates == Some(true);
        row.is_gone = mapped == Some(0.0);
        (!row.member.program.is_empty()).then_some(row)
    }
}

/// The next field, and what stands behind it.
fn next(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace)?;
    Some((&text[..end], &text[end..]))
}

/// A number with a decimal point or comma.
fn number(field: &str) -> Option<f64> {
    field.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

/// A size in kB, or as `--human` writes it.
fn size(field: &str) -> Option<f64> {
    let (digits, shift) = match field.as_bytes().last()? {
        b'B' => (&field[..field.len() - 1], 0),
        b'k' | b'K' => (&field[..field.len() - 1], 10),
        b'M' => (&field[..field.len() - 1], 20),
        b'G' => (&field[..field.len() - 1], 30),
        b'T' => (&field[..field.len() - 1], 40),
        b'P' => (&field[..field.len() - 1], 50),
        _ => (field, 10),
    };
    Some(number(digits)? * f64::from(shift).exp2())
}

/// The program of a command: with `-l` a path is written with its arguments.
fn program(command: &str) -> &str {
    if !command.starts_with('/') {
        return command;
    }
    let path = command.split_whitespace().next().unwrap_or(command);
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, row: &str, expected: Option<(u64, &str, f64)>) {
        let row = Head::parse(head).unwrap().row(row);
        let found = row
            .as_ref()
            .and_then(|row| Some((row.pid?, row.member.program.as_str(), row.member.memory.unwrap_or(-1.0))));
        assert_eq!(found, expected);
    }

    const HEAD: &str = "# Time        UID       PID  minflt/s     VSZ     RSS   %MEM  Command";

    #[test]
    fn rows_are_read_by_their_head() {
        check(HEAD, "  0  7  1.00  52764  20780  0.08  a b", Some((7, "a b", 20780.0 * 1024.0)));
        check(HEAD, "  0  7  1,00  52764  20780  0,08  a", Some((7, "a", 20780.0 * 1024.0)));
        check(HEAD, "  0  7  1.00  52.2M  2.0M  0.1%  a", Some((7, "a", 2.0 * 1_048_576.0)));
        check(HEAD, "  0  7  1.00  52764  20780  0.08  /usr/bin/x -y /z", Some((7, "x", 20780.0 * 1024.0)));
        check(HEAD, "  0  7  1.00  52764  20780", None);
        check(HEAD, "  0  7  1.00  many  20780  0.08  a", None);
    }

    #[test]
    fn threads_have_no_number_of_a_process() {
        let head = "# Time  UID  TGID  TID  minflt/s  VSZ  RSS  %MEM  Command";
        check(head, " 0  9  -  1.0  5  4  0.1  a", Some((9, "a", 4096.0)));
        check(head, " 0  -  9  1.0  5  4  0.1  |__a", None);
    }

    #[test]
    fn idle_and_gone_are_told() {
        let row = |text| Head::parse(HEAD).unwrap().row(text).unwrap();
        assert!(row("0 7 0.00 5 4 0.08 a").is_idle && !row("0 7 0.01 5 4 0.08 a").is_idle);
        assert!(row("0 7 0.00 0 0 0.00 kworker/1:1").is_gone);
        assert!(
            !Head::parse("09:42:23 PM UID PID threads fd-nr Command")
                .unwrap()
                .row("0 7 1 3 a")
                .unwrap()
                .is_idle
        );
    }

    #[test]
    fn heads_of_sar_are_others() {
        assert_eq!(Head::parse("21:42:23        CPU     %user     %nice   %system"), None);
        assert_eq!(Head::parse("Linux 6.1.0 (PID) 11/28/26 _x86_64_ (2 CPU)"), None);
    }
}
