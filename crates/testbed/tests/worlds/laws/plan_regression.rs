//! `plan-regression`.

use super::stage::{GROUP, broken, by, by_operator, delete, operator_writes_status, rollout, service, stored};
use crate::faults::rehearsed;
use api::kinds::Service;
use api::plan::{PlanPhase, PlannedTask, TaskStatus};
use api::task::{BootstrapService, ControllerTask, Task};
use api::{AnyObject, SeiNode, SeiNodeDeployment, TaskPlan};
use simkube::{Actor, Request};
use std::sync::Arc;
use testbed::world::World;
use uuid::Uuid;

fn change_plan(world: &mut World, change: impl FnOnce(&mut TaskPlan)) {
    operator_writes_status::<SeiNodeDeployment>(world, GROUP, |status| change(status.plan.as_mut().expect("a plan is at work")));
}

#[test]
fn a_completed_task_that_is_pending_again_breaks_it() {
    let mut world = rollout();
    assert_eq!(broken(&world), [""; 0], "a plan that goes forward does not");
    change_plan(&mut world, |plan| {
        assert_eq!(plan.tasks[0].status, TaskStatus::Complete, "the entrants have been created");
        plan.tasks[0].status = TaskStatus::Pending;
    });
    assert_eq!(broken(&world), ["plan-regression"]);
}

#[test]
fn a_task_that_completes_before_the_one_in_front_of_it_breaks_it_once() {
    let mut world = rollout();
    change_plan(&mut world, |plan| plan.tasks[2].status = TaskStatus::Complete);
    assert_eq!(broken(&world), ["plan-regression"]);
    change_plan(&mut world, |plan| plan.tasks[1].status = TaskStatus::Complete);
    assert_eq!(broken(&world).len(), 1, "the order is told once");
}

#[test]
fn a_plan_that_is_active_again_after_its_end_breaks_it_even_if_its_owner_had_lost_it() {
    let mut world = rollout();
    let node = "pacific-1-rpc-0";
    let ended = stored::<SeiNode>(&world, node).status.plan.clone().expect("the plan it came up with");
    assert_eq!(ended.phase, PlanPhase::Complete);
    operator_writes_status::<SeiNode>(&mut world, node, |status| status.plan = None);
    operator_writes_status::<SeiNode>(&mut world, node, |status| status.plan = Some(ended.clone()));
    assert_eq!(broken(&world), [""; 0], "as it was is no step back");
    operator_writes_status::<SeiNode>(&mut world, node, |status| status.plan.as_mut().expect("a plan").phase = PlanPhase::Active);
    assert_eq!(broken(&world), ["plan-regression"]);
}

/// A node that is about to create its bootstrap's Service, as its reconcile has read it.
fn about_to_deploy(world: &World, max_retries: i64) -> AnyObject {
    let mut node = stored::<SeiNode>(world, "pacific-1-rpc-0");
    let params = BootstrapService { service_name: "made-twice".into(), namespace: "default".into() };
    let task = Task::Controller(ControllerTask::DeployBootstrapService(Arc::new(params)));
    let plan = TaskPlan::new(Uuid::from_u128(1), vec![PlannedTask::pending(task, Uuid::from_u128(2), max_retries)]);
    node.status_mut().plan = Some(plan);
    node.into_any()
}

fn creates_it_twice(max_retries: i64) -> Vec<&'static str> {
    let mut world = rollout();
    let node = about_to_deploy(&world, max_retries);
    for _ in 0..2 {
        by_operator(&mut world, node.clone(), Request::Create(service("made-twice").into_any())).expect("there is none");
        by(&mut world, Actor::Person, delete::<Service>("made-twice"));
    }
    broken(&world)
}

#[test]
fn an_object_that_a_task_creates_twice_breaks_it_unless_the_task_may_be_retried() {
    assert_eq!(creates_it_twice(0), ["plan-regression"]);
    assert_eq!(creates_it_twice(1), [""; 0]);
}

#[test]
fn a_node_that_starts_over_carries_out_the_plan_that_it_has_just_stored_and_not_the_one_that_it_had_read() {
    let deleted = r#"{"when": {"task": {"of": "pacific-1-rpc-g2-1", "type": "deploy-bootstrap-service", "is": "Pending"}}, "what": {"person": {"deletes-pvc": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let unanswered = r#"{"when": {"call": {"verb": "create", "kind": "Service", "name": "pacific-1-rpc-g2-0", "during": "deploy-bootstrap-service", "nth": 1, "moment": "after"}}, "what": {"api-server": {"internal-error": {"calls": 1}}}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 19453, &[deleted, unanswered]);
    assert!(result.violations.iter().all(|violation| violation.oracle != "plan-regression"), "{:?}", result.violations);
}

#[test]
fn a_submission_that_the_network_delivers_twice_is_one_call() {
    let twice = r#"{"when": {"at": "1h"}, "what": {"sidecar": {"duplicate-submission": {"node": "pacific-1-rpc-g2-0"}}}}"#;
    let fails = r#"{"when": {"task": {"of": "pacific-1-rpc-g2-0", "type": "config-validate", "is": "Complete"}}, "what": {"bootstrap": {"sidecar-task-fails": {"task": "snapshot-restore"}}}}"#;
    let edited = r#"{"when": {"at": "1h"}, "what": {"switch-races": "overrides-edited"}}"#;
    let result = rehearsed("hardfork/planned-upgrade", 118_917, &[twice, fails, edited]);
    assert!(result.violations.iter().all(|violation| violation.oracle != "plan-regression"), "{:?}", result.violations);
}
