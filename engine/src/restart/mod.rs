//! Restarts: which part to restart, when, and when not to.
//!
//! What lives here decides, and is pure: same map, same history, same time, same answer. Processes, sockets, hooks and
//! clocks do not live here; who acts on a [`plan::Plan`] is `engine/app/restart`.

pub mod budget;
pub mod calendar;
pub mod cause;
mod closure;
pub mod decision;
pub mod heartbeat;
pub mod history;
pub mod hold;
pub mod identity;
pub mod infer;
pub mod journal;
pub mod learn;
pub mod map;
pub mod meant;
pub mod notification;
pub mod oracle;
pub mod plan;
mod planner;
pub mod protocol;
mod rolled;
mod span;
mod stages;
pub mod stat;
pub mod strain;
pub mod supervision;
pub mod suspicion;
pub mod timetable;
pub mod world;

pub use closure::closure;
pub use planner::plan;
