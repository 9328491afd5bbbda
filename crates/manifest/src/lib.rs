//! Strict reading and checking of the YAML files that people write.
//!
//! * [`read`] takes the manifests of `kubectl apply`: `SeiNodeDeployment` and `SeiNode`, checked against the very schemas that
//!   [`crds`] prints, CEL rules included, every problem with line and field.
//! * [`parse`] takes any other file into any serde type, and [`embedded`] a manifest that stands within such a file.
//! * [`print`] writes an object back.
//!
//! The way of a file: `load` (bytes to trees with places, all bounds on raw input), `defaults`, `check` (with `rules` for CEL and
//! `metadata`), `typed` (to Rust types). What does not fit becomes a `problem`.

mod check;
pub mod crds;
mod defaults;
mod document;
mod load;
mod metadata;
mod problem;
mod rules;
mod scalar;
mod tree;
mod typed;
mod words;
pub mod yaml;

pub use document::{Document, embedded, print, read, with_defaults};
pub use load::{MAX_BYTES, MAX_DEPTH};
pub use problem::{Problem, Problems};
pub use typed::{Positions, parse};
