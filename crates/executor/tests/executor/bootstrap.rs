//! The tasks of a node: its bootstrap and its sidecar's. Source: controller.md, section 5.

use crate::faithful;
use crate::fake::Fake;
use crate::samples::{PLAN, plan, planned_node};
use api::kinds::{Job, Service};
use api::plan::{PlanPhase, TaskStatus};
use api::task::{BootstrapJob, BootstrapService, ControllerTask, SidecarTask, TeardownBootstrap, task_id};
use api::{Node, Task};
use executor::{NOW, POLL};
use k8s_openapi::api::batch::v1::JobCondition;
use planner::{Settings, objects};
use ports::{ApiError, TaskState};
use std::sync::Arc;

fn job_task() -> Arc<BootstrapJob> {
    Arc::new(BootstrapJob { job_name: "rpc-0-bootstrap".into(), namespace: "sei".into() })
}

fn with_task(fake: &Fake, task: impl Into<Task>) -> Node {
    planned_node(fake, plan(vec![task.into()]))
}

fn failure(node: &Node) -> Option<&str> {
    node.status.plan.as_ref().and_then(|plan| plan.failed_task_detail.as_ref()).map(|detail| &*detail.error)
}

#[test]
fn the_bootstrap_service_and_job_are_created_and_existing_ones_will_do() {
    let fake = Fake::default();
    let service = Arc::new(BootstrapService { service_name: "rpc-0".into(), namespace: "sei".into() });
    let mut node = with_task(&fake, ControllerTask::DeployBootstrapService(service));
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    let mut node = with_task(&fake, ControllerTask::DeployBootstrapJob(job_task()));
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    let before = (fake.stored::<Service>("rpc-0").expect("created"), fake.stored::<Job>("rpc-0-bootstrap").expect("created"));

    let mut node = with_task(&fake, ControllerTask::DeployBootstrapJob(job_task()));
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    assert_eq!((fake.stored::<Service>("rpc-0"), fake.stored::<Job>("rpc-0-bootstrap")), (Some(before.0), Some(before.1)));
}

#[test]
fn a_bootstrap_job_that_cannot_be_created_is_tried_again() {
    let fake = Fake::default();
    fake.fail("create Job", ApiError::Unavailable);
    let mut node = with_task(&fake, ControllerTask::DeployBootstrapJob(job_task()));
    assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
}

#[test]
fn a_bootstrap_job_for_a_node_without_an_s3_snapshot_is_tried_for_ever() {
    let fake = Fake::default();
    let mut node = with_task(&fake, ControllerTask::DeployBootstrapJob(job_task()));
    node.spec_mut().snapshot_mut().expect("a snapshot").s3 = None;
    assert_eq!((fake.advance(&mut node), fake.advance(&mut node)), (Ok(Some(POLL)), Ok(Some(POLL))));
    assert!(fake.take_log().is_empty());
}

fn awaiting(condition: Option<(&str, &str)>) -> (Fake, Node) {
    let fake = Fake::default();
    let node = with_task(&fake, ControllerTask::AwaitBootstrapComplete(job_task()));
    let mut job = objects::bootstrap_job(&node, &Settings::default(), &faithful()).expect("an s3 snapshot");
    job.status_mut().conditions = condition.map(|(kind, status)| {
        vec![JobCondition { type_: kind.into(), status: status.into(), message: Some("exit code 2".into()), ..JobCondition::default() }]
    });
    fake.store(job);
    (fake, node)
}

#[test]
fn a_job_is_awaited_until_its_condition_tells_its_end() {
    for (condition, expected) in
        [(None, POLL), (Some(("Complete", "False")), POLL), (Some(("Suspended", "True")), POLL), (Some(("Complete", "True")), NOW)]
    {
        let (fake, mut node) = awaiting(condition);
        assert_eq!(fake.advance(&mut node), Ok(Some(expected)), "{condition:?}");
    }
}

#[test]
fn a_failed_job_fails_the_plan_with_its_message() {
    let (fake, mut node) = awaiting(Some(("Failed", "True")));
    assert_eq!(fake.advance(&mut node), Ok(None));
    assert_eq!(failure(&node), Some("exit code 2"));
}

#[test]
fn a_job_that_is_gone_fails_the_plan_and_one_that_cannot_be_read_does_not() {
    let (fake, mut node) = awaiting(None);
    fake.fail("cached Job rpc-0-bootstrap", ApiError::Unavailable);
    assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
    fake.failures.borrow_mut().clear();
    fake.remove::<Job>("rpc-0-bootstrap");
    assert_eq!(fake.advance(&mut node), Ok(None));
    assert_eq!(node.status.plan.as_ref().map(|plan| plan.phase), Some(PlanPhase::Failed));
}

fn tearing_down() -> (Fake, Node) {
    let fake = Fake::default();
    let params = TeardownBootstrap { job_name: "rpc-0-bootstrap".into(), service_name: "rpc-0".into(), namespace: "sei".into() };
    let node = with_task(&fake, ControllerTask::TeardownBootstrap(Arc::new(params)));
    fake.store(objects::bootstrap_job(&node, &Settings::default(), &faithful()).expect("an s3 snapshot"));
    fake.store(objects::bootstrap_service(&node));
    (fake, node)
}

#[test]
fn teardown_deletes_the_job_in_the_foreground_and_the_service_as_usual() {
    let (fake, mut node) = tearing_down();
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    assert_eq!(fake.take_log()[..2], ["delete Job rpc-0-bootstrap Foreground", "delete Service rpc-0 Default"]);
}

#[test]
fn teardown_passes_over_what_the_cache_does_not_show() {
    let (fake, mut node) = tearing_down();
    fake.hidden.borrow_mut().insert("rpc-0");
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
    assert!(fake.stored::<Service>("rpc-0").is_some(), "the Service stays");
}

#[test]
fn teardown_is_content_when_the_server_no_longer_has_what_the_cache_shows() {
    let (fake, mut node) = tearing_down();
    fake.fail("delete Job", ApiError::NotFound("rpc-0-bootstrap".into()));
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
}

#[test]
fn a_sidecar_task_completes_when_its_sidecar_says_so() {
    let fake = Fake::default();
    fake.sidecar("rpc-0");
    let mut node = with_task(&fake, SidecarTask::ConfigureGenesis);
    assert_eq!(fake.advance(&mut node), Ok(Some(POLL)));
    fake.report("rpc-0", task_id(PLAN, "configure-genesis", 0), TaskState::Completed, None);
    assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
}

#[test]
fn config_validate_and_mark_ready_are_complete_once_they_are_accepted() {
    for task in [SidecarTask::ConfigValidate, SidecarTask::MarkReady] {
        let fake = Fake::default();
        let mut node = with_task(&fake, task);
        assert_eq!(fake.advance(&mut node), Ok(Some(POLL)), "nobody accepts it");
        fake.sidecar("rpc-0");
        assert_eq!(fake.advance(&mut node), Ok(Some(NOW)));
        assert_eq!(node.status.plan.as_ref().expect("a plan").tasks[0].status, TaskStatus::Complete);
    }
}
