//! Names of pods, and the answers that outlive their truth.

use super::*;

const HOST: &str = "web-0.web.default.svc.cluster.local";

/// A StatefulSet's pod with a name; stale answers live up to the given time.
fn named_pod(ttl: u64) -> World {
    let mut world = World::new(ClusterProfile { dns_ttl: Duration::from_secs(ttl), ..quick() });
    world.create(service("web", |spec| {
        spec.cluster_ip = Some("None".to_owned());
        spec.publish_not_ready_addresses = Some(true);
    }));
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    world
}

fn route(world: &World) -> Route {
    world.cluster.resolve(HOST)
}

fn present(world: &World) -> Route {
    Route::Pod(PodId(world.get::<Pod>("web-0").meta.uid.expect("a uid")))
}

/// When the name led to the present pod again, in seconds after the old one was gone.
fn replace(world: &mut World) -> f64 {
    let first = world.get::<Pod>("web-0").meta.uid;
    world.delete::<Pod>("web-0");
    world.run_until_holds("the end of the pod", |world| world.find::<Pod>("web-0").and_then(|pod| pod.meta.uid) != first);
    let gone = world.now;
    world.run_until_holds("the name of the next pod", |world| world.find::<Pod>("web-0").is_some() && route(world) == present(world));
    world.now.since(gone).as_secs_f64()
}

/// DNS caching: between the end of the old address and the end of its answer's time to live, clients go to nobody.
#[test]
fn a_replaced_pods_name_leads_to_nobody_for_up_to_the_time_to_live() {
    let mut waits = Vec::new();
    for seed in 0..20 {
        let mut world = named_pod(30);
        world.luck = Luck::new(Seed(seed));
        waits.push(replace(&mut world));
    }
    assert!(waits.iter().all(|wait| *wait <= 31.0), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait > 10.0) && waits.iter().any(|wait| *wait < 10.0), "it is drawn: {waits:?}");
}

/// A stale answer to a machine that lives is refused at once.
#[test]
fn a_stale_answer_is_refused_where_a_machine_lives_and_unroutable_where_none_does() {
    for (lost, meets) in [(false, Route::Refused), (true, Route::Unroutable)] {
        let mut world = named_pod(30);
        world.luck = Luck::new(Seed(3));
        let (first, machine) = (world.get::<Pod>("web-0").meta.uid, world.get::<Pod>("web-0").spec.node_name.clone().expect("a machine"));
        if lost {
            world.act(|cluster, cx| cluster.remove_machine(cx, &machine));
        } else {
            world.delete::<Pod>("web-0");
        }
        world.run_until_holds("the end of the pod", |world| world.find::<Pod>("web-0").and_then(|pod| pod.meta.uid) != first);
        world.run_until_holds("a stale answer", |world| route(world) == meets);
        world.rest();
        assert_eq!(route(&world), present(&world));
    }
}

/// Without a time to live the name follows the endpoints.
#[test]
fn without_a_time_to_live_a_name_follows_its_endpoint_at_once() {
    let mut world = named_pod(0);
    assert!(replace(&mut world) < 1.0);
}

/// A name whose Service is gone is denied only once the old answer is forgotten.
#[test]
fn a_name_without_its_service_still_leads_to_the_pod_until_it_is_forgotten() {
    let mut world = named_pod(30);
    let pod = present(&world);
    world.delete::<Service>("web");
    world.run_until_holds("an end of the endpoints", |world| world.now > seconds(0) && world.find::<Service>("web").is_none());
    assert_eq!(route(&world), pod);
    world.rest();
    assert_eq!(route(&world), Route::NoSuchHost);
}
