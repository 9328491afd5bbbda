//! Patches as the difference of two typed objects: what differs is sent, and nothing else.
//!
//! Source: controller-runtime, `client.MergeFrom`; what the server does with a patch is in `tests/conformance`.

use crate::harness::{World, labels, node, policy};
use api::node::NodePhase;
use api::{Object, SeiNode};
use ports::{ApiError, Precondition};
use serde_json::json;
use simkube::Request;

fn stored(world: &mut World) -> Object<SeiNode> {
    world.create(node("n")).expect("a valid node")
}

#[test]
fn a_write_that_changes_nothing_keeps_the_version_and_makes_no_event() {
    let mut world = World::new();
    let node = stored(&mut world);
    let changes = world.changes().len();
    assert_eq!(world.update(node.clone()), Ok(node.clone()));
    assert_eq!(world.patch(&node, |_| {}), Ok(node.clone()));
    assert_eq!(world.patch_status(&node, |_| {}), Ok(node.clone()));
    assert_eq!(world.changes().len(), changes);
}

#[test]
fn a_precondition_conflicts_even_when_nothing_else_differs() {
    let mut world = World::new();
    let old = stored(&mut world);
    world.patch(&old, |node| node.spec_mut().image = "seid:v6.4.0".to_owned()).expect("a valid patch");
    assert!(matches!(world.patch_status(&old, |_| {}), Err(ApiError::Conflict(_))));
}

#[test]
fn a_patch_without_a_precondition_never_conflicts_and_changes_only_what_it_names() {
    let mut world = World::new();
    let old = stored(&mut world);
    world.patch(&old, |node| node.spec_mut().image = "seid:v6.4.0".to_owned()).expect("a valid patch");
    let new = world.patch(&old, |node| node.spec_mut().chain_id = "atlantic-2".to_owned()).expect("no conflict");
    assert_eq!((&*new.spec.image, &*new.spec.chain_id), ("seid:v6.4.0", "atlantic-2"));
}

#[test]
fn a_patch_of_labels_touches_each_key_on_its_own() {
    let mut world = World::new();
    let old = stored(&mut world);
    world.patch(&old, |node| node.meta_mut().labels = labels([("theirs", "1")])).expect("a valid patch");
    let new = world.patch(&old, |node| node.meta_mut().labels = labels([("ours", "2")])).expect("a valid patch");
    assert_eq!(new.meta.labels, labels([("theirs", "1"), ("ours", "2")]));
}

#[test]
fn a_write_to_the_main_resource_ignores_status() {
    let mut world = World::new();
    let mut new = node("n");
    new.status_mut().phase = Some(NodePhase::Running);
    let mut node = world.create(new).expect("a valid node");
    assert_eq!(node.status.phase, None);
    node.status_mut().phase = Some(NodePhase::Failed);
    assert_eq!(world.update(node.clone()).expect("nothing to do").status.phase, None);
    assert_eq!(world.patch(&node, |node| node.status_mut().phase = None).expect("nothing to do").status.phase, None);
}

#[test]
fn a_write_to_the_status_ignores_everything_else() {
    let mut world = World::new();
    let node = stored(&mut world);
    let new = world
        .patch_status(&node, |node| {
            node.status_mut().phase = Some(NodePhase::Running);
            node.spec_mut().image = "seid:v6.4.0".to_owned();
            node.meta_mut().labels = labels([("a", "1")]);
        })
        .expect("a valid status");
    assert_eq!((new.status.phase, &new.spec, &new.meta.labels), (Some(NodePhase::Running), &node.spec, &node.meta.labels));
}

#[test]
fn writes_to_what_is_not_there_answer_not_found() {
    let mut world = World::new();
    let (absent, mut newer) = (policy("p"), policy("p"));
    newer.spec_mut()["action"] = json!("DENY");
    let precondition = Precondition::None;
    for request in [
        Request::Update(absent.clone().into_any()),
        Request::Patch { base: absent.clone().into_any(), desired: newer.clone().into_any(), precondition },
        Request::PatchStatus { base: absent.clone().into_any(), desired: newer.into_any(), precondition },
        Request::Delete {
            info: crate::harness::info::<api::kinds::AuthorizationPolicy>(),
            key: absent.meta.key.clone(),
            options: ports::DeleteOptions::default(),
        },
    ] {
        let error = world.ask(request).expect_err("there is no such object");
        assert_eq!(error.to_string(), "authorizationpolicies.security.istio.io \"p\" not found");
    }
}
