//! The Re/Starter as it is: real processes, started, kept, stopped, found again, and told about.

mod adoption;
mod away;
mod doors;
mod keeping;
mod lab;
mod speech;
mod stopping;
