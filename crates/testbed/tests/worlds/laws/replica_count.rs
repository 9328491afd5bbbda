//! `replica-count`.

use super::stage::{broken_at_rest, by, calm, key, label, of, operator_writes_status, patch, stored};
use api::names::label::ORDINAL;
use api::node::NodePhase;
use api::{Node, SeiNode};
use oracles::{EndVerdicts, Sight};
use simkube::{Actor, Request};
use testbed::world::World;

fn with_a_third_node() -> World {
    let mut world = calm();
    let mut node: Node = stored::<SeiNode>(&world, "pacific-1-rpc-1");
    let (labels, owners) = (node.meta.labels.clone(), node.meta.owners.clone());
    node = Node::new(api::Meta { labels, owners, ..api::Meta::new(key("pacific-1-rpc-more")) }, (*node.spec).clone());
    by(&mut world, Actor::Person, Request::Create(node.into_any()));
    world
}

#[test]
fn as_many_nodes_as_wanted_with_an_ordinal_each_keep_it() {
    assert_eq!(broken_at_rest(&calm()), [""; 0]);
}

#[test]
fn one_node_more_breaks_it() {
    assert_eq!(broken_at_rest(&with_a_third_node()), ["replica-count"]);
}

#[test]
fn two_nodes_of_one_ordinal_break_it() {
    let mut world = calm();
    let node = stored::<SeiNode>(&world, "pacific-1-rpc-1");
    by(&mut world, Actor::Person, patch(&node, |node| label(node, ORDINAL, "0")));
    assert_eq!(broken_at_rest(&world), ["replica-count"]);
}

#[test]
fn a_failed_node_counts_where_it_is_the_only_one_of_its_ordinal() {
    let mut world = calm();
    operator_writes_status::<SeiNode>(&mut world, "pacific-1-rpc-1", |status| status.phase = Some(NodePhase::Failed));
    let allowed = world.look(|sim| EndVerdicts::at_rest(&Sight { failure_allowed: true, ..sim.sight() }));
    assert!(!of(&allowed).contains(&"replica-count"), "{allowed:?}");
}

#[test]
fn a_failed_node_does_not_count_where_a_failure_state_is_allowed() {
    let mut world = with_a_third_node();
    operator_writes_status::<SeiNode>(&mut world, "pacific-1-rpc-more", |status| status.phase = Some(NodePhase::Failed));
    assert_eq!(broken_at_rest(&world), ["replica-count"]);
    let allowed = world.look(|sim| EndVerdicts::at_rest(&Sight { failure_allowed: true, ..sim.sight() }));
    assert_eq!(of(&allowed), [""; 0]);
}

#[test]
fn a_failed_node_whose_ordinal_is_not_asked_for_does_not_count_where_a_failure_state_is_allowed() {
    let mut world = with_a_third_node();
    let node = stored::<SeiNode>(&world, "pacific-1-rpc-more");
    by(&mut world, Actor::Person, patch(&node, |node| label(node, ORDINAL, "2")));
    operator_writes_status::<SeiNode>(&mut world, "pacific-1-rpc-more", |status| status.phase = Some(NodePhase::Failed));
    assert_eq!(broken_at_rest(&world), ["replica-count"]);
    let allowed = world.look(|sim| EndVerdicts::at_rest(&Sight { failure_allowed: true, ..sim.sight() }));
    assert!(!of(&allowed).contains(&"replica-count"), "{allowed:?}");
}
