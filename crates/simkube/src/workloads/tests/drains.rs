//! Drains: their beat, and their rest.

use super::*;
use api::kinds::PodDisruptionBudget;
use k8s_openapi::api::policy::v1::PodDisruptionBudgetSpec;

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
    fn drain(&mut self, machine: &str) {
        assert!(self.act(|cluster, cx| cluster.drain(cx, machine)));
    }
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
