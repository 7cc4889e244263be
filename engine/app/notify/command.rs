//! Runs a command for each event: the event in JSON on its standard input, no shell, killed with all that it started
//! when it takes too long.

use std::fs::File;
use std::io::{self, PipeReader, Read as _, Seek as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, Signal, kill_process_group};

use super::Alive;
use super::backoff::Backoff;
use super::board::{Board, say};
use super::config;
use super::courier::{Courier, Outcome};

/// This sink's name on the board.
const NAME: &str = "command";
/// So much of what it writes is kept; the rest is read and thrown away.
const MOST_BYTES: usize = 4096;
/// Time from one look at the command to the next.
const LOOK: Duration = Duration::from_millis(50);
/// The longest wait between two attempts.
const LONGEST_RETRY: Duration = Duration::from_mins(5);
/// What our supervisor tells us is not meant for others.
const OURS: [&str; 4] = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS"];

/// Starts the courier of the command.
pub(super) fn courier(
    config: config::Command,
    spool: &Path,
    board: &Arc<Board>,
    alive: Alive,
) -> Result<Courier> {
    ensure!(!config.argv.is_empty(), "the command to notify has no program");
    let backoff = Backoff { first: config.first_retry, longest: LONGEST_RETRY };
    let mut failures = 0;
    let told = Arc::clone(board);
    Courier::start(NAME, spool, config.queue, backoff, board, alive, move |body, hurry| {
        let (ended, output) = run(&config.argv, config.timeout, body, hurry);
        if !output.is_empty() {
            say(NAME, &output);
        }
        told.update(NAME, |sink| sink.output = Some(output));
        match ended {
            Ok(()) => failures = 0,
            // It was killed because the daemon ends, which is not its fault.
            Err(why) if hurry.load(Ordering::Relaxed) => return Outcome::Later(why),
            Err(why) if failures + 1 < config.attempts => {
                failures += 1;
                return Outcome::Later(why);
            }
            Err(why) => {
                failures = 0;
                told.fails(NAME, &why);
                return Outcome::Refused(why);
            }
        }
        Outcome::Delivered
    })
}

/// Runs it once: why it failed, if it did, and what it wrote.
fn run(argv: &[String], timeout: Duration, body: &[u8], hurry: &AtomicBool) -> (Result<(), String>, String) {
    let mut output = Vec::new();
    let ended = match spawn(argv, body) {
        Ok((child, pipe)) => wait(child, pipe, timeout, hurry, &mut output),
        Err(error) => Err(format!("cannot run `{}`: {error}", argv[0])),
    };
    (ended, String::from_utf8_lossy(&output).trim().to_owned())
}

fn spawn(argv: &[String], body: &[u8]) -> io::Result<(Child, PipeReader)> {
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).current_dir("/").process_group(0);
    for name in OURS {
        command.env_remove(name);
    }
    command.stdin(input(body)?).stdout(writer.try_clone()?).stderr(writer);
    // The command's ends of the pipe close here with `command`.
    Ok((command.spawn()?, reader))
}

/// A file in memory: unlike a pipe it never makes us wait for a command that does not read.
fn input(body: &[u8]) -> io::Result<Stdio> {
    let mut file = File::from(memfd_create("event", MemfdFlags::CLOEXEC)?);
    file.write_all(body)?;
    file.rewind()?;
    Ok(file.into())
}

fn wait(
    mut child: Child,
    pipe: PipeReader,
    timeout: Duration,
    hurry: &AtomicBool,
    output: &mut Vec<u8>,
) -> Result<(), String> {
    let started = Instant::now();
    let mut pipe = Some(pipe);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                while listen(&mut pipe, Duration::ZERO, output) {}
                return judge(status);
            }
            Ok(None) => {}
            Err(error) => return Err(format!("cannot wait for it: {error}")),
        }
        let hurried = hurry.load(Ordering::Relaxed);
        if timeout <= started.elapsed() || hurried {
            kill(&mut child);
            while listen(&mut pipe, Duration::ZERO, output) {}
            let after = format!("killed after {}", humantime::format_duration(timeout));
            return Err(if hurried { "killed because Hebe ends".to_owned() } else { after });
        }
        listen(&mut pipe, LOOK, output);
    }
}

