//! `failure-hidden`.

use super::stage::{GROUP, broken, by, label, operator_writes_status, patch, rollout, stored};
use api::group::GroupPhase;
use api::group::condition_type::PLAN_IN_PROGRESS;
use api::node::NodePhase;
use api::plan::PlanPhase;
use api::{SeiNode, SeiNodeDeployment, SeiNodeDeploymentStatus};
use simkube::Actor;
use testbed::world::World;

const ENTRANT: &str = "pacific-1-rpc-g2-0";

fn enters(world: &mut World, phase: NodePhase) {
    operator_writes_status::<SeiNode>(world, ENTRANT, |status| status.phase = Some(phase));
}

#[test]
fn a_failed_node_that_leaves_its_phase_by_itself_breaks_it() {
    let mut world = rollout();
    enters(&mut world, NodePhase::Failed);
    assert_eq!(broken(&world), [""; 0]);
    enters(&mut world, NodePhase::Initializing);
    assert_eq!(broken(&world), ["failure-hidden"]);
}

#[test]
fn a_failed_node_may_leave_its_phase_once_a_person_has_acted_on_it_or_on_its_group() {
    let mut world = rollout();
    enters(&mut world, NodePhase::Failed);
    let node = stored::<SeiNode>(&world, ENTRANT);
    by(&mut world, Actor::Person, patch(&node, |node| label(node, "seen", "yes")));
    enters(&mut world, NodePhase::Initializing);
    enters(&mut world, NodePhase::Failed);
    let group = stored::<SeiNodeDeployment>(&world, GROUP);
    by(&mut world, Actor::Person, patch(&group, |group| group.spec_mut().replicas = 3));
    enters(&mut world, NodePhase::Initializing);
    assert_eq!(broken(&world), [""; 0]);
}

fn writes(world: &mut World, change: impl FnOnce(&mut SeiNodeDeploymentStatus)) {
    operator_writes_status::<SeiNodeDeployment>(world, GROUP, change);
}

fn plan_fails(world: &mut World) {
    writes(world, |status| status.plan.as_mut().expect("a plan is at work").phase = PlanPhase::Failed);
}

#[test]
fn a_failed_plan_that_is_cleared_without_a_trace_breaks_it() {
    let mut world = rollout();
    plan_fails(&mut world);
    assert_eq!(broken(&world), [""; 0]);
    writes(&mut world, |status| status.plan = None);
    assert_eq!(broken(&world), ["failure-hidden"]);
}

#[test]
fn a_failed_plan_may_be_cleared_while_phase_or_condition_tells_of_it_and_no_longer() {
    let mut world = rollout();
    plan_fails(&mut world);
    writes(&mut world, |status| {
        status.plan = None;
        status.phase = Some(GroupPhase::Degraded);
    });
    let failed = |status: &mut SeiNodeDeploymentStatus, reason: &str| {
        status.phase = Some(GroupPhase::Ready);
        let condition = status.conditions.iter_mut().find(|condition| &*condition.kind == PLAN_IN_PROGRESS).expect("the condition");
        condition.reason = reason.into();
    };
    writes(&mut world, |status| failed(status, "PlanFailed"));
    assert_eq!(broken(&world), [""; 0]);
    writes(&mut world, |status| failed(status, "PlanStarted"));
    assert_eq!(broken(&world), ["failure-hidden"]);
}
