//! Applies of typed objects: they take the same way as those in their wire form.
//!
//! Source: Kubernetes documentation, "Server-Side Apply".

use crate::harness::{World, labels, service, stateful_set};
use api::Object;
use api::kinds::Service;

const US: &str = "seinode-controller";

fn selector(pairs: &[(&str, &str)]) -> Option<api::Labels> {
    Some(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
}

fn labelled(pairs: &[(&str, &str)]) -> Object<Service> {
    let mut object = service("s");
    *std::sync::Arc::make_mut(&mut object.meta_mut().labels) = selector(pairs).expect("labels");
    object
}

#[test]
fn the_same_apply_again_changes_nothing() {
    let mut world = World::new();
    let stored = world.apply(US, service("s")).expect("a valid Service");
    let changes = world.changes().len();
    assert_eq!(world.apply(US, service("s")), Ok(stored));
    assert_eq!(world.changes().len(), changes);
    let set = world.apply(US, stateful_set("web")).expect("a valid StatefulSet");
    assert_eq!(world.apply(US, stateful_set("web")), Ok(set), "defaults belong to nobody");
}

#[test]
fn what_an_applier_no_longer_applies_goes_and_what_others_set_stays() {
    let mut world = World::new();
    let stored = world.apply(US, labelled(&[("a", "1"), ("b", "1")])).expect("a valid Service");
    world.patch(&stored, |service| service.meta_mut().labels = labels([("a", "1"), ("b", "1"), ("theirs", "1")])).expect("valid");
    let new = world.apply(US, labelled(&[("a", "1")])).expect("a valid Service");
    assert_eq!(new.meta.labels, labels([("a", "1"), ("theirs", "1")]));
}
