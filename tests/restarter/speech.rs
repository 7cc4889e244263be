//! `sd_notify`, served: what a process says of itself is heard, what others say of it is not.

use std::os::unix::net::UnixDatagram;

use super::lab::{Lab, lives, unique};
use crate::skipped::{has, skipped};

/// Says what it is told on its standard input's stead: the lines of a file, as they are added.
const SPEAKER: &str = r"
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
say = lambda words: s.sendto(words.encode(), os.environ['NOTIFY_SOCKET'])
seen = 0
while True:
    try: lines = open(sys.argv[1]).read().split('\n')[:-1]
    except FileNotFoundError: lines = []
    for line in lines[seen:]:
        if line == 'FORK':
            pid = os.fork()
            if pid: say('MAINPID=%d' % pid); time.sleep(0.2); os._exit(0)
        else: say(line.replace('$USEC', os.environ.get('WATCHDOG_USEC', '')).replace('$PID', str(os.environ.get('WATCHDOG_PID') == str(os.getpid()))))
    seen = len(lines)
    time.sleep(0.01)
";

struct Speaker {
    lab: Lab,
    words: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Speaker {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (program, words) = (folder.path().join("speaker.py"), folder.path().join("words"));
        std::fs::write(&program, SPEAKER).unwrap();
        let map = format!(
            "[[node]]\nname = \"a\"\ncommand = [\"python3\", \"{}\", \"{}\", \"{}\"]\nnotify = true\nheartbeat = \"250ms\"\nstart_within = \"120s\"\n",
            program.display(),
            words.display(),
            unique()
        );
        Self { lab: Lab::start(&map, ""), words, _folder: folder }
    }

    fn say(&self, words: &str) {
        use std::io::Write as _;
        let file = std::fs::OpenOptions::new().append(true).create(true).open(&self.words);
        writeln!(file.unwrap(), "{words}").unwrap();
    }
}

#[test]
fn a_process_says_when_it_is_ready_and_how_it_does() {
    if !has("python3") {
        return skipped("a process that speaks sd_notify", "python3");
    }
    let it = Speaker::start();
    it.lab.until_phase("a", "starting");
    it.say("STATUS=warming up, heartbeat $USEC of this process $PID");
    let now = it.lab.until("a", |now| !now["status"].is_null());
    assert_eq!(now["status"], "warming up, heartbeat 250000 of this process True");
    assert_eq!(now["phase"], "starting");
    it.say("READY=1");
    it.lab.until_phase("a", "running");
    it.say("WATCHDOG=1");
    it.say("WATCHDOG=1");
    let now = it.lab.until("a", |now| now["heartbeats"] == 2);
    assert!(now["heartbeat_s"].as_f64().is_some());
    // Another main process, which it names itself.
    let before = it.lab.main("a").unwrap();
    it.say("FORK");
    it.lab.until("a", |_| !lives(before));
    let now = it.lab.until_phase("a", "running");
    assert_eq!((&now["copies"], &now["crashes"]), (&1.into(), &0.into()));
    assert!(it.lab.main("a").is_some_and(|main| main != before && lives(main)));
}

#[test]
fn what_a_stranger_says_is_not_heard() {
    if !has("python3") {
        return skipped("a process that speaks sd_notify", "python3");
    }
    let it = Speaker::start();
    it.lab.until_phase("a", "starting");
    let main = it.lab.main("a");
    let stranger = UnixDatagram::unbound().unwrap();
    let forged = format!("READY=1\nWATCHDOG=1\nSTATUS=forged\nMAINPID={}\n", std::process::id());
    stranger.send_to(forged.as_bytes(), it.lab.path("restarter/notify")).unwrap();
    it.lab.until("a", |_| it.lab.said().contains("speaks for none of ours"));
    let now = it.lab.node("a");
    assert_eq!(
        (&now["phase"], &now["status"], &now["heartbeats"]),
        (&"starting".into(), &().into(), &0.into())
    );
    // Nor does it take a stranger for its main process if one of its own says so.
    it.say(&format!("MAINPID={}", std::process::id()));
    it.say("READY=1");
    it.lab.until_phase("a", "running");
    assert_eq!(it.lab.main("a"), main);
}
