//! `incumbent-deleted-early`: the old nodes go only after the new ones have taken over.

use super::stage::{GROUP, broken, by, by_operator, delete, operator_writes_status, patch, rollout, stored};
use super::{oracles_of, planned_upgrade};
use api::kinds::{PersistentVolumeClaim, StatefulSet};
use api::{Kind, ObjectKey, SeiNode, SeiNodeDeployment};
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

#[test]
fn scaling_down_takes_a_node_with_all_that_is_its_own() {
    let mut world = rollout();
    let group = stored::<SeiNodeDeployment>(&world, GROUP);
    by(&mut world, Actor::Person, patch(&group, |group| group.spec_mut().replicas = 1));
    let primary = super::stage::group(&world);
    for request in [
        delete::<PersistentVolumeClaim>("data-pacific-1-rpc-1"),
        delete::<StatefulSet>("pacific-1-rpc-1"),
        delete::<SeiNode>("pacific-1-rpc-1"),
    ] {
        by_operator(&mut world, primary.clone(), request).expect("it is there");
    }
    let early = |world: &World| broken(world).into_iter().filter(|oracle| *oracle == "incumbent-deleted-early").count();
    assert_eq!(early(&world), 0, "the second node is beyond the scale");
    by_operator(&mut world, primary, delete::<PersistentVolumeClaim>("data-pacific-1-rpc-0")).expect("it is there");
    assert_eq!(early(&world), 1, "the first is not");
}

#[test]
fn an_entrant_that_a_rollout_of_the_same_revision_has_left_out_for_a_while_is_no_incumbent() {
    let mut world = rollout();
    operator_writes_status::<SeiNodeDeployment>(&mut world, GROUP, |status| {
        let rollout = status.deployment.as_mut().expect("one is at work");
        rollout.entrant_nodes = vec!["pacific-1-rpc-g2-0".into()];
    });
    let primary = super::stage::group(&world);
    by_operator(&mut world, primary.clone(), delete::<SeiNode>("pacific-1-rpc-g2-1")).expect("it is there");
    assert!(!broken(&world).contains(&"incumbent-deleted-early"), "an entrant");
    by_operator(&mut world, primary, delete::<SeiNode>("pacific-1-rpc-1")).expect("it is there");
    assert!(broken(&world).contains(&"incumbent-deleted-early"), "an incumbent");
}
