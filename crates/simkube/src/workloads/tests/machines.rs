//! Machines: Node objects, loss, return, removal, and what becomes of pods, volumes and controllers.

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

fn taints(world: &World, name: &str) -> Vec<(String, String)> {
    let node = node(world, name).expect("a Node object");
    node.spec.taints.iter().flatten().map(|taint| (taint.key.clone(), taint.effect.clone())).collect()
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
    world.create(service("shop", |_| {}));
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    let machine = machine(&world, "web-0");
    (world, machine)
}

fn reached(world: &World) -> usize {
    world.cluster.data_plane(&key("shop")).len()
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

/// `monitorNodeHealth`: Ready is Unknown after the grace period, with the taints of `taint-eviction` and of conditions.
#[test]
fn a_lost_machine_is_unknown_after_fifty_seconds_and_not_before() {
    let (mut world, machine) = with_pod();
    world.lose(&machine);
    world.run_for(49);
    assert_eq!(node_ready(&world, &machine), "True");
    world.run_for(2);
    assert_eq!(node_ready(&world, &machine), "Unknown");
    let unreachable = "node.kubernetes.io/unreachable".to_owned();
    assert_eq!(taints(&world, &machine), [(unreachable.clone(), "NoSchedule".to_owned()), (unreachable, "NoExecute".to_owned())]);
}

/// `MarkPodsNotReady`: the pods' endpoints leave when the node turns Unknown.
#[test]
fn the_pods_of_a_lost_machine_turn_unready_with_its_node_and_leave_their_services() {
    let (mut world, machine) = with_pod();
    world.lose(&machine);
    world.run_for(49);
    assert!(world.is_ready("web-0") && reached(&world) == 1, "nobody knows yet");
    world.run_for(2);
    assert!(!world.is_ready("web-0"));
    assert_eq!(world.phase("web-0").as_deref(), Some("Running"), "only the condition turns");
    world.run_for(1);
    assert_eq!(reached(&world), 0);
}

/// The world is told that the processes are gone at the moment of the loss.
#[test]
fn the_containers_of_a_lost_machine_are_killed_at_once() {
    let (mut world, machine) = with_pod();
    world.lose(&machine);
    assert_eq!(world.signals(), [(world.now, "main".to_owned(), Signal::Kill)]);
}

/// Taints and Tolerations, "Taint based evictions": deleted 300 s after the taint; the kubelet never confirms.
#[test]
fn a_pod_on_a_lost_machine_is_deleted_after_300_seconds_and_hangs_terminating_and_blocks_its_name() {
    let (mut world, machine) = with_pod();
    let first = world.get::<Pod>("web-0").meta.uid;
    world.lose(&machine);
    world.run_for(349);
    assert!(world.get::<Pod>("web-0").meta.deleting.is_none());
    world.run_for(3);
    assert!(world.get::<Pod>("web-0").meta.deleting.is_some());
    world.rest();
    assert_eq!(world.get::<Pod>("web-0").meta.uid, first, "the name is not free");
    assert_eq!(world.starts("main").len(), 1);
    let conditions = world.get::<Pod>("web-0").status.conditions.clone().unwrap_or_default();
    assert!(conditions.iter().any(|c| c.type_ == "DisruptionTarget" && c.reason.as_deref() == Some("DeletionByTaintManager")));
}

/// `tolerationSeconds` absent: the pod stays bound for ever.
#[test]
fn a_pod_that_tolerates_an_unreachable_machine_is_never_evicted() {
    let mut world = World::new(quick());
    let toleration = k8s_openapi::api::core::v1::Toleration { operator: Some("Exists".to_owned()), ..Default::default() };
    world.create(pod("web-0", PodSpec { tolerations: Some(vec![toleration]), ..pod_spec(container("main")) }));
    world.rest();
    let machine = machine(&world, "web-0");
    world.lose(&machine);
    world.rest();
    assert!(world.get::<Pod>("web-0").meta.deleting.is_none());
}

/// `syncTerminatingPod` after the kubelet's start: the deletion that nobody confirmed is confirmed.
#[test]
fn a_machine_that_returns_after_the_eviction_lets_go_of_its_pod_and_another_is_made() {
    let (mut world, machine) = with_pod();
    let first = world.get::<Pod>("web-0").meta.uid;
    world.lose(&machine);
    world.rest();
    world.give_back(&machine);
    world.rest();
    assert_ne!(world.get::<Pod>("web-0").meta.uid, first);
    assert!(world.is_ready("web-0"));
    assert_eq!((node_ready(&world, &machine).as_str(), taints(&world, &machine).len()), ("True", 0));
}

/// `computePodActions` with a changed sandbox: the same pod, new runs.
#[test]
fn a_machine_that_returns_in_time_starts_its_pods_containers_anew() {
    let (mut world, machine) = with_pod();
    let first = world.get::<Pod>("web-0").meta.uid;
    world.lose(&machine);
    world.run_for(100);
    world.give_back(&machine);
    world.rest();
    let pod = world.get::<Pod>("web-0");
    let main = &pod.status.container_statuses.as_ref().expect("statuses")[0];
    let last = main.last_state.as_ref().and_then(|state| state.terminated.clone()).expect("a last run");
    assert_eq!((pod.meta.uid, main.restart_count), (first, 1));
    assert_eq!((last.exit_code, last.reason.as_deref()), (255, Some("Unknown")));
    assert!(world.is_ready("web-0") && pod.meta.deleting.is_none());
    assert_eq!(world.starts("main").len(), 2);
}

/// Init Containers, "Pod restart reasons": a changed sandbox runs them all again.
#[test]
fn init_containers_run_again_after_a_loss_of_power() {
    let mut world = World::new(quick()).program("init", Program { exits: vec![(2, 0); 2], ..Program::default() });
    world.create(pod("web-0", PodSpec { init_containers: Some(vec![container("init")]), ..pod_spec(container("main")) }));
    world.rest();
    let machine = machine(&world, "web-0");
    world.lose(&machine);
    world.run_for(10);
    world.give_back(&machine);
    world.rest();
    assert_eq!((world.starts("init").len(), world.starts("main").len()), (2, 2));
    assert!(world.starts("main")[1] > world.starts("init")[1]);
}

/// `gcOrphaned`: 40 s of quarantine, up to 20 s until the collector looks.
#[test]
fn the_pods_of_a_removed_machine_are_failed_and_deleted_by_force_within_a_minute() {
    let (mut world, machine) = with_pod();
    let first = world.get::<Pod>("web-0").meta.uid;
    world.lose(&machine);
    world.rest();
    world.remove(&machine);
    assert!(node(&world, &machine).is_none());
    world.run_for(39);
    assert_eq!(world.get::<Pod>("web-0").meta.uid, first);
    world.run_for(23);
    assert_ne!(world.find::<Pod>("web-0").and_then(|pod| pod.meta.uid), first);
    world.rest();
    assert_ne!(machine, self::machine(&world, "web-0"));
    assert!(world.is_ready("web-0"));
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

/// A pod that is never restarted has failed when its machine comes back.
#[test]
fn a_jobs_pod_fails_when_its_machine_returns_in_time() {
    let mut world = World::new(quick());
    world.create(job(pod_spec(container("main"))));
    world.run_for(60);
    let pod = world.pods()[0].name().to_owned();
    let machine = machine(&world, &pod);
    world.lose(&machine);
    world.run_for(20);
    world.give_back(&machine);
    world.run_for(20);
    assert_eq!(world.phase(&pod).as_deref(), Some("Failed"));
    assert_eq!(world.starts("main").len(), 1);
    let job = world.get::<Job>("work");
    assert!(job.status.conditions.iter().flatten().any(|condition| condition.type_ == "Failed"));
}

/// `delayTerminalCondition`: a Job is not Failed while a pod of it is terminating.
#[test]
fn a_job_is_not_failed_while_its_pod_hangs_terminating_on_a_lost_machine() {
    let mut world = World::new(quick());
    world.create(job(pod_spec(container("main"))));
    world.run_for(60);
    let pod = world.pods()[0].name().to_owned();
    let machine = machine(&world, &pod);
    world.lose(&machine);
    world.run_for(7200);
    let kinds = |world: &World| -> Vec<String> {
        world.get::<Job>("work").status.conditions.iter().flatten().map(|condition| condition.type_.clone()).collect()
    };
    assert_eq!(kinds(&world), ["FailureTarget"]);
    assert_eq!(world.get::<Job>("work").status.terminating, Some(1));
    world.remove(&machine);
    world.run_for(65);
    assert_eq!(kinds(&world), ["FailureTarget", "Failed"]);
    assert!(world.pods().is_empty());
}

/// `maxWaitForUnmountDuration`: six minutes after nobody wants the volume there.
#[test]
fn a_volume_is_detached_by_force_six_minutes_after_the_pod_object_on_a_lost_machine_is_gone() {
    let mut world = World::new(ClusterProfile { zones: 1, machines: 2, ..quick() });
    world.create(claim("data"));
    world.create(stateful_set(with_claim(pod_spec(container("main")), "data")));
    world.rest();
    let machine = machine(&world, "web-0");
    let first = world.get::<Pod>("web-0").meta.uid;
    world.lose(&machine);
    world.rest();
    world.remove(&machine);
    world.run_until_holds("the end of the pod", |world| world.find::<Pod>("web-0").and_then(|pod| pod.meta.uid) != first);
    let gone = world.now;
    world.run_until_holds("the second start", |world| world.starts("main").len() == 2);
    let waited = world.now.since(gone).as_secs();
    assert!((360..362).contains(&waited), "{waited}");
}

/// The kubelet of a machine that is back says that the volume is unmounted.
#[test]
fn a_machine_that_returns_lets_go_of_a_volume_without_force() {
    let mut world = World::new(ClusterProfile { zones: 1, machines: 2, ..quick() });
    world.create(claim("data"));
    world.create(pod("web-0", with_claim(pod_spec(container("main")), "data")));
    world.rest();
    let machine = machine(&world, "web-0");
    world.lose(&machine);
    world.rest();
    world.give_back(&machine);
    world.rest();
    assert!(world.pods().is_empty());
    let freed = world.now;
    world.create(pod("web-1", with_claim(pod_spec(container("main")), "data")));
    world.run_until_holds("the second start", |world| world.starts("main").len() == 2);
    assert!(world.now.since(freed) < Duration::from_secs(2));
}

/// An address on a machine without power answers nothing at all.
#[test]
fn a_pods_address_on_a_lost_machine_is_unroutable_as_long_as_its_name_leads_there() {
    let (mut world, machine) = with_pod();
    let id = PodId(world.get::<Pod>("web-0").meta.uid.expect("a uid"));
    assert_eq!(world.cluster.resolve(world.now, HOST), Route::Pod(id));
    world.lose(&machine);
    assert_eq!(world.cluster.resolve(world.now, HOST), Route::Unroutable);
    world.give_back(&machine);
    world.run_for(5);
    assert_eq!(world.cluster.resolve(world.now, HOST), Route::Pod(id));
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

/// The taint-eviction controller looks at pods as well as at nodes.
#[test]
fn a_pod_that_names_a_machine_which_was_given_up_is_evicted_too() {
    let mut world = World::new(quick());
    world.lose("machine-0");
    world.rest();
    world.create(pod("web-0", PodSpec { node_name: Some("machine-0".to_owned()), ..pod_spec(container("main")) }));
    world.run_for(299);
    assert!(world.get::<Pod>("web-0").meta.deleting.is_none());
    world.run_for(2);
    assert!(world.get::<Pod>("web-0").meta.deleting.is_some());
}

/// `gcOrphaned` finds every pod whose node does not exist.
#[test]
fn a_pod_that_names_a_machine_which_is_not_there_is_collected() {
    let mut world = World::new(quick());
    world.create(pod("web-0", PodSpec { node_name: Some("machine-77".to_owned()), ..pod_spec(container("main")) }));
    world.run_for(39);
    assert_eq!(world.pods().len(), 1);
    world.rest();
    assert!(world.pods().is_empty());
}
