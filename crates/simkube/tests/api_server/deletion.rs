//! DELETE, finalizers, propagation as finalizers, graceful deletion of pods.
//!
//! Source: Kubernetes documentation, "Finalizers", "Garbage Collection", "Pod Lifecycle: Termination of Pods".

use crate::harness::{EPOCH, World, info, labels, meta, node, policy};
use crate::metadata::job;
use api::kinds::{AuthorizationPolicy, Pod};
use api::{Object, Time};
use k8s_openapi::api::core::v1::{Container, PodSpec};
use ports::{ApiError, DeleteOptions, Propagation};
use simkube::Request;
use std::sync::Arc;
use uuid::Uuid;

fn held(world: &mut World) -> Object<AuthorizationPolicy> {
    let mut object = policy("p");
    object.meta_mut().finalizers = Arc::from(["example.com/hold".into()]);
    world.create(object).expect("a valid policy")
}

#[test]
fn an_object_without_finalizers_goes_at_once() {
    let mut world = World::new();
    let object = world.create(policy("p")).expect("a valid policy");
    world.delete(&object, Propagation::Default).expect("it is there");
    assert_eq!(world.get(&object), None);
    let last = world.changes().pop().expect("a removal");
    assert!(last.new.is_none() && last.old.and_then(|old| old.meta.resource_version) > object.meta.resource_version);
}

#[test]
fn a_finalizer_holds_a_deleted_object_until_it_is_removed() {
    let mut world = World::new();
    let object = held(&mut world);
    world.delete(&object, Propagation::Default).expect("it is there");
    let terminating = world.get(&object).expect("it is held");
    assert_eq!(terminating.meta.deleting, Some(Time::from_unix(EPOCH)));
    world.patch(&terminating, |object| object.meta_mut().finalizers = Arc::from([])).expect("the finalizer may go");
    assert_eq!(world.get(&object), None);
}

#[test]
fn asking_for_a_deletion_raises_the_generation() {
    let mut world = World::new();
    let object = held(&mut world);
    world.delete(&object, Propagation::Default).expect("it is there");
    assert_eq!(world.get(&object).expect("it is held").meta.generation, Some(2));
}

#[test]
fn a_second_delete_of_a_terminating_object_changes_nothing() {
    let mut world = World::new();
    let object = held(&mut world);
    world.delete(&object, Propagation::Default).expect("it is there");
    let changes = world.changes().len();
    world.delete(&object, Propagation::Default).expect("it is still there");
    assert_eq!(world.changes().len(), changes);
}

#[test]
fn a_terminating_object_takes_no_new_finalizers() {
    let mut world = World::new();
    let object = held(&mut world);
    world.delete(&object, Propagation::Default).expect("it is there");
    let finalizers = Arc::from(["example.com/hold".into(), "example.com/more".into()]);
    let error = world.patch(&object, |object| object.meta_mut().finalizers = finalizers).expect_err("it is too late");
    assert!(error.to_string().contains("no new finalizers can be added if the object is being deleted"), "{error}");
}

#[test]
fn a_terminating_object_still_takes_writes_and_still_has_its_name() {
    let mut world = World::new();
    let object = held(&mut world);
    world.delete(&object, Propagation::Default).expect("it is there");
    let new = world.patch(&object, |object| object.meta_mut().labels = labels([("a", "1")])).expect("a valid patch");
    assert!(new.meta.deleting.is_some());
    assert!(matches!(world.create(policy("p")), Err(ApiError::AlreadyExists(text)) if text.starts_with("object is being deleted")));
}

#[test]
fn a_delete_of_another_incarnation_conflicts() {
    let mut world = World::new();
    let object = world.create(policy("p")).expect("a valid policy");
    let options = DeleteOptions { uid: Some(Uuid::nil()), ..DeleteOptions::default() };
    let request = Request::Delete { info: info::<AuthorizationPolicy>(), key: object.meta.key.clone(), options };
    assert!(matches!(world.ask(request), Err(ApiError::FailedPrecondition(_))));
    assert!(world.get(&object).is_some());
}

#[test]
fn a_foreground_delete_waits_for_the_garbage_collector() {
    let mut world = World::new();
    let object = world.create(node("n")).expect("a valid node");
    world.delete(&object, Propagation::Foreground).expect("it is there");
    assert!(world.get(&object).expect("it waits").meta.has_finalizer("foregroundDeletion"));
    world.settle();
    assert_eq!(world.get(&object), None);
}

#[test]
fn a_job_is_orphaned_from_its_pods_unless_the_delete_says_otherwise() {
    let mut world = World::new();
    let (a, b) = (world.create(job("a")).expect("a valid Job"), world.create(job("b")).expect("a valid Job"));
    world.delete(&a, Propagation::Default).expect("it is there");
    assert!(world.get(&a).expect("it waits").meta.has_finalizer("orphan"));
    world.delete(&b, Propagation::Background).expect("it is there");
    assert_eq!(world.get(&b), None);
}

#[test]
fn an_explicit_background_delete_takes_back_a_foreground_one() {
    let mut world = World::new();
    let object = world.create(node("n")).expect("a valid node");
    world.delete(&object, Propagation::Foreground).expect("it is there");
    world.delete(&object, Propagation::Background).expect("it waits");
    assert_eq!(world.get(&object), None);
}

fn pod(world: &mut World, name: &str, machine: Option<&str>, phase: Option<&str>) -> Object<Pod> {
    let container = Container { name: "main".to_owned(), image: Some("seid:v6.3.0".to_owned()), ..Container::default() };
    let spec = PodSpec { containers: vec![container], node_name: machine.map(str::to_owned), ..PodSpec::default() };
    let pod: Object<Pod> = world.create(Object::new(meta(name), spec)).expect("a valid pod");
    world.patch_status(&pod, |pod| pod.status_mut().phase = phase.or(Some("Pending")).map(str::to_owned)).expect("a valid status")
}

#[test]
fn a_scheduled_pod_gets_its_grace_period() {
    let mut world = World::new();
    let pod = pod(&mut world, "p", Some("machine-0"), Some("Running"));
    world.delete(&pod, Propagation::Default).expect("it is there");
    let terminating = world.get(&pod).expect("its containers may be running");
    assert_eq!(terminating.meta.deletion_grace_seconds, Some(30));
    assert_eq!(terminating.meta.deleting, Some(Time::from_unix(EPOCH + 30)));
}

#[test]
fn an_unscheduled_or_terminal_pod_goes_at_once() {
    let mut world = World::new();
    let cases = [("a", None, None), ("b", Some("machine-0"), Some("Succeeded")), ("c", Some("machine-0"), Some("Failed"))];
    for (name, machine, phase) in cases {
        let pod = pod(&mut world, name, machine, phase);
        world.delete(&pod, Propagation::Default).expect("it is there");
        assert_eq!(world.get(&pod), None, "{name}");
    }
}
