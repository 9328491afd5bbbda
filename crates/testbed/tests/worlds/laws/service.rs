//! `stale-serving`, `dead-fork-serving`, `selector-matches-nothing`, `ready-lies`: what clients are sent to, and what the group says of it.

use super::{broken, planned_upgrade, run, run_exchanged};
use api::kinds::{Pod, Service};
use api::{Kind, ObjectKey, names};
use simcore::SimTime;
use simkube::{Actor, Part, PatchBody, Request};
use std::time::Duration;
use testbed::world::World;

const UPGRADE: &str = "hardfork/planned-upgrade";

/// A fault at the first minute, long before the rollout.
fn early(what: &str) -> String {
    format!(r#"{{"when": {{"at": "1min"}}, "what": {what}}}"#)
}

#[test]
fn stale_serving_fires_for_a_reached_node_that_stands_still_and_not_for_one_that_catches_up_in_time() {
    let cut = |lasts: &str| early(&format!(r#"{{"cluster": {{"peers-cut": {{"node": "pacific-1-rpc-0", "lasts": "{lasts}"}}}}}}"#));
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[&cut("8min")]), "stale-serving"), 1, "300 blocks take two minutes");
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[&cut("90s")]), "stale-serving"), 0);
}

#[test]
fn stale_serving_and_ready_lies_fire_for_nodes_at_a_tip_that_no_peer_hands_on_and_not_when_peers_are_back_in_time() {
    let gone = |lasts: &str| {
        run(UPGRADE, "halt-signal", 1, &[&early(&format!(r#"{{"bootstrap": {{"peers-not-found": {{"lasts": "{lasts}"}}}}}}"#))])
    };
    let (long, short) = (gone("8min"), gone("90s"));
    assert_eq!(
        (broken(&long, "stale-serving"), broken(&long, "ready-lies")),
        (2, 1),
        "300 blocks take two minutes, and a node without peers is Ready"
    );
    assert_eq!((broken(&short, "stale-serving"), broken(&short, "ready-lies")), (0, 0));
}

#[test]
fn stale_serving_fires_for_nodes_that_passed_an_upgrade_and_wait_for_peers_that_have_not() {
    // New binaries run before a minor upgrade; of the network only the validators upgrade soon.
    let slow = "blockTime: 400ms\n  resumeAfter: 60s\n  peers: { upgradeAfter: 10min..15min }\n";
    let result =
        run_exchanged("chain/new-binary-before-u-minor", &[("blockTime: 400ms\n", slow)], "blue-green,status-base=refreshed", 1, &[]);
    assert!(broken(&result, "stale-serving") > 0, "the network is far ahead of all that our nodes can have");
}

#[test]
fn dead_fork_serving_fires_for_a_reached_node_that_missed_a_fork_and_not_for_one_that_carries_it() {
    assert!(broken(&run("chain/code-fork-missed", "halt-signal", 1, &[]), "dead-fork-serving") > 0);
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[]), "dead-fork-serving"), 0, "panicking nodes answer nobody");
}

#[test]
fn ready_lies_fires_when_a_ready_groups_node_is_gone_for_more_than_a_minute() {
    let lost = |back: &str| {
        early(&format!(r#"{{"cluster": {{"machine-lost": {{"under": "pacific-1-rpc-0", "returns-after": "{back}"}}}}}}"#))
            .replace("returns-after", "returnsAfter")
    };
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[&lost("5min")]), "ready-lies"), 1);
    let killed = early(r#"{"cluster": {"container-killed": {"node": "pacific-1-rpc-0", "container": "seid"}}}"#);
    assert_eq!(broken(&run(UPGRADE, "halt-signal", 1, &[&killed]), "ready-lies"), 0, "it is back within a minute");
}

/// A world in which nobody puts right at once what a person does.
fn without_operator() -> World {
    let (_, mut world) = planned_upgrade();
    let outage = serde_json::from_str(&early(r#"{"controller": {"outage": {"lasts": "1h"}}}"#)).expect("a fault");
    world.act(|sim| sim.meet(&faults::Schedule(vec![outage])));
    world
}

fn at(seconds: u64) -> Option<SimTime> {
    Some(SimTime::ZERO + Duration::from_secs(seconds))
}

fn select(world: &mut World, selector: serde_json::Value) {
    let key = ObjectKey::new("default", "pacific-1-rpc-external");
    let body = PatchBody::Merge(serde_json::json!({ "spec": { "selector": selector } }));
    let request = Request::PatchJson { info: &const { Service::INFO }, key, part: Part::Main, body };
    world.act(|sim| sim.request(request, Actor::Person)).expect("the Service is there");
}

#[test]
fn selector_matches_nothing_fires_when_pods_lose_the_label_that_is_selected_by() {
    let fired = |gap: u64| {
        let mut world = without_operator();
        let label = |world: &mut World, value: serde_json::Value| {
            for pod in ["pacific-1-rpc-0-0", "pacific-1-rpc-1-0"] {
                let body = PatchBody::Merge(serde_json::json!({ "metadata": { "labels": { names::label::GROUP: value } } }));
                let key = ObjectKey::new("default", pod);
                let request = Request::PatchJson { info: &const { Pod::INFO }, key, part: Part::Main, body };
                world.act(|sim| sim.request(request, Actor::Person)).expect("the pod is there");
            }
        };
        world.run_until(at(90));
        label(&mut world, "another-group".into());
        world.run_until(at(90 + gap));
        label(&mut world, "pacific-1-rpc".into());
        world.run_until(at(120));
        world.look(|sim| sim.violations().iter().filter(|violation| violation.oracle == "selector-matches-nothing").count())
    };
    assert_eq!((fired(4), fired(6)), (0, 1));
}

#[test]
fn selector_matches_nothing_fires_after_5_s_without_a_selected_pod() {
    let fired = |gap: u64| {
        let mut world = without_operator();
        world.run_until(at(90));
        select(&mut world, serde_json::json!({ "nobody": "here" }));
        world.run_until(at(90 + gap));
        select(&mut world, serde_json::json!({ "nobody": null }));
        world.run_until(at(120));
        world.look(|sim| sim.violations().iter().filter(|violation| violation.oracle == "selector-matches-nothing").count())
    };
    assert_eq!((fired(4), fired(6)), (0, 1));
}
