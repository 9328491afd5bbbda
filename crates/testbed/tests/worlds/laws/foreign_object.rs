//! `foreign-object`.

use super::stage::{broken, by, by_operator, calm, delete, group, label, patch, service, stored};
use api::SeiNode;
use api::kinds::Service;
use simkube::{Actor, Request};
use testbed::world::World;

fn with_a_foreign_service() -> World {
    let mut world = calm();
    by(&mut world, Actor::Person, Request::Create(service("somebody-elses").into_any()));
    world
}

#[test]
fn a_change_of_an_object_that_somebody_else_made_breaks_it_once_an_object() {
    let mut world = with_a_foreign_service();
    let group = group(&world);
    for value in ["one", "two"] {
        let service = stored::<Service>(&world, "somebody-elses");
        by_operator(&mut world, group.clone(), patch(&service, |service| label(service, "mine", value))).expect("it is not refused");
    }
    assert_eq!(broken(&world), ["foreign-object"]);
}

#[test]
fn a_deletion_and_an_apply_that_takes_over_break_it_too() {
    let mut world = with_a_foreign_service();
    let group = group(&world);
    let mut wanted = service("somebody-elses");
    label(&mut wanted, "mine", "yes");
    by_operator(&mut world, group.clone(), Request::Apply { manager: "seinodedeployment-controller", object: wanted.into_any() })
        .expect("it is not refused");
    assert_eq!(broken(&world), ["foreign-object"]);
    let mut world = with_a_foreign_service();
    by_operator(&mut world, group, delete::<Service>("somebody-elses")).expect("it is there");
    assert_eq!(broken(&world), ["foreign-object"]);
}

#[test]
fn what_a_group_owns_it_may_change_and_what_its_nodes_own_it_may_not() {
    let mut world = calm();
    let group = group(&world);
    let node = stored::<SeiNode>(&world, "pacific-1-rpc-0");
    by_operator(&mut world, group.clone(), patch(&node, |node| label(node, "a", "1"))).expect("it is not refused");
    by_operator(&mut world, group.clone(), delete::<Service>("pacific-1-rpc-external")).expect("it is there");
    assert_eq!(broken(&world), [""; 0]);
    by_operator(&mut world, group, delete::<Service>("pacific-1-rpc-0")).expect("the node's headless Service is there");
    assert_eq!(broken(&world), ["foreign-object"]);
}

#[test]
fn a_namesake_of_a_later_life_is_another_object() {
    let mut world = with_a_foreign_service();
    let mut before = stored::<SeiNode>(&world, "pacific-1-rpc-0");
    let node = before.clone();
    before.meta_mut().uid = Some(uuid::Uuid::from_u128(1));
    by_operator(&mut world, before.into_any(), patch(&node, |node| label(node, "a", "1"))).expect("it is not refused");
    assert_eq!(broken(&world), ["foreign-object"]);
}
