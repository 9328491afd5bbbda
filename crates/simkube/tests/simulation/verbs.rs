//! Dry runs, deletions of collections, and watches at their limits.
//!
//! Source: Kubernetes API Concepts, "Dry-run", "Efficient detection of changes"; API reference, "Delete Collection".

use crate::harness::{World, info, labels, node, policy};
use api::kinds::AuthorizationPolicy;
use api::{AnyObject, SeiNode};
use ports::{ApiError, DeleteOptions, Propagation};
use serde_json::json;
use simkube::{Part, PatchBody, Request, Selector};

fn dry(request: Request) -> Request {
    Request::DryRun(Box::new(request))
}

#[test]
fn a_dry_run_that_would_need_a_name_is_not_modelled() {
    let mut world = World::new();
    let mut object = policy("");
    object.meta_mut().generate_name = Some("check-".into());
    world.ask(dry(Request::Create(object.into_any()))).expect_err("it is not modelled");
    assert_eq!(world.unmodelled(), Some("a dry run of a create with generateName"));
}

fn collection(namespace: &str, selector: &str, options: DeleteOptions) -> Request {
    let selector = Selector::parse(selector).expect("a selector");
    Request::DeleteCollection { info: info::<AuthorizationPolicy>(), namespace: namespace.into(), selector, options }
}

#[test]
fn a_collection_is_answered_as_it_was_and_deleted_one_by_one() {
    let mut world = World::new();
    for name in ["a", "b", "c"] {
        let mut object = policy(name);
        object.meta_mut().labels = labels([("keep", if name == "b" { "yes" } else { "no" })]);
        world.create(object).expect("a valid policy");
    }
    let options = DeleteOptions { propagation: Propagation::Foreground, ..DeleteOptions::default() };
    let answer = world.ask(collection("sei", "keep!=yes", options)).expect("accepted");
    let names: Vec<&str> = answer.iter().map(|object| object.meta.name()).collect();
    assert_eq!(names, ["a", "c"]);
    assert!(answer.iter().all(|object| object.meta.deleting.is_none()));
    world.settle();
    assert!(world.get(&policy("a")).is_none() && world.get(&policy("b")).is_some() && world.get(&policy("c")).is_none());
}

#[test]
fn collections_of_all_namespaces_cannot_be_deleted_at_once() {
    let mut world = World::new();
    assert_eq!(world.ask(collection("", "", DeleteOptions::default())), Err(ApiError::MethodNotAllowed));
}

#[test]
fn nothing_is_kept_for_watches_until_someone_asks() {
    let mut world = World::new();
    world.create(policy("a")).expect("a valid policy");
    let watch = |world: &World, version| world.cluster.watch(info::<AuthorizationPolicy>(), "sei", &Selector::default(), version);
    assert!(matches!(watch(&world, 0), Err(ApiError::Expired(_))));
    world.cluster.keep_history(10);
    assert!(matches!(watch(&world, 0), Err(ApiError::Expired(_))), "what happened before is not known");
    world.create(policy("b")).expect("a valid policy");
    assert_eq!(watch(&world, 1).map(|events| events.len()), Ok(1));
    assert_eq!(watch(&world, 2), Ok(Vec::new()));
    assert_eq!(watch(&world, 3), Err(ApiError::Timeout));
}
