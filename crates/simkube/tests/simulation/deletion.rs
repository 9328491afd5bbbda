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
