//! `lost-update`.

use super::stage::{GROUP, broken, broken_at_rest, by, by_operator, calm, group, label, patch, stored};
use api::{SeiNode, SeiNodeDeployment};
use simkube::Actor;
use testbed::world::{Stop, World};

const NODE: &str = "pacific-1-rpc-0";

/// A person sets label `a` of a node; then the operator, in the reconcile of the node, sets a label from the copy of before.
fn after_a_persons_label(theirs: &str, value: &str) -> World {
    let mut world = calm();
    let copy = stored::<SeiNode>(&world, NODE);
    by(&mut world, Actor::Person, patch(&copy, |node| label(node, "a", "person")));
    by_operator(&mut world, copy.clone().into_any(), patch(&copy, |node| label(node, theirs, value))).expect("it is not refused");
    world
}

#[test]
fn a_write_from_an_old_copy_over_a_persons_change_breaks_it() {
    assert_eq!(broken(&after_a_persons_label("a", "operator")), ["lost-update"]);
}

#[test]
fn a_write_from_an_old_copy_of_another_key_or_of_the_same_value_does_not() {
    assert_eq!(broken(&after_a_persons_label("b", "operator")), [""; 0]);
    assert_eq!(broken(&after_a_persons_label("a", "person")), [""; 0]);
}

#[test]
fn the_other_controller_of_the_same_process_is_another_actor_and_a_controller_is_none_to_itself() {
    let writes_twice = |second_is_the_groups: bool| {
        let mut world = calm();
        let copy = stored::<SeiNode>(&world, NODE);
        let itself = copy.clone().into_any();
        let second = if second_is_the_groups { group(&world) } else { itself.clone() };
        by_operator(&mut world, itself, patch(&copy, |node| label(node, "a", "1"))).expect("it is not refused");
        by_operator(&mut world, second, patch(&copy, |node| label(node, "a", "2"))).expect("it is not refused");
        broken(&world)
    };
    assert_eq!(writes_twice(true), ["lost-update"]);
    assert_eq!(writes_twice(false), [""; 0]);
}

/// A finding: of a template's fields only some reach nodes that exist, and the status says that all of it was observed.
#[test]
fn a_template_that_never_reaches_the_nodes_breaks_it_at_rest_and_one_that_does_not_change_is_applied() {
    let mut world = super::stage::world("chain/halted-at-u-for-an-hour", std::time::Duration::ZERO);
    assert_eq!(broken_at_rest(&world), [""; 0]);
    let spec = stored::<SeiNodeDeployment>(&world, GROUP);
    by(&mut world, Actor::Person, patch(&spec, |group| drop(group.spec_mut().template.spec.overrides.insert("a.b".into(), "c".into()))));
    assert_eq!(world.run(), Stop::Rest);
    let group = stored::<SeiNodeDeployment>(&world, GROUP);
    assert_eq!(group.status.observed_generation, group.meta.generation, "the status says that it was carried out");
    assert_eq!(broken_at_rest(&world), ["lost-update"]);
}
