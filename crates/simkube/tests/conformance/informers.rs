//! Informers: what a client's caches hold, and what its event handlers are given.
//!
//! Source: client-go, `tools/cache` (Reflector, DeltaFIFO, SharedInformer).

use crate::cluster;
use crate::cluster::{Cluster, Handed, Say};
use crate::manifests::{sei_node, service};
use serde_json::{Value, json};

fn set_image(c: &mut impl Cluster, image: &str) -> Value {
    c.merge_patch("SeiNode", "n", json!({ "spec": { "image": image } })).expect("accepted")
}

/// `SharedInformer`: the initial list arrives as additions.
#[test]
fn the_first_list_hands_every_object_over_as_an_addition() {
    let mut c = cluster();
    let (a, b) = (c.given(sei_node("a")), c.given(sei_node("b")));
    c.start_client(&["SeiNode"]);
    c.wait(1);
    assert_eq!(c.handed(), [Handed::Added(a), Handed::Added(b)]);
}

/// A cache is eventually consistent, also with respect to the client's own writes.
#[test]
fn a_cache_does_not_know_a_write_at_the_moment_of_its_answer() {
    let mut c = cluster();
    let old = c.given(sei_node("n"));
    c.start_client(&["SeiNode"]);
    let new = set_image(&mut c, "sei:v6.4.0");
    assert_eq!(c.cached("SeiNode", "n"), Some(old));
    c.wait(1);
    assert_eq!(c.cached("SeiNode", "n"), Some(new));
}

/// API Concepts, "Efficient detection of changes": the events of a watch come in the order of their resourceVersions.
#[test]
fn changes_arrive_in_the_order_of_their_versions_and_none_is_left_out() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.start_client(&["SeiNode"]);
    c.handed();
    let images = ["sei:a", "sei:b", "sei:c", "sei:d"];
    images.iter().for_each(|image| drop(set_image(&mut c, image)));
    c.wait(1);
    let seen: Vec<_> = (c.handed().into_iter())
        .map(|handed| match handed {
            Handed::Updated { new, .. } => new["spec"]["image"].as_str().expect("an image").to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(seen, images);
}

/// A handler of updates is given the object before and after.
#[test]
fn an_update_is_handed_over_with_what_was_there_before() {
    let mut c = cluster();
    let old = c.given(sei_node("n"));
    c.start_client(&["SeiNode"]);
    c.handed();
    let new = set_image(&mut c, "sei:v6.4.0");
    c.wait(1);
    assert_eq!(c.handed(), [Handed::Updated { old, new }]);
}

/// A DELETED event carries the object as it last was.
#[test]
fn a_deletion_hands_over_the_last_state() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.start_client(&["SeiNode"]);
    set_image(&mut c, "sei:v6.4.0");
    c.wait(1);
    c.handed();
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    c.wait(1);
    let [Handed::Deleted(last)] = &c.handed()[..] else { panic!("one deletion") };
    assert_eq!(last["spec"]["image"], "sei:v6.4.0");
    assert_eq!(c.cached("SeiNode", "n"), None);
}

/// A write that changes nothing makes no watch event.
#[test]
fn a_write_that_changes_nothing_is_handed_to_nobody() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.start_client(&["SeiNode"]);
    c.handed();
    set_image(&mut c, "sei:v6.3.0");
    c.wait(1);
    assert!(c.handed().is_empty());
}

/// Each kind is watched by itself.
#[test]
fn a_client_hears_of_the_kinds_it_watches_only() {
    let mut c = cluster();
    c.start_client(&["SeiNode"]);
    c.given(service("s"));
    c.wait(1);
    assert!(c.handed().is_empty());
    assert_eq!(c.cached("Service", "s"), None);
}

/// `Replace` after a broken watch: only the difference is handed over.
#[test]
fn a_relist_hands_over_what_differs_and_nothing_twice() {
    let mut c = cluster();
    let (kept, old) = (c.given(sei_node("kept")), c.given(sei_node("n")));
    c.start_client(&["SeiNode"]);
    c.handed();
    set_image(&mut c, "sei:a");
    let new = set_image(&mut c, "sei:b");
    c.relist();
    assert_eq!(c.handed(), [Handed::Updated { old, new }], "the state between was missed");
    c.wait(5);
    assert!(c.handed().is_empty(), "what was under way is not handed over again");
    assert_eq!(c.cached("SeiNode", "kept"), Some(kept));
}

/// `DeltaFIFO`: an object deleted and made anew between two lists shows as one update, from one uid to another.
#[test]
fn an_object_recreated_while_nobody_watched_shows_as_one_update_with_another_uid() {
    let mut c = cluster();
    c.given(sei_node("n"));
    c.start_client(&["SeiNode"]);
    c.handed();
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    c.given(sei_node("n"));
    c.relist();
    let [Handed::Updated { old, new }] = &c.handed()[..] else { panic!("one update") };
    assert_ne!(old["metadata"]["uid"], new["metadata"]["uid"]);
}

/// `Replace`: an object that is gone from the list is handed over as deleted.
#[test]
fn a_relist_tells_of_deletions_that_were_missed() {
    let mut c = cluster();
    let last = c.given(sei_node("n"));
    c.start_client(&["SeiNode"]);
    c.handed();
    c.delete("SeiNode", "n", json!({})).expect("accepted");
    c.relist();
    assert_eq!(c.handed(), [Handed::Deleted(last)]);
}

/// `SyncPeriod` (controller-runtime: 10 h, jittered): every object is handed over again as an update from itself to itself.
#[test]
fn a_resync_hands_every_object_over_as_an_update_without_a_difference() {
    let mut c = cluster();
    let node = c.given(sei_node("n"));
    c.start_client(&["SeiNode"]);
    c.wait(60);
    c.handed();
    c.wait(11 * 3600);
    assert_eq!(c.handed(), [Handed::Updated { old: node.clone(), new: node }]);
}

/// A new process starts with empty caches.
#[test]
fn a_client_that_is_started_again_gets_everything_as_additions() {
    let mut c = cluster();
    c.start_client(&["SeiNode"]);
    let node = c.given(sei_node("n"));
    c.wait(5);
    c.start_client(&["SeiNode"]);
    c.wait(1);
    assert_eq!(c.handed(), [Handed::Added(node)]);
}
