//! Each law fires when its behaviour is broken on purpose, and only then.
//!
//! The world is real and settled; what breaks the law is done to it from outside, or told to the law alone.

mod failure_hidden;
mod foreign_object;
mod leftover;
mod lost_update;
mod not_converged;
mod not_quiet;
mod not_stable;
mod plan_regression;
mod replica_count;
mod stage;

use crate::common;

use api::node::NodePhase;
use api::{Height, Kind, Node, ObjectKey, SeiNode};
use oracles::{Docket, Fact, Laws, Sight, Violation};
use ports::DeleteOptions;
use simchain::Happening;
use simcore::SimTime;
use simkube::{Actor, PodId, Request, StoreChange};
use std::sync::Arc;
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

#[test]
fn new_binary_before_halt_fires_once_for_a_node_that_keeps_trying_and_not_at_the_halt_height() {
    let (scenario, world) = planned_upgrade();
    let halt = scenario.chain.upgrades[0].height;
    let (start, early, late) = (started(NEW), Happening::FirstBlock { height: halt.minus(1) }, Happening::FirstBlock { height: halt });
    let now = Duration::ZERO;
    let fired = told(&world, &[(now, of_chain(&start)), (now, of_chain(&early)), (now, of_chain(&early))]);
    assert_eq!(oracles_of(&fired), ["new-binary-before-halt"]);
    assert!(told(&world, &[(now, of_chain(&start)), (now, of_chain(&late))]).is_empty());
    assert!(told(&world, &[(now, of_chain(&started(OLD))), (now, of_chain(&early))]).is_empty());
}

#[test]
fn old_binary_past_halt_fires_at_the_halt_height_and_not_before_it() {
    let (scenario, world) = planned_upgrade();
    let halt = scenario.chain.upgrades[0].height;
    let executed = |height, image: &str| Happening::Executed { height, image: image.into() };
    let fire = |what: &Happening| told(&world, &[(Duration::ZERO, of_chain(what))]);
    assert_eq!(oracles_of(&fire(&executed(halt, OLD))), ["old-binary-past-halt"]);
    assert!(fire(&executed(halt.minus(1), OLD)).is_empty());
    assert!(fire(&executed(halt, NEW)).is_empty());
}

#[test]
fn no_endpoint_fires_after_5_s_without_a_reached_node_though_one_could_serve() {
    let (_, world) = planned_upgrade();
    world.look(|sim| {
        let (mut laws, mut docket) = (Laws::default(), Docket::default());
        let sight = sim.sight();
        let nowhere = ObjectKey::new("default", "another-service");
        let mut look = |seconds, external| {
            let now = SimTime::ZERO + Duration::from_secs(seconds);
            laws.observe(&Sight { now, external, ..sight }, &Fact::TimePassed, &mut docket);
            docket.take_violations()
        };
        assert!(look(0, sight.external).is_empty(), "clients are served");
        assert!(look(1, &nowhere).is_empty() && look(5, &nowhere).is_empty(), "the gap is short");
        assert_eq!(oracles_of(&look(6, &nowhere)), ["no-endpoint"]);
        assert!(look(7, &nowhere).is_empty(), "one gap is told once");
        assert!(look(8, sight.external).is_empty() && look(9, &nowhere).is_empty(), "a new gap has its own 5 s");
    });
}

#[test]
fn incumbent_deleted_early_fires_when_the_operator_deletes_a_node_that_clients_reach() {
    let (scenario, mut world) = planned_upgrade();
    world.run_until(Some(scenario.timeline[0].at() + Duration::from_secs(60)));
    let delete = |world: &mut World, actor, name: &str| {
        let key = ObjectKey::new("default", name);
        let request = Request::Delete { info: &const { SeiNode::INFO }, key, options: DeleteOptions::default() };
        world.act(|sim| sim.request(request, actor)).expect("the node is there");
        world.look(|sim| oracles_of(sim.violations()))
    };
    assert!(delete(&mut world, Actor::Person, "pacific-1-rpc-1").is_empty(), "a person may");
    let operator = Actor::Operator(simkube::ProcessId(1));
    assert!(delete(&mut world, operator, "pacific-1-rpc-g2-1").is_empty(), "an entrant is no incumbent");
    assert_eq!(delete(&mut world, operator, "pacific-1-rpc-0"), ["incumbent-deleted-early"]);
}

#[test]
fn running_lies_fires_120_s_after_a_node_without_a_process_calls_itself_running() {
    let (_, world) = planned_upgrade();
    let at = |seconds| Duration::from_secs(seconds);
    let (absent, present) = (enters_running(&world, "ghost"), enters_running(&world, "pacific-1-rpc-0"));
    let fire = |change: &StoreChange| {
        (
            told(&world, &[(at(0), Fact::Stored(change)), (at(119), Fact::TimePassed)]),
            told(&world, &[(at(0), Fact::Stored(change)), (at(120), Fact::TimePassed)]),
        )
    };
    let (early, late) = fire(&absent);
    assert!(early.is_empty());
    assert_eq!(oracles_of(&late), ["running-lies"]);
    let (early, late) = fire(&present);
    assert!(early.is_empty() && late.is_empty(), "a node that follows the tip tells the truth");
}

/// The change by which a node of a given name enters phase Running.
fn enters_running(world: &World, name: &str) -> StoreChange {
    let node: Node = world.look(|sim| sim.sight().nodes().into_iter().next()).expect("a settled group has nodes");
    let of_phase = |phase| {
        let mut node = node.clone();
        node.meta_mut().key.name = Arc::from(name);
        node.status_mut().phase = Some(phase);
        Some(node.into_any())
    };
    StoreChange { old: of_phase(NodePhase::Initializing), new: of_phase(NodePhase::Running), actor: Actor::Person }
}
