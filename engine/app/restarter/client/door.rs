//! The way to a Re/Starter: one line out, one line back, proven where it goes over TCP.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hebe::restart::protocol::{MOST_REPLY_BYTES, Reply, Request, Speaker};

use super::super::key::{Key, number};
use super::SOON;

/// The way to a Re/Starter.
#[derive(Clone, Debug)]
pub(super) enum Door {
    Unix(PathBuf),
    Tcp { address: String, key: Option<Arc<Key>> },
}

/// Why no answer came through.
#[derive(Debug)]
pub(super) enum Broken {
    /// Nobody is there.
    Absent(io::Error),
    /// The connection broke, or took too long.
    Silent(io::Error),
    /// The answer is not proven.
    Forged,
    /// It would not hear the request, in its words.
    Refused(String),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Silent(error)
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(f),
            Self::Tcp { address, .. } => address.fmt(f),
        }
    }
}

impl Door {
    pub(super) fn unix(state_dir: &Path) -> Self {
        Self::Unix(super::super::socket(&super::super::folder(state_dir)))
    }

    pub(super) fn tcp(address: &str, key_file: Option<&Path>) -> Result<Self> {
        let port = address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        ensure!(
            port.is_some(),
            "`restarter.connect` is `{address}`; expected HOST:PORT, such as 192.0.2.7:9798"
        );
        let key = key_file.map(Key::read).transpose().context("`restarter.key_file`")?;
        Ok(Self::Tcp { address: address.to_owned(), key: key.map(Arc::new) })
    }

    pub(super) fn is_here(&self) -> bool {
        matches!(self, Self::Unix(_))
    }

    /// Sends a request, and waits for its answer so long at most.
    pub(super) fn exchange(&self, request: &str, within: Duration) -> Result<String, Broken> {
        match self {
            Self::Unix(path) => {
                let mut stream = UnixStream::connect(path).map_err(Broken::Absent)?;
                stream.set_write_timeout(Some(SOON))?;
                stream.set_read_timeout(Some(within))?;
                say(&mut stream, request)?;
                hear(&mut BufReader::new(stream))
            }
            Self::Tcp { address, key } => {
                let stream = connect(address).map_err(Broken::Absent)?;
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(SOON))?;
                match key {
                    Some(key) => proven(stream, key, request, within),
                    None => plain(stream, request, within),
                }
            }
        }
    }
}

/// Tries every address of a name.
fn connect(address: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, SOON) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn plain(mut stream: TcpStream, request: &str, within: Duration) -> Result<String, Broken> {
    stream.set_read_timeout(Some(within))?;
    say(&mut stream, request)?;
    hear(&mut BufReader::new(stream))
}

/// Proves that we have the key, and takes no answer of one who has not.
fn proven(mut stream: TcpStream, key: &Key, request: &str, within: Duration) -> Result<String, Broken> {
    stream.set_read_timeout(Some(SOON))?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let client = number().map_err(io::Error::other)?;
    say(&mut stream, &text(&Request::Challenge { client: client.clone() })?)?;
    let answer = hear(&mut lines)?;
    let Ok(Reply::Challenge { server }) = serde_json::from_str(&answer) else {
        return Err(Broken::Refused(answer));
    };
    let mac = key.sign(Speaker::Client, &server, &client, request);
    stream.set_read_timeout(Some(within))?;
    say(&mut stream, &text(&Request::Signed { server: server.clone(), request: request.to_owned(), mac })?)?;
    let answer = hear(&mut lines)?;
    match serde_json::from_str(&answer) {
        Ok(Reply::Signed { reply, mac })
            if key.verify(Speaker::Restarter, &server, &client, &reply, &mac) =>
        {
            Ok(reply)
        }
        Ok(Reply::Signed { .. }) => Err(Broken::Forged),
        _ => Err(Broken::Refused(answer)),
    }
}

fn text(request: &Request) -> io::Result<String> {
    Ok(serde_json::to_string(request)?)
}

fn say(stream: &mut impl Write, line: &str) -> io::Result<()> {
    stream.write_all(format!("{line}\n").as_bytes())
}

fn hear(lines: &mut impl BufRead) -> Result<String, Broken> {
    let mut answer = String::new();
    let most = u64::try_from(MOST_REPLY_BYTES).unwrap_or(u64::MAX) + 1;
    lines.take(most).read_line(&mut answer)?;
    if answer.is_empty() {
        return Err(Broken::Silent(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(answer)
}
