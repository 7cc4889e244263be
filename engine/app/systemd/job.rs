//! A job: queued, waited for, and what became of it.

use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_core::Stream;
use zbus::message::Type;
use zbus::{MatchRule, Message, MessageStream, OwnedObjectPath};

use super::{ANSWER, MANAGER, ROOT, SYSTEMD, Systemd, SystemdError, UnitState};

/// Between two looks at a unit that is taking long.
const LOOK: Duration = Duration::from_millis(50);

/// What is asked of systemd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Start,
    Stop,
    /// Stop and start in one job; nothing where it does not run, because an administrator may have stopped it.
    TryRestart,
}

impl Verb {
    fn method(self) -> &'static str {
        match self {
            Self::Start => "StartUnit",
            Self::Stop => "StopUnit",
            Self::TryRestart => "TryRestartUnit",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::TryRestart => "restart",
        }
    }
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// `done`, `canceled`, `timeout`, `failed`, `dependency`, `skipped` …
    pub(crate) result: String,
    /// The job was taken back because the unit could not be stopped in time: nothing was started by it.
    pub(crate) withdrawn: bool,
}

impl Job {
    pub(crate) fn is_done(&self) -> bool {
        self.result == "done"
    }
}

impl Systemd {
    /// Queues a job and waits until it is over, at most `bound`; a job that takes longer is taken back.
    ///
    /// It replaces no other job (mode `fail`). A restart is taken back when systemd has to kill what it stops:
    /// whether anything survives must be seen before a new copy is started. Jobs of `along` are taken back with it.
    pub(crate) fn run(
        &self,
        verb: Verb,
        unit: &str,
        bound: Duration,
        along: &[String],
    ) -> Result<Job, SystemdError> {
        // First listen, then ask: the job may be over before the answer is here.
        let mut ends = self.within(ANSWER, verb.word(), unit, self.ends())?;
        let path: OwnedObjectPath = self.ask(verb.word(), unit, verb.method(), &(unit, "fail"))?;
        let began = Instant::now();
        let mut withdrawn = false;
        loop {
            let next = async { tokio::time::timeout(LOOK, end_of(&mut ends, &path)).await };
            match self.runtime.block_on(next) {
                Ok(Some(result)) => return Ok(Job { result, withdrawn }),
                Ok(None) => return Err(SystemdError::Unreachable { words: "the bus has closed".to_owned() }),
                Err(_) => {}
            }
            if bound <= began.elapsed() && !withdrawn {
                self.cancel(unit, along);
                return Err(SystemdError::Late { verb: verb.word(), unit: unit.to_owned(), bound });
            }
            if verb == Verb::TryRestart
                && !withdrawn
                && self.unit(unit).is_ok_and(|unit| is_being_killed(&unit))
            {
                withdrawn = true;
                self.cancel(unit, along);
            }
            if bound + ANSWER <= began.elapsed() {
                return Err(SystemdError::Late { verb: verb.word(), unit: unit.to_owned(), bound });
            }
        }
    }

    /// Waits until a unit has no job, at most `bound`; how it stands then.
    pub(crate) fn settled(&self, unit: &str, bound: Duration) -> Result<UnitState, SystemdError> {
        let began = Instant::now();
        loop {
            let state = self.unit(unit)?;
            if !state.moves() || bound <= began.elapsed() {
                return Ok(state);
            }
            self.runtime.block_on(async { tokio::time::sleep(LOOK.min(bound)).await });
        }
    }

    /// Takes back the jobs of these units. One that is over by now needs none.
    fn cancel(&self, unit: &str, along: &[String]) {
        for unit in along.iter().map(String::as_str).chain([unit]) {
            if let Ok(UnitState { job: Some(job), .. }) = self.unit(unit) {
                let _ = self.ask::<_, ()>("take back the job of", unit, "CancelJob", &(job,));
            }
        }
    }

    async fn ends(&self) -> zbus::Result<MessageStream> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(SYSTEMD)
            .path(ROOT)
            .interface(MANAGER)
            .member("JobRemoved")
            .build()?;
        MessageStream::for_match_rule(rule, &self.bus, None).await
    }
}

/// Whether systemd has lost patience with a unit.
fn is_being_killed(unit: &UnitState) -> bool {
    matches!(unit.sub.as_str(), "stop-sigkill" | "final-sigkill" | "final-sigterm")
}

/// The result of the job at `path`, once it is over; none where the bus has closed.
async fn end_of(ends: &mut MessageStream, path: &OwnedObjectPath) -> Option<String> {
    loop {
        let next = std::future::poll_fn(|context| Pin::new(&mut *ends).poll_next(context)).await?;
        if let Some(result) = next.ok().and_then(|signal| result_of(&signal, path)) {
            return Some(result);
        }
    }
}

fn result_of(signal: &Message, path: &OwnedObjectPath) -> Option<String> {
    let body = signal.body();
    let (_, job, _, result): (u32, OwnedObjectPath, String, String) = body.deserialize().ok()?;
    (job == *path).then_some(result)
}
