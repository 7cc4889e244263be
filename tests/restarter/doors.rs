//! Who may ask what: the Unix socket, TCP with and without the key, and what is no request.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::lab::{Lab, answer, exchange, unique};
use crate::skipped::{has, skipped};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn map() -> String {
    format!(
        "[[node]]\nname = \"a\"\ncommand = \"sleep {}\"\nenv = {{ SECRET = \"x\" }}\nstop_within = \"1m\"\n",
        unique()
    )
}

/// A lab with a key.
fn keyed() -> (tempfile::TempDir, Lab) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, format!("{KEY}\n")).unwrap();
    let lab = Lab::start(&map(), &format!("key_file = \"{}\"", key.display()));
    lab.until_phase("a", "running");
    (folder, lab)
}

/// HMAC-SHA256 as another program computes it.
fn mac(text: &str, key: &str) -> String {
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-r", "-hmac", key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = openssl.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

const CLIENT: &str = "00112233445566778899aabbccddeeff";

fn challenge(stream: &mut std::net::TcpStream) -> String {
    let answer = exchange(stream, &json!({ "do": "challenge", "client": CLIENT }).to_string());
    answer["server"].as_str().unwrap().to_owned()
}

fn signed(server: &str, request: &str, key: &str) -> String {
    let mac = mac(&format!("hebe-restarter-1\nrequest\n{server}\n{CLIENT}\n{request}"), key);
    json!({ "do": "signed", "server": server, "request": request, "mac": mac }).to_string()
}

#[test]
fn tcp_without_the_key_reads_and_orders_nothing() {
    let lab = Lab::start(&map(), "");
    lab.until_phase("a", "running");
    let copy = lab.node("a")["pid"].clone();
    let listed = exchange(&mut lab.connect(), r#"{"do":"list"}"#);
    assert_eq!((&listed["nodes"][0]["pid"], &listed["nodes"][0]["env"]), (&copy, &Value::Null));
    assert_eq!(lab.node("a")["env"]["SECRET"], "x");
    for request in ["restart", "stop", "start"] {
        let answer = exchange(&mut lab.connect(), &json!({ "do": request, "node": "a" }).to_string());
        assert_eq!((&answer["answer"], &answer["code"]), (&json!("refused"), &json!("key_needed")));
    }
    assert_eq!(exchange(&mut lab.connect(), r#"{"do":"leave"}"#)["code"], "key_needed");
    assert_eq!(
        exchange(&mut lab.connect(), &json!({"do":"challenge","client":CLIENT}).to_string())["code"],
        "key_needed"
    );
    assert_eq!(lab.node("a")["pid"], copy);
}

#[test]
fn tcp_with_the_key_orders_once() {
    if !has("openssl") {
        return skipped("a proof by another program", "openssl");
    }
    let (_folder, lab) = keyed();
    let first = lab.node("a")["pid"].clone();
    let mut stream = lab.connect();
    let server = challenge(&mut stream);
    let order = signed(&server, r#"{"do":"restart","node":"a"}"#, KEY);
    let sealed = exchange(&mut stream, &order);
    assert_eq!(sealed["answer"], "signed", "{sealed}");
    let reply = sealed["reply"].as_str().unwrap();
    let proof = mac(&format!("hebe-restarter-1\nanswer\n{server}\n{CLIENT}\n{reply}"), KEY);
    assert_eq!(sealed["mac"], json!(proof));
    let reply: Value = serde_json::from_str(reply).unwrap();
    assert_eq!((&reply["answer"], &reply["node"]["env"]), (&json!("done"), &Value::Null));
    let second = lab.node("a")["pid"].clone();
    assert_ne!(first, second);
    // Replayed on the same connection, on another one, and under a fresh number.
    assert_eq!(exchange(&mut stream, &order)["code"], "bad_proof");
    assert_eq!(exchange(&mut lab.connect(), &order)["code"], "bad_proof");
    let mut other = lab.connect();
    let fresh = challenge(&mut other);
    assert_eq!(exchange(&mut other, &order)["code"], "bad_proof");
    let mut other = lab.connect();
    let _ = challenge(&mut other);
    assert_eq!(exchange(&mut other, &order.replace(&server, &fresh))["code"], "bad_proof");
    assert_eq!(lab.node("a")["pid"], second);
}

#[test]
fn a_wrong_key_and_a_changed_order_are_refused() {
    if !has("openssl") {
        return skipped("a proof by another program", "openssl");
    }
    let (_folder, lab) = keyed();
    let first = lab.node("a")["pid"].clone();
    let mut stream = lab.connect();
    let server = challenge(&mut stream);
    let wrong = signed(&server, r#"{"do":"stop","node":"a"}"#, "1123456789abcdef0123456789abcdef");
    assert_eq!(exchange(&mut stream, &wrong)["code"], "bad_proof");
    assert_eq!(answer(&mut stream), Value::Null);
    let mut stream = lab.connect();
    let server = challenge(&mut stream);
    let changed = signed(&server, r#"{"do":"list"}"#, KEY).replace("list", "leave");
    assert_eq!(exchange(&mut stream, &changed)["code"], "bad_proof");
    assert_eq!(lab.node("a")["pid"], first);
}

#[test]
fn what_is_no_request_is_answered_once_with_what_was_expected() {
    let lab = Lab::start(&map(), "");
    for line in ["GET / HTTP/1.1", "{", r#"{"do":"reboot"}"#, r#"{"do":"stop"}"#, "\u{0}"] {
        let mut stream = lab.connect();
        let answer = exchange(&mut stream, line);
        assert_eq!(answer["code"], "malformed", "{line}");
        assert!(answer["expected"].as_str().unwrap().contains("restart"));
        assert_eq!(super::lab::answer(&mut stream), Value::Null);
    }
    let mut stream = lab.connect();
    stream.write_all(&vec![b'x'; 70_000]).unwrap();
    assert_eq!(answer(&mut stream)["code"], "malformed");
    let answer = lab.order("restart", "b");
    assert_eq!((&answer["code"], &answer["expected"]), (&json!("unknown_node"), &json!("one of a")));
    // All this time it has kept what it keeps.
    assert_eq!(lab.until_phase("a", "running")["copies"], 1);
}

#[test]
fn others_are_not_listened_to_without_a_key() {
    let lab = Lab::start(&map(), "");
    let map = lab.path("map.toml").display().to_string();
    let other = tempfile::tempdir().unwrap();
    let output = crate::binary::hebe()
        .args(["restarter", "--listen", "0.0.0.0:0", "--map", &map, "--store"])
        .arg(other.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("restarter.key_file"), "{said}");
}

/// A client in another language, as PROTOCOL.md shows it.
const PYTHON: &str = r#"
import hashlib, hmac, json, secrets, socket, sys
host, port, key_file, verb, node = sys.argv[1:]
lines = socket.create_connection((host, int(port)), timeout=60).makefile("rw")
def ask(request):
    lines.write(json.dumps(request) + "\n"); lines.flush()
    return json.loads(lines.readline())
def mac(role, server, client, text):
    key = open(key_file).read().strip().encode()
    return hmac.new(key, "\n".join(["hebe-restarter-1", role, server, client, text]).encode(), hashlib.sha256).hexdigest()
for it in ask({"do": "list"})["nodes"]:
    print(it["node"], it["phase"], it["pid"], " ".join(it["argv"]))
client = secrets.token_hex(16)
server = ask({"do": "challenge", "client": client})["server"]
request = json.dumps({"do": verb, "node": node})
sealed = ask({"do": "signed", "server": server, "request": request, "mac": mac("request", server, client, request)})
assert hmac.compare_digest(sealed["mac"], mac("answer", server, client, sealed["reply"])), "not the Re/Starter"
print(json.loads(sealed["reply"])["answer"])
"#;

#[test]
fn twenty_lines_of_python_are_a_client() {
    if !has("python3") {
        return skipped("a client in Python", "python3");
    }
    let (folder, lab) = keyed();
    let before = lab.node("a")["pid"].as_str().unwrap().to_owned();
    let (host, port) = lab.tcp.rsplit_once(':').unwrap();
    let key = folder.path().join("key");
    let output = Command::new("python3")
        .args(["-c", PYTHON, host, port])
        .arg(key)
        .args(["restart", "a"])
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(said.starts_with(&format!("a running {before} sleep ")) && said.ends_with("\ndone\n"), "{said}");
    assert_ne!(lab.node("a")["pid"], json!(before));
    let protocol = crate::skipped::workspace().join("engine/app/restarter/PROTOCOL.md");
    assert!(
        fs::read_to_string(protocol).unwrap().contains(PYTHON.trim()),
        "PROTOCOL.md shows another client"
    );
}