fn judge(status: ExitStatus) -> Result<(), String> {
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}")) }
}

/// Kills the command with its group. It has not been waited for, so that its number is still its own.
fn kill(child: &mut Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
}

/// Takes what the command has written, waiting for it no longer than `longest`; whether there was anything.
fn listen(pipe: &mut Option<PipeReader>, longest: Duration, output: &mut Vec<u8>) -> bool {
    let Some(reader) = pipe else {
        thread::sleep(longest);
        return false;
    };
    let longest = Timespec::try_from(longest).ok();
    let ready = poll(&mut [PollFd::new(reader, PollFlags::IN)], longest.as_ref());
    if !matches!(ready, Ok(1..)) {
        return false;
    }
    let mut bytes = [0; 4096];
    match reader.read(&mut bytes) {
        Ok(0) | Err(_) => {
            *pipe = None;
            false
        }
        Ok(read) => {
            let room = MOST_BYTES - output.len();
            output.extend_from_slice(&bytes[..read.min(room)]);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const SOON: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    fn run_calmly(argv: &[String], timeout: Duration, body: &[u8]) -> (Result<(), String>, String) {
        run(argv, timeout, body, &AtomicBool::new(false))
    }

    #[test]
    fn it_gets_the_event_and_is_heard() {
        let (ended, output) = run_calmly(&shell("cat; echo err >&2"), SOON, b"{\"a\":1}");
        assert_eq!((ended, output.as_str()), (Ok(()), "{\"a\":1}err"));
    }

    #[test]
    fn a_large_event_that_nobody_reads_and_a_flood_make_nobody_wait() {
        let (ended, output) =
            run_calmly(&shell("head -c 1000000 /dev/zero | tr '\\0' x"), SOON, &vec![b' '; 1 << 20]);
        assert_eq!((ended, output.len()), (Ok(()), MOST_BYTES));
    }

    #[test]
    fn it_fails_by_its_exit_status_or_by_not_being_there() {
        assert!(run_calmly(&shell("exit 3"), SOON, b"").0.unwrap_err().contains('3'));
        assert!(
            run_calmly(&["/no/such/program".to_owned()], SOON, b"")
                .0
                .unwrap_err()
                .contains("/no/such/program")
        );
    }

    #[test]
    fn no_shell_reads_its_arguments() {
        let argv = ["printf", "%s", "$(id); `id`"].map(str::to_owned);
        assert_eq!(run_calmly(&argv, SOON, b"").1, "$(id); `id`");
    }

    #[test]
    fn what_takes_too_long_is_killed_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("alive");
        // The grandchild holds the pipe's writing end open for as long as it lives: reading ends when it is dead.
        let script = format!("mkfifo {0}; (sleep 600) >{0} & sleep 600", pipe.display());
        let (dead, death) = channel();
        let reader = thread::spawn(move || {
            let give_up = Instant::now() + SOON;
            while !pipe.exists() {
                assert!(Instant::now() < give_up, "no pipe");
                thread::sleep(Duration::from_millis(5));
            }
            let _ = dead.send(std::fs::read(pipe).unwrap());
        });
        let (ended, _) = run_calmly(&shell(&script), Duration::from_secs(2), b"");
        assert!(ended.unwrap_err().contains("killed"));
        assert_eq!(death.recv_timeout(SOON).expect("the grandchild is dead"), b"");
        reader.join().unwrap();
    }

    #[test]
    fn the_end_of_the_daemon_does_not_wait_for_it() {
        let (ended, _) = run(&shell("sleep 600"), SOON * 10, b"", &AtomicBool::new(true));
        assert!(ended.is_err());
    }
}
