//! Each law fires when its behaviour is broken on purpose, and only then.
//!
//! The world is real and settled; what breaks the law is done to it from outside, or told to the law alone. One file a law.

mod incumbent_deleted_early;
mod new_binary_before_halt;
mod no_endpoint;
mod not_converged;
mod old_binary_past_halt;
mod running_lies;

use crate::common;

use api::Height;
use oracles::{Docket, Fact, Laws, Sight, Violation};
use simchain::Happening;
use simcore::SimTime;
use simkube::PodId;
use std::time::Duration;
use testbed::Settled;
use testbed::history::History;
use testbed::scenario::Scenario;
use testbed::world::{Polls, World};

const NEW: &str = "ghcr.io/sei-protocol/sei:v6.4.0";
const OLD: &str = "ghcr.io/sei-protocol/sei:v6.3.0";

fn planned_upgrade() -> (Scenario, World) {
    let scenario = common::scenarios().into_iter().find(|scenario| &*scenario.name == "hardfork/planned-upgrade").expect("the scenario");
    let settled = Settled::new(&scenario, &scenario.runs[0].design, Polls::Elided).expect("the scenario settles");
    let world = settled.world(7, History::default());
    (scenario, world)
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
