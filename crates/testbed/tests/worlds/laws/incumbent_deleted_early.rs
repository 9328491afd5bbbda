//! `incumbent-deleted-early`: the old nodes go only after the new ones have taken over.

use super::{oracles_of, planned_upgrade};
use api::{Kind, ObjectKey, SeiNode};
use ports::DeleteOptions;
use simkube::{Actor, Request};
use std::time::Duration;
use testbed::world::World;

#[test]
fn incumbent_deleted_early_fires_when_the_operator_deletes_a_node_that_clients_reach() {
    let (scenario, mut world) = planned_upgrade();
    world.run_until(Some(scenario.timeline[0].at() + Duration::from_secs(60)));
    let delete = |world: &mut World, actor, name: &str| {
        let key = ObjectKey::new("default", name);
        let request = Request::Delete { info: &const { SeiNode::INFO }, key, options: DeleteOptions::default() };
        world.act(|sim| sim.request(request, actor)).expect("the node is there");
        world.look(|sim| oracles_of(sim.violations()).into_iter().filter(|oracle| *oracle == "incumbent-deleted-early").count())
    };
    assert_eq!(delete(&mut world, Actor::Person, "pacific-1-rpc-1"), 0, "a person may");
    let operator = Actor::Operator(simkube::ProcessId(1));
    assert_eq!(delete(&mut world, operator, "pacific-1-rpc-g2-1"), 0, "an entrant is no incumbent");
    assert_eq!(delete(&mut world, operator, "pacific-1-rpc-0"), 1);
}
