//! Machines without power: signals, routes, and who is kept awake.

use super::*;
use api::kinds::Node;

const HOST: &str = "web-0.web.default.svc.cluster.local";

fn node(world: &World, name: &str) -> Option<Object<Node>> {
    world.cluster.object(&const { Node::INFO }, &ObjectKey::new("", name))?.typed()
}

fn node_ready(world: &World, name: &str) -> String {
    let node = node(world, name).expect("a Node object");
    let ready = node.status.conditions.iter().flatten().find(|condition| condition.type_ == "Ready").cloned();
    ready.expect("a condition").status
}

fn machine(world: &World, pod: &str) -> String {
    world.get::<Pod>(pod).spec.node_name.clone().expect("a scheduled pod")
}

impl World {
    fn lose(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.lose_machine(cx, machine)));
    }

    fn give_back(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.return_machine(cx, machine)));
    }

    fn remove(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.remove_machine(cx, machine)));
    }
}

/// A StatefulSet's pod runs on its machine.
fn with_pod() -> (World, String) {
    let mut world = World::new(quick());
    world.create(service("web", |spec| spec.cluster_ip = Some("None".to_owned())));
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    let machine = machine(&world, "web-0");
    (world, machine)
}

/// Nodes, "Node name uniqueness"; Well-Known Labels: hostname and zone.
#[test]
fn every_machine_is_a_ready_node_in_its_zone_from_the_start() {
    let world = World::new(ClusterProfile { zones: 2, machines: 3, ..quick() });
    let nodes: Vec<_> = world.cluster.objects(&const { Node::INFO }).cloned().collect();
    let zones: Vec<_> = nodes.iter().map(|node| node.meta.labels["topology.kubernetes.io/zone"].clone()).collect();
    assert_eq!(zones, ["zone-0", "zone-1", "zone-0"]);
    assert!(nodes.iter().all(|node| node.meta.labels["kubernetes.io/hostname"] == *node.meta.key.name));
    assert_eq!(node_ready(&world, "machine-2"), "True");
}

/// The world is told that the processes are gone at the moment of the loss.
#[test]
fn the_containers_of_a_lost_machine_are_killed_at_once() {
    let (mut world, machine) = with_pod();
    world.lose(&machine);
    assert_eq!(world.signals(), [(world.now, "main".to_owned(), Signal::Kill)]);
}

/// Scheduling: `TaintToleration` and missing nodes.
#[test]
fn nothing_is_placed_on_a_machine_that_is_not_ready_or_gone() {
    let mut world = World::new(ClusterProfile { zones: 1, machines: 2, ..quick() });
    world.lose("machine-0");
    world.rest();
    for name in ["a", "b", "c", "d"] {
        world.create(pod(name, pod_spec(container("main"))));
    }
    world.rest();
    assert!(["a", "b", "c", "d"].iter().all(|name| machine(&world, name) == "machine-1"));
    world.remove("machine-1");
    world.create(pod("e", pod_spec(container("main"))));
    world.run_for(10);
    assert_eq!(world.get::<Pod>("e").spec.node_name, None);
    world.give_back("machine-0");
    world.rest();
    assert_eq!(machine(&world, "e"), "machine-0");
}

/// An address on a machine without power answers nothing at all.
#[test]
fn a_pods_address_on_a_lost_machine_is_unroutable_as_long_as_its_name_leads_there() {
    let (mut world, machine) = with_pod();
    let id = PodId(world.get::<Pod>("web-0").meta.uid.expect("a uid"));
    assert_eq!(world.cluster.resolve(HOST), Route::Pod(id));
    world.lose(&machine);
    assert_eq!(world.cluster.resolve(HOST), Route::Unroutable);
    world.give_back(&machine);
    world.run_for(5);
    assert_eq!(world.cluster.resolve(HOST), Route::Pod(id));
}

/// Nothing ticks on a machine that is lost for good.
#[test]
fn a_machine_that_is_lost_for_ever_keeps_nobody_awake() {
    let (mut world, machine) = with_pod();
    world.lose(&machine);
    let lost = world.now;
    world.rest();
    assert!(world.now.since(lost) < Duration::from_secs(400));
    assert!(!world.act(|cluster, cx| cluster.lose_machine(cx, &machine)), "it is lost already");
}
