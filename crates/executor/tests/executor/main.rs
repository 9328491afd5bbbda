//! The executor against ports that answer at once.
#![allow(missing_docs, reason = "tests")]

mod bootstrap;
mod decode;
mod fake;
mod genesis;
mod plan;
mod rollout;
mod samples;
