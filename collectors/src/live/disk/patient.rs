//! A question to a file system that may never answer, asked from a thread of its own.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use super::fullness::Fullness;

/// What became of a question.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// It was answered, with an error perhaps.
    Came(rustix::io::Result<Fullness>),
    /// It was not answered yet.
    Silent,
}

/// Asks one file system. While a question is open no other one is asked, so that there is one thread at most.
#[derive(Debug, Default)]
pub(super) struct Patient {
    open: Option<Receiver<rustix::io::Result<Fullness>>>,
}

impl Patient {
    /// Asks how full the file system at `path` is, and waits for `patience` at most. If the last question is still
    /// open, waits no time for its answer.
    pub(super) fn ask(&mut self, path: PathBuf, patience: Duration) -> Answer {
        self.ask_by(patience, move || Fullness::at(&path))
    }

    fn ask_by(
        &mut self,
        patience: Duration,
        question: impl FnOnce() -> rustix::io::Result<Fullness> + Send + 'static,
    ) -> Answer {
        if let Some(open) = &self.open {
            match open.try_recv() {
                Err(TryRecvError::Empty) => return Answer::Silent,
                // A late answer is of an earlier tick: it only says that the file system is back.
                Ok(_) | Err(TryRecvError::Disconnected) => self.open = None,
            }
        }
        let (answer, answers) = channel();
        let thread = thread::Builder::new().name("hebe-mount".to_owned()).stack_size(64 * 1024);
        let asked = thread.spawn(move || {
            // Nobody may be waiting any more.
            let _ = answer.send(question());
        });
        if asked.is_err() {
            return Answer::Silent;
        }
        match answers.recv_timeout(patience) {
            Ok(stat) => Answer::Came(stat),
            Err(RecvTimeoutError::Timeout) => {
                self.open = Some(answers);
                Answer::Silent
            }
            Err(RecvTimeoutError::Disconnected) => Answer::Silent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn a_file_system_that_hangs_is_asked_once_and_is_heard_when_it_is_back() {
        let mut patient = Patient::default();
        let (release, hang) = channel::<()>();
        let (asked, done) = channel::<()>();
        let hanging = move || {
            let _ = hang.recv();
            let answer = Fullness::at(Path::new("/"));
            let _ = asked.send(());
            answer
        };
        assert!(matches!(patient.ask_by(Duration::ZERO, hanging), Answer::Silent));
        let (second, heard) = channel::<()>();
        let again = move || {
            let _ = second.send(());
            Fullness::at(Path::new("/"))
        };
        assert!(matches!(patient.ask_by(LONG, again), Answer::Silent));
        assert!(heard.recv().is_err(), "a second question while the first is open");
        release.send(()).unwrap();
        done.recv().unwrap();
        // The answer is on its way: the next questions are asked as soon as it is in.
        let came = (0..10_000).any(|_| {
            thread::yield_now();
            matches!(patient.ask("/".into(), LONG), Answer::Came(Ok(_)))
        });
        assert!(came);
    }

    #[test]
    fn an_error_is_an_answer() {
        let answer = Patient::default().ask("/none/such".into(), LONG);
        assert!(matches!(answer, Answer::Came(Err(rustix::io::Errno::NOENT))));
    }
}
