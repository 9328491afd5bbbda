//! The plan executor: controller.md, section 4.

use crate::fake::Fake;
use crate::samples::{PLAN, plan, plan_with_retries, planned_node};
use api::node::NodePhase;
use api::plan::{PlanPhase, TaskStatus};
use api::task::{ControllerTask, SidecarTask, SnapshotRestore, TeardownBootstrap, task_id};
use api::{Height, Node, SeiNode, Task, Time};
use executor::{NOW, POLL};
use ports::{ApiError, TaskState};
use std::sync::Arc;
use std::time::Duration;

fn restore() -> Task {
    SidecarTask::SnapshotRestore(Arc::new(SnapshotRestore { target_height: Height(100) })).into()
}

/// A node whose plan is to restore a snapshot, with a reachable sidecar.
fn restoring(max_retries: i64) -> (Fake, Node) {
    let fake = Fake::default();
    fake.sidecar("rpc-0");
    fake.now.set(1000);
    let node = planned_node(&fake, plan_with_retries(vec![restore()], max_retries));
    (fake, node)
}

fn task(node: &Node) -> &api::PlannedTask {
    &node.status.plan.as_ref().expect("a plan is never cleared").tasks[0]
}

fn id() -> uuid::Uuid {
    task_id(PLAN, "snapshot-restore", 0)
}

#[test]
fn an_object_without_a_plan_is_an_error() {
    let fake = Fake::default();
    let mut node = crate::samples::node(&fake, "rpc-0", NodePhase::Initializing);
    assert!(matches!(fake.advance(&mut node), Err(ApiError::Internal(_))));
}

#[test]
fn a_plan_that_has_ended_is_left_alone() {
    for phase in [PlanPhase::Complete, PlanPhase::Failed] {
        let (fake, mut node) = restoring(0);
        node.status_mut().plan.as_mut().expect("a plan").phase = phase;
        assert_eq!(fake.advance(&mut node), Ok(None));
        assert!(fake.take_log().is_empty());
    }
}

#[test]
fn a_plan_whose_tasks_are_all_complete_becomes_complete() {
    let (fake, mut node) = restoring(0);
    node.status_mut().plan.as_mut().expect("a plan").tasks[0].status = TaskStatus::Complete;
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    assert_eq!(node.status.plan.as_ref().map(|plan| plan.phase), Some(PlanPhase::Complete));
    assert_eq!(fake.stored::<SeiNode>("rpc-0").expect("stored").status.plan.as_ref().map(|plan| plan.phase), Some(PlanPhase::Complete));
}

#[test]
fn a_plan_completes_one_look_after_its_last_task() {
    let fake = Fake::default();
    let teardown = |name: &str| {
        let params = TeardownBootstrap { job_name: name.into(), service_name: name.into(), namespace: "sei".into() };
        ControllerTask::TeardownBootstrap(Arc::new(params))
    };
    let mut node = planned_node(&fake, plan(vec![teardown("a").into(), teardown("b").into()]));
    let mut progress = || {
        assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
        let plan = node.status.plan.as_ref().expect("a plan");
        (plan.phase, plan.tasks.iter().filter(|task| task.status == TaskStatus::Complete).count())
    };
    assert_eq!(progress(), (PlanPhase::Active, 1));
    assert_eq!(progress(), (PlanPhase::Active, 2));
    assert_eq!(progress(), (PlanPhase::Complete, 2));
}

#[test]
fn a_task_of_unknown_type_fails_the_plan() {
    let fake = Fake::default();
    let unknown = Task::from_wire("make-coffee".into(), None);
    let mut node = planned_node(&fake, plan_with_retries(vec![unknown], 5));
    assert_eq!(fake.advance(&mut node), Ok(None));
    let plan = node.status.plan.as_ref().expect("a plan");
    assert_eq!((plan.phase, plan.tasks[0].retry_count), (PlanPhase::Failed, 0));
}

#[test]
fn a_task_with_bad_parameters_fails_the_plan() {
    let fake = Fake::default();
    let bad = Task::from_wire("snapshot-restore".into(), Some(serde_json::json!({"targetHeight": "high"})));
    let mut node = planned_node(&fake, plan(vec![bad]));
    assert_eq!(fake.advance(&mut node), Ok(None));
    let plan = node.status.plan.as_ref().expect("a plan");
    let detail = plan.failed_task_detail.as_ref().expect("a detail");
    assert_eq!((plan.phase, plan.failed_task_index, &*detail.kind), (PlanPhase::Failed, Some(0), "snapshot-restore"));
}

#[test]
fn a_transient_error_writes_nothing_and_comes_back_after_five_seconds() {
    let (fake, mut node) = restoring(0);
    fake.sidecars.borrow_mut().clear();
    let before = node.clone();
    assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
    assert_eq!(node, before);
    assert_eq!(fake.take_log(), ["submit rpc-0 snapshot-restore"]);
}

#[test]
fn a_running_task_is_submitted_again_at_every_look_and_nothing_is_written() {
    let (fake, mut node) = restoring(0);
    for _ in 0..3 {
        assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
    }
    assert_eq!(fake.take_log(), ["submit rpc-0 snapshot-restore"; 3]);
    assert!(fake.submitted("rpc-0").iter().all(|request| request.id == Some(id())));
}

