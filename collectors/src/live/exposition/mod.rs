//! Prometheus' text format and `OpenMetrics` as a live source: an application's own numbers.
//!
//! Fetching is for others. Here text becomes samples, and [`Mapping`]s make readings of them.

mod cursor;
mod known;
mod mapping;
mod parse;
mod selector;

pub use mapping::{Bound, Mapping, Measure, Scraped, readings};
pub use parse::{Exposed, Exposition, parse};
pub use selector::{Matcher, Selector, SelectorError};
