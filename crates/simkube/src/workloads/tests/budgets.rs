//! Evictions, disruption budgets and drains.

use super::*;
use api::kinds::PodDisruptionBudget;
use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;
use ports::ApiError;

fn budget(change: impl FnOnce(&mut PodDisruptionBudgetSpec)) -> Object<PodDisruptionBudget> {
    let selector = LabelSelector { match_labels: Some(labels("web")), ..LabelSelector::default() };
    let mut spec = PodDisruptionBudgetSpec { selector: Some(selector), ..PodDisruptionBudgetSpec::default() };
    change(&mut spec);
    Object::new(Meta::new(key("budget")), spec)
}

fn at_least(pods: i32) -> Object<PodDisruptionBudget> {
    budget(|spec| spec.min_available = Some(IntOrString::Int(pods)))
}

impl World {
    fn evict(&mut self, pod: &str) -> Result<(), ApiError> {
        let request = Request::Evict { key: key(pod) };
        self.act(|cluster, cx| cluster.carry_out(cx, request, Actor::Person)).map(|_| ())
    }

    fn allowed(&self) -> i32 {
        self.get::<PodDisruptionBudget>("budget").status.disruptions_allowed
    }

    fn drain(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.drain(cx, machine)));
    }
}

/// API-initiated Eviction, "How API-initiated eviction works": without a budget it is a graceful deletion.
#[test]
fn an_eviction_without_a_budget_deletes_the_pod_gracefully() {
    let mut world = World::new(quick()).program("main", Program { obeys: Some(9), ..Program::default() });
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    assert_eq!(world.evict("web-0"), Ok(()));
    world.run_for(5);
    let pod = world.get::<Pod>("web-0");
    assert!(pod.meta.deleting.is_some());
    let reasons: Vec<_> = pod.status.conditions.iter().flatten().filter(|c| c.type_ == "DisruptionTarget").collect();
    assert_eq!(reasons[0].reason.as_deref(), Some("EvictionByEvictionAPI"));
    world.rest();
    assert!(world.pods().is_empty());
    assert!(matches!(world.evict("web-0"), Err(ApiError::NotFound(_))));
}

/// 429: the eviction would violate the budget.
#[test]
fn an_eviction_that_the_budget_does_not_allow_is_refused_with_429() {
    let mut world = World::new(quick());
    world.create(at_least(1));
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    assert_eq!(world.allowed(), 0);
    assert_eq!(world.evict("web-0"), Err(ApiError::TooManyRequests));
    assert!(world.get::<Pod>("web-0").meta.deleting.is_none());
}

/// `checkAndDecrement`: each eviction charges the budget at once, before its controller counts again.
#[test]
fn two_evictions_at_one_moment_do_not_both_pass_a_budget_of_one() {
    let mut world = World::new(quick());
    world.create(at_least(1));
    world.create(pod("a", pod_spec(container("main"))));
    world.create(pod("b", pod_spec(container("main"))));
    world.rest();
    assert_eq!(world.allowed(), 1);
    assert_eq!(world.evict("a"), Ok(()));
    assert_eq!(world.evict("b"), Err(ApiError::TooManyRequests));
    world.rest();
    let status = world.get::<PodDisruptionBudget>("budget").status;
    assert_eq!((status.current_healthy, status.disruptions_allowed, status.disrupted_pods.clone()), (1, 0, None));
}

/// Configuring a PDB: maxUnavailable counts from the scale of the pods' controllers; percentages are rounded up.
#[test]
fn a_budget_by_what_may_be_unavailable_counts_from_the_scale_of_the_owner() {
    for (value, allowed) in [("0%", 0), ("1%", 1), ("100%", 1)] {
        let mut world = World::new(quick());
        world.create(budget(|spec| spec.max_unavailable = Some(IntOrString::String(value.to_owned()))));
        world.create(stateful_set(pod_spec(container("main"))));
        world.rest();
        assert_eq!(world.allowed(), allowed, "{value}");
        assert_eq!(world.get::<PodDisruptionBudget>("budget").status.expected_pods, 1);
    }
}

