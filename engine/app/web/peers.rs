//! Seats for connections: so many in all, and for one stranger a share of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Connections at once.
const ALL: usize = 64;
/// Connections of one address that is not this machine.
const OF_ONE: usize = 16;

/// Who is connected.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A seat, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Seats {
    /// A seat for this address, if there is one.
    pub(super) fn take(&self, address: IpAddr) -> Option<Seat> {
        let address = address.to_canonical();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&address).copied().unwrap_or(0);
        if taken.values().sum::<usize>() >= ALL || (own >= OF_ONE && !address.is_loopback()) {
            return None;
        }
        taken.insert(address, own + 1);
        Some(Seat { taken: Arc::clone(&self.taken), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(address: &str, seats: &Seats) -> Vec<Seat> {
        std::iter::from_fn(|| seats.take(address.parse().unwrap())).collect()
    }

    #[test]
    fn one_stranger_cannot_take_every_seat() {
        let all = Seats::default();
        let stranger = seats("10.0.0.1", &all);
        assert_eq!(stranger.len(), OF_ONE);
        let own = seats("127.0.0.1", &all);
        assert_eq!(own.len(), ALL - OF_ONE);
        drop(stranger);
        assert_eq!(seats("::ffff:10.0.0.2", &all).len(), OF_ONE);
        drop(own);
        assert!(all.taken.lock().unwrap().is_empty());
    }
}
