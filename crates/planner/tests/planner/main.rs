//! Properties of plans and objects over random valid specs, against the tables of controller.md written down a second time.
#![allow(missing_docs, reason = "tests")]

mod group_plans;
mod node_plans;
mod objects;
mod parameters;
mod specs;
mod validation;

/// The same cases on every run.
fn fixed() -> proptest::prelude::ProptestConfig {
    proptest::prelude::ProptestConfig {
        cases: 512,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        ..proptest::prelude::ProptestConfig::default()
    }
}

/// The design that decides everything as the operator does today.
fn faithful() -> planner::Design {
    planner::Design::preset("halt-signal").expect("a preset")
}
