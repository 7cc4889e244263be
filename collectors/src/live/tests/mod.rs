//! The sampler as a whole: on hosts that are written down, and on the one that runs the tests.

mod broken;
mod cgroups;
mod fixture;
mod host;
mod processes;
mod running;