/// `getExpectedScale`: "found no controllers for pod" fails the sync, which allows nothing.
#[test]
fn a_budget_over_pods_without_a_scale_allows_nothing() {
    let mut world = World::new(quick());
    world.create(budget(|spec| spec.max_unavailable = Some(IntOrString::Int(1))));
    world.create(job(pod_spec(container("main"))));
    world.run_for(60);
    let status = world.get::<PodDisruptionBudget>("budget").status;
    assert_eq!(status.disruptions_allowed, 0);
    assert_eq!(status.conditions.as_ref().expect("conditions")[0].reason, "SyncFailed");
}

/// `unhealthyPodEvictionPolicy`: by default an unready pod is protected unless the budget is met without it.
#[test]
fn an_unready_pod_is_protected_unless_the_policy_always_allows() {
    for (policy, answer) in [(None, Err(ApiError::TooManyRequests)), (Some("AlwaysAllow"), Ok(()))] {
        let mut world = World::new(quick());
        let mut guard = at_least(1);
        guard.spec_mut().unhealthy_pod_eviction_policy = policy.map(str::to_owned);
        world.create(guard);
        let unready = Container { readiness_probe: Some(probe(80, "/ready")), ..container("main") };
        world.create(pod("web-0", pod_spec(unready)));
        world.rest();
        assert_eq!(world.evict("web-0"), answer);
    }
}

/// `canIgnorePDB`: what has not started or has ended is not disrupted.
#[test]
fn a_pending_pod_is_evicted_whatever_its_budget() {
    let mut world = World::new(quick());
    world.create(at_least(1));
    world.create(pod("web-0", with_claim(pod_spec(container("main")), "missing")));
    world.rest();
    assert_eq!(world.evict("web-0"), Ok(()));
    assert!(world.pods().is_empty());
}

/// Safely Drain a Node: cordoned first, then each pod is evicted and made anew elsewhere.
#[test]
fn a_drained_machine_is_cordoned_and_its_pod_goes_to_another() {
    let mut world = World::new(quick());
    world.create(stateful_set(pod_spec(container("main"))));
    world.rest();
    let machine = world.get::<Pod>("web-0").spec.node_name.clone().expect("a machine");
    world.drain(&machine);
    world.rest();
    assert_ne!(world.get::<Pod>("web-0").spec.node_name, Some(machine.clone()));
    let node: Object<api::kinds::Node> = world
        .cluster
        .object(&const { api::kinds::Node::INFO }, &ObjectKey::new("", machine.as_str()))
        .and_then(AnyObject::typed)
        .expect("a node");
    assert_eq!(node.spec.unschedulable, Some(true));
    assert_eq!(node.spec.taints.as_ref().expect("taints")[0].key, "node.kubernetes.io/unschedulable");
    assert!(world.act(|cluster, cx| cluster.cordon(cx, &machine, false)));
}

/// `kubectl drain`: after a 429 it tries again every 5 s.
#[test]
fn a_drain_waits_for_the_budget_and_tries_again_on_its_five_second_beat() {
    let mut world = World::new(ClusterProfile { zones: 1, machines: 1, ..quick() });
    world.create(at_least(1));
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    world.drain("machine-0");
    let begun = world.now;
    world.run_for(62);
    assert!(world.get::<Pod>("web-0").meta.deleting.is_none());
    world.change::<PodDisruptionBudget>("budget", |budget| budget.spec_mut().min_available = Some(IntOrString::Int(0)));
    world.run_until_holds("the eviction", |world| world.signals().len() == 1);
    assert_eq!(world.now.since(begun).as_secs(), 65);
}

/// A drain that is never allowed rests.
#[test]
fn a_drain_that_no_budget_will_ever_allow_keeps_nobody_awake() {
    let mut world = World::new(ClusterProfile { zones: 1, machines: 1, ..quick() });
    world.create(at_least(1));
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    world.drain("machine-0");
    let begun = world.now;
    world.rest();
    assert!(world.now.since(begun) < Duration::from_secs(30));
}

/// Node-pressure eviction takes no notice of budgets.
#[test]
fn a_kubelet_evicts_whatever_the_budget_says() {
    let mut world = World::new(quick());
    world.create(at_least(1));
    world.create(pod("web-0", pod_spec(container("main"))));
    world.rest();
    assert!(world.act(|cluster, cx| cluster.pressure_evict(cx, &key("web-0"))));
    world.rest();
    assert_eq!(world.phase("web-0").as_deref(), Some("Failed"));
}
