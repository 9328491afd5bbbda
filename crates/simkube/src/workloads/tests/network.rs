//! Endpoints, the data plane, names and load balancers, to the moment.

use super::*;
use crate::NetworkPace;

fn slow_network() -> ClusterProfile {
    ClusterProfile { endpoint_slice: Span::millis(200, 200), data_plane: Span::seconds(2, 2), ..quick() }
}

fn reached(world: &World) -> Vec<String> {
    world.cluster.data_plane(&key("shop")).iter().map(|(key, _)| key.name.to_string()).collect()
}

fn headless(spec: &mut ServiceSpec) {
    spec.cluster_ip = Some("None".to_owned());
    spec.publish_not_ready_addresses = Some(true);
}

fn resolves(world: &World, host: &str) -> bool {
    world.cluster.resolve(host) != Route::NoSuchHost
}

const HOST: &str = "web-0.web.default.svc.cluster.local";

#[test]
fn a_ready_pod_is_reached_after_the_slice_and_then_the_data_plane_have_followed() {
    let mut world = World::new(slow_network()).program("main", Program { serves: vec![(80, "/ready", 0)], ..Program::default() });
    world.create(service("shop", |_| {}));
    world.create(pod("web-0", pod_spec(Container { readiness_probe: Some(probe(80, "/ready")), ..container("main") })));
    world.run_until_holds("readiness", |world| world.is_ready("web-0"));
    let ready = world.now;
    world.run_until_holds("an endpoint", |world| !reached(world).is_empty());
    assert_eq!(world.now.since(ready), Duration::from_millis(2200));
    assert_eq!(reached(&world), ["web-0"]);
    let told = world.told.iter().rev().find_map(|(_, output)| match output {
        Output::DataPlane { service, pods } => Some((service.clone(), pods.len())),
        _ => None,
    });
    assert_eq!(told, Some((key("shop"), 1)));
}

#[test]
fn a_headless_service_that_publishes_unready_addresses_names_a_pod_from_its_address_to_its_end() {
    let unready = Container { readiness_probe: Some(probe(80, "/ready")), ..container("main") };
    let mut world = World::new(quick()).program("main", Program { obeys: Some(20), ..Program::default() });
    world.create(service("web", headless));
    world.create(stateful_set(pod_spec(unready)));
    assert!(!resolves(&world, HOST));
    world.rest();
    assert!(!world.is_ready("web-0") && resolves(&world, HOST));
    let first = world.cluster.resolve(HOST);
    world.delete::<Pod>("web-0");
    world.run_for(10);
    assert_eq!(world.cluster.resolve(HOST), first, "it is terminating but there");
    world.rest();
    assert_ne!(world.cluster.resolve(HOST), first);
}

#[test]
fn a_load_balancer_has_an_address_after_a_while_and_a_name_that_resolves_later() {
    let profile = ClusterProfile { load_balancer: Span::seconds(40, 40), load_balancer_dns: Span::seconds(30, 30), ..quick() };
    let mut world = World::new(profile);
    world.create(service("shop", |spec| spec.type_ = Some("LoadBalancer".to_owned())));
    let ingress = |world: &World| world.get::<Service>("shop").status.load_balancer.clone().and_then(|status| status.ingress);
    world.run_until(seconds(39));
    assert_eq!(ingress(&world), None);
    world.run_until(seconds(41));
    let host = ingress(&world).and_then(|list| list[0].hostname.clone()).expect("a name");
    assert!(!world.cluster.resolves(&host));
    world.rest();
    assert!(world.cluster.resolves(&host));
    world.delete::<Service>("shop");
    world.rest();
    assert!(world.find::<Service>("shop").is_none() && !world.cluster.resolves(&host));
}

#[test]
fn a_network_that_slows_down_lets_clients_follow_later_until_it_is_as_before() {
    let profile = quick();
    let pace = |endpoint_slice, data_plane| NetworkPace { endpoint_slice, data_plane, load_balancer: profile.load_balancer };
    let mut world = World::new(profile.clone());
    world.create(service("shop", |_| {}));
    let mut took = |name: &str, pace: NetworkPace| {
        world.act(|cluster, _| cluster.set_network_pace(pace));
        world.create(pod(name, pod_spec(container("main"))));
        world.run_until_holds("readiness", |world| world.is_ready(name));
        let ready = world.now;
        world.run_until_holds("an endpoint", |world| reached(world).iter().any(|pod| pod == name));
        world.now.since(ready)
    };
    let slow = took("web-0", pace(Span::seconds(30, 30), Span::seconds(7, 7)));
    assert!((36..=37).contains(&slow.as_secs()), "{slow:?}");
    let quick = took("web-1", pace(profile.endpoint_slice, profile.data_plane));
    assert!(quick <= Duration::from_millis(20), "{quick:?}");
}

#[test]
fn a_load_balancer_that_is_late_gives_its_address_later_and_one_that_has_it_is_not_late() {
    let profile = ClusterProfile { load_balancer: Span::seconds(40, 40), ..quick() };
    let mut world = World::new(profile);
    let postpone = |world: &mut World| world.act(|cluster, _| cluster.postpone_load_balancers(Duration::from_secs(100)));
    assert!(!postpone(&mut world), "none is under way");
    world.create(service("shop", |spec| spec.type_ = Some("LoadBalancer".to_owned())));
    world.run_until(seconds(20));
    assert!(postpone(&mut world));
    let has_address =
        |world: &World| world.get::<Service>("shop").status.load_balancer.clone().is_some_and(|status| status.ingress.is_some());
    world.run_until(seconds(139));
    assert!(!has_address(&world));
    world.run_until(seconds(142));
    assert!(has_address(&world) && !postpone(&mut world));
}
