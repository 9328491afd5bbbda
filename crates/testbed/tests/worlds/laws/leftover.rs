//! `leftover`.

use super::stage::{GROUP, broken_at_rest, by, calm, delete, of, operator_writes_status, patch, rollout, service, stored};
use api::condition::ConditionStatus;
use api::group::condition_type::PLAN_IN_PROGRESS;
use api::kinds::{PersistentVolumeClaim, Service};
use api::names::label::{BOOTSTRAP, COMPONENT};
use api::plan::PlanPhase;
use api::{OwnerRef, SeiNode, SeiNodeDeployment};
use oracles::EndVerdicts;
use simkube::{Actor, Request};
use std::sync::Arc;
use testbed::world::World;
use uuid::Uuid;

fn service_of(owner: OwnerRef) -> Request {
    let mut service = service("left");
    service.meta_mut().owners = Arc::from([owner]);
    Request::Create(service.into_any())
}

fn with_an_ownerless_service() -> World {
    let mut world = calm();
    let owner = stored::<SeiNode>(&world, "pacific-1-rpc-0").owner_ref();
    by(&mut world, Actor::Person, service_of(OwnerRef { uid: Uuid::from_u128(1), ..owner }));
    world
}

#[test]
fn an_object_whose_owner_is_gone_breaks_it_and_one_whose_owner_is_there_does_not() {
    assert_eq!(broken_at_rest(&with_an_ownerless_service()), ["leftover"]);
    let mut world = calm();
    let owner = stored::<SeiNode>(&world, "pacific-1-rpc-0").owner_ref();
    by(&mut world, Actor::Person, service_of(owner));
    assert_eq!(broken_at_rest(&world), [""; 0]);
}

#[test]
fn a_claim_whose_deletion_is_held_for_ever_breaks_it() {
    let mut world = calm();
    by(&mut world, Actor::Person, delete::<PersistentVolumeClaim>("data-pacific-1-rpc-0"));
    assert_eq!(broken_at_rest(&world), ["leftover"]);
}

#[test]
fn a_bootstraps_service_breaks_it_once_the_node_runs() {
    let mut world = calm();
    let headless = stored::<Service>(&world, "pacific-1-rpc-0");
    by(
        &mut world,
        Actor::Person,
        patch(&headless, |service| {
            let selector = service.spec_mut().selector.get_or_insert_default();
            selector.insert(COMPONENT.into(), BOOTSTRAP.into());
        }),
    );
    assert_eq!(broken_at_rest(&world), ["leftover"]);
}

/// Whether a rollout's status would break the law, with its plan in a phase and the condition as it says.
fn status_with(phase: PlanPhase, in_progress: ConditionStatus, rollout_kept: bool) -> bool {
    let mut world = rollout();
    operator_writes_status::<SeiNodeDeployment>(&mut world, GROUP, |status| {
        status.plan.as_mut().expect("a plan is at work").phase = phase;
        let condition = status.conditions.iter_mut().find(|condition| &*condition.kind == PLAN_IN_PROGRESS).expect("the condition");
        condition.status = in_progress;
        status.deployment = status.deployment.take().filter(|_| rollout_kept);
    });
    broken_at_rest(&world).contains(&"leftover")
}

#[test]
fn what_a_groups_status_keeps_of_a_plan_that_is_over_breaks_it_but_for_its_failure() {
    use ConditionStatus::{False, True};
    assert!(!status_with(PlanPhase::Active, True, true), "a plan at work");
    assert!(!status_with(PlanPhase::Failed, False, false), "a failed plan is there to be seen");
    assert!(status_with(PlanPhase::Complete, False, false));
    assert!(status_with(PlanPhase::Failed, True, false));
    assert!(status_with(PlanPhase::Failed, False, true));
}

#[test]
fn in_a_cycle_what_is_gone_at_some_moment_is_not_left_over() {
    let (with, without) = (with_an_ownerless_service(), calm());
    let round = |moments: &[&World]| {
        let mut verdicts = EndVerdicts::default();
        moments.iter().for_each(|world| world.look(|sim| verdicts.look(&sim.sight())));
        of(&verdicts)
    };
    assert_eq!(round(&[&with, &with]), ["leftover"]);
    assert_eq!(round(&[&with, &without]), [""; 0]);
    assert_eq!(round(&[&without, &with]), [""; 0]);
}
