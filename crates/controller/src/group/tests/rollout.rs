//! Rollouts: when one begins, how its plan is stored, and what its end writes under either status base.

use super::{DONE_FOR_NOW, all_run, reconcile, started};
use crate::testing::fixtures::{group, hard_fork};
use crate::testing::{Fake, operator};
use crate::{Controller, Operator, ReconcileError, Requeue};
use api::group::condition_type::{GENESIS_CEREMONY_COMPLETE, PLAN_IN_PROGRESS};
use api::group::{Deployment, ExternalService, Genesis, GroupPhase, Networking};
use api::kinds::Service;
use api::names::label;
use api::node::NodePhase;
use api::plan::PlanPhase;
use api::{SeiNode, SeiNodeDeployment, TaskPlan, condition};
use ports::ApiError;
use std::time::Duration;

/// A group that is Ready and gets a new image together with a strategy.
pub(super) fn upgraded() -> Fake {
    upgraded_with(1)
}

pub(super) fn upgraded_with(replicas: i32) -> Fake {
    let fake = started(group(replicas));
    all_run(&fake);
    reconcile(&fake).unwrap();
    fake.log();
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        group.spec_mut().template.spec.image = "sei:v2".into();
        group.spec_mut().update_strategy = hard_fork();
    });
    fake
}

pub(super) fn step(fake: &Fake, operator: &Operator) -> Result<Requeue, ReconcileError> {
    fake.reconcile(operator, Controller::Group, "rpc")
}

/// Reconciles until nothing more happens; every node runs as soon as it exists.
pub(super) fn run(fake: &Fake, operator: &Operator) {
    for _ in 0..30 {
        let _ = step(fake, operator);
        all_run(fake);
    }
}

fn in_progress(fake: &Fake) -> bool {
    condition::is_true(&fake.have::<SeiNodeDeployment>("rpc").status.conditions, PLAN_IN_PROGRESS)
}

fn conflict() -> Result<Requeue, ReconcileError> {
    Err(ReconcileError::Api(ApiError::Conflict("rpc".into())))
}

#[test]
fn a_new_image_without_a_strategy_is_rolled_out_in_place() {
    let fake = started(group(1));
    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().template.spec.image = "sei:v2".into());
    reconcile(&fake).unwrap();
    assert_eq!(fake.have::<SeiNode>("rpc-0").spec.image, "sei:v2");
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!((&status.deployment, &status.plan), (&None, &None));
}

#[test]
fn a_strategy_alone_begins_no_rollout() {
    let fake = started(group(1));
    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().update_strategy = hard_fork());
    reconcile(&fake).unwrap();
    assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.deployment, None);
}

#[test]
fn a_group_that_carried_out_no_template_yet_begins_no_rollout() {
    let mut group = group(1);
    group.spec_mut().update_strategy = hard_fork();
    let fake = started(group);
    assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.deployment, None);
}

#[test]
fn a_plan_is_stored_with_its_deployment_and_the_status_update_after_it_conflicts() {
    let fake = upgraded();
    assert_eq!(step(&fake, &operator("halt-signal", &[])), conflict());
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    let plan = status.plan.as_ref().unwrap();
    assert_eq!((plan.phase, plan.tasks.len()), (PlanPhase::Active, 6));
    assert!(in_progress(&fake));
    let deployment = status.deployment.as_ref().unwrap();
    assert_eq!((&*deployment.incumbent_revision, &*deployment.entrant_revision), ("1", "2"));
    assert_eq!(&*deployment.entrant_nodes[0], "rpc-g2-0");
    assert_eq!((deployment.incumbent_image.as_deref(), status.observed_generation), (None, Some(1)));
    let log = fake.log();
    let writes: Vec<_> = log.iter().filter(|call| call.contains("SeiNodeDeployment") || call.contains("Plan")).collect();
    let patch = "patch-status SeiNodeDeployment rpc if unchanged";
    assert_eq!(writes, [patch, "event PlanStarted rpc", patch]);
}

