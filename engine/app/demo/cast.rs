//! The scene of the demonstration: a folder of its own with the restart map, the configuration and all that is written.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::output;

/// The instances: the first leaks, the second does not.
pub(super) const INSTANCES: [(&str, f64); 2] = [("shop-a", 5.0), ("shop-b", 0.0)];
/// Descriptors that an instance may have.
pub(super) const DESCRIPTORS: u64 = 800;

/// All that the demonstration writes; it is removed with it.
#[derive(Debug)]
pub(super) struct Scene {
    /// The folder.
    pub(super) dir: PathBuf,
    /// Where the instances listen.
    pub(super) ports: Vec<u16>,
}

impl Scene {
    /// A new folder that only this user can read.
    pub(super) fn new() -> Result<Self> {
        let dir = std::env::temp_dir().join(format!("hebe-demo-{}", std::process::id()));
        fs::create_dir(&dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
        let scene = Self { dir, ports: INSTANCES.iter().map(|_| free_port()).collect::<Result<_>>()? };
        fs::set_permissions(&scene.dir, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(scene)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Writes the map; the balancer's control port is where its hooks go.
    pub(super) fn write_map(&self, control: u16) -> Result<()> {
        let program = output::program();
        let instances: String = INSTANCES
            .iter()
            .zip(&self.ports)
            .map(|(&(name, leak), &port)| instance(&program, name, leak, port, control))
            .collect();
        self.write("map.toml", &format!("{MAP}{instances}"))
    }

    /// Writes the configuration with what may be done.
    pub(super) fn write_config(&self, mode: &str) -> Result<()> {
        let map = self.path("map.toml");
        self.write(
            "hebe.toml",
            &format!("{CONFIG}\n[restart]\nmode = \"{mode}\"\nmap = \"{}\"\n", map.display()),
        )
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        output::write(Path::new(&path), text)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A port that nobody uses now.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a port of 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// The group: one of its two instances must stay up.
const MAP: &str = "\
# The restart map of the demonstration: two instances of a shop behind a balancer.
budget = \"20 in 1h\"

[[node]]
name = \"shop\"
group = true
keep = 1
";

const CONFIG: &str = "\
period = \"250ms\"
horizons = [\"10m\"]

[history]
sysstat = false
";

fn instance(program: &str, name: &str, leak: f64, port: u16, control: u16) -> String {
    let quoted = |word: &str| format!("{word:?}");
    let command = [
        program,
        "stage",
        "service",
        "--name",
        name,
        "--port",
        &port.to_string(),
        "--leak",
        &leak.to_string(),
        "--descriptors",
        &DESCRIPTORS.to_string(),
    ]
    .map(quoted)
    .join(", ");
    let drain = |back: &[&str]| {
        let control = control.to_string();
        let words = [&[program, "stage", "drain", "--front", &control, "--name", name], back].concat();
        words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ")
    };
    format!(
        "
[[node]]
name = \"{name}\"
parent = \"shop\"
command = [{command}]
notify = true
heartbeat = \"250ms\"
drain = {{ command = [{}], within = \"10s\" }}
resume = {{ command = [{}], within = \"5s\" }}
ready = [{{ http = \"http://127.0.0.1:{port}/\", within = \"500ms\", every = \"50ms\" }}]
probe = [{{ http = \"http://127.0.0.1:{port}/\", within = \"500ms\", every = \"1s\" }}]
ports_free = [{port}]
min_uptime = \"5s\"
stop_within = \"3s\"
budget = \"10 in 1h\"
",
        drain(&[]),
        drain(&["--back"]),
    )
}