#[test]
fn the_moment_of_submission_is_kept_in_memory_until_the_completion_is_written() {
    let (fake, mut node) = restoring(0);
    fake.advance(&mut node).expect("no write");
    fake.now.set(2000);
    fake.report("rpc-0", id(), TaskState::Completed, None);
    assert_eq!(task(&node).submitted_at, Some(Time::from_unix(1000)));
    assert_eq!(task(&fake.stored("rpc-0").expect("stored")).submitted_at, None);

    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    let stored = fake.stored::<SeiNode>("rpc-0").expect("stored");
    assert_eq!((task(&stored).status, task(&stored).submitted_at), (TaskStatus::Complete, Some(Time::from_unix(1000))));
}

#[test]
fn a_failed_task_without_retries_fails_the_plan_with_index_and_detail() {
    let (fake, mut node) = restoring(0);
    fake.report("rpc-0", id(), TaskState::Failed, Some("bucket is empty"));
    assert_eq!(fake.advance(&mut node), Ok(None));
    let stored = fake.stored::<SeiNode>("rpc-0").expect("stored");
    let plan = stored.status.plan.as_ref().expect("a plan");
    assert_eq!((plan.phase, plan.failed_task_index), (PlanPhase::Failed, Some(0)));
    assert_eq!((plan.tasks[0].status, plan.tasks[0].error.as_deref()), (TaskStatus::Failed, Some("bucket is empty")));
    let detail = plan.failed_task_detail.as_ref().expect("a detail");
    assert_eq!((detail.id, &*detail.error, detail.retry_count, detail.max_retries), (id(), "bucket is empty", 0, 0));
}

#[test]
fn a_failed_task_with_retries_begins_again_with_a_growing_backoff() {
    let (fake, mut node) = restoring(4);
    let mut waits = Vec::new();
    for _ in 0..4 {
        fake.report("rpc-0", id(), TaskState::Failed, Some("no"));
        waits.push(fake.advance(&mut node).expect("written").expect("comes back").as_secs());
        assert_eq!((task(&node).status, task(&node).error.clone(), task(&node).submitted_at), (TaskStatus::Pending, None, None));
    }
    assert_eq!(waits, [5, 10, 20, 30]);
    assert_eq!(task(&fake.stored("rpc-0").expect("stored")).retry_count, 4);

    assert_eq!(fake.advance(&mut node), Ok(None), "all retries are used");
    let detail = node.status.plan.as_ref().and_then(|plan| plan.failed_task_detail.clone()).expect("a detail");
    assert_eq!((detail.retry_count, detail.max_retries), (4, 4));
}

#[test]
fn the_backoff_never_exceeds_thirty_seconds() {
    let (fake, mut node) = restoring(180);
    node.status_mut().plan.as_mut().expect("a plan").tasks[0].retry_count = 100;
    fake.report("rpc-0", id(), TaskState::Failed, None);
    assert_eq!(fake.advance(&mut node), Ok(Some(Duration::from_secs(30))));
}

#[test]
fn a_failed_patch_is_returned_and_its_change_stays_in_memory() {
    let (fake, mut node) = restoring(0);
    fake.report("rpc-0", id(), TaskState::Completed, None);
    fake.fail("patch status", ApiError::Unavailable);
    assert_eq!(fake.advance(&mut node), Err(ApiError::Unavailable));
    assert_eq!(task(&node).status, TaskStatus::Complete);
    assert_eq!(task(&fake.stored("rpc-0").expect("stored")).status, TaskStatus::Pending);
}

#[test]
fn a_patch_conflicts_if_somebody_else_wrote_the_owner() {
    let (fake, mut node) = restoring(0);
    fake.report("rpc-0", id(), TaskState::Completed, None);
    fake.change::<SeiNode>("rpc-0", |node| node.status_mut().external_address = Some("lb:26656".into()));
    assert_eq!(fake.advance(&mut node), Err(ApiError::Conflict("rpc-0".into())));
}

#[test]
fn a_patch_writes_the_plan_only_and_its_reply_replaces_what_else_was_changed_in_memory() {
    let (fake, mut node) = restoring(0);
    node.status_mut().phase = Some(NodePhase::Failed);
    node.status_mut().external_address = Some("kept, as the server has none".into());
    fake.report("rpc-0", id(), TaskState::Completed, None);

    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    assert_eq!(node.status.phase, Some(NodePhase::Initializing));
    assert_eq!(node.status.external_address.as_deref(), Some("kept, as the server has none"));
    assert_eq!(fake.stored::<SeiNode>("rpc-0").expect("stored").status.external_address, None);
}

#[test]
fn two_steps_in_a_row_do_not_conflict_because_the_reply_brings_the_new_version() {
    let (fake, mut node) = restoring(0);
    fake.report("rpc-0", id(), TaskState::Completed, None);
    assert_eq!((fake.advance(&mut node), fake.advance(&mut node)), (Ok(Some(NOW)), Ok(Some(NOW))));
    assert_eq!(node.meta.resource_version, fake.stored::<SeiNode>("rpc-0").expect("stored").meta.resource_version);
}

#[test]
fn a_task_of_the_other_kind_of_owner_fails_the_plan() {
    let fake = Fake::default();
    let switch = api::task::SwitchTraffic { group_name: "rpc".into(), namespace: "sei".into(), entrant_revision: "2".into() };
    let mut node = planned_node(&fake, plan(vec![ControllerTask::SwitchTraffic(Arc::new(switch)).into()]));
    assert_eq!(fake.advance(&mut node), Ok(None));
    assert_eq!(node.status.plan.as_ref().map(|plan| plan.phase), Some(PlanPhase::Failed));
}