#[test]
fn a_refreshed_base_writes_the_status_after_the_plan_was_stored() {
    let fake = upgraded();
    let operator = operator("halt-signal", &["status-base=refreshed"]);
    assert_eq!(step(&fake, &operator), Ok(Requeue::NOW));
    assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.phase, Some(GroupPhase::Upgrading));
    let log = fake.log();
    let tail: Vec<_> = log.iter().rev().take(2).rev().collect();
    assert_eq!(tail, ["get SeiNodeDeployment rpc", "patch-status SeiNodeDeployment rpc if unchanged"]);
}

#[test]
fn the_incumbents_image_is_read_after_the_update_in_place_and_only_a_late_cache_saves_it() {
    let image = |late: bool| {
        let fake = upgraded();
        if late {
            fake.freeze();
        }
        let _ = step(&fake, &operator("bootstrap", &[]));
        let status = fake.have::<SeiNodeDeployment>("rpc").status;
        status.deployment.as_ref().unwrap().incumbent_image.as_deref().map(str::to_owned)
    };
    assert_eq!(image(true).as_deref(), Some("sei:v1"));
    assert_eq!(image(false).as_deref(), Some("sei:v2"));
}

#[test]
fn the_incumbents_revision_label_moves_on_in_the_reconcile_that_begins_the_rollout() {
    let fake = upgraded();
    let _ = step(&fake, &operator("bootstrap", &[]));
    assert_eq!(fake.have::<SeiNode>("rpc-0").meta.labels[label::REVISION], "2");
}

#[test]
fn an_executors_write_makes_the_status_update_of_the_same_reconcile_conflict() {
    let fake = upgraded();
    let operator = operator("bootstrap", &[]);
    assert_eq!(step(&fake, &operator), conflict());
    fake.log();
    assert_eq!(step(&fake, &operator), conflict());
    let plan = fake.have::<SeiNodeDeployment>("rpc").status.plan.clone().unwrap();
    assert!(plan.has_completed("create-entrant-nodes"));
    assert!(fake.find::<SeiNode>("rpc-g2-0").is_some());
}

#[test]
fn a_task_that_is_waited_for_lets_the_status_update_through_and_sets_the_pace() {
    let fake = upgraded();
    let operator = operator("bootstrap", &[]);
    for _ in 0..2 {
        assert_eq!(step(&fake, &operator), conflict());
    }
    fake.log();
    assert_eq!(step(&fake, &operator), Ok(Requeue::After(Duration::from_secs(5))));
    assert_eq!(fake.have::<SeiNodeDeployment>("rpc").status.phase, Some(GroupPhase::Upgrading));
    let log = fake.log();
    assert_eq!(log.last().unwrap(), "patch-status SeiNodeDeployment rpc if unchanged");
    let monitor_reads = log.iter().filter(|call| *call == "get ServiceMonitor rpc").count();
    assert_eq!(monitor_reads, 1, "the one of the networking step: the monitoring step is not reached");
}

#[test]
fn a_plan_that_cannot_be_built_is_an_error_and_one_that_cannot_be_chosen_is_not() {
    let fake = upgraded();
    fake.change::<SeiNodeDeployment>("rpc", |group| group.spec_mut().update_strategy.as_mut().unwrap().hard_fork = None);
    assert!(matches!(step(&fake, &operator("bootstrap", &[])), Err(ReconcileError::Plan(_))));

    let fake = started(group(1));
    fake.change::<SeiNodeDeployment>("rpc", |group| group.status_mut().deployment = Some(Deployment::default()));
    assert_eq!(step(&fake, &operator("bootstrap", &[])), Ok(DONE_FOR_NOW));
}

