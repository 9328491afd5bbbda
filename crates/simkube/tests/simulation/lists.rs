//! Namespaces, the answers of requests on collections, and the history that is kept for watches.

use crate::harness::{World, info, labels, policy};
use api::kinds::AuthorizationPolicy;
use api::{Labels, Meta, Object, ObjectKey};
use ports::{ApiError, DeleteOptions, Propagation};
use serde_json::json;
use simkube::{Request, Selector};

#[test]
fn a_list_answers_the_objects_of_a_namespace_that_carry_the_labels_by_name() {
    let mut world = World::new();
    for (namespace, name, group) in [("sei", "b", "rpc"), ("sei", "a", "rpc"), ("sei", "c", "archive"), ("other", "a", "rpc")] {
        let meta = Meta { labels: labels([("group", group), ("x", "y")]), ..Meta::new(ObjectKey::new(namespace, name)) };
        world.create(Object::<AuthorizationPolicy>::new(meta, json!({}))).expect("a valid policy");
    }
    let mut list = |namespace: &str, selector: Labels| -> Vec<String> {
        let request = Request::List { info: info::<AuthorizationPolicy>(), namespace: namespace.into(), selector };
        world.ask(request).expect("a list").iter().map(|object| object.meta.key.to_string()).collect()
    };
    assert_eq!(list("sei", Labels::clone(&labels([("group", "rpc")]))), ["sei/a", "sei/b"]);
    assert_eq!(list("sei", Labels::new()), ["sei/a", "sei/b", "sei/c"]);
    assert_eq!(list("", Labels::clone(&labels([("group", "rpc")]))), ["other/a", "sei/a", "sei/b"]);
    assert_eq!(list("nowhere", Labels::new()), [""; 0]);
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
