//! What the operating system knows of a process: whether it could have answered.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A shorter time between two looks says nothing about what a process does.
const LEAST_SPAN: Duration = Duration::from_millis(200);
/// Over this share of the time spent waiting for a processor, a process is short of it.
const MOST_WAITING: f64 = 0.5;

/// One look at a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// When.
    pub at: Duration,
    /// The kernel's letter for what it does (`proc_pid_stat(5)`).
    pub state: char,
    /// Its start: another one is another process.
    pub start_ticks: u64,
    /// Processor time of all its threads, in clock ticks.
    pub cpu_ticks: u64,
    /// Nanoseconds that its first thread ran and waited for a processor.
    pub ran_and_waited_ns: Option<(u64, u64)>,
}

/// What two looks at a process say about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inference {
    /// Nobody can tell.
    #[default]
    Unknown,
    /// It has ended.
    Ended,
    /// It was stopped by a signal, and does not run until another one comes.
    Stopped,
    /// A debugger holds it: somebody is at work on it.
    Held,
    /// It waits for a disk or a server of files, and cannot be woken.
    Blocked,
    /// It could run, and gets no processor for most of the time: it is short of it, not hung.
    Short,
    /// It sleeps, and has used no processor since it was last heard.
    Idle,
    /// It gets processor time.
    Runs,
}

impl Inference {
    /// What is known after looking twice; `before` is the first look since the last sign of life.
    #[must_use]
    pub fn of(before: Option<&Look>, now: &Look) -> Self {
        match now.state {
            'Z' | 'X' => return Self::Ended,
            'T' => return Self::Stopped,
            't' => return Self::Held,
            _ => {}
        }
        let Some(before) = before.filter(|before| before.at + LEAST_SPAN <= now.at) else {
            return Self::Unknown;
        };
        if before.start_ticks != now.start_ticks {
            return Self::Ended;
        }
        let (ran, waited) = spent(before, now);
        match now.state {
            _ if MOST_WAITING < waited => Self::Short,
            _ if ran => Self::Runs,
            'R' => Self::Short,
            'D' => Self::Blocked,
            'S' | 'I' => Self::Idle,
            _ => Self::Unknown,
        }
    }

    /// Whether it says that nothing but the process itself keeps it from answering.
    #[must_use]
    pub fn testifies(self) -> bool {
        match self {
            Self::Ended | Self::Stopped | Self::Blocked | Self::Idle | Self::Runs => true,
            Self::Unknown | Self::Held | Self::Short => false,
        }
    }

    /// Whether no pressure on the machine can be the reason.
    #[must_use]
    pub fn is_certain(self) -> bool {
        matches!(self, Self::Ended | Self::Stopped)
    }

    /// What it says, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unknown => "the system cannot tell what it does",
            Self::Ended => "it has ended",
            Self::Stopped => "it was stopped by a signal",
            Self::Held => "a debugger holds it",
            Self::Blocked => "it waits for a disk, and cannot be woken",
            Self::Short => "it waits for a processor",
            Self::Idle => "it sleeps, and has used no processor time",
            Self::Runs => "it gets processor time",
        }
    }
}

/// Whether it has run, and the share of the time that its first thread has waited for a processor. The kernel counts
/// waiting only once it is over.
fn spent(before: &Look, now: &Look) -> (bool, f64) {
    let Some(((ran, waited), (ran_before, waited_before))) =
        now.ran_and_waited_ns.zip(before.ran_and_waited_ns)
    else {
        return (before.cpu_ticks < now.cpu_ticks, 0.0);
    };
    let span = now.at.saturating_sub(before.at).as_secs_f64();
    let share = waited.saturating_sub(waited_before) as f64 / 1e9 / span;
    (ran_before < ran || before.cpu_ticks < now.cpu_ticks, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(second: f64, state: char, ran_ms: u64, waited_ms: u64) -> Look {
        Look {
            at: Duration::from_secs_f64(second),
            state,
            start_ticks: 5,
            cpu_ticks: ran_ms / 10,
            ran_and_waited_ns: Some((ran_ms * 1_000_000, waited_ms * 1_000_000)),
        }
    }

    /// Looks once at 0 s, with nothing spent, and again after a second.
    #[track_caller]
    fn check(state: char, ran_ms: u64, waited_ms: u64, expected: Inference) {
        let found = Inference::of(Some(&look(0.0, 'S', 0, 0)), &look(1.0, state, ran_ms, waited_ms));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_ended_was_stopped_or_is_held_is_known_at_one_look() {
        for (state, expected) in [
            ('Z', Inference::Ended),
            ('X', Inference::Ended),
            ('T', Inference::Stopped),
            ('t', Inference::Held),
        ] {
            assert_eq!(Inference::of(None, &look(0.0, state, 0, 0)), expected);
        }
        assert_eq!(Inference::of(None, &look(0.0, 'S', 0, 0)), Inference::Unknown);
        assert_eq!(Inference::of(Some(&look(0.0, 'S', 0, 0)), &look(0.1, 'S', 0, 0)), Inference::Unknown);
    }

    #[test]
    fn sleeping_is_told_from_working() {
        check('S', 0, 0, Inference::Idle);
        check('S', 1, 0, Inference::Runs);
        check('R', 900, 50, Inference::Runs);
    }

    #[test]
    fn waiting_for_a_disk_is_told_from_sleeping() {
        check('D', 0, 0, Inference::Blocked);
        check('D', 5, 0, Inference::Runs);
    }

    #[test]
    fn waiting_for_a_processor_is_no_hang() {
        check('R', 0, 0, Inference::Short);
        check('R', 100, 800, Inference::Short);
        check('S', 100, 800, Inference::Short);
        check('R', 600, 400, Inference::Runs);
    }

    #[test]
    fn the_number_of_another_process_is_no_life() {
        let other = Look { start_ticks: 6, ..look(1.0, 'S', 0, 0) };
        assert_eq!(Inference::of(Some(&look(0.0, 'S', 0, 0)), &other), Inference::Ended);
    }

    #[test]
    fn without_the_schedulers_account_ticks_count() {
        let plain = |at, ticks| Look { cpu_ticks: ticks, ran_and_waited_ns: None, ..look(at, 'S', 0, 0) };
        assert_eq!(Inference::of(Some(&plain(0.0, 7)), &plain(1.0, 7)), Inference::Idle);
        assert_eq!(Inference::of(Some(&plain(0.0, 7)), &plain(1.0, 8)), Inference::Runs);
    }
}
