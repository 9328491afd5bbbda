//! The clock, the spans that are drawn, and the seed.

use crate::harness::{EPOCH, World, meta, node, owned, policy, service};
use api::kinds::Pod;
use api::{Object, Time};
use k8s_openapi::api::core::v1::{Container, PodSpec};
use ports::Propagation;
use std::time::Duration;

/// The wall clock is on the wire in whole seconds; versions count the writes of the world.
#[test]
fn the_first_object_has_version_1_and_the_whole_second_of_its_creation() {
    let mut world = World::new();
    world.run_for(Duration::from_millis(2500));
    let node = world.create(node("n")).expect("a valid node");
    assert_eq!(node.meta.resource_version.map(|v| v.0), Some(1));
    assert_eq!(node.meta.created, Some(Time::from_unix(EPOCH + 2)));
}

/// `BeforeDelete`: the deletion timestamp lies the grace period ahead.
#[test]
fn a_scheduled_pods_deletion_timestamp_lies_its_grace_period_ahead() {
    let mut world = World::new();
    let container = Container { name: "main".to_owned(), image: Some("seid:v6.3.0".to_owned()), ..Container::default() };
    let spec = PodSpec { containers: vec![container], node_name: Some("machine-0".to_owned()), ..PodSpec::default() };
    let pod: Object<Pod> = world.create(Object::new(meta("p"), spec)).expect("a valid pod");
    world.delete(&pod, Propagation::Default).expect("it is there");
    let terminating = world.get(&pod).expect("its containers may be running");
    assert_eq!(terminating.meta.deletion_grace_seconds, Some(30));
    assert_eq!(terminating.meta.deleting, Some(Time::from_unix(EPOCH + 30)));
}

#[test]
fn collecting_takes_between_10_and_150_milliseconds() {
    let mut world = World::new();
    let owner = world.create(node("owner")).expect("a valid node");
    let dependent = world.create(owned(policy("dependent"), &owner)).expect("a valid policy");
    world.settle();
    world.delete(&owner, Propagation::Background).expect("it is there");
    world.run_for(Duration::from_micros(9_999));
    assert!(world.get(&dependent).is_some());
    world.run_for(Duration::from_micros(140_001));
    assert!(world.get(&dependent).is_none());
}

#[test]
fn worlds_of_one_seed_are_alike_to_the_last_uid() {
    let history = || {
        let mut world = World::new();
        world.create(node("a")).expect("a valid node");
        world.create(service("s")).expect("a valid Service");
        world.settle();
        world.changes().iter().map(|change| format!("{:?}", change.object())).collect::<Vec<_>>()
    };
    assert_eq!(history(), history());
}
