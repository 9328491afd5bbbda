//! Each law fires when its behaviour is broken on purpose, and only then.
//!
//! The world is real and settled; what breaks the law is done to it from outside, or told to the law alone. One file a law.

mod failure_hidden;
mod foreign_object;
mod incumbent_deleted_early;
mod leftover;
mod lost_update;
mod new_binary_before_halt;
mod no_endpoint;
mod not_converged;
mod not_quiet;
mod not_stable;
mod old_binary_past_halt;
mod plan_regression;
mod replica_count;
mod running_lies;
mod service;
mod stage;
mod state;

use crate::common;

use api::Height;
use faults::Schedule;
use oracles::{Docket, Fact, Laws, Sight, Violation};
use planner::Design;
use simchain::Happening;
use simcore::SimTime;
use simkube::PodId;
use std::time::Duration;
use testbed::history::History;
use testbed::scenario::{self, Scenario};
use testbed::world::{Polls, World};
use testbed::{Settled, WorldResult};

const NEW: &str = "ghcr.io/sei-protocol/sei:v6.4.0";
const OLD: &str = "ghcr.io/sei-protocol/sei:v6.3.0";

fn planned_upgrade() -> (Scenario, World) {
    let scenario = common::scenarios().into_iter().find(|scenario| &*scenario.name == "hardfork/planned-upgrade").expect("the scenario");
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("the scenario settles");
    let world = settled.world(7, History::default());
    (scenario, world)
}

/// A scenario under a design with a seed and faults, run to its end.
fn run(scenario: &str, design: &str, seed: u64, faults: &[&str]) -> WorldResult {
    let scenario = common::scenarios().into_iter().find(|of| *of.name == *scenario).expect("the scenario");
    run_scenario(&scenario, design, seed, faults)
}

/// The same with some words of the scenario's file exchanged.
fn run_exchanged(scenario: &str, exchange: &[(&str, &str)], design: &str, seed: u64, faults: &[&str]) -> WorldResult {
    let file = common::root().join(format!("scenarios/{scenario}.yaml"));
    let mut text = std::fs::read_to_string(&file).expect("a readable scenario");
    for (words, by) in exchange {
        assert!(text.contains(words), "{words}");
        text = text.replacen(words, by, 1);
    }
    let scenario = scenario::read(&file, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    run_scenario(&scenario, design, seed, faults)
}

fn run_scenario(scenario: &Scenario, design: &str, seed: u64, faults: &[&str]) -> WorldResult {
    let mut changes = design.split(',');
    let preset = Design::preset(changes.next().expect("a name")).expect("a preset");
    let design = changes.fold(preset, |design, change| design.with(change).expect("a decision"));
    let schedule = Schedule(faults.iter().map(|fault| serde_json::from_str(fault).expect(fault)).collect());
    let settled = Settled::new(scenario, &design, Polls::Elided).expect("the scenario settles");
    settled.run_under(seed, &schedule, History::default()).expect("the testbed does not fail")
}

/// How often a law was broken.
fn broken(result: &WorldResult, oracle: &str) -> usize {
    result.violations.iter().filter(|violation| violation.oracle == oracle).count()
}

/// Tells fresh laws of facts, each at its own moment of the world's present state.
fn told(world: &World, facts: &[(Duration, Fact<'_>)]) -> Vec<Violation> {
    world.look(|sim| {
        let (mut laws, mut docket) = (Laws::default(), Docket::default());
        for (after, fact) in facts {
            laws.observe(&Sight { now: SimTime::ZERO + *after, ..sim.sight() }, fact, &mut docket);
        }
        docket.take_violations()
    })
}

fn oracles_of(violations: &[Violation]) -> Vec<&'static str> {
    violations.iter().map(|violation| violation.oracle).collect()
}

fn pod() -> PodId {
    PodId(uuid::Uuid::from_u128(1))
}

fn started(image: &str) -> Happening {
    Happening::SeidStarted { image: image.into(), app: Height(1), halt_height: None }
}

fn of_chain(what: &Happening) -> Fact<'_> {
    Fact::Chain { node: "pacific-1-rpc-0", pod: pod(), what }
}
