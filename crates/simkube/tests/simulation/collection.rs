//! The garbage collector.
//!
//! Source: Kubernetes documentation, "Garbage Collection" and "Owners and Dependents"; `pkg/controller/garbagecollector`.

use crate::harness::{World, claim, node, owned, policy, service};
use api::kinds::AuthorizationPolicy;
use api::{Object, OwnerRef, SeiNode};
use ports::Propagation;
use std::sync::Arc;
use std::time::Duration;

fn family(world: &mut World) -> (Object<SeiNode>, Object<AuthorizationPolicy>) {
    let owner = world.create(node("owner")).expect("a valid node");
    let dependent = world.create(owned(policy("dependent"), &owner)).expect("a valid policy");
    (owner, dependent)
}

#[test]
fn collecting_takes_between_10_and_150_milliseconds() {
    let mut world = World::new();
    let (owner, dependent) = family(&mut world);
    world.settle();
    world.delete(&owner, Propagation::Background).expect("it is there");
    world.run_for(Duration::from_micros(9_999));
    assert!(world.get(&dependent).is_some());
    world.run_for(Duration::from_micros(140_001));
    assert!(world.get(&dependent).is_none());
}
