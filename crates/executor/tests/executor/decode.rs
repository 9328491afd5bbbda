//! What a reply leaves of an in-memory object: controller.md, section 1, "Writes", 1.

use crate::fake::Fake;
use crate::samples::{group_with, names, plan};
use api::group::NetworkingStatus;
use api::node::{MonitorTask, NodePhase};
use api::plan::{FailedTaskDetail, TaskStatus};
use api::task::SidecarTask;
use api::{Group, Node, ResourceVersion, Time};
use executor::decode;
use std::sync::Arc;

fn stored() -> Group {
    group_with(&Fake::default(), plan(vec![SidecarTask::MarkReady.into(), SidecarTask::ConfigValidate.into()]))
}

#[test]
fn what_the_reply_has_replaces_what_is_held() {
    let mut held = stored();
    let mut reply = held.clone();
    reply.meta_mut().resource_version = Some(ResourceVersion(99));
    reply.spec_mut().replicas = 9;
    reply.status_mut().incumbent_nodes = names(&["other"]);
    reply.status_mut().deployment.as_mut().expect("a rollout").incumbent_revision = "7".into();
    decode::into(&mut held, reply.clone());
    assert_eq!(held, reply);
}

#[test]
fn what_the_reply_omits_stays() {
    let mut held = stored();
    let mut reply = held.clone();
    let status = reply.status_mut();
    (status.plan, status.deployment, status.observed_generation) = (None, None, Some(2));
    status.incumbent_nodes.clear();
    let before = held.status.clone();
    decode::into(&mut held, reply);
    assert_eq!((&held.status.plan, &held.status.deployment), (&before.plan, &before.deployment));
    assert_eq!((&held.status.incumbent_nodes, held.status.observed_generation), (&before.incumbent_nodes, Some(2)));
}

#[test]
fn nested_objects_are_filled_field_by_field() {
    let mut held = stored();
    let mut reply = held.clone();
    let detail = FailedTaskDetail { kind: "x".into(), id: uuid::Uuid::nil(), error: "no".into(), retry_count: 0, max_retries: 0 };
    let status = held.status_mut();
    status.plan.as_mut().expect("a plan").failed_task_detail = Some(detail.clone());
    status.deployment.as_mut().expect("a rollout").incumbent_image = Some("sei:v6.3.0".into());
    status.networking_status = Some(NetworkingStatus { external_service_name: Some("old".into()), load_balancer_ingress: vec![] });
    reply.status_mut().networking_status = Some(NetworkingStatus::default());
    reply.status_mut().deployment.as_mut().expect("a rollout").entrant_revision = "3".into();
    decode::into(&mut held, reply);
    assert_eq!(held.status.plan.as_ref().and_then(|plan| plan.failed_task_detail.clone()), Some(detail));
    let deployment = held.status.deployment.as_ref().expect("a rollout");
    assert_eq!((deployment.incumbent_image.as_deref(), &*deployment.entrant_revision), (Some("sei:v6.3.0"), "3"));
    assert_eq!(held.status.networking_status.as_ref().and_then(|n| n.external_service_name.as_deref()), Some("old"));
}

#[test]
fn lists_are_replaced_whole() {
    let mut held = stored();
    let reply = held.clone();
    let tasks = &mut held.status_mut().plan.as_mut().expect("a plan").tasks;
    tasks[0].status = TaskStatus::Complete;
    tasks.push(tasks[0].clone());
    decode::into(&mut held, reply.clone());
    assert_eq!(held.status.plan, reply.status.plan);
}

#[test]
fn maps_are_merged_key_by_key() {
    let task = |id: &str| MonitorTask {
        id: id.into(),
        status: TaskStatus::Pending,
        submitted_at: Time::from_unix(0),
        completed_at: None,
        error: None,
    };
    let mut held: Node = crate::samples::node(&Fake::default(), "rpc-0", NodePhase::Running);
    let mut reply = held.clone();
    held.status_mut().monitor_tasks = [("a".to_owned(), task("held")), ("b".to_owned(), task("held"))].into();
    reply.status_mut().monitor_tasks = [("b".to_owned(), task("reply"))].into();
    decode::into(&mut held, reply);
    assert_eq!(held.status.monitor_tasks, [("a".to_owned(), task("held")), ("b".to_owned(), task("reply"))].into());
}

#[test]
fn a_reply_that_omits_nothing_is_taken_without_a_copy() {
    let mut held = stored();
    let mut reply = held.clone();
    reply.status_mut().observed_generation = Some(2);
    let status = reply.status.clone();
    decode::into(&mut held, reply);
    assert!(Arc::ptr_eq(&held.status, &status));
}
