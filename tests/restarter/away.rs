//! The oracle in one place and the Re/Starter in another: orders go over TCP, with the key.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{fs, thread};

use serde_json::json;
use tempfile::TempDir;

use super::lab::{Lab, signal, unique};
use crate::binary::hebe;
use crate::skipped::skipped;

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A place that is not the Re/Starter's: a state folder and a configuration of its own.
struct Away(TempDir);

impl Away {
    fn new(connect: &str, key: Option<&str>, map: &str) -> Self {
        let away = Self(tempfile::tempdir().unwrap());
        let key = key.map_or_else(String::new, |key| {
            fs::write(away.path("key"), key).unwrap();
            format!("key_file = \"{}\"\n", away.path("key").display())
        });
        let config = format!(
            "[history]\nsysstat = false\n[restart]\nmode = \"act\"\nmap = \"{}\"\n[restarter]\nconnect = \"{connect}\"\n{key}",
            away.path("map.toml").display()
        );
        fs::write(away.path("hebe.toml"), config).unwrap();
        fs::write(away.path("map.toml"), map).unwrap();
        away
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = hebe();
        command.args(words).arg("--config").arg(self.path("hebe.toml")).arg("--store").arg(self.0.path());
        command.stdin(Stdio::null());
        command
    }

    /// Whether it was done, and what was said.
    fn says(&self, words: &[&str]) -> (bool, String) {
        let output = self.command(words).output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }
}

fn keyed(map: &str, elsewhere: bool) -> (TempDir, Lab) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, KEY).unwrap();
    let lab = Lab::start_at(map, &format!("key_file = \"{}\"", key.display()), elsewhere);
    (folder, lab)
}

fn sleeper() -> String {
    format!("[[node]]\nname = \"a\"\ncommand = \"sleep {}\"\n", unique())
}

#[test]
fn with_the_key_it_is_restarted_from_elsewhere_and_written_down_there() {
    let map = sleeper();
    let (_folder, lab) = keyed(&map, false);
    lab.until_phase("a", "running");
    let first = lab.node("a")["pid"].clone();
    let away = Away::new(&lab.tcp, Some(KEY), &map);
    let (well, said) = away.says(&["restart", "a", "--yes"]);
    assert!(well && said.contains("DONE"), "{said}");
    assert_ne!(lab.node("a")["pid"], first);
    assert!(away.path("restart/journal").is_dir() && !lab.path("restart").exists());
    let (well, said) = away.says(&["restarter", "list"]);
    assert!(well && said.contains("running"), "{said}");
}

#[test]
fn without_the_key_or_with_another_one_it_is_told_why_not() {
    let map = sleeper();
    let (_folder, lab) = keyed(&map, false);
    lab.until_phase("a", "running");
    let first = lab.node("a")["pid"].clone();
    let order = ["restarter", "restart", "a"];
    let (well, said) = Away::new(&lab.tcp, None, &map).says(&order);
    assert!(!well && said.contains("this needs the key") && said.contains("restarter.key_file"), "{said}");
    let (well, said) = Away::new(&lab.tcp, Some(&KEY.replace('0', "1")), &map).says(&order);
    assert!(!well && said.contains("the proof is wrong"), "{said}");
    let (well, said) = Away::new("nowhere", Some(KEY), &map).says(&order);
    assert!(!well && said.contains("`restarter.connect` is `nowhere`; expected HOST:PORT"), "{said}");
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let (well, said) = Away::new(&free.to_string(), Some(KEY), &map).says(&order);
    assert!(!well && said.contains(&format!("no Re/Starter answers on `{free}`")), "{said}");
    assert_eq!(lab.node("a")["pid"], first);
}

/// Answers everything as if it was done, without the key.
fn impostor() -> std::net::SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let mut stream = stream;
        for answer in [
            json!({ "answer": "challenge", "server": "00112233445566778899aabbccddeeff" }),
            json!({ "answer": "signed", "reply": "{\"answer\":\"leaving\"}", "mac": "00".repeat(32) }),
        ] {
            lines.next().unwrap().unwrap();
            writeln!(stream, "{answer}").unwrap();
        }
    });
    address
}

#[test]
fn one_who_answers_without_the_key_is_not_believed() {
    let away = Away::new(&impostor().to_string(), Some(KEY), &sleeper());
    let (well, said) = away.says(&["restarter", "leave"]);
    assert!(!well && said.contains("has another key"), "{said}");
}

/// A daemon that ends with its test.
struct Playing(Child);

impl Drop for Playing {
    fn drop(&mut self) {
        signal("TERM", self.0.id());
        let _ = self.0.wait();
    }
}

fn service() -> String {
    let port = crate::servers::free_port();
    let program = env!("CARGO_BIN_EXE_hebe");
    format!(
        "budget = \"100 in 1h\"\n[[node]]\nname = \"shop\"\nnotify = true\nheartbeat = \"500ms\"\n\
         command = [\"{program}\", \"stage\", \"service\", \"--name\", \"shop\", \"--port\", \"{port}\", \"--leak\", \"0\", \"--descriptors\", \"100\"]\n\
         ready = {{ http = \"http://127.0.0.1:{port}/\", within = \"2s\", every = \"50ms\" }}\n\
         probe = {{ http = \"http://127.0.0.1:{port}/\", within = \"1s\", every = \"2s\" }}\n\
         stop_within = \"200ms\"\nmin_uptime = \"1ms\"\n"
    )
}

#[test]
fn a_hang_on_another_machine_is_seen_and_cured_from_here() {
    let root = Command::new("unshare").args(["-m", "true"]).status().is_ok_and(|status| status.success());
    if !root || !Path::new("/etc/machine-id").exists() {
        return skipped("a Re/Starter on another machine", "root and unshare");
    }
    let map = service();
    let (_folder, lab) = keyed(&map, true);
    lab.until_phase("shop", "running");
    let away = Away::new(&lab.tcp, Some(KEY), &map);
    let mut daemon = away.command(&["daemon", "--listen", "127.0.0.1:0"]);
    let mut daemon = Playing(daemon.stderr(Stdio::piped()).spawn().unwrap());
    let mut said = BufReader::new(daemon.0.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("page: http://")));
    thread::spawn(move || said.for_each(drop));
    let first = lab.node("shop");
    let pid = lab.main("shop").unwrap();
    assert!(first["pid"].as_str().unwrap().starts_with("0123456789abcdef0123456789abcdef/"), "{first}");
    // Its heartbeats are heard before it hangs.
    lab.until("shop", |now| first["heartbeats"].as_u64() < now["heartbeats"].as_u64());
    signal("STOP", pid);
    let cured = lab.until("shop", |now| now["phase"] == "running" && now["pid"] != first["pid"]);
    assert_eq!(cured["crashes"], 0, "the oracle restarted it, not the Re/Starter: {cured}");
    let (well, audit) = away.says(&["audit", "--format", "json"]);
    assert!(well, "{audit}");
    assert!(audit.lines().any(|line| line.contains("\"shop\"")), "{audit}");
}
