//! The kubelet: order of starting, restarts, probes, the end of a pod.

use super::*;

fn started(world: &World, container: &str) -> Option<SimTime> {
    world.starts(container).first().copied()
}

fn gaps(world: &World, container: &str) -> Vec<u64> {
    world.starts(container).windows(2).map(|pair| pair[1].since(pair[0]).as_secs()).collect()
}

#[test]
fn init_containers_run_one_after_the_other_and_a_sidecar_holds_nobody_up() {
    let mut world = World::new(quick()).program("first", Program { exits: vec![(10, 0)], ..Program::default() });
    let init = vec![container("first"), sidecar("helper")];
    world.create(pod("web-0", PodSpec { init_containers: Some(init), ..pod_spec(container("main")) }));
    world.rest();
    let first = started(&world, "first").expect("it starts");
    assert_eq!(started(&world, "helper"), Some(first + Duration::from_secs(10)));
    assert_eq!(started(&world, "main"), started(&world, "helper"));
    assert!(world.is_ready("web-0"));
}

#[test]
fn a_sidecar_with_a_startup_probe_holds_the_next_container_up_until_it_has_started() {
    let mut world = World::new(quick()).program("helper", Program { serves: vec![(7777, "/up", 12)], ..Program::default() });
    let helper = Container { startup_probe: Some(probe(7777, "/up")), ..sidecar("helper") };
    world.create(pod("web-0", PodSpec { init_containers: Some(vec![helper]), ..pod_spec(container("main")) }));
    world.rest();
    let helper = started(&world, "helper").expect("it starts");
    assert_eq!(started(&world, "main"), Some(helper + Duration::from_secs(15)), "at the look after the 12th second");
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
fn a_crashing_container_is_restarted_at_once_and_then_after_10_20_40_up_to_300_seconds() {
    let mut world = World::new(quick()).program("main", Program { exits: vec![(1, 1); 9], ..Program::default() });
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    assert_eq!(gaps(&world, "main"), [1, 11, 21, 41, 81, 161, 301, 301, 301]);
    let status = world.get::<Pod>("web-0").status;
    let main = &status.container_statuses.as_ref().expect("statuses")[0];
    assert_eq!(main.restart_count, 9);
    let last = main.last_state.as_ref().and_then(|state| state.terminated.as_ref()).expect("a last run");
    assert_eq!(last.exit_code, 1);
}

#[test]
fn ten_minutes_of_running_make_the_next_restart_a_first_one() {
    let exits = vec![(1, 0), (1, 0), (600, 0), (1, 0)];
    let mut world = World::new(quick()).program("main", Program { exits, ..Program::default() });
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    assert_eq!(gaps(&world, "main"), [1, 11, 600, 11]);
}

#[test]
fn a_container_in_back_off_waits_as_crash_loop_back_off_in_a_running_pod() {
    let mut world = World::new(quick()).program("main", Program { exits: vec![(1, 1), (1, 1)], ..Program::default() });
    world.create(pod("web-0", pod_spec(container("main"))));
    world.run_for(5);
    let status = world.get::<Pod>("web-0").status;
    let main = &status.container_statuses.as_ref().expect("statuses")[0];
    let waiting = main.state.as_ref().and_then(|state| state.waiting.as_ref()).expect("it waits");
    assert_eq!(waiting.reason.as_deref(), Some("CrashLoopBackOff"));
    assert_eq!(status.phase.as_deref(), Some("Running"));
    assert!(!world.is_ready("web-0"));
}

#[test]
fn a_sidecar_is_restarted_for_the_lifetime_of_a_pod_whose_policy_is_never() {
    let mut world = World::new(quick())
        .program("helper", Program { exits: vec![(5, 1)], ..Program::default() })
        .program("main", Program { exits: vec![(30, 0)], ..Program::default() });
    let mut spec = PodSpec { init_containers: Some(vec![sidecar("helper")]), ..pod_spec(container("main")) };
    spec.restart_policy = Some("Never".to_owned());
    world.create(pod("web-0", spec));
    world.rest();
    assert_eq!(gaps(&world, "helper"), [5]);
    assert_eq!(world.starts("main").len(), 1);
    assert_eq!(world.phase("web-0").as_deref(), Some("Succeeded"));
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
fn other_probes_wait_for_the_startup_probe() {
    let serves = vec![(80, "/up", 41), (80, "/ready", 0)];
    let mut world = World::new(quick()).program("main", Program { serves, ..Program::default() });
    let ready = Probe { initial_delay_seconds: Some(0), ..probe(80, "/ready") };
    let up = Probe { failure_threshold: Some(100), ..probe(80, "/up") };
    world.create(pod("web-0", pod_spec(Container { startup_probe: Some(up), readiness_probe: Some(ready), ..container("main") })));
    world.run_for(300);
    let start = started(&world, "main").expect("it starts");
    assert_eq!(world.readiness("web-0"), [(start + Duration::from_secs(45), true)]);
}

#[test]
fn a_sidecar_with_a_readiness_probe_counts_in_the_readiness_of_the_pod() {
    let mut world = World::new(quick()).program("helper", Program { serves: vec![(7777, "/ready", 100)], ..Program::default() });
    let helper = Container { readiness_probe: Some(probe(7777, "/ready")), ..sidecar("helper") };
    world.create(pod("web-0", PodSpec { init_containers: Some(vec![helper]), ..pod_spec(container("main")) }));
    world.run_for(90);
    assert_eq!(world.phase("web-0").as_deref(), Some("Running"));
    assert!(!world.is_ready("web-0"));
    world.rest();
    assert!(world.is_ready("web-0"));
}

#[test]
fn a_startup_probe_that_fails_for_too_long_restarts_the_container() {
    let mut world = World::new(quick());
    world.create(pod("web-0", pod_spec(Container { startup_probe: Some(probe(80, "/up")), ..container("main") })));
    world.run_for(30);
    let starts = world.starts("main");
    assert_eq!(starts[1].since(starts[0]), Duration::from_secs(21), "looks at 10, 15 and 20, and a second to end");
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
fn deletion_ends_main_containers_before_sidecars_and_sidecars_in_reverse_order() {
    let mut world = World::new(quick()).program("main", Program { obeys: Some(4), ..Program::default() });
    let init = vec![sidecar("outer"), sidecar("inner")];
    world.create(pod("web-0", PodSpec { init_containers: Some(init), ..pod_spec(container("main")) }));
    world.rest();
    world.delete::<Pod>("web-0");
    world.rest();
    let signals = world.signals();
    let first = signals[0].0;
    let told: Vec<_> = signals.iter().map(|(at, name, signal)| (at.since(first).as_secs(), name.as_str(), *signal)).collect();
    assert_eq!(told, [(0, "main", Signal::Terminate), (4, "inner", Signal::Terminate), (5, "outer", Signal::Terminate)]);
    assert!(world.pods().is_empty());
}

#[test]
fn a_container_that_ignores_its_signal_is_killed_after_the_grace_period() {
    let mut world = World::new(quick()).program("main", Program { obeys: None, ..Program::default() });
    world.create(pod("web-0", PodSpec { termination_grace_period_seconds: Some(120), ..pod_spec(container("main")) }));
    world.rest();
    world.delete::<Pod>("web-0");
    world.rest();
    let signals = world.signals();
    assert_eq!(signals.iter().map(|(_, _, signal)| *signal).collect::<Vec<_>>(), [Signal::Terminate, Signal::Kill]);
    assert_eq!(signals[1].0.since(signals[0].0), Duration::from_secs(120));
    assert!(world.pods().is_empty());
}

#[test]
fn an_unscheduled_pod_is_gone_as_soon_as_it_is_deleted() {
    let mut world = World::new(quick());
    world.create(pod("web-0", with_claim(pod_spec(container("main")), "missing")));
    world.rest();
    world.delete::<Pod>("web-0");
    assert!(world.pods().is_empty());
    world.rest();
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
