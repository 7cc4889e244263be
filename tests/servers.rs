//! Real servers from the system's packages, started for a test and killed when it ends.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A server that is not ready by then never will be.
const PATIENCE: Duration = Duration::from_mins(2);
/// Time from one look at the server to the next.
const LOOK: Duration = Duration::from_millis(50);

/// A server of our own.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Prometheus over the database `data` in `folder`, with the configuration `config`.
    pub(crate) fn prometheus(folder: &Path, config: &str) -> Self {
        let file = folder.join("prometheus.yml");
        fs::write(&file, config).unwrap();
        let port = free_port();
        let arguments = [
            format!("--config.file={}", file.display()),
            format!("--storage.tsdb.path={}", folder.join("data").display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--storage.tsdb.retention.time=1y".to_owned(),
            "--log.level=warn".to_owned(),
        ];
        Self::start("prometheus", &arguments, port, &folder.join("prometheus.log"))
    }

    /// Alertmanager with the configuration `config`, alone.
    pub(crate) fn alertmanager(folder: &Path, config: &str) -> Self {
        let file = folder.join("alertmanager.yml");
        fs::write(&file, config).unwrap();
        let port = free_port();
        let arguments = [
            format!("--config.file={}", file.display()),
            format!("--storage.path={}", folder.join("alerts").display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--cluster.listen-address=".to_owned(),
        ];
        Self::start("prometheus-alertmanager", &arguments, port, &folder.join("alertmanager.log"))
    }

    /// Starts one and waits until it answers.
    fn start(program: &str, arguments: &[impl AsRef<OsStr>], port: u16, log: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(log).unwrap());
        let mut server =
            Self { child: command.spawn().expect(program), url: format!("http://127.0.0.1:{port}") };
        let started = Instant::now();
        while ureq::get(format!("{}/-/ready", server.url)).call().is_err() {
            let ended = server.child.try_wait().unwrap();
            let gone = ended.is_some() || PATIENCE < started.elapsed();
            assert!(!gone, "{program}: {ended:?}: {}", fs::read_to_string(log).unwrap());
            thread::sleep(LOOK);
        }
        server
    }

    /// What it answers to a path, as JSON.
    #[track_caller]
    pub(crate) fn json(&self, path: &str) -> Value {
        let mut answer = ureq::get(format!("{}{path}", self.url)).call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// What Prometheus answers to a query at this moment.
    #[track_caller]
    pub(crate) fn query(&self, query: &str) -> Vec<Value> {
        let asked = ureq::get(format!("{}/api/v1/query", self.url)).query("query", query);
        let text = asked.call().unwrap().body_mut().read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        answer["data"]["result"].as_array().unwrap_or_else(|| panic!("{query}: {text}")).clone()
    }
}

/// A port of the loopback that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    // Two tests that ask at once are not given the same one.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap();
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
