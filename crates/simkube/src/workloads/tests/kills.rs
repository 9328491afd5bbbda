//! Containers and pods that are killed from outside: out of memory, by someone, by the kubelet's eviction.

use super::*;

fn last_run(world: &World, pod: &str) -> (i32, String) {
    let status = world.get::<Pod>(pod).status;
    let main = &status.container_statuses.as_ref().expect("statuses")[0];
    let state = [&main.last_state, &main.state].into_iter().flatten().find_map(|state| state.terminated.clone());
    let ended = state.expect("a run that has ended");
    (ended.exit_code, ended.reason.unwrap_or_default())
}

impl World {
    fn run_of(&self, pod: &str, container: &str) -> ContainerId {
        self.cluster.container(&key(pod), container).expect("a running container")
    }

    fn evict_for_pressure(&mut self, pod: &str) -> bool {
        self.act(|cluster, cx| cluster.pressure_evict(cx, &key(pod)))
    }
}

/// Assign Memory Resources, "Exceed a Container's memory limit".
#[test]
fn a_container_killed_for_want_of_memory_ends_with_137_and_is_restarted() {
    let mut world = World::new(quick());
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    let id = world.run_of("web-0", "main");
    assert!(world.act(|cluster, cx| cluster.oom_kill(cx, id)));
    world.rest();
    assert_eq!(last_run(&world, "web-0"), (137, "OOMKilled".to_owned()));
    assert!(world.is_ready("web-0"));
    assert!(!world.act(|cluster, cx| cluster.oom_kill(cx, id)), "that run is over");
}

/// A kill that the kernel did not order is an error like any other.
#[test]
fn a_container_killed_by_someone_ends_with_137_and_no_particular_reason() {
    let mut world = World::new(quick());
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    let id = world.run_of("web-0", "main");
    assert!(world.act(|cluster, cx| cluster.kill_container(cx, id)));
    world.rest();
    assert_eq!(last_run(&world, "web-0"), (137, "Error".to_owned()));
    assert_eq!(world.starts("main").len(), 2);
}

/// Node-pressure Eviction, "Self healing behavior" and `evictPod`: Failed, reason Evicted; the hard threshold leaves a second.
#[test]
fn a_pod_evicted_by_its_kubelet_is_failed_with_reason_evicted_after_a_second_of_grace() {
    let mut world = World::new(quick()).program("main", Program { obeys: None, ..Program::default() });
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    assert!(world.evict_for_pressure("web-0"));
    let evicted = world.now;
    assert_eq!(world.phase("web-0").as_deref(), Some("Running"), "not before its containers have ended");
    world.rest();
    let status = world.get::<Pod>("web-0").status;
    assert_eq!((status.phase.as_deref(), status.reason.as_deref()), (Some("Failed"), Some("Evicted")));
    let signals: Vec<_> = world.signals().into_iter().map(|(at, _, signal)| (at.since(evicted).as_secs(), signal)).collect();
    assert_eq!(signals, [(0, Signal::Terminate), (1, Signal::Kill)]);
    assert!(!world.evict_for_pressure("web-0"), "it has ended");
}

/// `killContainer` of a container that failed its liveness probe: as any that is told to end, with the pod's grace period.
#[test]
fn a_container_found_dead_is_told_to_end_killed_after_its_grace_and_started_again() {
    let mut world = World::new(quick()).program("main", Program { obeys: None, ..Program::default() });
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    let (id, found) = (world.run_of("web-0", "main"), world.now);
    assert!(world.act(|cluster, cx| cluster.fail_liveness(cx, id)));
    assert!(!world.act(|cluster, cx| cluster.fail_liveness(cx, id)), "it is told once");
    world.rest();
    let signals: Vec<_> = world.signals().into_iter().map(|(at, _, signal)| (at.since(found).as_secs(), signal)).collect();
    assert_eq!(signals, [(0, Signal::Terminate), (30, Signal::Kill)]);
    assert_eq!(last_run(&world, "web-0"), (137, "Error".to_owned()));
    assert_eq!(world.starts("main").len(), 2);
}

/// `computePodActions`: with restartPolicy Never it is ended all the same, and stays ended.
#[test]
fn a_container_found_dead_in_a_pod_that_restarts_nothing_fails_the_pod() {
    let mut world = World::new(quick());
    let spec = PodSpec { restart_policy: Some("Never".to_owned()), ..pod_spec(container("main")) };
    world.create(pod("web-0", spec));
    world.rest();
    let id = world.run_of("web-0", "main");
    assert!(world.act(|cluster, cx| cluster.fail_liveness(cx, id)));
    world.rest();
    assert_eq!(world.starts("main").len(), 1);
    assert!(world.phase("web-0").is_some_and(|phase| phase == "Failed" || phase == "Succeeded"));
}

/// A pod that is being deleted is probed for readiness only.
#[test]
fn nobody_looks_whether_a_container_lives_whose_pod_is_ending() {
    let mut world = World::new(quick()).program("main", Program { obeys: None, ..Program::default() });
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    let id = world.run_of("web-0", "main");
    world.delete::<Pod>("web-0");
    world.run_for(5);
    assert!(!world.act(|cluster, cx| cluster.fail_liveness(cx, id)));
}
