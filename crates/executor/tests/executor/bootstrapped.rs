//! How far a bootstrap goes, and when a sidecar is ready, where the design `rehearsed` decides.

use crate::fake::Fake;
use crate::samples::{PLAN, plan_with_retries, planned_node};
use api::kinds::{Job, PersistentVolumeClaim, StatefulSet};
use api::plan::{PlanPhase, TaskStatus};
use api::task::{AwaitCondition, Awaited, BootstrapJob, ControllerTask, SidecarTask, task_id};
use api::{Height, Node, Task};
use executor::{NOW, POLL};
use planner::{Design, Settings, objects};
use ports::TaskState;
use std::sync::Arc;
use uuid::Uuid;

const TARGET: Height = Height(499);

/// Node `rpc-0` with these tasks, each of which may be retried twice, its sidecar, its claim, and its bootstrap at work.
fn at(tasks: Vec<Task>) -> (Fake, Node) {
    let fake = Fake::default();
    let design = Design::preset("rehearsed").expect("a preset");
    fake.sidecar("rpc-0");
    let node = planned_node(&fake, plan_with_retries(tasks, 2));
    fake.store(objects::data_claim(&node, &Settings::default()));
    fake.store(objects::bootstrap_job(&node, &Settings::default(), &design).expect("an s3 snapshot"));
    *fake.design.borrow_mut() = Some(design);
    (fake, node)
}

fn await_target() -> Task {
    SidecarTask::AwaitCondition(Arc::new(AwaitCondition { condition: Awaited::Height, target_height: TARGET, action: None })).into()
}

fn await_complete() -> Task {
    ControllerTask::AwaitBootstrapComplete(Arc::new(BootstrapJob { job_name: "rpc-0-bootstrap".into(), namespace: "sei".into() })).into()
}

/// The ids under which the sidecar waits for the target, and for the block after it.
fn waits(fake: &Fake) -> (Uuid, Uuid) {
    let submitted = fake.submitted("rpc-0");
    let id_of = |height: Height| {
        let waits = |task: &SidecarTask| matches!(task, SidecarTask::AwaitCondition(wait) if wait.target_height == height);
        submitted.iter().find(|request| waits(&request.task)).and_then(|request| request.id).expect("it was asked to")
    };
    (id_of(TARGET), id_of(TARGET.plus(1)))
}

fn starts_over(fake: &Fake) -> bool {
    fake.stored::<PersistentVolumeClaim>("data-rpc-0").is_none()
}

fn status(node: &Node, index: usize) -> (TaskStatus, i64) {
    let task = &node.status.plan.as_ref().expect("a plan").tasks[index];
    (task.status, task.retry_count)
}

#[test]
fn a_bootstrap_that_goes_beyond_its_target_starts_over_though_it_does_not_end() {
    for awaits_end in [false, true] {
        let (fake, mut node) = at(vec![await_target(), await_complete()]);
        assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
        let (target, beyond) = waits(&fake);
        assert_eq!(target, task_id(PLAN, "await-condition", 0));
        fake.sidecars.borrow_mut().get_mut("rpc-0").expect("it is there").ready = true;
        if awaits_end {
            fake.report("rpc-0", target, TaskState::Completed, None);
            assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
        }
        assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
        assert!(!starts_over(&fake), "it is where it should be");
        fake.report("rpc-0", beyond, TaskState::Completed, None);
        assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
        assert!(starts_over(&fake), "{awaits_end}");
    }
}

#[test]
fn what_the_bootstrap_has_left_is_looked_at_before_seid_may_start_on_it() {
    for (target_seen, beyond_seen, good) in [(true, false, true), (false, false, false), (true, true, false)] {
        let (fake, mut node) = at(vec![await_target(), await_complete(), SidecarTask::ConfigValidate.into()]);
        assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
        let (target, beyond) = waits(&fake);
        fake.remove::<Job>("rpc-0-bootstrap");
        let plan = node.status_mut().plan.as_mut().expect("a plan");
        plan.tasks[..2].iter_mut().for_each(|task| task.status = TaskStatus::Complete);
        for (id, seen) in [(target, target_seen), (beyond, beyond_seen)] {
            fake.report("rpc-0", id, if seen { TaskState::Completed } else { TaskState::Failed }, None);
        }
        assert_eq!(fake.advance(&mut node), Ok(Some(if good { NOW } else { POLL })));
        assert_eq!((status(&node, 2).0 == TaskStatus::Complete, starts_over(&fake)), (good, !good), "{target_seen} {beyond_seen}");
    }
}

#[test]
fn a_mark_ready_that_fails_is_tried_again_and_fails_the_node_when_its_retries_are_used_up() {
    let (fake, mut node) = at(vec![SidecarTask::MarkReady.into()]);
    for attempt in 0..3 {
        assert_eq!(fake.advance(&mut node), Ok(Some(POLL)), "attempt {attempt} is at work");
        let submitted = fake.submitted("rpc-0");
        assert_eq!(submitted.len(), attempt + 1, "each attempt is sent once");
        let id = submitted.last().and_then(|request| request.id).expect("an id");
        fake.report("rpc-0", id, TaskState::Failed, Some("boom"));
        fake.advance(&mut node).expect("it is written");
    }
    assert_eq!(node.status.plan.as_ref().map(|plan| plan.phase), Some(PlanPhase::Failed));
}

#[test]
fn the_last_mark_ready_goes_on_until_the_pod_is_ready_and_is_sent_again_to_a_sidecar_that_has_forgotten_it() {
    let (fake, mut node) = at(vec![SidecarTask::MarkReady.into()]);
    assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
    fake.report("rpc-0", task_id(PLAN, "mark-ready", 0), TaskState::Completed, None);
    let says_ready = |ready| fake.sidecars.borrow_mut().get_mut("rpc-0").expect("it is there").ready = ready;
    says_ready(true);
    assert_eq!(fake.advance(&mut node), Ok(Some(POLL)), "the pod is not ready");
    says_ready(false);
    fake.advance(&mut node).expect("it is written");
    assert_eq!(status(&node, 0), (TaskStatus::Pending, 1), "the sidecar has restarted");
    assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
    assert_eq!(fake.submitted("rpc-0").len(), 2);
    says_ready(true);
    let mut set = objects::stateful_set(&node, &Settings::default(), &Design::preset("rehearsed").expect("a preset"));
    let ready = set.status_mut();
    (ready.observed_generation, ready.updated_replicas, ready.ready_replicas) = (None, Some(1), Some(1));
    fake.store::<StatefulSet>(set);
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    assert_eq!(status(&node, 0).0, TaskStatus::Complete);
}

#[test]
fn a_bootstraps_sidecar_that_has_forgotten_that_it_is_ready_is_told_again_once_an_attempt() {
    let (fake, mut node) = at(vec![await_target(), await_complete()]);
    let marks = |fake: &Fake| fake.submitted("rpc-0").iter().filter(|request| request.task == SidecarTask::MarkReady).count();
    for _ in 0..3 {
        assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
    }
    assert_eq!(marks(&fake), 1);
    let mark = fake.submitted("rpc-0").iter().find(|request| request.task == SidecarTask::MarkReady).and_then(|request| request.id);
    fake.report("rpc-0", mark.expect("an id"), TaskState::Failed, Some("boom"));
    fake.advance(&mut node).expect("it is written");
    assert_eq!(status(&node, 0), (TaskStatus::Pending, 1));
    fake.advance(&mut node).expect("it goes on");
    assert_eq!(marks(&fake), 2);
}