#[test]
fn a_plan_without_a_rollout_completes_the_ceremony() {
    let mut group = group(1);
    group.spec_mut().genesis = Some(Genesis { chain_id: "new-1".into(), ..Default::default() });
    group.status_mut().plan = Some(TaskPlan::new(uuid::Uuid::from_u128(1), Vec::new()));
    let fake = Fake::default();
    fake.put(group);
    assert_eq!(step(&fake, &operator("bootstrap", &["status-base=refreshed"])), Ok(Requeue::NOW));
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!(status.plan, None);
    assert!(condition::is_true(&status.conditions, GENESIS_CEREMONY_COMPLETE));
}

#[test]
fn with_the_base_taken_once_a_completed_plan_is_never_cleared() {
    let fake = upgraded();
    let operator = operator("bootstrap", &[]);
    run(&fake, &operator);
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!(status.plan.as_ref().unwrap().phase, PlanPhase::Complete);
    assert!(in_progress(&fake), "for ever");
    assert!(status.deployment.is_some());
    assert_eq!((status.observed_generation, status.phase), (Some(1), Some(GroupPhase::Upgrading)));
    assert_eq!(fake.names::<SeiNode>(), ["rpc-g2-0"], "the incumbent is gone, and stays so while a plan is in progress");
}

#[test]
fn with_a_refreshed_base_a_completed_plan_is_cleared() {
    let fake = upgraded();
    let operator = operator("bootstrap", &["status-base=refreshed"]);
    let mut ends = 0;
    for _ in 0..30 {
        step(&fake, &operator).unwrap();
        ends += fake.log().iter().filter(|call| *call == "event PlanComplete rpc").count();
        all_run(&fake);
        if ends > 0 {
            break;
        }
    }
    let status = fake.have::<SeiNodeDeployment>("rpc").status;
    assert_eq!((ends, &status.plan, &status.deployment), (1, &None, &None));
    assert!(!in_progress(&fake));
    assert_eq!(status.observed_generation, Some(2));
    assert_eq!(fake.names::<SeiNode>(), ["rpc-g2-0"]);
    step(&fake, &operator).unwrap();
    assert_eq!(fake.names::<SeiNode>(), ["rpc-0", "rpc-g2-0"], "the numbered children are ensured again");
}

#[test]
fn a_failed_plan_is_cleared_with_a_refreshed_base_and_stays_with_one_taken_once() {
    let end = |changes: &[&str]| {
        let fake = upgraded();
        let operator = operator("bootstrap", changes);
        for _ in 0..10 {
            let _ = step(&fake, &operator);
            if fake.find::<SeiNode>("rpc-g2-0").is_some() {
                fake.change::<SeiNode>("rpc-g2-0", |node| node.status_mut().phase = Some(NodePhase::Failed));
            }
            let log = fake.log();
            if log.contains(&"event PlanFailed rpc".to_owned()) {
                break;
            }
        }
        let status = fake.have::<SeiNodeDeployment>("rpc").status;
        (status.plan.as_ref().map(|plan| plan.phase), status.deployment.is_some(), in_progress(&fake))
    };
    assert_eq!(end(&[]), (Some(PlanPhase::Failed), true, true));
    assert_eq!(end(&["status-base=refreshed"]), (None, false, false));
}

#[test]
fn the_service_follows_the_switch_of_traffic() {
    let fake = upgraded();
    fake.change::<SeiNodeDeployment>("rpc", |group| {
        group.spec_mut().networking = Some(Networking { service: Some(ExternalService::default()), ..Default::default() });
    });
    let revision = |fake: &Fake| fake.have::<Service>("rpc-external").spec.selector.clone().unwrap().remove(label::REVISION);
    let operator = operator("bootstrap", &[]);
    let _ = step(&fake, &operator);
    assert_eq!(revision(&fake), None, "before the rollout begins all nodes are selected");
    let _ = step(&fake, &operator);
    assert_eq!(revision(&fake).as_deref(), Some("1"));
    run(&fake, &operator);
    assert_eq!(revision(&fake), Some(fake.have::<SeiNodeDeployment>("rpc").meta.generation.unwrap().to_string()));
}
