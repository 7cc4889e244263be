//! The desk where answers are made: off the thread that talks, and only so many at once.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

use super::gate::busy;
use super::reply::problem;

/// Threads that make answers; they end when there is nothing to do.
pub(super) const THREADS: usize = 3;
/// Of these, the ones that may hang without anybody being told so by `/healthz`.
const HANDS: usize = 2;
/// Answers that wait or are made; one that hangs keeps its place until it ends.
const PLACES: usize = 16;

/// Places for work.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    places: Arc<Semaphore>,
    hands: Arc<Semaphore>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)), hands: Arc::new(Semaphore::new(HANDS)) }
    }
}

impl Desk {
    /// Makes an answer.
    pub(super) async fn work(&self, make: impl FnOnce() -> Response + Send + 'static) -> Response {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return busy() };
        let Ok(hand) = Arc::clone(&self.hands).acquire_owned().await else { return busy() };
        let made = spawn_blocking(move || {
            let _held = (place, hand);
            make()
        });
        made.await.unwrap_or_else(|error| broken(&error))
    }

    /// Makes the answer of the sign of life, for which a thread is kept free.
    pub(super) async fn look(&self, make: impl FnOnce() -> Response + Send + 'static) -> Response {
        spawn_blocking(make).await.unwrap_or_else(|error| broken(&error))
    }
}

/// The answer where making one has panicked.
fn broken(_: &JoinError) -> Response {
    problem(StatusCode::INTERNAL_SERVER_ERROR, "This answer could not be made.")
}
