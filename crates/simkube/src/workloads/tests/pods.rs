//! The kubelet: exact looks of probes, signals, and drawn spans.

use super::*;

fn started(world: &World, container: &str) -> Option<SimTime> {
    world.starts(container).first().copied()
}

#[test]
fn an_image_is_pulled_once_a_machine() {
    let profile = ClusterProfile { image_pull: Span::seconds(30, 30), zones: 1, machines: 1, ..quick() };
    let mut world = World::new(profile);
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    assert!(started(&world, "main") >= Some(seconds(30)));
    world.create(pod("web-1", pod_spec(container("main"))));
    let created = world.now;
    world.rest();
    assert!(world.starts("main")[1].since(created) < Duration::from_secs(1));
}

#[test]
fn readiness_follows_the_endpoint_at_the_looks_of_the_probe() {
    let mut world = World::new(quick()).program("main", Program { serves: vec![(80, "/ready", 31)], ..Program::default() });
    let main = Container { readiness_probe: Some(probe(80, "/ready")), ..container("main") };
    world.create(pod("web-0", pod_spec(main)));
    world.rest();
    let start = started(&world, "main").expect("it starts");
    let id = PodId(world.get::<Pod>("web-0").meta.uid.expect("a uid"));
    world.run_until(start + Duration::from_secs(62));
    world.act(|cluster, cx| cluster.probe_answer(cx, id, 80, "/ready", false));
    world.rest();
    let turns: Vec<_> = world.readiness("web-0").into_iter().map(|(at, ready)| (at.since(start).as_secs(), ready)).collect();
    assert_eq!(turns, [(35, true), (75, false)], "the third failed look is that of the 75th second");
}

#[test]
fn a_failed_liveness_probe_restarts_the_container_and_kills_it_if_it_does_not_end_in_time() {
    let main = Program { serves: vec![(80, "/live", 0)], obeys: None, ..Program::default() };
    let mut world = World::new(quick()).program("main", main);
    world.create(pod("web-0", pod_spec(Container { liveness_probe: Some(probe(80, "/live")), ..container("main") })));
    world.rest();
    let start = started(&world, "main").expect("it starts");
    let id = PodId(world.get::<Pod>("web-0").meta.uid.expect("a uid"));
    world.run_until(start + Duration::from_secs(100));
    world.act(|cluster, cx| cluster.probe_answer(cx, id, 80, "/live", false));
    world.rest();
    let signals: Vec<_> = world.signals().into_iter().map(|(at, _, signal)| (at.since(start).as_secs(), signal)).collect();
    assert_eq!(signals, [(110, Signal::Terminate), (140, Signal::Kill)]);
    assert_eq!(world.starts("main").len(), 2);
    assert_eq!(world.phase("web-0").as_deref(), Some("Running"));
}

#[test]
fn a_pod_that_is_deleted_before_its_volume_is_attached_never_starts() {
    let mut world = World::new(ClusterProfile { attach: Span::seconds(20, 20), ..quick() });
    world.create(claim("data"));
    world.create(pod("web-0", with_claim(pod_spec(container("main")), "data")));
    world.run_for(10);
    world.delete::<Pod>("web-0");
    world.rest();
    assert!(world.pods().is_empty() && world.starts("main").is_empty());
}
