//! Restarts made by the binary: on a real systemd in namespaces of its own, and without one.

mod crash;
mod guard;
mod hang;
mod lab;
mod systemd;
