//! The daemon end to end: what it sees, tells, shows and keeps, and what it does when the world breaks.

mod check;
mod clock;
mod crowd;
mod filling;
mod full;
mod hostile;
mod killed;
mod leak;
mod life;
mod origin;
mod silent;
mod started;
mod stranger;
mod swap;
