//! The server: one thread with a small runtime of its own, beside a daemon that is not asynchronous.
//!
//! A connection has so long to send its head, so long to live, and no request may take longer than
//! [`super::gate::REQUEST`]; a slow reader holds a seat and nothing else.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::peers::Seats;
use super::{Options, Source, listen, router, tls, work};

/// Time for the head of a request, and for a TLS handshake.
const HEAD: Duration = Duration::from_secs(10);
/// Time for a connection as a whole: a browser opens another one.
const LIFE: Duration = Duration::from_mins(1);
/// Time for what is under way when a connection or the server is to end.
const GRACE: Duration = Duration::from_secs(2);
/// Pause where the system gives no more sockets.
const BREATH: Duration = Duration::from_millis(100);
/// Bytes of a request's head.
const HEAD_BYTES: usize = 16 * 1024;
/// Lines of a request's head.
const HEAD_LINES: usize = 64;

/// The address of the one who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    warning: Option<String>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Where it listens, with the port that was taken.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the user should know about how the page is served.
    pub(crate) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Takes no more connections, gives those under way a moment, and ends.
    pub(crate) fn stop(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Starts to serve the page.
///
/// # Errors
///
/// Refuses an address that strangers reach without a token, a token that can be guessed, files of TLS that cannot
/// be used, and an address that is taken.
pub(crate) fn start(options: &Options, source: Arc<dyn Source>) -> Result<Server> {
    let listener = listen::bind(options)?;
    let address = listener.local_addr().context("the page's socket has no address")?;
    let acceptor = options.tls.as_ref().map(|(chain, key)| tls::acceptor(chain, key)).transpose()?;
    let router = router::router(options, address, source)?;
    let runtime = runtime().context("cannot start the page's runtime")?;
    let (stop, stopped) = watch::channel(false);
    let thread = thread::Builder::new()
        .name("hebe-page".to_owned())
        .spawn(move || run(&runtime, listener, acceptor, router, stopped))
        .context("cannot start the page's thread")?;
    Ok(Server { address, warning: listen::warning(options), stop, thread: Some(thread) })
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(work::THREADS)
        .thread_name("hebe-page-work")
        .build()
}

fn run(
    runtime: &Runtime,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stopped: watch::Receiver<bool>,
) {
    runtime.block_on(async move {
        // The socket is non-blocking, which is all that this can complain about.
        if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
            accept(&listener, tls, router, stopped).await;
        }
    });
}

async fn accept(
    listener: &tokio::net::TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let (seats, mut open) = (Seats::default(), JoinSet::new());
    loop {
        let accepted = tokio::select! {
            _ = stopped.changed() => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            sleep(BREATH).await;
            continue;
        };
        // Without a seat the connection is closed at once.
        let Some(seat) = seats.take(peer.ip()) else { continue };
        let (tls, router, stopped) = (tls.clone(), router.clone(), stopped.clone());
        open.spawn(async move {
            let _seat = seat;
            match tls {
                None => converse(stream, peer.ip(), router, stopped).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = timeout(HEAD, tls.accept(stream)).await {
                        converse(stream, peer.ip(), router, stopped).await;
                    }
                }
            }
        });
    }
    let _ = timeout(GRACE, async { while open.join_next().await.is_some() {} }).await;
}

/// Answers the requests of one connection.
async fn converse<S>(stream: S, peer: IpAddr, router: Router, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let answer = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        answer.call(request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEAD_LINES)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep(LIFE) => {}
        _ = stopped.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(GRACE, connection).await;
}
