//! What a rollout controller may rely on in Kubernetes, one documented behaviour a test.
//!
//! The suite knows the cluster only through the trait [`cluster::Cluster`]: requests and answers in their wire form, time that passes, and
//! the few things that people do to machines. So it can be run against a real API server as well, by a second implementation of the trait.
//! `cargo test -p simkube --test conformance -- --list` prints the table of contents. Each test names its source.

mod budgets;
mod clients;
mod cluster;
mod concurrency;
mod deletion;
mod images;
mod informers;
mod jobs;
mod machines;
mod manifests;
mod ownership;
mod patches;
mod pods;
mod probes;
mod programs;
mod services;
mod simulated;
mod stateful_sets;
mod status;
mod validation;
mod volumes;
mod watches;

/// The cluster that the suite is run against: empty, all spans short.
fn cluster() -> impl cluster::Cluster {
    simulated::Simulated::new()
}
