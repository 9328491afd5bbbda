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
fn a_background_delete_takes_dependents_of_every_kind_along_later() {
    let mut world = World::new();
    let (owner, policy) = family(&mut world);
    let service = world.create(owned(service("s"), &owner)).expect("a valid Service");
    let claim = world.create(owned(claim("data"), &owner)).expect("a valid claim");
    world.settle();
    world.delete(&owner, Propagation::Background).expect("it is there");
    assert!(world.get(&owner).is_none() && world.get(&policy).is_some());
    world.settle();
    assert!(world.get(&policy).is_none() && world.get(&service).is_none() && world.get(&claim).is_none());
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

#[test]
fn a_chain_of_owners_goes_link_by_link() {
    let mut world = World::new();
    let (grandparent, parent) = family(&mut world);
    let child = world.create(owned(service("child"), &parent)).expect("a valid Service");
    world.delete(&grandparent, Propagation::Background).expect("it is there");
    world.settle();
    assert!(world.get(&parent).is_none() && world.get(&child).is_none());
}

#[test]
fn a_dependent_with_another_living_owner_stays_and_loses_the_dead_one() {
    let mut world = World::new();
    let (a, b) = (world.create(node("a")).expect("a valid node"), world.create(node("b")).expect("a valid node"));
    let mut shared = policy("shared");
    let second = OwnerRef { controller: false, ..b.owner_ref() };
    shared.meta_mut().owners = Arc::from([a.owner_ref(), second.clone()]);
    let shared = world.create(shared).expect("a valid policy");
    world.delete(&a, Propagation::Background).expect("it is there");
    world.settle();
    assert_eq!(world.get(&shared).expect("it has an owner").meta.owners[..], [second]);
}

#[test]
fn a_dependent_of_a_namesake_is_a_dependent_of_nobody() {
    let mut world = World::new();
    let (owner, dependent) = family(&mut world);
    world.delete(&owner, Propagation::Background).expect("it is there");
    let namesake = world.create(node("owner")).expect("the name is free");
    world.settle();
    assert!(world.get(&namesake).is_some() && world.get(&dependent).is_none());
}

#[test]
fn an_object_created_for_an_owner_that_is_gone_is_collected() {
    let mut world = World::new();
    let owner = world.create(node("owner")).expect("a valid node");
    world.delete(&owner, Propagation::Background).expect("it is there");
    let late = world.create(owned(policy("late"), &owner)).expect("nothing checks owners on creation");
    world.settle();
    assert_eq!(world.get(&late), None);
}

#[test]
fn in_the_foreground_blocking_dependents_go_before_their_owner() {
    let mut world = World::new();
    let (owner, dependent) = family(&mut world);
    let grandchild = world.create(owned(service("s"), &dependent)).expect("a valid Service");
    world.delete(&owner, Propagation::Foreground).expect("it is there");
    world.settle();
    let removed: Vec<_> = world.changes().iter().filter(|change| change.new.is_none()).map(|c| c.object().meta.name().to_owned()).collect();
    assert_eq!(removed, [grandchild.name(), dependent.name(), owner.name()]);
}

#[test]
fn a_blocking_dependent_that_is_held_holds_its_owner() {
    let mut world = World::new();
    let owner = world.create(node("owner")).expect("a valid node");
    let mut held = owned(policy("held"), &owner);
    held.meta_mut().finalizers = Arc::from(["example.com/hold".into()]);
    let held = world.create(held).expect("a valid policy");
    world.delete(&owner, Propagation::Foreground).expect("it is there");
    world.settle();
    assert!(world.get(&held).expect("it is held").meta.deleting.is_some() && world.get(&owner).is_some());
    world.patch(&held, |held| held.meta_mut().finalizers = Arc::from([])).expect("the finalizer may go");
    world.settle();
    assert!(world.get(&held).is_none() && world.get(&owner).is_none());
}

#[test]
fn a_dependent_that_does_not_block_holds_nobody() {
    let mut world = World::new();
    let owner = world.create(node("owner")).expect("a valid node");
    let mut held = owned(policy("held"), &owner);
    held.meta_mut().owners = Arc::from([OwnerRef { block_owner_deletion: false, ..owner.owner_ref() }]);
    held.meta_mut().finalizers = Arc::from(["example.com/hold".into()]);
    let held = world.create(held).expect("a valid policy");
    world.delete(&owner, Propagation::Foreground).expect("it is there");
    world.settle();
    assert!(world.get(&owner).is_none() && world.get(&held).expect("it is held").meta.deleting.is_some());
}

#[test]
fn orphaned_dependents_lose_their_owner_and_stay() {
    let mut world = World::new();
    let (owner, dependent) = family(&mut world);
    world.delete(&owner, Propagation::Orphan).expect("it is there");
    world.settle();
    assert_eq!(world.get(&owner), None);
    assert!(world.get(&dependent).expect("it stays").meta.owners.is_empty());
}

#[test]
fn an_owner_with_a_finalizer_of_its_own_keeps_its_dependents_until_it_is_gone() {
    let mut world = World::new();
    let (owner, dependent) = family(&mut world);
    let held = world.patch(&owner, |owner| owner.meta_mut().finalizers = Arc::from(["sei.io/seinode-finalizer".into()])).expect("valid");
    world.delete(&held, Propagation::Background).expect("it is there");
    world.settle();
    assert!(world.get(&dependent).is_some());
    world.patch(&held, |owner| owner.meta_mut().finalizers = Arc::from([])).expect("the finalizer may go");
    world.settle();
    assert!(world.get(&dependent).is_none());
}
